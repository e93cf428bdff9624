//! From what a router can offer to what one viewer is sent.

use super::{
    matching::{associated_payload_type, is_rtx, match_codecs},
    scalability::ScalabilityMode,
    uri,
    validate::normalize_rtp_capabilities,
};
use crate::media::{
    error::RtpError,
    rtp::{
        RtcpFeedback, RtpCapabilities, RtpCodecParameters, RtpEncodingParameters,
        RtpHeaderExtensionParameters, RtpParameters, RtxEncoding,
    },
};

/// Whether a viewer with these capabilities can decode the producer.
///
/// # Errors
/// Malformed capabilities.
pub fn can_consume(consumable: &RtpParameters, viewer: &RtpCapabilities) -> Result<bool, RtpError> {
    let viewer = normalize_rtp_capabilities(viewer.clone())?;
    let first = consumable
        .codecs
        .iter()
        .find(|codec| viewer.codecs.iter().any(|capability| match_codecs(capability, *codec).is_some()));
    Ok(first.is_some_and(|codec| !is_rtx(&codec.mime_type)))
}

/// How a viewer is sent the producer: one stream of SSRC `ssrc`, its repair stream on the SSRC after it.
///
/// # Errors
/// Malformed capabilities, no codec in common.
pub fn consumer_rtp_parameters(
    consumable: &RtpParameters,
    viewer: &RtpCapabilities,
    enable_rtx: bool,
    ssrc: u32,
) -> Result<RtpParameters, RtpError> {
    let viewer = normalize_rtp_capabilities(viewer.clone())?;
    let mut codecs = consumer_codecs(&consumable.codecs, &viewer, enable_rtx)?;
    let header_extensions = consumer_header_extensions(&consumable.header_extensions, &viewer);
    let bandwidth_feedback = BandwidthFeedback::over(&header_extensions);
    for codec in &mut codecs {
        codec.rtcp_feedback.retain(|feedback| bandwidth_feedback.keeps(feedback));
    }
    let rtx = codecs.iter().any(|codec| is_rtx(&codec.mime_type));
    Ok(RtpParameters {
        mid: None,
        codecs,
        header_extensions,
        encodings: vec![consumer_encoding(&consumable.encodings, ssrc, rtx)],
        rtcp: consumable.rtcp.clone(),
        msid: consumable.msid.clone(),
    })
}

/// The producer's codecs the viewer has, with the viewer's feedback; RTX only for those.
fn consumer_codecs(
    consumable: &[RtpCodecParameters],
    viewer: &RtpCapabilities,
    enable_rtx: bool,
) -> Result<Vec<RtpCodecParameters>, RtpError> {
    let matched: Vec<RtpCodecParameters> = consumable
        .iter()
        .filter(|codec| enable_rtx || !is_rtx(&codec.mime_type))
        .filter_map(|codec| {
            let capability =
                viewer.codecs.iter().find(|capability| match_codecs(*capability, codec).is_some())?;
            let plain_nack = |fb: &&RtcpFeedback| fb.feedback == "nack" && fb.parameter.is_empty();
            let feedback = capability.rtcp_feedback.iter().filter(|fb| enable_rtx || !plain_nack(fb));
            Some(RtpCodecParameters { rtcp_feedback: feedback.cloned().collect(), ..codec.clone() })
        })
        .collect();
    let repairs_something = |codec: &RtpCodecParameters| {
        let apt = associated_payload_type(&codec.parameters);
        matched.iter().any(|media| Some(media.payload_type) == apt)
    };
    let codecs: Vec<_> = matched
        .iter()
        .filter(|codec| !is_rtx(&codec.mime_type) || repairs_something(codec))
        .cloned()
        .collect();
    match codecs.first() {
        Some(first) if !is_rtx(&first.mime_type) => Ok(codecs),
        _ => Err(RtpError::Unsupported("no compatible media codecs".to_owned())),
    }
}

/// The producer's header extensions the viewer knows under the same id.
fn consumer_header_extensions(
    consumable: &[RtpHeaderExtensionParameters],
    viewer: &RtpCapabilities,
) -> Vec<RtpHeaderExtensionParameters> {
    let known = |extension: &&RtpHeaderExtensionParameters| {
        viewer
            .header_extensions
            .iter()
            .any(|theirs| theirs.preferred_id == extension.id && theirs.uri == extension.uri)
    };
    consumable.iter().filter(known).cloned().collect()
}

/// Which feedback the viewer's bandwidth is estimated from.
#[derive(Clone, Copy, Debug)]
enum BandwidthFeedback {
    TransportWide,
    Remb,
    None,
}

impl BandwidthFeedback {
    /// The best the agreed header extensions allow.
    fn over(extensions: &[RtpHeaderExtensionParameters]) -> Self {
        let has = |uri: &str| extensions.iter().any(|extension| extension.uri == uri);
        if has(uri::TRANSPORT_WIDE_CC) {
            Self::TransportWide
        } else if has(uri::ABS_SEND_TIME) {
            Self::Remb
        } else {
            Self::None
        }
    }

    fn keeps(self, feedback: &RtcpFeedback) -> bool {
        match feedback.feedback.as_str() {
            "transport-cc" => matches!(self, Self::TransportWide),
            "goog-remb" => matches!(self, Self::Remb),
            _ => true,
        }
    }
}

/// One stream for all of the producer's: as many spatial layers as it has streams, and its highest bitrate.
fn consumer_encoding(consumable: &[RtpEncodingParameters], ssrc: u32, rtx: bool) -> RtpEncodingParameters {
    let stated = consumable
        .iter()
        .find_map(|encoding| encoding.scalability_mode.as_deref().filter(|mode| !mode.is_empty()));
    let scalability_mode = if consumable.len() > 1 {
        Some(format!("L{}T{}", consumable.len(), ScalabilityMode::parse(stated).temporal_layers))
    } else {
        stated.map(str::to_owned)
    };
    RtpEncodingParameters {
        ssrc: Some(ssrc),
        rtx: rtx.then(|| RtxEncoding { ssrc: ssrc.wrapping_add(1) }),
        scalability_mode,
        max_bitrate: consumable
            .iter()
            .filter_map(|encoding| encoding.max_bitrate)
            .max()
            .filter(|&max| max > 0),
        ..RtpEncodingParameters::default()
    }
}
