//! Counters of data channels, with mediasoup's field names.

use serde::Serialize;

use crate::ids::{DataConsumerId, DataProducerId};

/// Counters of a data producer (`data-producer`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataProducerStats {
    /// Always `data-producer`.
    #[serde(rename = "type")]
    pub stats_type: &'static str,
    /// The data producer.
    pub data_producer_id: DataProducerId,
    /// ms since the engine started.
    pub timestamp: u64,
    /// Name of the channel.
    pub label: String,
    /// Its subprotocol.
    pub protocol: String,
    /// Messages that came.
    pub messages_received: u64,
    /// Their bytes.
    pub bytes_received: u64,
}

/// Counters of a data consumer (`data-consumer`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataConsumerStats {
    /// Always `data-consumer`.
    #[serde(rename = "type")]
    pub stats_type: &'static str,
    /// The data consumer.
    pub data_consumer_id: DataConsumerId,
    /// ms since the engine started.
    pub timestamp: u64,
    /// Name of the channel.
    pub label: String,
    /// Its subprotocol.
    pub protocol: String,
    /// Messages handed to SCTP.
    pub messages_sent: u64,
    /// Their bytes.
    pub bytes_sent: u64,
    /// Messages not sent because too much was waiting for the peer.
    pub messages_dropped: u64,
    /// Bytes waiting to be sent.
    pub buffered_amount: u64,
}
