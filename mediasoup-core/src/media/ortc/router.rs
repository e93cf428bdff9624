//! A router's capabilities, out of its configured codecs.

use std::collections::VecDeque;

use serde_json::json;

use super::{
    matching::same_codec, red, supported::supported_rtp_capabilities, validate::normalize_codec_capability,
};
use crate::media::{
    error::RtpError,
    rtp::{MediaKind, Parameters, RtpCapabilities, RtpCodecCapability},
};

/// What clients load: the codecs with their payload types, an RTX codec after each video codec, and all
/// supported header extensions. Feedback is what mediasoup supports, whatever `media_codecs` say of it.
///
/// # Errors
/// A malformed codec, a payload type given twice, more codecs than payload types, an unsupported codec.
pub fn router_rtp_capabilities(media_codecs: &[RtpCodecCapability]) -> Result<RtpCapabilities, RtpError> {
    let (supported, red) = (supported_rtp_capabilities(), red::capability());
    let mut payload_types = DynamicPayloadTypes::new();
    let mut codecs: Vec<RtpCodecCapability> = Vec::new();
    for media_codec in media_codecs {
        let mut configured = media_codec.clone();
        normalize_codec_capability(&mut configured)?;
        let mut codec = supported
            .codecs
            .iter()
            .chain([&red])
            .find(|codec| same_codec(&configured, *codec))
            .cloned()
            .ok_or_else(|| {
                RtpError::Unsupported(format!(
                    "media codec not supported [mimeType:{}]",
                    configured.mime_type
                ))
            })?;
        let payload_type = match (configured.preferred_payload_type, codec.preferred_payload_type) {
            (Some(configured), _) => payload_types.reserve(configured),
            (None, Some(assigned)) => assigned,
            (None, None) => payload_types.next()?,
        };
        if codecs.iter().any(|codec| codec.preferred_payload_type == Some(payload_type)) {
            return Err(RtpError::Invalid("duplicated codec.preferredPayloadType".to_owned()));
        }
        codec.preferred_payload_type = Some(payload_type);
        codec.parameters.extend(configured.parameters);
        let rtx = match codec.kind {
            MediaKind::Audio => None,
            MediaKind::Video => Some(rtx_codec(&codec, payload_type, payload_types.next()?)),
        };
        codecs.push(codec);
        codecs.extend(rtx);
    }
    Ok(RtpCapabilities { codecs, header_extensions: supported.header_extensions })
}

fn rtx_codec(codec: &RtpCodecCapability, apt: u8, payload_type: u8) -> RtpCodecCapability {
    RtpCodecCapability {
        kind: codec.kind,
        mime_type: format!("{}/rtx", codec.kind),
        preferred_payload_type: Some(payload_type),
        clock_rate: codec.clock_rate,
        channels: None,
        parameters: Parameters::from([("apt".to_owned(), json!(apt))]),
        rtcp_feedback: Vec::new(),
    }
}

/// The payload types a router hands out, in mediasoup's order.
struct DynamicPayloadTypes(VecDeque<u8>);

impl DynamicPayloadTypes {
    fn new() -> Self {
        Self((100..=127).chain(96..=99).collect())
    }

    /// Takes one out, whether it was in or not.
    fn reserve(&mut self, payload_type: u8) -> u8 {
        self.0.retain(|&free| free != payload_type);
        payload_type
    }

    fn next(&mut self) -> Result<u8, RtpError> {
        self.0
            .pop_front()
            .ok_or_else(|| RtpError::Invalid("cannot allocate more dynamic codec payload types".to_owned()))
    }
}
