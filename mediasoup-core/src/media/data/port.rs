//! Data channels' part of the seam between handles and whatever carries the media.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{DataConsumerStats, DataMessage, DataProducerStats, Delivery, SctpStreamParameters};
use crate::{
    ids::{DataConsumerId, DataProducerId, TransportId},
    media::error::{DataError, WorkerError},
};

/// A data producer.
#[derive(Clone, Debug)]
pub struct ProduceDataRequest {
    /// Its id.
    pub id: DataProducerId,
    /// The stream its messages come on.
    pub sctp_stream_parameters: SctpStreamParameters,
    /// Name of the channel.
    pub label: String,
    /// Its subprotocol.
    pub protocol: String,
    /// Drop what comes.
    pub paused: bool,
}

/// A data consumer.
#[derive(Clone, Debug)]
pub struct ConsumeDataRequest {
    /// Its id.
    pub id: DataConsumerId,
    /// What it consumes.
    pub data_producer_id: DataProducerId,
    /// How messages are delivered; `None`: as the producer's.
    pub delivery: Option<Delivery>,
    /// Subchannels it listens to.
    pub subchannels: BTreeSet<u16>,
    /// Send nothing for now.
    pub paused: bool,
}

/// To which of a data producer's consumers a message of the application goes. What clients send goes to all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subchannels {
    /// Only to those that listen to one of these; none: to all.
    pub any_of: BTreeSet<u16>,
    /// Only to those that listen to this one, besides.
    pub required: Option<u16>,
}

impl Subchannels {
    /// Whether who listens to these subchannels is meant.
    #[must_use]
    pub fn reach(&self, listened: &BTreeSet<u16>) -> bool {
        self.required.is_none_or(|required| listened.contains(&required))
            && (self.any_of.is_empty() || !self.any_of.is_disjoint(listened))
    }
}

/// One worker's data channels. Object safe; every call is complete when it returns, and has changed nothing where it
/// fails. What a port without data channels answers is already here.
#[async_trait]
#[expect(unused_variables, reason = "the answers of a port without data channels")]
pub trait DataPort: Send + Sync + 'static {
    /// Starts to receive a data channel.
    async fn produce_data(
        &self,
        transport: TransportId,
        request: ProduceDataRequest,
    ) -> Result<(), DataError> {
        Err(DataError::SctpNotEnabled)
    }
    /// Pauses or resumes a data producer: what comes while it is paused is dropped.
    async fn pause_data_producer(&self, id: DataProducerId, paused: bool) -> Result<(), DataError> {
        Err(DataError::ProducerNotFound(id))
    }
    /// Counters of a data producer.
    async fn data_producer_stats(&self, id: DataProducerId) -> Result<DataProducerStats, DataError> {
        Err(DataError::ProducerNotFound(id))
    }
    /// Sends a message to a data producer's consumers, as if it had come from its peer.
    async fn send_from_data_producer(
        &self,
        id: DataProducerId,
        message: DataMessage,
        subchannels: Subchannels,
    ) -> Result<(), DataError> {
        Err(DataError::ProducerNotFound(id))
    }
    /// Closes a data producer and its consumers.
    async fn close_data_producer(&self, id: DataProducerId) -> Result<(), WorkerError> {
        Ok(())
    }

    /// Starts to send a data channel, on a stream of its own. Gives which.
    async fn consume_data(
        &self,
        transport: TransportId,
        request: ConsumeDataRequest,
    ) -> Result<SctpStreamParameters, DataError> {
        Err(DataError::SctpNotEnabled)
    }
    /// Pauses or resumes a data consumer: what would be sent while it is paused is dropped.
    async fn pause_data_consumer(&self, id: DataConsumerId, paused: bool) -> Result<(), DataError> {
        Err(DataError::ConsumerNotFound(id))
    }
    /// Changes the subchannels a data consumer listens to.
    async fn set_subchannels(&self, id: DataConsumerId, subchannels: BTreeSet<u16>) -> Result<(), DataError> {
        Err(DataError::ConsumerNotFound(id))
    }
    /// Bytes at which a data consumer counts as drained:
    /// [`RouterEvent::DataConsumerBufferedAmountLow`](crate::media::event::RouterEvent).
    async fn set_buffered_amount_low_threshold(
        &self,
        id: DataConsumerId,
        bytes: u32,
    ) -> Result<(), DataError> {
        Err(DataError::ConsumerNotFound(id))
    }
    /// Sends a message to one data consumer alone. Gives the bytes waiting to be sent.
    async fn send_to_data_consumer(
        &self,
        id: DataConsumerId,
        message: DataMessage,
    ) -> Result<u64, DataError> {
        Err(DataError::ConsumerNotFound(id))
    }
    /// Counters of a data consumer.
    async fn data_consumer_stats(&self, id: DataConsumerId) -> Result<DataConsumerStats, DataError> {
        Err(DataError::ConsumerNotFound(id))
    }
    /// Closes a data consumer; its stream is reset.
    async fn close_data_consumer(&self, id: DataConsumerId) -> Result<(), WorkerError> {
        Ok(())
    }
}
