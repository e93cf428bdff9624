use serde_json::Value;

use super::{Delivery, SctpStreamParameters};
use crate::ids::DataProducerId;

/// Options of a data producer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DataProducerOptions {
    /// The stream the client sends on.
    pub sctp_stream_parameters: SctpStreamParameters,
    /// Name of the channel. Default: empty.
    pub label: String,
    /// Its subprotocol. Default: empty.
    pub protocol: String,
    /// Starts paused. Default: false.
    pub paused: bool,
    /// Kept for the application.
    pub app_data: Value,
}

impl DataProducerOptions {
    /// A data producer that flows at once.
    #[must_use]
    pub fn new(sctp_stream_parameters: SctpStreamParameters) -> Self {
        Self {
            sctp_stream_parameters,
            label: String::new(),
            protocol: String::new(),
            paused: false,
            app_data: Value::Object(serde_json::Map::new()),
        }
    }
}

/// Options of a data consumer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DataConsumerOptions {
    /// The data producer to consume.
    pub data_producer_id: DataProducerId,
    /// How messages are delivered; `None`: as the producer's. Default: `None`.
    pub delivery: Option<Delivery>,
    /// Starts paused. Default: false.
    pub paused: bool,
    /// Subchannels it listens to: see [`Subchannels`](super::Subchannels). Default: none.
    pub subchannels: Vec<u16>,
    /// Kept for the application.
    pub app_data: Value,
}

impl DataConsumerOptions {
    /// A data consumer that flows at once.
    #[must_use]
    pub fn new(data_producer_id: DataProducerId) -> Self {
        Self {
            data_producer_id,
            delivery: None,
            paused: false,
            subchannels: Vec::new(),
            app_data: Value::Object(serde_json::Map::new()),
        }
    }
}
