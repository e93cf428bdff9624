//! Validation, and the defaults mediasoup fills in while it validates.
//!
//! Types and mandatory fields are checked where JSON is read; this is what JSON's shape leaves open.

use serde_json::Value;

use crate::media::{
    error::RtpError,
    rtp::{
        MediaKind, Parameters, RtcpFeedback, RtpCapabilities, RtpCodecCapability, RtpCodecParameters,
        RtpEncodingParameters, RtpHeaderExtension, RtpHeaderExtensionParameters, RtpParameters,
    },
};

/// Capabilities with their defaults filled in.
///
/// # Errors
/// [`RtpError::Invalid`].
pub fn normalize_rtp_capabilities(mut capabilities: RtpCapabilities) -> Result<RtpCapabilities, RtpError> {
    capabilities.codecs.iter_mut().try_for_each(normalize_codec_capability)?;
    capabilities.header_extensions.iter().try_for_each(check_header_extension)?;
    Ok(capabilities)
}

/// Parameters with their defaults filled in.
///
/// # Errors
/// [`RtpError::Invalid`].
pub fn normalize_rtp_parameters(mut parameters: RtpParameters) -> Result<RtpParameters, RtpError> {
    parameters.codecs.iter_mut().try_for_each(normalize_codec_parameters)?;
    parameters.header_extensions.iter_mut().try_for_each(normalize_header_extension_parameters)?;
    parameters.encodings.iter_mut().for_each(normalize_encoding);
    parameters.rtcp.reduced_size = Some(true);
    Ok(parameters)
}

pub(super) fn normalize_codec_capability(codec: &mut RtpCodecCapability) -> Result<(), RtpError> {
    codec.kind = kind_of(&codec.mime_type)?;
    codec.channels = channels(codec.kind, codec.channels);
    normalize_codec_fmtp(&mut codec.parameters)?;
    codec.rtcp_feedback.iter().try_for_each(check_rtcp_feedback)
}

fn normalize_codec_parameters(codec: &mut RtpCodecParameters) -> Result<(), RtpError> {
    codec.channels = channels(kind_of(&codec.mime_type)?, codec.channels);
    normalize_codec_fmtp(&mut codec.parameters)?;
    codec.rtcp_feedback.iter().try_for_each(check_rtcp_feedback)
}

fn check_header_extension(extension: &RtpHeaderExtension) -> Result<(), RtpError> {
    if extension.uri.is_empty() { Err(invalid("missing ext.uri")) } else { Ok(()) }
}

fn normalize_header_extension_parameters(
    extension: &mut RtpHeaderExtensionParameters,
) -> Result<(), RtpError> {
    if extension.uri.is_empty() {
        return Err(invalid("missing ext.uri"));
    }
    for value in extension.parameters.values_mut() {
        normalize_fmtp_value(value).ok_or_else(|| invalid("invalid header extension parameter"))?;
    }
    Ok(())
}

fn normalize_encoding(encoding: &mut RtpEncodingParameters) {
    encoding.dtx.get_or_insert(false);
}

fn kind_of(mime_type: &str) -> Result<MediaKind, RtpError> {
    if mime_type.is_empty() {
        return Err(invalid("missing codec.mimeType"));
    }
    MediaKind::of_mime_type(mime_type).map_err(|error| RtpError::Invalid(error.to_string()))
}

/// Audio has one channel where it states none; video has none whatever it states.
fn channels(kind: MediaKind, stated: Option<u8>) -> Option<u8> {
    match kind {
        MediaKind::Audio => stated.or(Some(1)),
        MediaKind::Video => None,
    }
}

fn normalize_codec_fmtp(parameters: &mut Parameters) -> Result<(), RtpError> {
    for (key, value) in parameters {
        normalize_fmtp_value(value).ok_or_else(|| {
            RtpError::Invalid(format!("invalid codec parameter [key:{key}, value:{value}]"))
        })?;
        if key == "apt" && !value.is_number() {
            return Err(invalid("invalid codec apt parameter"));
        }
    }
    Ok(())
}

/// Strings and numbers pass. A whole number has one spelling from here on, as in JavaScript: 1.0 is 1.
fn normalize_fmtp_value(value: &mut Value) -> Option<()> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::String(_) => Some(()),
        Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|_| number.is_f64())
                && float.fract() == 0.0
                && float.abs() <= EXACT_MAX
            {
                *number = (float as i64).into();
            }
            Some(())
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn check_rtcp_feedback(feedback: &RtcpFeedback) -> Result<(), RtpError> {
    if feedback.feedback.is_empty() { Err(invalid("missing fb.type")) } else { Ok(()) }
}

fn invalid(text: &str) -> RtpError {
    RtpError::Invalid(text.to_owned())
}
