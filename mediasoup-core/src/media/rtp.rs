//! RTP capabilities and parameters, in mediasoup's JSON.
//!
//! Field names, spelling and defaults are mediasoup 3.27's. A JSON `null` counts as an absent field:
//! the Dart clients send explicit nulls.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Codec- or extension-specific parameters (`fmtp`), as mediasoup carries them: numbers or strings.
pub type Parameters = BTreeMap<String, Value>;

/// Reads `null` as the type's default.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Audio or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Pictures: camera or screen.
    Video,
}

/// Why a text is not the MIME type of a codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid codec.mimeType")]
pub struct InvalidMimeType;

impl MediaKind {
    /// The kind a codec's MIME type states, without regard to case.
    ///
    /// # Errors
    /// Anything but `audio/<name>` and `video/<name>`.
    pub fn of_mime_type(mime_type: &str) -> Result<Self, InvalidMimeType> {
        let (kind, name) = mime_type.split_once('/').ok_or(InvalidMimeType)?;
        match kind {
            _ if name.is_empty() => Err(InvalidMimeType),
            _ if kind.eq_ignore_ascii_case("audio") => Ok(Self::Audio),
            _ if kind.eq_ignore_ascii_case("video") => Ok(Self::Video),
            _ => Err(InvalidMimeType),
        }
    }
}

impl fmt::Display for MediaKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Audio => "audio",
            Self::Video => "video",
        })
    }
}

/// A feedback message a codec supports, such as `nack` or `nack pli`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RtcpFeedback {
    /// `nack`, `ccm`, `goog-remb`, `transport-cc`, …
    #[serde(rename = "type")]
    pub feedback: String,
    /// `pli`, `fir`, or empty.
    #[serde(default, deserialize_with = "null_as_default")]
    pub parameter: String,
}

/// A codec an endpoint can receive (mediasoup's `RtpCodecCapability`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "AnyKindCodecCapability")]
pub struct RtpCodecCapability {
    /// Audio or video; read from the MIME type, whatever the JSON says of it.
    pub kind: MediaKind,
    /// For example `audio/opus`; compared without regard to case.
    pub mime_type: String,
    /// The payload type the endpoint prefers, 0 to 127.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_payload_type: Option<u8>,
    /// Hz.
    pub clock_rate: u32,
    /// Audio only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<u8>,
    /// `fmtp`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub parameters: Parameters,
    /// Feedback the endpoint sends and understands for this codec.
    #[serde(default, deserialize_with = "null_as_default")]
    pub rtcp_feedback: Vec<RtcpFeedback>,
}

/// [`RtpCodecCapability`] before its kind was taken from its MIME type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnyKindCodecCapability {
    mime_type: String,
    #[serde(default)]
    preferred_payload_type: Option<u8>,
    clock_rate: u32,
    #[serde(default)]
    channels: Option<u8>,
    #[serde(default, deserialize_with = "null_as_default")]
    parameters: Parameters,
    #[serde(default, deserialize_with = "null_as_default")]
    rtcp_feedback: Vec<RtcpFeedback>,
}

impl TryFrom<AnyKindCodecCapability> for RtpCodecCapability {
    type Error = InvalidMimeType;

    fn try_from(codec: AnyKindCodecCapability) -> Result<Self, Self::Error> {
        Ok(Self {
            kind: MediaKind::of_mime_type(&codec.mime_type)?,
            mime_type: codec.mime_type,
            preferred_payload_type: codec.preferred_payload_type,
            clock_rate: codec.clock_rate,
            channels: codec.channels,
            parameters: codec.parameters,
            rtcp_feedback: codec.rtcp_feedback,
        })
    }
}

/// Which way a header extension is used, from the side of whoever states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Both ways.
    #[default]
    Sendrecv,
    /// Only sent.
    Sendonly,
    /// Only received.
    Recvonly,
    /// Neither.
    Inactive,
}

/// A header extension an endpoint supports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpHeaderExtension {
    /// Audio or video.
    pub kind: MediaKind,
    /// What it means.
    pub uri: String,
    /// The id the endpoint prefers, 1 to 14 (one-byte) or to 255 (two-byte).
    pub preferred_id: u8,
    /// Always false: RFC 6904 is not supported.
    #[serde(default, deserialize_with = "null_as_default")]
    pub preferred_encrypt: bool,
    /// Seen from the side of whoever states it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub direction: Direction,
}

