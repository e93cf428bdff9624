//! What clients send: browsers, Flutter, and clients of their own mind.

use rand::{Rng, RngExt, seq::SliceRandom};
use serde_json::{Value, json};

use super::{codecs, maybe, pick};

const EXTENSIONS: &[&str] = &[
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
    "urn:example:unknown",
];

/// A kind and its `rtpParameters`; most are made for the router.
pub(super) fn parameters(rng: &mut impl Rng, router: &[Value]) -> (&'static str, Value) {
    let codecs = sent_codecs(rng, router);
    let video = codecs[0]["mimeType"].as_str().is_some_and(|name| name.to_lowercase().starts_with("video/"));
    let kind = if video != rng.random_bool(0.03) { "video" } else { "audio" };
    let mut parameters = json!({ "codecs": codecs });
    maybe(&mut parameters, "mid", json!(rng.random_range(0..20u32).to_string()), rng);
    maybe(&mut parameters, "msid", json!("stream-1 track-1"), rng);
    let header_extensions = header_extensions(rng);
    maybe(&mut parameters, "headerExtensions", header_extensions, rng);
    let encodings = encodings(rng);
    maybe(&mut parameters, "encodings", encodings, rng);
    let rtcp = rtcp(rng);
    maybe(&mut parameters, "rtcp", rtcp, rng);
    (kind, parameters)
}

fn sent_codecs(rng: &mut impl Rng, router: &[Value]) -> Vec<Value> {
    let mut payload_types: Vec<u8> = (96..=127).collect();
    payload_types.shuffle(rng);
    let mut codecs = Vec::new();
    for _ in 0..pick(rng, &[1, 1, 1, 2, 3]) {
        let mut codec = if rng.random_bool(0.8) { pick(rng, router) } else { codecs::any(rng) };
        if codec["mimeType"] == "video/H264" && rng.random_bool(0.3) {
            codec["parameters"] = codecs::h264_parameters(rng);
        }
        let [Some(payload_type), Some(rtx)] = [payload_types.pop(), payload_types.pop()] else { break };
        let fields = codec.as_object_mut().expect("a codec is an object");
        fields.retain(|key, _| !matches!(key.as_str(), "kind" | "preferredPayloadType"));
        codec["payloadType"] = json!(payload_type);
        let video = codec["clockRate"] == 90_000;
        codecs.push(codec);
        if video && rng.random_bool(0.7) {
            codecs.push(rtx_codec(rng, payload_type, rtx));
        }
    }
    if rng.random_bool(0.1) {
        codecs.shuffle(rng);
    }
    if rng.random_bool(0.03) {
        let last = codecs.len() - 1;
        codecs[last]["payloadType"] = codecs[0]["payloadType"].clone();
    }
    codecs
}

fn rtx_codec(rng: &mut impl Rng, media: u8, own: u8) -> Value {
    let apt = match rng.random_range(0..20) {
        0 => json!(own),
        1 => json!(95),
        2 => return json!({ "mimeType": "video/rtx", "payloadType": own, "clockRate": 90000 }),
        _ => json!(media),
    };
    let name = pick(rng, &["video/rtx", "video/rtx", "video/RTX"]);
    json!({ "mimeType": name, "payloadType": own, "clockRate": 90000, "parameters": { "apt": apt },
        "rtcpFeedback": [] })
}

fn header_extensions(rng: &mut impl Rng) -> Value {
    let mut extensions = Vec::new();
    for uri in EXTENSIONS {
        if rng.random_bool(0.5) {
            let mut extension = json!({ "uri": uri, "id": rng.random_range(1..15u8) });
            maybe(&mut extension, "encrypt", json!(false), rng);
            maybe(&mut extension, "parameters", json!({ "a": "b", "c": 1 }), rng);
            extensions.push(extension);
        }
    }
    extensions.into()
}

fn encodings(rng: &mut impl Rng) -> Value {
    let count = pick(rng, &[0, 1, 1, 1, 2, 3, 3]);
    let simulcast = count > 1;
    let mode = pick(rng, &["L1T1", "L1T2", "L1T3", "L3T3", "S3T3_KEY", "L3T3_KEY", "l1t3", "L1T3h", ""]);
    let mut encodings = Vec::new();
    for index in 0..count {
        let mut encoding = json!({});
        if simulcast {
            encoding["rid"] = json!(format!("r{index}"));
        } else {
            maybe(&mut encoding, "ssrc", json!(rng.random_range(1..u32::MAX)), rng);
        }
        if rng.random_bool(0.3) {
            encoding["rtx"] = json!({ "ssrc": rng.random_range(1..u32::MAX) });
        }
        maybe(&mut encoding, "scalabilityMode", json!(mode), rng);
        maybe(&mut encoding, "maxBitrate", json!(rng.random_range(0..5u32) * 300_000), rng);
        maybe(&mut encoding, "dtx", json!(rng.random::<bool>()), rng);
        maybe(&mut encoding, "active", json!(true), rng);
        maybe(&mut encoding, "scaleResolutionDownBy", pick(rng, &[json!(4), json!(2.5)]), rng);
        maybe(&mut encoding, "codecPayloadType", json!(rng.random_range(96..128u8)), rng);
        encodings.push(encoding);
    }
    encodings.into()
}

fn rtcp(rng: &mut impl Rng) -> Value {
    let mut rtcp = json!({});
    maybe(&mut rtcp, "cname", json!("fA1b2C3d"), rng);
    maybe(&mut rtcp, "reducedSize", json!(rng.random::<bool>()), rng);
    maybe(&mut rtcp, "mux", json!(true), rng);
    rtcp
}
