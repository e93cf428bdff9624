//! Data channels: SCTP over DTLS (RFC 8831), or over UDP alone, in mediasoup's model of data producers and data consumers.

mod message;
mod options;
mod port;
mod sctp;
mod stats;

pub use message::DataMessage;
pub use options::{DataConsumerOptions, DataProducerOptions};
pub use port::{ConsumeDataRequest, DataPort, ProduceDataRequest, Subchannels};
pub use sctp::{Delivery, NumSctpStreams, SctpOptions, SctpParameters, SctpState, SctpStreamParameters};
pub use stats::{DataConsumerStats, DataProducerStats};
