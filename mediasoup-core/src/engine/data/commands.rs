//! Commands about data channels. Each has changed nothing where it fails.

use std::{collections::BTreeSet, time::Instant};

use super::{consumer::DataConsumer, peer::PeerData, producer::DataProducer};
use crate::{
    engine::{
        Engine,
        keys::{DataConsumerKey, DataProducerKey, TransportKey},
        transport::{
            Session,
            sctp::{Carrier, Refused},
        },
    },
    ids::{DataConsumerId, DataProducerId, TransportId},
    media::{
        data::{
            ConsumeDataRequest, DataConsumerStats, DataMessage, DataProducerStats, ProduceDataRequest,
            SctpOptions, SctpParameters, SctpStreamParameters, Subchannels,
        },
        error::{DataError, TransportError},
    },
};

impl Engine {
    /// Gives a new transport an SCTP association.
    pub(crate) fn enable_sctp(
        &mut self,
        now: Instant,
        id: TransportId,
        options: SctpOptions,
    ) -> Result<SctpParameters, TransportError> {
        let key = self.transport_key(id)?;
        let max_message_size = options.max_message_size.min(SctpOptions::MESSAGE_SIZE_MAX);
        let options = SctpOptions { max_message_size, ..options };
        let peer = &mut self.peers[key.0];
        let carrier = match peer.session {
            Session::Secure(_) => Carrier::Dtls,
            Session::Plain(_) => Carrier::Udp,
            Session::Direct(_) | Session::Bridge(_) => return Err(TransportError::NotFound(id)),
        };
        let data = peer.data.insert(Box::new(PeerData::new(now, options, carrier)));
        data.link.parameters().ok_or(TransportError::NotFound(id))
    }

    pub(super) fn data_producer_key(&self, id: DataProducerId) -> Result<DataProducerKey, DataError> {
        self.data.producer_keys.get(&id).copied().ok_or(DataError::ProducerNotFound(id))
    }

    pub(super) fn data_consumer_key(&self, id: DataConsumerId) -> Result<DataConsumerKey, DataError> {
        self.data.consumer_keys.get(&id).copied().ok_or(DataError::ConsumerNotFound(id))
    }

    pub(crate) fn produce_data(
        &mut self,
        now: Instant,
        transport: TransportId,
        request: ProduceDataRequest,
    ) -> Result<(), DataError> {
        if self.data.producer_keys.contains_key(&request.id) {
            return Err(DataError::DuplicateId(request.id));
        }
        let transport = self.transport_key(transport)?;
        let data = self.peers[transport.0].data.as_mut().ok_or(DataError::SctpNotEnabled)?;
        let (id, stream) = (request.id, request.sctp_stream_parameters.stream_id);
        data.may_receive_on(stream)?;
        let key = DataProducerKey(self.data.producers.insert(DataProducer::new(transport, request)));
        data.producers.insert(stream, key);
        self.data.producer_keys.insert(id, key);
        self.begin_sctp(now, transport);
        Ok(())
    }

    pub(crate) fn pause_data_producer(&mut self, id: DataProducerId, paused: bool) -> Result<(), DataError> {
        let key = self.data_producer_key(id)?;
        self.data.producers[key.0].paused = paused;
        Ok(())
    }

    pub(crate) fn data_producer_stats(
        &self,
        now: Instant,
        id: DataProducerId,
    ) -> Result<DataProducerStats, DataError> {
        let key = self.data_producer_key(id)?;
        Ok(self.data.producers[key.0].stats(self.timestamp_ms(now)))
    }

    /// Sends a message to a producer's consumers, as if it had come from its peer.
    pub(crate) fn send_from_data_producer(
        &mut self,
        now: Instant,
        id: DataProducerId,
        message: DataMessage,
        subchannels: &Subchannels,
    ) -> Result<(), DataError> {
        let key = self.data_producer_key(id)?;
        let message = super::wire::WireMessage::from(message);
        let producer = &mut self.data.producers[key.0];
        let Some(data) = &self.peers[producer.transport.0].data else { return Ok(()) };
        let (size, max) = (message.len(), data.link.options().max_message_size);
        if size > max as usize {
            return Err(DataError::MessageTooLarge { size, max });
        }
        // Who sends on a direct transport is its peer.
        if !data.link.is_direct() || producer.receive(&message) {
            self.send_to_consumers(now, key, &message, subchannels);
        }
        Ok(())
    }

    pub(crate) fn close_data_producer(&mut self, now: Instant, id: DataProducerId) {
        if let Ok(key) = self.data_producer_key(id) {
            self.remove_data_producer(now, key);
        }
    }

    fn remove_data_producer(&mut self, now: Instant, key: DataProducerKey) {
        for consumer in self.data.producers[key.0].consumers.clone() {
            self.remove_data_consumer(now, consumer);
        }
        let producer = self.data.producers.remove(key.0);
        self.data.producer_keys.remove(&producer.id);
        let Some(data) = &mut self.peers[producer.transport.0].data else { return };
        data.producers.remove(&producer.stream.stream_id);
        if data.link.is_data_channel() {
            self.close_stream(now, producer.transport, producer.stream);
        }
    }

