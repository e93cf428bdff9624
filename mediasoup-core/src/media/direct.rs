//! Transports without a network: RTP and messages of the embedding process.

use async_trait::async_trait;
use serde_json::Value;

use super::{
    data::DataMessage,
    error::{ProduceError, RtpError, TransportError},
    feed::Feed,
};
use crate::ids::{ConsumerId, DataConsumerId, ProducerId, RouterId, TransportId};

/// Options of a direct transport.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DirectTransportOptions {
    /// Packets that wait to be read, at most: what comes beyond is missed, never waited for. Default: 1024.
    pub capacity: usize,
    /// Bytes; what its data producers send is no longer. Default: 262,144.
    pub max_message_size: u32,
    /// Kept for the application.
    pub app_data: Value,
}

impl Default for DirectTransportOptions {
    fn default() -> Self {
        Self { capacity: 1024, max_message_size: 262_144, app_data: Value::Object(serde_json::Map::new()) }
    }
}

/// What a direct transport sends: to the process it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectPacket {
    /// An RTP packet of one of its consumers, as it would be on the wire without SRTP. Repairs come as RTX.
    Rtp {
        /// Whose.
        consumer_id: ConsumerId,
        /// Header and payload.
        packet: Vec<u8>,
    },
    /// A compound RTCP packet: reports on what consumers send, and what is asked of its producers.
    Rtcp(Vec<u8>),
    /// A message of one of its data consumers.
    Data {
        /// Whose.
        data_consumer_id: DataConsumerId,
        /// As it was sent.
        message: DataMessage,
    },
}

/// Direct transports' part of the seam between handles and whatever carries the media. Object safe; every call is complete
/// when it returns, and has changed nothing where it fails. What a port without them answers is already here.
#[async_trait]
#[expect(unused_variables, reason = "the answers of a port without direct transports")]
pub trait DirectPort: Send + Sync + 'static {
    /// Opens a direct transport. Gives what it sends.
    async fn create_direct_transport(
        &self,
        router: RouterId,
        id: TransportId,
        options: &DirectTransportOptions,
    ) -> Result<Feed<DirectPacket>, TransportError> {
        Err(TransportError::Invalid("there are no direct transports here".into()))
    }
    /// A packet of a producer of a direct transport.
    async fn send_rtp(&self, producer: ProducerId, packet: Vec<u8>) -> Result<(), ProduceError> {
        Err(RtpError::Unsupported("not a Producer of a DirectTransport".into()).into())
    }
    /// A compound RTCP packet to a direct transport.
    async fn send_rtcp(&self, id: TransportId, packet: Vec<u8>) -> Result<(), TransportError> {
        Err(TransportError::NotFound(id))
    }
}
