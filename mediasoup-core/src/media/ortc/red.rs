//! RED (RFC 2198), which mediasoup knows the name of only. Its one parameter has no name: the payload types of its blocks.

use crate::media::rtp::{MediaKind, Parameters, RtcpFeedback, RtpCodecCapability, RtpMapping};

/// Whether it is RED.
pub(crate) fn is_red(mime_type: &str) -> bool {
    mime_type.eq_ignore_ascii_case("audio/red")
}

/// What a router may have beside mediasoup's codecs.
pub(super) fn capability() -> RtpCodecCapability {
    RtpCodecCapability {
        kind: MediaKind::Audio,
        mime_type: "audio/red".to_owned(),
        preferred_payload_type: None,
        clock_rate: 48_000,
        channels: Some(2),
        parameters: Parameters::new(),
        rtcp_feedback: vec![RtcpFeedback { feedback: "transport-cc".to_owned(), parameter: String::new() }],
    }
}

/// The parameters under the router's payload types: `111/111`, as a name or as a value.
pub(super) fn mapped(parameters: &Parameters, mapping: &RtpMapping) -> Parameters {
    let types = |text: &str| {
        let types = text.split('/').map(|number| {
            let payload_type: u8 = number.trim().parse().ok()?;
            let entry = mapping.codecs.iter().find(|entry| entry.payload_type == payload_type)?;
            Some(entry.mapped_payload_type.to_string())
        });
        types.collect::<Option<Vec<_>>>().map(|types| types.join("/"))
    };
    let rename = |(name, value): (&String, &serde_json::Value)| {
        let named = types(name).unwrap_or_else(|| name.clone());
        let value = value.as_str().and_then(types).map_or_else(|| value.clone(), Into::into);
        (named, value)
    };
    parameters.iter().map(rename).collect()
}
