//! Data channels' side of a worker's control.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::port::WorkerPort;
use crate::{
    ids::{DataConsumerId, DataProducerId, TransportId},
    media::{
        data::{
            ConsumeDataRequest, DataConsumerStats, DataMessage, DataPort, DataProducerStats,
            ProduceDataRequest, SctpStreamParameters, Subchannels,
        },
        error::{DataError, WorkerError},
    },
};

#[async_trait]
impl DataPort for WorkerPort {
    async fn produce_data(
        &self,
        transport: TransportId,
        request: ProduceDataRequest,
    ) -> Result<(), DataError> {
        let id = request.id;
        self.create(
            move |engine, now| engine.produce_data(now, transport, request),
            move |engine, now| engine.close_data_producer(now, id),
        )
        .await
    }

    async fn pause_data_producer(&self, id: DataProducerId, paused: bool) -> Result<(), DataError> {
        self.run(move |engine, _| engine.pause_data_producer(id, paused)).await
    }

    async fn data_producer_stats(&self, id: DataProducerId) -> Result<DataProducerStats, DataError> {
        self.run(move |engine, now| engine.data_producer_stats(now, id)).await
    }

    async fn send_from_data_producer(
        &self,
        id: DataProducerId,
        message: DataMessage,
        subchannels: Subchannels,
    ) -> Result<(), DataError> {
        self.run(move |engine, now| engine.send_from_data_producer(now, id, message, &subchannels)).await
    }

    async fn close_data_producer(&self, id: DataProducerId) -> Result<(), WorkerError> {
        self.free(move |engine, now| engine.close_data_producer(now, id)).await
    }

    async fn consume_data(
        &self,
        transport: TransportId,
        request: ConsumeDataRequest,
    ) -> Result<SctpStreamParameters, DataError> {
        let id = request.id;
        self.create(
            move |engine, now| engine.consume_data(now, transport, request),
            move |engine, now| engine.close_data_consumer(now, id),
        )
        .await
    }

    async fn pause_data_consumer(&self, id: DataConsumerId, paused: bool) -> Result<(), DataError> {
        self.run(move |engine, _| engine.pause_data_consumer(id, paused)).await
    }

    async fn set_subchannels(&self, id: DataConsumerId, subchannels: BTreeSet<u16>) -> Result<(), DataError> {
        self.run(move |engine, _| engine.set_subchannels(id, subchannels)).await
    }

    async fn set_buffered_amount_low_threshold(
        &self,
        id: DataConsumerId,
        bytes: u32,
    ) -> Result<(), DataError> {
        self.run(move |engine, _| engine.set_buffered_amount_low_threshold(id, bytes)).await
    }

    async fn send_to_data_consumer(
        &self,
        id: DataConsumerId,
        message: DataMessage,
    ) -> Result<u64, DataError> {
        self.run(move |engine, now| engine.send_to_data_consumer(now, id, message)).await
    }

    async fn data_consumer_stats(&self, id: DataConsumerId) -> Result<DataConsumerStats, DataError> {
        self.run(move |engine, now| engine.data_consumer_stats(now, id)).await
    }

    async fn close_data_consumer(&self, id: DataConsumerId) -> Result<(), WorkerError> {
        self.free(move |engine, now| engine.close_data_consumer(now, id)).await
    }
}
