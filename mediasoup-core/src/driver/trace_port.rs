//! Tracing's side of a worker's control.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::port::WorkerPort;
use crate::{
    ids::{ConsumerId, ProducerId, TransportId},
    media::{
        error::{ConsumeError, ProduceError, TransportError},
        trace::{TraceEventType, TracePort},
    },
};

#[async_trait]
impl TracePort for WorkerPort {
    async fn trace_transport(
        &self,
        id: TransportId,
        types: BTreeSet<TraceEventType>,
    ) -> Result<(), TransportError> {
        self.run(move |engine, _| engine.trace_transport(id, &types)).await
    }

    async fn trace_producer(
        &self,
        id: ProducerId,
        types: BTreeSet<TraceEventType>,
    ) -> Result<(), ProduceError> {
        self.run(move |engine, _| engine.trace_producer(id, &types)).await
    }

    async fn trace_consumer(
        &self,
        id: ConsumerId,
        types: BTreeSet<TraceEventType>,
    ) -> Result<(), ConsumeError> {
        self.run(move |engine, _| engine.trace_consumer(id, &types)).await
    }
}
