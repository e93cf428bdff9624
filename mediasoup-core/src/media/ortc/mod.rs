//! Negotiation: pure functions from capabilities and parameters to parameters, exactly as mediasoup 3.27.
//!
//! What mediasoup rejects with a `TypeError` is [`RtpError::Invalid`](super::error::RtpError::Invalid) here,
//! what it rejects with an `UnsupportedError` is [`RtpError::Unsupported`](super::error::RtpError::Unsupported),
//! with mediasoup's texts. Where mediasoup draws a random SSRC, the SSRC is an argument.

mod consumer;
mod falsy;
mod h264;
mod matching;
mod pipe;
mod producer;
mod red;
mod router;
mod scalability;
mod shape;
mod supported;
mod validate;

pub use consumer::{can_consume, consumer_rtp_parameters};
pub use pipe::pipe_consumer_rtp_parameters;
pub use producer::{consumable_rtp_parameters, producer_mapping};
pub(crate) use red::is_red;
pub use router::router_rtp_capabilities;
pub use scalability::ScalabilityMode;
pub use shape::producer_type;
pub use supported::supported_rtp_capabilities;
pub use validate::{normalize_rtp_capabilities, normalize_rtp_parameters};

/// URIs of the header extensions negotiation looks at.
mod uri {
    pub(super) const ABS_CAPTURE_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
    pub(super) const ABS_SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    pub(super) const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    pub(super) const DEPENDENCY_DESCRIPTOR: &str =
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";
    pub(super) const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
    pub(super) const PACKET_ID: &str = "urn:mediasoup:params:rtp-hdrext:packet-id";
    pub(super) const PLAYOUT_DELAY: &str = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
    pub(super) const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
    pub(super) const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
    pub(super) const TIME_OFFSET: &str = "urn:ietf:params:rtp-hdrext:toffset";
    pub(super) const TRANSPORT_WIDE_CC: &str =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    pub(super) const VIDEO_ORIENTATION: &str = "urn:3gpp:video-orientation";
}
