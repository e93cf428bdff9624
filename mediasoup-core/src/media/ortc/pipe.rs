//! From what a router can offer to what another router is sent: all of it.

use super::{matching::is_rtx, supported::supported_rtp_capabilities, uri};
use crate::media::rtp::{
    Parameters, RtcpFeedback, RtpEncodingParameters, RtpHeaderExtensionParameters, RtpParameters, RtxEncoding,
};

/// How a router's producer is sent to another router: each of its streams on an SSRC of its own, from `first_ssrc` up, their
/// repair streams from `first_rtx_ssrc` up, where there are to be any. What is of one hop (MID, bandwidth estimation) is left
/// out.
#[must_use]
pub fn pipe_consumer_rtp_parameters(
    consumable: &RtpParameters,
    first_ssrc: u32,
    first_rtx_ssrc: Option<u32>,
) -> RtpParameters {
    let enable_rtx = first_rtx_ssrc.is_some();
    let mut codecs = consumable.codecs.clone();
    codecs.retain(|codec| enable_rtx || !is_rtx(&codec.mime_type));
    for codec in &mut codecs {
        codec.rtcp_feedback.retain(|feedback| is_of_pipes(feedback, enable_rtx));
    }
    let is_of_one_hop = |uri: &str| matches!(uri, uri::MID | uri::ABS_SEND_TIME | uri::TRANSPORT_WIDE_CC);
    let mut header_extensions = consumable.header_extensions.clone();
    header_extensions.retain(|extension| !is_of_one_hop(&extension.uri));
    // No viewer gets it, so it is not among what can be consumed; the other router has to read it.
    header_extensions.extend(dependency_descriptor());
    header_extensions.sort_by_key(|extension| extension.id);
    let encodings = (0..).zip(&consumable.encodings).map(|(index, encoding)| RtpEncodingParameters {
        ssrc: Some(first_ssrc.wrapping_add(index)),
        rtx: first_rtx_ssrc.map(|first| RtxEncoding { ssrc: first.wrapping_add(index) }),
        ..encoding.clone()
    });
    RtpParameters {
        mid: None,
        codecs,
        header_extensions,
        encodings: encodings.collect(),
        rtcp: consumable.rtcp.clone(),
        msid: consumable.msid.clone(),
    }
}

/// Of audio too, as mediasoup has it.
fn dependency_descriptor() -> Option<RtpHeaderExtensionParameters> {
    let supported = supported_rtp_capabilities().header_extensions;
    let known = supported.into_iter().find(|extension| extension.uri == uri::DEPENDENCY_DESCRIPTOR)?;
    Some(RtpHeaderExtensionParameters {
        uri: known.uri,
        id: known.preferred_id,
        encrypt: known.preferred_encrypt,
        parameters: Parameters::default(),
    })
}

fn is_of_pipes(feedback: &RtcpFeedback, enable_rtx: bool) -> bool {
    match (feedback.feedback.as_str(), feedback.parameter.as_str()) {
        ("nack", "pli") | ("ccm", "fir") => true,
        ("nack", "") => enable_rtx,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn consumable() -> RtpParameters {
        let feedback = json!([
            {"type": "nack"}, {"type": "nack", "parameter": "pli"}, {"type": "ccm", "parameter": "fir"},
            {"type": "goog-remb"}, {"type": "transport-cc"},
        ]);
        serde_json::from_value(json!({
            "codecs": [
                {"mimeType": "video/VP8", "payloadType": 101, "clockRate": 90_000, "rtcpFeedback": feedback},
                {"mimeType": "video/rtx", "payloadType": 102, "clockRate": 90_000, "parameters": {"apt": 101}},
            ],
            "headerExtensions": [
                {"uri": uri::MID, "id": 1}, {"uri": uri::ABS_SEND_TIME, "id": 4},
                {"uri": uri::TRANSPORT_WIDE_CC, "id": 5}, {"uri": "urn:3gpp:video-orientation", "id": 11},
            ],
            "encodings": [{"ssrc": 7, "scalabilityMode": "L1T3"}, {"ssrc": 8, "scalabilityMode": "L1T3"}],
            "rtcp": {"cname": "somebody"},
        }))
        .unwrap()
    }

    #[test]
    fn all_streams_go_without_what_is_of_one_hop() {
        let parameters = pipe_consumer_rtp_parameters(&consumable(), 1_000, Some(1_002));
        assert_eq!(parameters.codecs.len(), 2);
        let feedback: Vec<_> =
            parameters.codecs[0].rtcp_feedback.iter().map(|feedback| &feedback.feedback[..]).collect();
        assert_eq!(feedback, ["nack", "nack", "ccm"]);
        let extensions: Vec<_> = parameters.header_extensions.iter().map(|extension| extension.id).collect();
        assert_eq!(extensions, [7, 11], "and the dependency descriptor");
        let encodings: Vec<_> = parameters
            .encodings
            .iter()
            .map(|encoding| {
                (encoding.ssrc, encoding.rtx.map(|rtx| rtx.ssrc), encoding.scalability_mode.as_deref())
            })
            .collect();
        assert_eq!(
            encodings,
            [(Some(1_000), Some(1_002), Some("L1T3")), (Some(1_001), Some(1_003), Some("L1T3"))]
        );
        assert_eq!(parameters.rtcp.cname.as_deref(), Some("somebody"));
    }

    #[test]
    fn without_rtx_nothing_is_asked_for_again() {
        let parameters = pipe_consumer_rtp_parameters(&consumable(), 1_000, None);
        assert_eq!(parameters.codecs.len(), 1);
        assert!(!parameters.codecs[0].rtcp_feedback.iter().any(|feedback| feedback.parameter.is_empty()));
        assert!(parameters.encodings.iter().all(|encoding| encoding.rtx.is_none()));
    }
}