    pub(crate) fn consume_data(
        &mut self,
        now: Instant,
        transport: TransportId,
        request: ConsumeDataRequest,
    ) -> Result<SctpStreamParameters, DataError> {
        let transport = self.transport_key(transport)?;
        let producer_key = self.data_producer_key(request.data_producer_id)?;
        let producer = &mut self.data.producers[producer_key.0];
        if self.peers[producer.transport.0].router != self.peers[transport.0].router {
            return Err(DataError::ProducerNotFound(request.data_producer_id));
        }
        let data = self.peers[transport.0].data.as_mut().ok_or(DataError::SctpNotEnabled)?;
        let stream_id = data.take_stream()?;
        let delivery = request.delivery.unwrap_or(producer.stream.delivery);
        let (id, stream) = (request.id, SctpStreamParameters { stream_id, delivery });
        let consumer = DataConsumer::new(transport, producer_key, stream, request);
        let key = DataConsumerKey(self.data.consumers.insert(consumer));
        data.consumers.insert(stream_id, key);
        producer.consumers.push(key);
        self.data.consumer_keys.insert(id, key);
        self.begin_sctp(now, transport);
        Ok(stream)
    }

    pub(crate) fn pause_data_consumer(&mut self, id: DataConsumerId, paused: bool) -> Result<(), DataError> {
        let key = self.data_consumer_key(id)?;
        self.data.consumers[key.0].set_paused(paused);
        Ok(())
    }

    pub(crate) fn set_subchannels(
        &mut self,
        id: DataConsumerId,
        subchannels: BTreeSet<u16>,
    ) -> Result<(), DataError> {
        let key = self.data_consumer_key(id)?;
        self.data.consumers[key.0].subchannels = subchannels;
        Ok(())
    }

    pub(crate) fn set_buffered_amount_low_threshold(
        &mut self,
        id: DataConsumerId,
        bytes: u32,
    ) -> Result<(), DataError> {
        let key = self.data_consumer_key(id)?;
        let consumer = &mut self.data.consumers[key.0];
        consumer.tells_drained = true;
        let data = self.peers[consumer.transport.0].data.as_mut();
        if let Some(association) = data.and_then(|data| data.link.association_mut()) {
            association.set_buffered_amount_low_threshold(consumer.stream.stream_id, bytes);
        }
        Ok(())
    }

    /// Sends a message to one consumer, whatever its subchannels. Gives the bytes waiting.
    pub(crate) fn send_to_data_consumer(
        &mut self,
        now: Instant,
        id: DataConsumerId,
        message: DataMessage,
    ) -> Result<u64, DataError> {
        let key = self.data_consumer_key(id)?;
        let message = super::wire::WireMessage::from(message);
        let size = message.len();
        match self.send_to(now, key, message) {
            Ok(()) => Ok(self.buffered_amount(key)),
            Err(Refused::TooLarge) => {
                let max = self.sctp_options(key).max_message_size;
                Err(DataError::MessageTooLarge { size, max })
            }
            Err(Refused::BufferFull) => Err(DataError::SendBufferFull),
            Err(Refused::Closed) => Err(DataError::ConsumerNotFound(id)),
        }
    }

    fn sctp_options(&self, key: DataConsumerKey) -> SctpOptions {
        let transport = self.data.consumers[key.0].transport;
        self.peers[transport.0].data.as_ref().map(|data| data.link.options()).unwrap_or_default()
    }

    pub(super) fn buffered_amount(&self, key: DataConsumerKey) -> u64 {
        let consumer = &self.data.consumers[key.0];
        let data = self.peers[consumer.transport.0].data.as_ref();
        data.map_or(0, |data| data.link.buffered_amount(consumer.stream.stream_id) as u64)
    }

    pub(crate) fn data_consumer_stats(
        &self,
        now: Instant,
        id: DataConsumerId,
    ) -> Result<DataConsumerStats, DataError> {
        let key = self.data_consumer_key(id)?;
        let consumer = &self.data.consumers[key.0];
        let DataProducer { label, protocol, .. } = &self.data.producers[consumer.producer.0];
        let waiting = self.buffered_amount(key);
        Ok(consumer.stats(self.timestamp_ms(now), label.clone(), protocol.clone(), waiting))
    }

    pub(crate) fn close_data_consumer(&mut self, now: Instant, id: DataConsumerId) {
        if let Ok(key) = self.data_consumer_key(id) {
            self.remove_data_consumer(now, key);
        }
    }

    fn remove_data_consumer(&mut self, now: Instant, key: DataConsumerKey) {
        let consumer = self.data.consumers.remove(key.0);
        self.data.consumer_keys.remove(&consumer.id);
        self.data.producers[consumer.producer.0].consumers.retain(|known| *known != key);
        if let Some(data) = &mut self.peers[consumer.transport.0].data {
            data.consumers.remove(&consumer.stream.stream_id);
        }
        self.close_stream(now, consumer.transport, consumer.stream);
    }

    /// Closes our side of a stream: of a channel, the peer's ends with it.
    fn close_stream(&mut self, now: Instant, transport: TransportKey, stream: SctpStreamParameters) {
        if let Some(data) = &mut self.peers[transport.0].data {
            data.link.reset_stream(now, stream.stream_id);
        }
        self.flush_sctp(now, transport);
    }

    /// Closes all data channels of a transport, and its association.
    pub(in crate::engine) fn close_data(&mut self, now: Instant, key: TransportKey) {
        let Some(data) = &self.peers[key.0].data else { return };
        let (producers, consumers) = (data.producers.clone(), data.consumers.clone());
        for producer in producers.into_values() {
            self.remove_data_producer(now, producer);
        }
        for consumer in consumers.into_values() {
            self.remove_data_consumer(now, consumer);
        }
        let data = self.peers[key.0].data.as_mut();
        if let Some(association) = data.and_then(|data| data.link.association_mut()) {
            association.close(now);
        }
        self.flush_sctp(now, key);
    }
}
