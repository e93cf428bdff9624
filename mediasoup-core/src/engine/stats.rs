//! What is counted, told to a worker's owner.

use std::time::{Duration, Instant};

use super::{Engine, keys::ProducerKey};
use crate::{
    ids::{ConsumerId, ProducerId, TransportId},
    media::{
        error::{ConsumeError, ProduceError, TransportError},
        stats::{ConsumerReport, ProducerStats, TransportStats},
    },
};

impl Engine {
    pub(crate) fn transport_stats(
        &mut self,
        now: Instant,
        id: TransportId,
    ) -> Result<TransportStats, TransportError> {
        let key = self.transport_key(id)?;
        let timestamp_ms = self.timestamp_ms(now);
        Ok(self.peers[key.0].stats(now, timestamp_ms))
    }

    pub(crate) fn producer_stats(
        &mut self,
        now: Instant,
        id: ProducerId,
    ) -> Result<Vec<ProducerStats>, ProduceError> {
        let key = self.producer_key(id)?;
        let timestamp_ms = self.timestamp_ms(now);
        let round_trip = self.round_trip_to(key);
        Ok(self.producers[key.0].stats(now, timestamp_ms, round_trip))
    }

    pub(crate) fn consumer_stats(
        &mut self,
        now: Instant,
        id: ConsumerId,
    ) -> Result<ConsumerReport, ConsumeError> {
        let key = self.consumer_key(id)?;
        let timestamp_ms = self.timestamp_ms(now);
        let consumer = &mut self.consumers[key.0];
        let outbound = consumer.stats(now, timestamp_ms);
        let (producer, encoding) = (consumer.producer, consumer.encoding());
        let round_trip = self.round_trip_to(producer);
        let producer = &mut self.producers[producer.0];
        let id = producer.id;
        let stream = producer.stream_mut(encoding);
        let inbound = stream.map(|stream| stream.stats(now, timestamp_ms, id, round_trip));
        Ok(ConsumerReport { outbound, inbound })
    }

    /// To the sender of a track and back.
    fn round_trip_to(&self, producer: ProducerKey) -> Option<Duration> {
        self.peers[self.producers[producer.0].transport.0].round_trip
    }
}
