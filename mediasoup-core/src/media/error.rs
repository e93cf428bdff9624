//! Errors of the media plane, an enum for each family of operations.

use std::io;

use crate::ids::{ConsumerId, DataConsumerId, DataProducerId, ProducerId, RtpObserverId, TransportId};

/// Why a worker could not be started or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// No worker is running (`initialize` was not called, or all have died).
    #[error("no worker is running")]
    NoWorker,
    /// The worker has ended.
    #[error("worker closed")]
    Closed,
    /// The worker's command queue is full.
    #[error("worker overloaded")]
    Overloaded,
    /// A socket could not be opened.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// What was to be bound.
        address: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The thread could not be started.
    #[error("cannot start the worker: {0}")]
    Start(#[source] io::Error),
}

/// Capabilities or parameters that make no sense, or that cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RtpError {
    /// Malformed: the text says what, and where.
    #[error("{0}")]
    Invalid(String),
    /// Well-formed, but not supported by this router or by this peer.
    #[error("{0}")]
    Unsupported(String),
}

/// Why a router could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RouterError {
    /// Its codecs.
    #[error(transparent)]
    Rtp(#[from] RtpError),
    /// Its worker.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

/// Why an operation on a transport failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// It does not exist, or no more.
    #[error("Transport not found")]
    NotFound(TransportId),
    /// `connect` was called before.
    #[error("connect() already called")]
    AlreadyConnected,
    /// No fingerprint was given.
    #[error("empty dtlsParameters.fingerprints array")]
    NoFingerprint,
    /// A fingerprint that is not hex of its hash's length, or of a hash too weak.
    #[error("invalid dtlsParameters.fingerprints[0]")]
    InvalidFingerprint,
    /// What a plain transport is told of its peer makes no sense; the text says what.
    #[error("{0}")]
    Invalid(String),
    /// Its worker.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

/// Why a track could not be produced, or a producer not be changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProduceError {
    /// The producer does not exist, or no more.
    #[error("Producer not found")]
    NotFound(ProducerId),
    /// The transport.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The parameters.
    #[error(transparent)]
    Rtp(#[from] RtpError),
    /// The id is in use on this worker.
    #[error("a Producer with same producerId already exists")]
    DuplicateId(ProducerId),
    /// The MID is in use on this transport.
    #[error("MID already exists in RTP listener [mid:{0}]")]
    DuplicateMid(String),
    /// The SSRC is in use on this transport.
    #[error("ssrc already exists in RTP listener [ssrc:{0}]")]
    DuplicateSsrc(u32),
    /// The RID is in use on this transport without a MID to tell it apart.
    #[error("RID already exists in RTP listener [rid:{0}]")]
    DuplicateRid(String),
    /// Its worker.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

/// Why a producer could not be consumed, or a consumer not be changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConsumeError {
    /// The consumer does not exist, or no more.
    #[error("Consumer not found")]
    NotFound(ConsumerId),
    /// The producer does not exist in this router, or no more.
    #[error("Producer not found")]
    ProducerNotFound(ProducerId),
    /// The transport.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// No codec in common, or malformed capabilities.
    #[error(transparent)]
    Rtp(#[from] RtpError),
    /// Its worker.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

/// Why a producer could not be piped to another router.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipeError {
    /// It is the producer's own router.
    #[error("cannot use this Router as destination")]
    SameRouter,
    /// The pipe's transports.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The end of the pipe in the producer's router.
    #[error(transparent)]
    Consume(#[from] ConsumeError),
    /// The end of the pipe in the other router.
    #[error(transparent)]
    Produce(#[from] ProduceError),
    /// Either end of a pipe for messages.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// Why an observer could not be opened or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObserverError {
    /// The observer, or the router it is to be opened in, does not exist, or no more.
    #[error("RtpObserver not found")]
    NotFound(RtpObserverId),
    /// The producer does not exist in this router, or no more.
    #[error("Producer not found")]
    ProducerNotFound(ProducerId),
    /// Only audio has levels.
    #[error("not an audio Producer")]
    NotAudio(ProducerId),
    /// A threshold above 0 dBov: nothing is that loud.
    #[error("invalid threshold value {0}")]
    InvalidThreshold(i8),
    /// Its worker.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

/// Why a data channel could not be produced, consumed, changed or sent on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The data producer does not exist in this router, or no more.
    #[error("DataProducer not found")]
    ProducerNotFound(DataProducerId),
    /// The data consumer does not exist, or no more.
    #[error("DataConsumer not found")]
    ConsumerNotFound(DataConsumerId),
    /// The id is in use on this worker.
    #[error("a DataProducer with same dataProducerId already exists")]
    DuplicateId(DataProducerId),
    /// The transport was made without SCTP.
    #[error("SCTP not enabled in the transport")]
    SctpNotEnabled,
    /// Another data channel of the transport has this stream.
    #[error("sctpStreamParameters.streamId: already in use [streamId:{0}]")]
    StreamInUse(u16),
    /// The association has no such stream.
    #[error("sctpStreamParameters.streamId: must be below {0}")]
    StreamOutOfRange(u16),
    /// All streams of the association are in use.
    #[error("no sctpStreamId available")]
    NoStreamLeft,
    /// The message is longer than the transport allows.
    #[error("message exceeds maxMessageSize [size:{size}, maxMessageSize:{max}]")]
    MessageTooLarge {
        /// Bytes of the message.
        size: usize,
        /// Bytes it may have.
        max: u32,
    },
    /// Too much is waiting for the peer already.
    #[error("sctpsendbufferfull")]
    SendBufferFull,
    /// The transport.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Its worker.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}
