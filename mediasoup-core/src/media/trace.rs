//! Looking over the engine's shoulder: single packets and requests of a producer, a consumer or a transport, told as
//! [`RouterEvent`](super::event::RouterEvent)s while somebody wants to know, with mediasoup's names.

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::error::{ConsumeError, ProduceError, TransportError};
use crate::ids::{ConsumerId, ProducerId, TransportId};

/// What can be told. What an entity does not have is never told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TraceEventType {
    /// Each RTP packet of a producer (in) or a consumer (out).
    Rtp,
    /// The first packet of each key frame of a producer (in) or a consumer (out).
    Keyframe,
    /// Lost packets asked for: of a producer (out), by a consumer's viewer (in).
    Nack,
    /// Picture loss indications: to a producer's sender (out), by a consumer's viewer (in).
    Pli,
    /// Full intra requests: to a producer's sender (out), by a consumer's viewer (in).
    Fir,
    /// Sender reports of a producer (in).
    Sr,
    /// Padding with which a transport's path is probed (out).
    Probation,
    /// What a transport's path is estimated to carry, each time it is shared among its consumers (out).
    Bwe,
}

impl TraceEventType {
    /// Every one there is.
    pub const ALL: [Self; 8] =
        [Self::Rtp, Self::Keyframe, Self::Nack, Self::Pli, Self::Fir, Self::Sr, Self::Probation, Self::Bwe];
}

/// Which way it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TraceDirection {
    /// To the server.
    In,
    /// From it.
    Out,
}

/// An RTP packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpTrace {
    /// As on the wire.
    pub payload_type: u8,
    /// As on the wire.
    pub sequence_number: u16,
    /// As on the wire.
    pub timestamp: u32,
    /// As on the wire.
    pub marker: bool,
    /// As on the wire.
    pub ssrc: u32,
    /// A decoder can start with it.
    pub is_key_frame: bool,
    /// It came as RTX.
    pub is_rtx: bool,
    /// Of the payload, bytes.
    pub payload_size: usize,
    /// Inside its stream.
    pub spatial_layer: u8,
    /// Inside its stream.
    pub temporal_layer: u8,
}

/// What was seen, under mediasoup's `type` and `info`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "info", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum TraceInfo {
    /// [`TraceEventType::Rtp`].
    Rtp(RtpTrace),
    /// [`TraceEventType::Keyframe`].
    Keyframe(RtpTrace),
    /// [`TraceEventType::Nack`].
    Nack {
        /// The stream.
        ssrc: u32,
        /// How many packets it asks for.
        packets: usize,
    },
    /// [`TraceEventType::Pli`].
    Pli {
        /// The stream.
        ssrc: u32,
    },
    /// [`TraceEventType::Fir`].
    Fir {
        /// The stream.
        ssrc: u32,
    },
    /// [`TraceEventType::Sr`].
    Sr {
        /// The stream.
        ssrc: u32,
        /// Seconds of the sender's NTP time.
        ntp_sec: u32,
        /// Fraction of a second, in units of 2⁻³² s.
        ntp_frac: u32,
        /// The stream's timestamp at that time.
        rtp_ts: u32,
    },
    /// [`TraceEventType::Probation`].
    Probation {
        /// Bytes on the wire.
        size: usize,
    },
    /// [`TraceEventType::Bwe`].
    Bwe {
        /// bit/s that all consumers together would take for what they want.
        desired_bitrate: u64,
        /// bit/s that they are given.
        effective_desired_bitrate: u64,
        /// bit/s that the path is estimated to carry.
        available_bitrate: u64,
    },
}

impl TraceInfo {
    /// What kind it is.
    #[must_use]
    pub fn event_type(&self) -> TraceEventType {
        match self {
            Self::Rtp(_) => TraceEventType::Rtp,
            Self::Keyframe(_) => TraceEventType::Keyframe,
            Self::Nack { .. } => TraceEventType::Nack,
            Self::Pli { .. } => TraceEventType::Pli,
            Self::Fir { .. } => TraceEventType::Fir,
            Self::Sr { .. } => TraceEventType::Sr,
            Self::Probation { .. } => TraceEventType::Probation,
            Self::Bwe { .. } => TraceEventType::Bwe,
        }
    }
}

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TraceEvent {
    /// What.
    #[serde(flatten)]
    pub info: TraceInfo,
    /// ms since the engine started.
    pub timestamp: u64,
    /// Which way it went.
    pub direction: TraceDirection,
}

/// Tracing's part of the seam between handles and whatever carries the media. Object safe; every call is complete when it
/// returns. What a port without it answers is already here.
#[async_trait]
#[expect(unused_variables, reason = "the answers of a port that cannot trace")]
pub trait TracePort: Send + Sync + 'static {
    /// Tells these of a transport from now on, and no others.
    async fn trace_transport(
        &self,
        id: TransportId,
        types: BTreeSet<TraceEventType>,
    ) -> Result<(), TransportError> {
        Err(TransportError::NotFound(id))
    }
    /// Tells these of a producer from now on, and no others.
    async fn trace_producer(
        &self,
        id: ProducerId,
        types: BTreeSet<TraceEventType>,
    ) -> Result<(), ProduceError> {
        Err(ProduceError::NotFound(id))
    }
    /// Tells these of a consumer from now on, and no others.
    async fn trace_consumer(
        &self,
        id: ConsumerId,
        types: BTreeSet<TraceEventType>,
    ) -> Result<(), ConsumeError> {
        Err(ConsumeError::NotFound(id))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn speaks_mediasoups_json() {
        let event = TraceEvent {
            info: TraceInfo::Sr { ssrc: 7, ntp_sec: 1, ntp_frac: 2, rtp_ts: 3 },
            timestamp: 5,
            direction: TraceDirection::In,
        };
        let expected = json!({
            "type": "sr", "info": {"ssrc": 7, "ntpSec": 1, "ntpFrac": 2, "rtpTs": 3},
            "timestamp": 5, "direction": "in",
        });
        assert_eq!(serde_json::to_value(event).unwrap(), expected);
        assert_eq!(serde_json::to_value(TraceEventType::Keyframe).unwrap(), "keyframe");
    }
}
