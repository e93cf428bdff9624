//! The shape of a producer's streams, and the checks mediasoup's worker makes before it takes them.

use super::{
    matching::{associated_payload_type, is_rtx},
    scalability::ScalabilityMode,
};
use crate::media::{
    error::RtpError,
    rtp::{MediaKind, RtpCodecParameters, RtpEncodingParameters, RtpParameters, RtpType},
};

/// Simple, simulcast or SVC. `parameters` have passed [`producer_mapping`](super::producer_mapping) and have at
/// least one encoding.
///
/// # Errors
/// Codecs of another kind, payload types used twice, streams that cannot be told apart when they arrive, an
/// encoding of a codec that is not there, layers the codec cannot have.
pub fn producer_type(kind: MediaKind, parameters: &RtpParameters) -> Result<RtpType, RtpError> {
    check_codecs(kind, &parameters.codecs)?;
    check_streams(parameters)?;
    if parameters.header_extensions.iter().any(|extension| extension.id == 0) {
        return Err(invalid("RTP extension id cannot be 0"));
    }
    let mut layers = Vec::with_capacity(parameters.encodings.len());
    for encoding in &parameters.encodings {
        media_codec(encoding, &parameters.codecs)?;
        layers.push(ScalabilityMode::parse(encoding.scalability_mode.as_deref()));
    }
    let (Some(first), Some(first_layers)) = (parameters.encodings.first(), layers.first()) else {
        return Err(invalid("empty encodings"));
    };
    let mime_type = media_codec(first, &parameters.codecs)?.mime_type.as_str();
    if layers.len() > 1 {
        if layers.iter().any(|layers| layers.spatial_layers > 1) {
            return Err(invalid("cannot use both simulcast and encodings with multiple SVC spatial layers"));
        }
        return supported(RtpType::Simulcast, mime_type, &["video/VP8", "video/H264"]);
    }
    if first_layers.spatial_layers > 1 || first_layers.temporal_layers > 1 {
        return supported(RtpType::Svc, mime_type, &["video/VP8", "video/VP9", "video/H264", "video/AV1"]);
    }
    Ok(RtpType::Simple)
}

fn check_codecs(kind: MediaKind, codecs: &[RtpCodecParameters]) -> Result<(), RtpError> {
    if codecs.is_empty() {
        return Err(invalid("empty codecs"));
    }
    for (index, codec) in codecs.iter().enumerate() {
        if MediaKind::of_mime_type(&codec.mime_type) != Ok(kind) {
            return Err(RtpError::Invalid(format!("{} codec in {kind} producer", codec.mime_type)));
        }
        if codecs[..index].iter().any(|other| other.payload_type == codec.payload_type) {
            return Err(invalid("duplicated payloadType"));
        }
        if is_rtx(&codec.mime_type) {
            let apt = associated_payload_type(&codec.parameters);
            let repaired = codecs.iter().find(|other| Some(other.payload_type) == apt);
            if repaired.is_none_or(|repaired| is_rtx(&repaired.mime_type)) {
                return Err(invalid("apt in RTX codec points to no media codec"));
            }
        }
    }
    Ok(())
}

/// Several streams are told apart by SSRC or RID; a single one may be known by its MID alone.
fn check_streams(parameters: &RtpParameters) -> Result<(), RtpError> {
    let has_mid = parameters.mid.as_ref().is_some_and(|mid| !mid.is_empty());
    let anonymous =
        parameters.encodings.iter().any(|encoding| encoding.ssrc.is_none() && encoding.rid.is_none());
    match (anonymous, parameters.encodings.len()) {
        (true, 1) if has_mid => Ok(()),
        (true, 1) => Err(invalid("missing encoding.ssrc or encoding.rid, or params.mid")),
        (true, _) => Err(invalid("missing encoding.ssrc or encoding.rid")),
        (false, _) => Ok(()),
    }
}

/// The codec an encoding is of: the one it names, else the first that carries media.
fn media_codec<'a>(
    encoding: &RtpEncodingParameters,
    codecs: &'a [RtpCodecParameters],
) -> Result<&'a RtpCodecParameters, RtpError> {
    let mut media = codecs.iter().filter(|codec| carries_media(&codec.mime_type));
    match encoding.codec_payload_type {
        None => media.next().ok_or_else(|| invalid("no media codecs found")),
        Some(named) => {
            media.find(|codec| codec.payload_type == named).ok_or_else(|| invalid("unknown codecPayloadType"))
        }
    }
}

/// Neither a repair nor comfort noise nor telephone events.
fn carries_media(mime_type: &str) -> bool {
    let complements = ["audio/CN", "audio/telephone-event"];
    !is_rtx(mime_type) && !complements.iter().any(|other| mime_type.eq_ignore_ascii_case(other))
}

fn supported(shape: RtpType, mime_type: &str, codecs: &[&str]) -> Result<RtpType, RtpError> {
    if codecs.iter().any(|codec| mime_type.eq_ignore_ascii_case(codec)) {
        return Ok(shape);
    }
    let name = match shape {
        RtpType::Simple => "simple",
        RtpType::Simulcast => "simulcast",
        RtpType::Svc => "svc",
    };
    Err(RtpError::Unsupported(format!("{mime_type} codec not supported for {name}")))
}

fn invalid(text: &str) -> RtpError {
    RtpError::Invalid(text.to_owned())
}
