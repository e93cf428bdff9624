//! A data channel the engine receives.

use super::wire::WireMessage;
use crate::{
    engine::keys::{DataConsumerKey, TransportKey},
    ids::DataProducerId,
    media::data::{DataProducerStats, ProduceDataRequest, SctpStreamParameters},
};

/// A data producer.
pub(super) struct DataProducer {
    pub(super) id: DataProducerId,
    pub(super) transport: TransportKey,
    pub(super) stream: SctpStreamParameters,
    pub(super) paused: bool,
    pub(super) consumers: Vec<DataConsumerKey>,
    pub(super) label: String,
    pub(super) protocol: String,
    messages_received: u64,
    bytes_received: u64,
}

impl DataProducer {
    pub(super) fn new(transport: TransportKey, request: ProduceDataRequest) -> Self {
        Self {
            id: request.id,
            transport,
            stream: request.sctp_stream_parameters,
            paused: request.paused,
            consumers: Vec::new(),
            label: request.label,
            protocol: request.protocol,
            messages_received: 0,
            bytes_received: 0,
        }
    }

    /// Counts a message; whether it is to go on.
    pub(super) fn receive(&mut self, message: &WireMessage) -> bool {
        self.messages_received += 1;
        self.bytes_received += message.len() as u64;
        !self.paused
    }

    pub(super) fn stats(&self, timestamp: u64) -> DataProducerStats {
        DataProducerStats {
            stats_type: "data-producer",
            data_producer_id: self.id,
            timestamp,
            label: self.label.clone(),
            protocol: self.protocol.clone(),
            messages_received: self.messages_received,
            bytes_received: self.bytes_received,
        }
    }
}
