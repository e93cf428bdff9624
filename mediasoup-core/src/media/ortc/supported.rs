//! The codecs and header extensions mediasoup 3.27.1 supports, row by row.

use serde_json::json;

use super::uri;
use crate::media::rtp::{
    Direction, MediaKind, Parameters, RtcpFeedback, RtpCapabilities, RtpCodecCapability, RtpHeaderExtension,
};

/// Everything a router may be configured with, and every header extension it offers.
#[must_use]
pub fn supported_rtp_capabilities() -> RtpCapabilities {
    RtpCapabilities { codecs: supported_codecs(), header_extensions: supported_header_extensions() }
}

const OPUS_FEEDBACK: &[(&str, &str)] = &[("nack", ""), ("transport-cc", "")];
const AUDIO_FEEDBACK: &[(&str, &str)] = &[("transport-cc", "")];
const VIDEO_FEEDBACK: &[(&str, &str)] =
    &[("nack", ""), ("nack", "pli"), ("ccm", "fir"), ("goog-remb", ""), ("transport-cc", "")];

fn supported_codecs() -> Vec<RtpCodecCapability> {
    let mut codecs = vec![
        audio("opus", 48_000, 2, OPUS_FEEDBACK),
        multiopus(4, "0,1,2,3", 2, 2),
        multiopus(6, "0,4,1,2,3,5", 4, 2),
        multiopus(8, "0,6,1,2,3,4,5,7", 5, 3),
        assigned(0, audio("PCMU", 8_000, 1, AUDIO_FEEDBACK)),
        assigned(8, audio("PCMA", 8_000, 1, AUDIO_FEEDBACK)),
        audio("ISAC", 32_000, 1, AUDIO_FEEDBACK),
        audio("ISAC", 16_000, 1, AUDIO_FEEDBACK),
        assigned(9, audio("G722", 8_000, 1, AUDIO_FEEDBACK)),
        audio("iLBC", 8_000, 1, AUDIO_FEEDBACK),
    ];
    codecs.extend([24_000, 16_000, 12_000, 8_000].map(|rate| audio("SILK", rate, 1, AUDIO_FEEDBACK)));
    codecs.extend([32_000, 16_000, 8_000].map(|rate| assigned(13, audio("CN", rate, 1, &[]))));
    codecs.extend([48_000, 32_000, 16_000, 8_000].map(|rate| audio("telephone-event", rate, 1, &[])));
    codecs.extend([
        video("VP8", Parameters::new()),
        video("VP9", Parameters::new()),
        video("H264", Parameters::from([("level-asymmetry-allowed".to_owned(), json!(1))])),
        video("AV1", Parameters::new()),
    ]);
    codecs
}

fn audio(name: &str, clock_rate: u32, channels: u8, feedback: &[(&str, &str)]) -> RtpCodecCapability {
    RtpCodecCapability {
        kind: MediaKind::Audio,
        mime_type: format!("audio/{name}"),
        preferred_payload_type: None,
        clock_rate,
        channels: Some(channels),
        parameters: Parameters::new(),
        rtcp_feedback: rtcp_feedback(feedback),
    }
}

fn multiopus(channels: u8, mapping: &str, streams: u8, coupled_streams: u8) -> RtpCodecCapability {
    let mut codec = audio("multiopus", 48_000, channels, OPUS_FEEDBACK);
    codec.parameters.extend([
        ("channel_mapping".to_owned(), json!(mapping)),
        ("num_streams".to_owned(), json!(streams)),
        ("coupled_streams".to_owned(), json!(coupled_streams)),
    ]);
    codec
}

/// With the static payload type of RFC 3551.
fn assigned(payload_type: u8, codec: RtpCodecCapability) -> RtpCodecCapability {
    RtpCodecCapability { preferred_payload_type: Some(payload_type), ..codec }
}

fn video(name: &str, parameters: Parameters) -> RtpCodecCapability {
    RtpCodecCapability {
        kind: MediaKind::Video,
        mime_type: format!("video/{name}"),
        preferred_payload_type: None,
        clock_rate: 90_000,
        channels: None,
        parameters,
        rtcp_feedback: rtcp_feedback(VIDEO_FEEDBACK),
    }
}

fn rtcp_feedback(rows: &[(&str, &str)]) -> Vec<RtcpFeedback> {
    rows.iter()
        .map(|&(feedback, parameter)| RtcpFeedback {
            feedback: feedback.to_owned(),
            parameter: parameter.to_owned(),
        })
        .collect()
}

/// Directions are the server's: `Recvonly` is only understood from producers, never sent to consumers.
fn supported_header_extensions() -> Vec<RtpHeaderExtension> {
    use Direction::{Recvonly, Sendrecv};
    use MediaKind::{Audio, Video};
    [
        (Audio, uri::MID, 1, Sendrecv),
        (Video, uri::MID, 1, Sendrecv),
        (Video, uri::RID, 2, Recvonly),
        (Video, uri::REPAIRED_RID, 3, Recvonly),
        (Audio, uri::ABS_SEND_TIME, 4, Sendrecv),
        (Video, uri::ABS_SEND_TIME, 4, Sendrecv),
        (Audio, uri::TRANSPORT_WIDE_CC, 5, Recvonly),
        (Video, uri::TRANSPORT_WIDE_CC, 5, Sendrecv),
        (Audio, uri::AUDIO_LEVEL, 6, Sendrecv),
        (Video, uri::DEPENDENCY_DESCRIPTOR, 7, Recvonly),
        (Video, uri::VIDEO_ORIENTATION, 8, Sendrecv),
        (Video, uri::TIME_OFFSET, 9, Sendrecv),
        (Audio, uri::ABS_CAPTURE_TIME, 10, Sendrecv),
        (Video, uri::ABS_CAPTURE_TIME, 10, Sendrecv),
        (Audio, uri::PLAYOUT_DELAY, 11, Sendrecv),
        (Video, uri::PLAYOUT_DELAY, 11, Sendrecv),
        (Audio, uri::PACKET_ID, 12, Sendrecv),
        (Video, uri::PACKET_ID, 12, Sendrecv),
    ]
    .map(|(kind, uri, preferred_id, direction)| RtpHeaderExtension {
        kind,
        uri: uri.to_owned(),
        preferred_id,
        preferred_encrypt: false,
        direction,
    })
    .into()
}
