//! Codecs of the routers, as the document writes them.

use std::collections::BTreeMap;

use mediasoup_core::media::{
    default_media_codecs,
    rtp::{MediaKind, RtcpFeedback, RtpCodecCapability},
    with_h264_defaults,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A codec rooms may use. The same as [`RtpCodecCapability`], but unknown keys are errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Codec {
    /// Audio or video.
    pub kind: MediaKind,
    /// For example `video/VP8`.
    pub mime_type: String,
    /// Hz.
    pub clock_rate: u32,
    /// Audio only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<u8>,
    /// 96 to 127. Absent: assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_payload_type: Option<u8>,
    /// `fmtp`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
    /// Feedback beside the codec's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rtcp_feedback: Vec<RtcpFeedback>,
}

impl Codec {
    /// The document's three, then VP9 and AV1.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        default_media_codecs().into_iter().map(Self::from).collect()
    }
}

impl From<RtpCodecCapability> for Codec {
    fn from(codec: RtpCodecCapability) -> Self {
        Self {
            kind: codec.kind,
            mime_type: codec.mime_type,
            clock_rate: codec.clock_rate,
            channels: codec.channels,
            preferred_payload_type: codec.preferred_payload_type,
            parameters: codec.parameters,
            rtcp_feedback: codec.rtcp_feedback,
        }
    }
}

impl From<&Codec> for RtpCodecCapability {
    /// H264 without parameters means what browsers send.
    fn from(codec: &Codec) -> Self {
        with_h264_defaults(Self {
            kind: codec.kind,
            mime_type: codec.mime_type.clone(),
            preferred_payload_type: codec.preferred_payload_type,
            clock_rate: codec.clock_rate,
            channels: codec.channels,
            parameters: codec.parameters.clone(),
            rtcp_feedback: codec.rtcp_feedback.clone(),
        })
    }
}
