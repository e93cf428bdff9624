//! A video track, as a sender states it and a viewer takes it.

use std::time::Duration;

use serde_json::json;

use crate::{
    engine::rtp::{ExtensionValue, Header, write_packet},
    ids::{ConsumerId, ProducerId},
    media::{
        port::{ConsumeRequest, ProduceRequest},
        rtp::{MediaKind, RtpMapping, RtpParameters, RtpType},
    },
};

pub(in crate::engine) const VIDEO_SSRC: u32 = 1111;
pub(in crate::engine) const VIDEO_RTX_SSRC: u32 = 1112;
pub(in crate::engine) const CONSUMER_SSRC: u32 = 2222;
pub(in crate::engine) const CONSUMER_RTX_SSRC: u32 = 2223;
pub(in crate::engine) const MID_URI: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
pub(in crate::engine) const AUDIO_LEVEL_URI: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
pub(in crate::engine) const WIDE_CC_URI: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

pub(in crate::engine) fn parameters(value: serde_json::Value) -> RtpParameters {
    serde_json::from_value(value).expect("it is well-formed")
}

pub(in crate::engine) fn video_feedback() -> serde_json::Value {
    json!([{"type": "nack"}, {"type": "nack", "parameter": "pli"}, {"type": "transport-cc"}])
}

/// VP8 with RTX, its SSRCs announced.
pub(in crate::engine) fn video_producer(id: u128) -> ProduceRequest {
    ProduceRequest {
        id: ProducerId::from_u128(id),
        kind: MediaKind::Video,
        rtp_type: RtpType::Simple,
        rtp_parameters: parameters(json!({
            "mid": "0",
            "codecs": [
                {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000, "rtcpFeedback": video_feedback()},
                {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": {"apt": 96}},
            ],
            "headerExtensions": [{"uri": MID_URI, "id": 4}, {"uri": WIDE_CC_URI, "id": 5}],
            "encodings": [{"ssrc": VIDEO_SSRC, "rtx": {"ssrc": VIDEO_RTX_SSRC}}],
        })),
        mapping: mapping(&[(96, 101), (97, 102)]),
        key_frame_request_delay: Duration::ZERO,
        paused: false,
    }
}

pub(in crate::engine) fn mapping(codecs: &[(u8, u8)]) -> RtpMapping {
    let codecs: Vec<_> =
        codecs.iter().map(|(from, to)| json!({"payloadType": from, "mappedPayloadType": to})).collect();
    serde_json::from_value(json!({"codecs": codecs, "encodings": [{"mappedSsrc": 5000}]}))
        .expect("it is well-formed")
}

pub(in crate::engine) fn video_consumer(id: u128, producer: u128) -> ConsumeRequest {
    ConsumeRequest {
        id: ConsumerId::from_u128(id),
        producer_id: ProducerId::from_u128(producer),
        kind: MediaKind::Video,
        rtp_type: RtpType::Simple,
        rtp_parameters: parameters(json!({
            "mid": "9",
            "codecs": [
                {"mimeType": "video/VP8", "payloadType": 101, "clockRate": 90000, "rtcpFeedback": video_feedback()},
                {"mimeType": "video/rtx", "payloadType": 102, "clockRate": 90000, "parameters": {"apt": 101}},
            ],
            "headerExtensions": [{"uri": MID_URI, "id": 1}, {"uri": AUDIO_LEVEL_URI, "id": 6}, {"uri": WIDE_CC_URI, "id": 5}],
            "encodings": [{"ssrc": CONSUMER_SSRC, "rtx": {"ssrc": CONSUMER_RTX_SSRC}}],
            "rtcp": {"cname": "somebody"},
        })),
        mapped_ssrcs: vec![5000],
        paused: false,
    }
}

pub(in crate::engine) const KEY_FRAME: &[u8] = &[0x10, 0x00, 1, 2, 3];
pub(in crate::engine) const DELTA_FRAME: &[u8] = &[0x10, 0x01, 1, 2, 3];

/// A packet of [`video_producer`].
pub(in crate::engine) fn video_packet(sequence_number: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    let header = Header { marker: true, payload_type: 96, sequence_number, timestamp, ssrc: VIDEO_SSRC };
    let wide = sequence_number.to_be_bytes();
    let extensions = [ExtensionValue { id: 4, value: b"0" }, ExtensionValue { id: 5, value: &wide }];
    write_packet(&mut packet, &header, &extensions, &[payload]);
    packet
}
