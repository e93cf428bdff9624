//! The codecs a room has where its configuration names none.

use serde_json::json;

use super::rtp::{MediaKind, Parameters, RtpCodecCapability};

/// Opus, VP8, H264, VP9 profile 0 and AV1, in this order.
#[must_use]
pub fn default_media_codecs() -> Vec<RtpCodecCapability> {
    let opus = RtpCodecCapability { channels: Some(2), ..codec(MediaKind::Audio, "audio/opus", 48_000) };
    let vp8 = codec(MediaKind::Video, "video/VP8", 90_000);
    let h264 = with_h264_defaults(codec(MediaKind::Video, "video/H264", 90_000));
    let mut vp9 = codec(MediaKind::Video, "video/VP9", 90_000);
    vp9.parameters.insert("profile-id".to_owned(), json!(0));
    let av1 = codec(MediaKind::Video, "video/AV1", 90_000);
    vec![opus, vp8, h264, vp9, av1]
}

/// H264 without parameters becomes what browsers send: constrained baseline 3.1, packetization mode 1.
/// Mediasoup would take it as packetization mode 0, which few senders offer. Any other codec, and H264
/// with parameters of its own, stays as it is.
#[must_use]
pub fn with_h264_defaults(mut codec: RtpCodecCapability) -> RtpCodecCapability {
    if codec.mime_type.eq_ignore_ascii_case("video/H264") && codec.parameters.is_empty() {
        codec.parameters.extend([
            ("packetization-mode".to_owned(), json!(1)),
            ("profile-level-id".to_owned(), json!("42e01f")),
            ("level-asymmetry-allowed".to_owned(), json!(1)),
        ]);
    }
    codec
}

fn codec(kind: MediaKind, mime_type: &str, clock_rate: u32) -> RtpCodecCapability {
    RtpCodecCapability {
        kind,
        mime_type: mime_type.to_owned(),
        preferred_payload_type: None,
        clock_rate,
        channels: None,
        parameters: Parameters::new(),
        rtcp_feedback: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::ortc;

    #[test]
    fn the_default_codecs_make_a_router() {
        let capabilities = ortc::router_rtp_capabilities(&default_media_codecs()).unwrap();
        let names: Vec<_> = capabilities.codecs.iter().map(|codec| codec.mime_type.as_str()).collect();
        let rtx = "video/rtx";
        assert_eq!(
            names,
            ["audio/opus", "video/VP8", rtx, "video/H264", rtx, "video/VP9", rtx, "video/AV1", rtx]
        );
    }

    #[test]
    fn h264_with_parameters_of_its_own_stays() {
        let mut baseline = codec(MediaKind::Video, "video/h264", 90_000);
        baseline.parameters.insert("packetization-mode".to_owned(), json!(0));
        assert_eq!(with_h264_defaults(baseline.clone()), baseline);
    }
}
