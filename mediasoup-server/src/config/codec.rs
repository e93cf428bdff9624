//! Codecs of the routers, as the document writes them.

use std::collections::BTreeMap;

use mediasoup_core::media::rtp::{MediaKind, RtcpFeedback, RtpCodecCapability};
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
        let video = ["video/VP8", "video/H264", "video/VP9", "video/AV1"];
        std::iter::once(Self::plain(MediaKind::Audio, "audio/opus", 48_000, Some(2)))
            .chain(video.map(|mime_type| Self::plain(MediaKind::Video, mime_type, 90_000, None)))
            .collect()
    }

    fn plain(kind: MediaKind, mime_type: &str, clock_rate: u32, channels: Option<u8>) -> Self {
        Self {
            kind,
            mime_type: mime_type.to_owned(),
            clock_rate,
            channels,
            preferred_payload_type: None,
            parameters: BTreeMap::new(),
            rtcp_feedback: Vec::new(),
        }
    }
}

impl From<&Codec> for RtpCodecCapability {
    /// H264 without parameters means what every browser sends: constrained baseline 3.1, packetization mode 1.
    fn from(codec: &Codec) -> Self {
        let mut parameters = codec.parameters.clone();
        if parameters.is_empty() && codec.mime_type.eq_ignore_ascii_case("video/H264") {
            parameters = [
                ("packetization-mode", Value::from(1)),
                ("profile-level-id", Value::from("42e01f")),
                ("level-asymmetry-allowed", Value::from(1)),
            ]
            .map(|(key, value)| (key.to_owned(), value))
            .into();
        }
        Self {
            kind: codec.kind,
            mime_type: codec.mime_type.clone(),
            preferred_payload_type: codec.preferred_payload_type,
            clock_rate: codec.clock_rate,
            channels: codec.channels,
            parameters,
            rtcp_feedback: codec.rtcp_feedback.clone(),
        }
    }
}