/// What an endpoint can receive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpCapabilities {
    /// Media and RTX codecs.
    #[serde(default, deserialize_with = "null_as_default")]
    pub codecs: Vec<RtpCodecCapability>,
    /// Header extensions.
    #[serde(default, deserialize_with = "null_as_default")]
    pub header_extensions: Vec<RtpHeaderExtension>,
}

/// A codec as it is really sent (mediasoup's `RtpCodecParameters`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpCodecParameters {
    /// For example `video/VP8`.
    pub mime_type: String,
    /// 0 to 127.
    pub payload_type: u8,
    /// Hz.
    pub clock_rate: u32,
    /// Audio only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<u8>,
    /// `fmtp`; for RTX, `apt` names the payload type it repairs.
    #[serde(default, deserialize_with = "null_as_default")]
    pub parameters: Parameters,
    /// Feedback in use.
    #[serde(default, deserialize_with = "null_as_default")]
    pub rtcp_feedback: Vec<RtcpFeedback>,
}

/// A header extension as it is really sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpHeaderExtensionParameters {
    /// What it means.
    pub uri: String,
    /// The id on the wire.
    pub id: u8,
    /// Always false: RFC 6904 is not supported.
    #[serde(default, deserialize_with = "null_as_default")]
    pub encrypt: bool,
    /// Extension-specific.
    #[serde(default, deserialize_with = "null_as_default")]
    pub parameters: Parameters,
}

/// The repair stream of an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RtxEncoding {
    /// SSRC of the RTX stream (RFC 4588).
    pub ssrc: u32,
}

/// One encoding of a track: one SSRC or one RID.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpEncodingParameters {
    /// Known in advance, or learnt from MID and RID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssrc: Option<u32>,
    /// RFC 8852 stream id of a simulcast layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rid: Option<String>,
    /// The codec of this encoding, where it is not the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec_payload_type: Option<u8>,
    /// Its repair stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rtx: Option<RtxEncoding>,
    /// Discontinuous transmission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtx: Option<bool>,
    /// For example `L1T3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scalability_mode: Option<String>,
    /// bit/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bitrate: Option<u64>,
    /// Anything else a client says of an encoding (`active`, `scaleResolutionDownBy`, …): kept and passed on.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// RTCP of a track.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtcpParameters {
    /// Canonical name; ties the tracks of one peer together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cname: Option<String>,
    /// RFC 5506.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduced_size: Option<bool>,
    /// RTP and RTCP on one port; WebRTC has nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mux: Option<bool>,
}

/// How a track is sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpParameters {
    /// RFC 8843 media id, at most 8 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mid: Option<String>,
    /// Media codecs, each followed by its RTX.
    pub codecs: Vec<RtpCodecParameters>,
    /// Header extensions.
    #[serde(default, deserialize_with = "null_as_default")]
    pub header_extensions: Vec<RtpHeaderExtensionParameters>,
    /// One for each stream of the track.
    #[serde(default, deserialize_with = "null_as_default")]
    pub encodings: Vec<RtpEncodingParameters>,
    /// RTCP.
    #[serde(default, deserialize_with = "null_as_default")]
    pub rtcp: RtcpParameters,
    /// `<stream id> <track id>`: which tracks play in sync.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msid: Option<String>,
}

/// How a producer's payload types and streams are named inside a router.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RtpMapping {
    /// Payload types, media and RTX.
    pub codecs: Vec<CodecMapping>,
    /// Streams, in the order of the producer's encodings.
    pub encodings: Vec<EncodingMapping>,
}

/// A payload type of the producer and the router's for the same codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodecMapping {
    /// The producer's.
    pub payload_type: u8,
    /// The router's.
    pub mapped_payload_type: u8,
}

/// A stream of the producer and the SSRC consumers know it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncodingMapping {
    /// The producer's RID, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rid: Option<String>,
    /// The producer's SSRC, where it is known in advance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssrc: Option<u32>,
    /// The router's SSRC.
    pub mapped_ssrc: u32,
}

/// What shape a producer's or a consumer's stream has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RtpType {
    /// One stream, one layer.
    Simple,
    /// Several streams, one a layer.
    Simulcast,
    /// One stream with layers inside.
    Svc,
}
