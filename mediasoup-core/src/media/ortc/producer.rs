//! From what a client sends to what the router's consumers can be offered.

use std::borrow::Cow;

use super::{
    matching::{associated_payload_type, is_rtx, match_codecs},
    red::{self, is_red},
    uri,
};
use crate::media::{
    error::RtpError,
    rtp::{
        CodecMapping, Direction, EncodingMapping, MediaKind, Parameters, RtcpParameters, RtpCapabilities,
        RtpCodecCapability, RtpCodecParameters, RtpEncodingParameters, RtpHeaderExtensionParameters,
        RtpMapping, RtpParameters,
    },
};

/// How the producer's payload types and streams are named in the router. Its streams get
/// `first_mapped_ssrc` and those that follow. Writes the agreed H264 `profile-level-id` into `parameters`,
/// which must be [normalized](super::normalize_rtp_parameters).
///
/// # Errors
/// A codec the router has not, RTX for a codec that is not there.
pub fn producer_mapping(
    parameters: &mut RtpParameters,
    router: &RtpCapabilities,
    first_mapped_ssrc: u32,
) -> Result<RtpMapping, RtpError> {
    // Index of the producer's codec, the router's payload type.
    let mut mapped: Vec<(usize, u8)> = Vec::new();
    for (index, codec) in parameters.codecs.iter_mut().enumerate() {
        if !is_rtx(&codec.mime_type) {
            mapped.push((index, map_media_codec(codec, router)?));
        }
    }
    for (index, codec) in parameters.codecs.iter().enumerate() {
        if is_rtx(&codec.mime_type) {
            mapped.push((index, map_rtx_codec(codec, &parameters.codecs, &mapped, router)?));
        }
    }
    let codecs = mapped.into_iter().map(|(index, mapped_payload_type)| CodecMapping {
        payload_type: parameters.codecs[index].payload_type,
        mapped_payload_type,
    });
    let encodings = parameters.encodings.iter().zip(0u32..).map(|(encoding, index)| EncodingMapping {
        rid: encoding.rid.clone(),
        ssrc: encoding.ssrc,
        mapped_ssrc: first_mapped_ssrc.wrapping_add(index),
    });
    Ok(RtpMapping { codecs: codecs.collect(), encodings: encodings.collect() })
}

fn map_media_codec(codec: &mut RtpCodecParameters, router: &RtpCapabilities) -> Result<u8, RtpError> {
    let matched = router.codecs.iter().find_map(|capability| {
        let agreed = match_codecs(&*codec, capability)?;
        Some((capability.preferred_payload_type?, agreed.profile_level_id))
    });
    let Some((payload_type, profile_level_id)) = matched else {
        let RtpCodecParameters { mime_type, payload_type, .. } = codec;
        return Err(RtpError::Unsupported(format!(
            "unsupported codec [mimeType:{mime_type}, payloadType:{payload_type}]"
        )));
    };
    if let Some(profile_level_id) = profile_level_id {
        profile_level_id.apply(&mut codec.parameters);
    }
    Ok(payload_type)
}

fn map_rtx_codec(
    rtx: &RtpCodecParameters,
    codecs: &[RtpCodecParameters],
    mapped: &[(usize, u8)],
    router: &RtpCapabilities,
) -> Result<u8, RtpError> {
    let apt = associated_payload_type(&rtx.parameters);
    let media = codecs.iter().position(|codec| Some(codec.payload_type) == apt);
    // A repair of what is not mapped yet repairs itself or another repair.
    let Some(&(_, media_payload_type)) = mapped.iter().find(|(index, _)| Some(*index) == media) else {
        return Err(RtpError::Invalid(format!("missing media codec found for RTX PT {}", rtx.payload_type)));
    };
    rtx_of(router, media_payload_type).map(|(payload_type, _)| payload_type).ok_or_else(|| {
        RtpError::Unsupported(format!("no RTX codec for capability codec PT {media_payload_type}"))
    })
}

