//! Dumps' side of a worker's control.

use async_trait::async_trait;

use super::{port::WorkerPort, worker::Media};
use crate::{
    ids::{ConsumerId, DataConsumerId, DataProducerId, ProducerId, RouterId, TransportId},
    media::{
        dump::{
            ConsumerState, DataConsumerDump, DataProducerDump, DumpPort, ProducerState, RouterDump,
            TransportDump, WorkerDump,
        },
        error::{ConsumeError, DataError, ProduceError, TransportError, WorkerError},
    },
};

#[async_trait]
impl DumpPort for WorkerPort {
    async fn dump_worker(&self) -> Result<WorkerDump, WorkerError> {
        let router_ids = self.jobs().call(|media: &mut Media, _| media.engine.router_ids()).await?;
        Ok(WorkerDump { pid: std::process::id(), router_ids })
    }

    async fn dump_router(&self, id: RouterId) -> Result<RouterDump, WorkerError> {
        let dump = self.jobs().call(move |media: &mut Media, _| media.engine.dump_router(id));
        dump.await?.ok_or(WorkerError::Closed)
    }

    async fn dump_transport(&self, id: TransportId) -> Result<TransportDump, TransportError> {
        self.run(move |engine, _| engine.dump_transport(id)).await
    }

    async fn producer_state(&self, id: ProducerId) -> Result<ProducerState, ProduceError> {
        self.run(move |engine, _| engine.producer_state(id)).await
    }

    async fn consumer_state(&self, id: ConsumerId) -> Result<ConsumerState, ConsumeError> {
        self.run(move |engine, _| engine.consumer_state(id)).await
    }

    async fn dump_data_producer(&self, id: DataProducerId) -> Result<DataProducerDump, DataError> {
        self.run(move |engine, _| engine.dump_data_producer(id)).await
    }

    async fn dump_data_consumer(&self, id: DataConsumerId) -> Result<DataConsumerDump, DataError> {
        self.run(move |engine, _| engine.dump_data_consumer(id)).await
    }
}
