//! Errors of rooms. Their texts are the protocol's.

use crate::{
    ids::RoomId,
    media::error::{
        ConsumeError, DataError, ObserverError, PipeError, ProduceError, RouterError, TransportError,
    },
};

/// Why something could not be done in a room.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoomError {
    /// No such room.
    #[error("Room not found")]
    RoomNotFound,
    /// The name is taken.
    #[error("Room already exists")]
    RoomExists(RoomId),
    /// `maxParticipants` reached.
    #[error("Room is full")]
    RoomFull,
    /// Not in this room, or replaced by a newer session of the same id.
    #[error("Participant not found")]
    ParticipantNotFound,
    /// No such transport, or another participant's.
    #[error("Transport not found")]
    TransportNotFound,
    /// No such producer, or another participant's.
    #[error("Producer not found")]
    ProducerNotFound,
    /// No such consumer, or another participant's.
    #[error("Consumer not found")]
    ConsumerNotFound,
    /// No such data producer, or another participant's.
    #[error("DataProducer not found")]
    DataProducerNotFound,
    /// No such data consumer, or another participant's.
    #[error("DataConsumer not found")]
    DataConsumerNotFound,
    /// A host has muted this producer.
    #[error("Producer is locked by a host")]
    ProducerLocked,
    /// Bounds of the configuration.
    #[error("Limit exceeded: {0}")]
    LimitExceeded(&'static str),
    /// The request makes no sense; the text names the field.
    #[error("{0}")]
    Invalid(String),
    /// Well-formed, but not supported.
    #[error("{0}")]
    Unsupported(String),
    /// The server is stopping.
    #[error("Server is shutting down")]
    ShuttingDown,
    /// Ours to look into; the source says more.
    #[error("Internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<TransportError> for RoomError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::NotFound(_) => Self::TransportNotFound,
            TransportError::Worker(source) => Self::Internal(source.into()),
            invalid => Self::Invalid(invalid.to_string()),
        }
    }
}

impl From<RouterError> for RoomError {
    fn from(error: RouterError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<PipeError> for RoomError {
    fn from(error: PipeError) -> Self {
        match error {
            PipeError::Consume(source) => source.into(),
            PipeError::Data(source) => source.into(),
            error => Self::Internal(error.into()),
        }
    }
}

impl From<ObserverError> for RoomError {
    fn from(error: ObserverError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<ProduceError> for RoomError {
    fn from(error: ProduceError) -> Self {
        match error {
            ProduceError::NotFound(_) => Self::ProducerNotFound,
            ProduceError::Transport(source) => source.into(),
            ProduceError::Rtp(source) => source.into(),
            ProduceError::Worker(source) => Self::Internal(source.into()),
            invalid => Self::Invalid(invalid.to_string()),
        }
    }
}

impl From<ConsumeError> for RoomError {
    fn from(error: ConsumeError) -> Self {
        match error {
            ConsumeError::NotFound(_) => Self::ConsumerNotFound,
            ConsumeError::ProducerNotFound(_) => Self::ProducerNotFound,
            ConsumeError::Transport(source) => source.into(),
            ConsumeError::Rtp(source) => source.into(),
            ConsumeError::Worker(source) => Self::Internal(source.into()),
        }
    }
}

impl From<DataError> for RoomError {
    fn from(error: DataError) -> Self {
        match error {
            DataError::ProducerNotFound(_) => Self::DataProducerNotFound,
            DataError::ConsumerNotFound(_) => Self::DataConsumerNotFound,
            DataError::NoStreamLeft => Self::LimitExceeded("SCTP streams of a transport"),
            DataError::Transport(source) => source.into(),
            DataError::Worker(source) => Self::Internal(source.into()),
            invalid => Self::Invalid(invalid.to_string()),
        }
    }
}

impl From<crate::media::error::RtpError> for RoomError {
    fn from(error: crate::media::error::RtpError) -> Self {
        use crate::media::error::RtpError;
        match error {
            RtpError::Invalid(text) => Self::Invalid(text),
            RtpError::Unsupported(text) => Self::Unsupported(text),
        }
    }
}