/// What consumers of this producer can be offered: the router's payload types, feedback and header
/// extensions, the producer's codec parameters, and one encoding for each of its streams under its mapped
/// SSRC. `mapping` must be the one made from `parameters`.
#[must_use]
pub fn consumable_rtp_parameters(
    kind: MediaKind,
    parameters: &RtpParameters,
    router: &RtpCapabilities,
    mapping: &RtpMapping,
) -> RtpParameters {
    RtpParameters {
        mid: None,
        codecs: consumable_codecs(parameters, router, mapping),
        header_extensions: consumable_header_extensions(kind, parameters, router),
        encodings: consumable_encodings(parameters, mapping),
        rtcp: RtcpParameters { cname: parameters.rtcp.cname.clone(), reduced_size: Some(true), mux: None },
        msid: parameters.msid.clone(),
    }
}

fn consumable_codecs(
    parameters: &RtpParameters,
    router: &RtpCapabilities,
    mapping: &RtpMapping,
) -> Vec<RtpCodecParameters> {
    let mapped_payload_type = |codec: &RtpCodecParameters| {
        let entry = mapping.codecs.iter().find(|entry| entry.payload_type == codec.payload_type);
        entry.map(|entry| entry.mapped_payload_type)
    };
    let mut codecs = Vec::new();
    for codec in parameters.codecs.iter().filter(|codec| !is_rtx(&codec.mime_type)) {
        let Some(payload_type) = mapped_payload_type(codec) else { continue };
        let capability =
            router.codecs.iter().find(|codec| codec.preferred_payload_type == Some(payload_type));
        let Some(capability) = capability else { continue };
        let parameters = if is_red(&codec.mime_type) {
            Cow::Owned(red::mapped(&codec.parameters, mapping))
        } else {
            Cow::Borrowed(&codec.parameters)
        };
        codecs.push(codec_parameters(payload_type, capability, &parameters));
        if let Some((payload_type, rtx)) = rtx_of(router, payload_type) {
            codecs.push(codec_parameters(payload_type, rtx, &rtx.parameters));
        }
    }
    codecs
}

fn codec_parameters(
    payload_type: u8,
    capability: &RtpCodecCapability,
    parameters: &Parameters,
) -> RtpCodecParameters {
    RtpCodecParameters {
        mime_type: capability.mime_type.clone(),
        payload_type,
        clock_rate: capability.clock_rate,
        channels: capability.channels,
        parameters: parameters.clone(),
        rtcp_feedback: capability.rtcp_feedback.clone(),
    }
}

fn consumable_header_extensions(
    kind: MediaKind,
    parameters: &RtpParameters,
    router: &RtpCapabilities,
) -> Vec<RtpHeaderExtensionParameters> {
    // The capture time is the producer's own: consumers would wait for it in vain if it sends none.
    let sends_capture_time =
        parameters.header_extensions.iter().any(|extension| extension.uri == uri::ABS_CAPTURE_TIME);
    router
        .header_extensions
        .iter()
        .filter(|extension| extension.kind == kind)
        .filter(|extension| matches!(extension.direction, Direction::Sendrecv | Direction::Sendonly))
        .filter(|extension| sends_capture_time || extension.uri != uri::ABS_CAPTURE_TIME)
        .map(|extension| RtpHeaderExtensionParameters {
            uri: extension.uri.clone(),
            id: extension.preferred_id,
            encrypt: extension.preferred_encrypt,
            parameters: Parameters::new(),
        })
        .collect()
}

fn consumable_encodings(parameters: &RtpParameters, mapping: &RtpMapping) -> Vec<RtpEncodingParameters> {
    parameters
        .encodings
        .iter()
        .zip(&mapping.encodings)
        .map(|(encoding, mapped)| RtpEncodingParameters {
            ssrc: Some(mapped.mapped_ssrc),
            rid: None,
            rtx: None,
            codec_payload_type: None,
            ..encoding.clone()
        })
        .collect()
}

/// The router's RTX codec for one of its media codecs, and its payload type.
fn rtx_of(router: &RtpCapabilities, media_payload_type: u8) -> Option<(u8, &RtpCodecCapability)> {
    let rtx = router.codecs.iter().find(|codec| {
        is_rtx(&codec.mime_type) && associated_payload_type(&codec.parameters) == Some(media_payload_type)
    })?;
    Some((rtx.preferred_payload_type?, rtx))
}
