//! Whether two sides mean the same codec.

use serde_json::Value;

use super::{falsy::is_falsy, h264};
use crate::media::rtp::{Parameters, RtpCodecCapability, RtpCodecParameters};

/// What matching looks at of a codec, be it a capability or a parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct CodecView<'a> {
    mime_type: &'a str,
    clock_rate: u32,
    channels: Option<u8>,
    parameters: &'a Parameters,
}

impl<'a> From<&'a RtpCodecCapability> for CodecView<'a> {
    fn from(codec: &'a RtpCodecCapability) -> Self {
        let RtpCodecCapability { mime_type, clock_rate, channels, parameters, .. } = codec;
        Self { mime_type, clock_rate: *clock_rate, channels: *channels, parameters }
    }
}

impl<'a> From<&'a RtpCodecParameters> for CodecView<'a> {
    fn from(codec: &'a RtpCodecParameters) -> Self {
        let RtpCodecParameters { mime_type, clock_rate, channels, parameters, .. } = codec;
        Self { mime_type, clock_rate: *clock_rate, channels: *channels, parameters }
    }
}

/// Two codecs that are the same, and what they agreed on.
#[derive(Debug)]
pub(super) struct Match {
    /// H264 only.
    pub(super) profile_level_id: Option<h264::Agreement>,
}

/// The same codec, whatever its profile?
pub(super) fn same_codec<'a>(a: impl Into<CodecView<'a>>, b: impl Into<CodecView<'a>>) -> bool {
    let (a, b) = (a.into(), b.into());
    let same = a.mime_type.eq_ignore_ascii_case(b.mime_type)
        && a.clock_rate == b.clock_rate
        && a.channels == b.channels;
    let layout = |codec: CodecView<'_>| {
        (codec.parameters.get("num_streams").cloned(), codec.parameters.get("coupled_streams").cloned())
    };
    same && (!a.mime_type.eq_ignore_ascii_case("audio/multiopus") || layout(a) == layout(b))
}

/// The same codec in a profile both sides can use? `local` is the side that answers.
pub(super) fn match_codecs<'a>(
    local: impl Into<CodecView<'a>>,
    remote: impl Into<CodecView<'a>>,
) -> Option<Match> {
    let (local, remote) = (local.into(), remote.into());
    if !same_codec(local, remote) {
        return None;
    }
    let same_number = |key| number(local.parameters, key) == number(remote.parameters, key);
    if local.mime_type.eq_ignore_ascii_case("video/H264") {
        let agreement = h264::Agreement::between(local.parameters, remote.parameters)
            .filter(|_| same_number("packetization-mode"))?;
        return Some(Match { profile_level_id: Some(agreement) });
    }
    if local.mime_type.eq_ignore_ascii_case("video/VP9") && !same_number("profile-id") {
        return None;
    }
    Some(Match { profile_level_id: None })
}

/// Is it a retransmission codec (RFC 4588)?
pub(super) fn is_rtx(mime_type: &str) -> bool {
    mime_type
        .rsplit_once('/')
        .is_some_and(|(kind, name)| !kind.is_empty() && name.eq_ignore_ascii_case("rtx"))
}

/// The media payload type an RTX codec repairs, where it states one that can be.
pub(super) fn associated_payload_type(parameters: &Parameters) -> Option<u8> {
    parameters.get("apt")?.as_u64()?.try_into().ok()
}

/// Absent, empty and zero all mean zero; a string is never a number.
fn number<'a>(parameters: &'a Parameters, key: &str) -> Option<&'a Value> {
    let value = parameters.get(key);
    value.filter(|_| !is_falsy(value))
}
