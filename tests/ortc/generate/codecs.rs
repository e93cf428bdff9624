//! Codecs as routers are configured with them.

use rand::{Rng, RngExt};
use serde_json::{Value, json};

use super::{maybe, pick};

/// A router's configuration: mostly what people configure, in any order, twice, with payload types that clash.
pub(super) fn router(rng: &mut impl Rng) -> Vec<Value> {
    let count = if rng.random_ratio(1, 100) { 20 } else { rng.random_range(1..6) };
    (0..count).map(|_| configured(rng)).collect()
}

fn configured(rng: &mut impl Rng) -> Value {
    let mut codec = any(rng);
    if rng.random_bool(0.15) {
        codec["preferredPayloadType"] = pick(
            rng,
            &[json!(0), json!(96), json!(100), json!(101), json!(105), json!(126), json!(200), Value::Null],
        );
    }
    if rng.random_bool(0.2) {
        maybe(
            &mut codec,
            "rtcpFeedback",
            json!([{ "type": "nack" }, { "type": "custom", "parameter": null }]),
            rng,
        );
    }
    codec
}

/// A codec of any kind, without payload type and feedback.
pub(super) fn any(rng: &mut impl Rng) -> Value {
    match rng.random_range(0..20) {
        0..=2 => json!({ "kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2 }),
        3 => rare(rng),
        4..=7 => spelled(rng, json!({ "kind": "video", "mimeType": "video/VP8", "clockRate": 90000 })),
        8..=10 => {
            let codec = json!({ "kind": "video", "mimeType": "video/VP9", "clockRate": 90000 });
            let profile = pick(rng, &[json!(0), json!(0), json!(2), json!("0"), json!("2"), json!("")]);
            with_parameters(rng, codec, json!({ "profile-id": profile }))
        }
        11 | 12 => {
            let codec = json!({ "kind": "video", "mimeType": "video/AV1", "clockRate": 90000 });
            with_parameters(rng, codec, json!({ "profile": 0, "tier": 0, "level-idx": 5 }))
        }
        _ => {
            let parameters = h264_parameters(rng);
            let codec = json!({
                "kind": "video", "mimeType": "video/H264", "clockRate": 90000, "parameters": parameters
            });
            spelled(rng, codec)
        }
    }
}

/// The ways `fmtp` is written for H264, and a few it should not be.
pub(super) fn h264_parameters(rng: &mut impl Rng) -> Value {
    let mut parameters = json!({});
    if rng.random_bool(0.8) {
        parameters["packetization-mode"] = pick(rng, &[json!(1), json!(1), json!(1), json!(0), json!("1")]);
    }
    if rng.random_bool(0.8) {
        const IDS: &[&str] = &[
            "42e01f", "42e01f", "42e01f", "42E034", "42e00b", "42f00b", "42001f", "42100b", "4d0032",
            "4d001f", "640c1f", "64001f", "640c34", "f4001f", "58c01f", "58801f", "4d801f", "42e0ff",
            "nothex", "42e0", "",
        ];
        parameters["profile-level-id"] = json!(pick(rng, IDS));
    }
    if rng.random_bool(0.03) {
        parameters["profile-level-id"] = pick(rng, &[json!(420_029), json!(0)]);
    }
    if rng.random_bool(0.6) {
        parameters["level-asymmetry-allowed"] = pick(rng, &[json!(1), json!(1), json!("1"), json!(0)]);
    }
    parameters
}

fn rare(rng: &mut impl Rng) -> Value {
    pick(
        rng,
        &[
            json!({ "kind": "audio", "mimeType": "audio/PCMU", "clockRate": 8000 }),
            json!({ "kind": "audio", "mimeType": "audio/PCMA", "clockRate": 8000, "channels": null }),
            json!({ "mimeType": "audio/G722", "clockRate": 8000, "channels": 1 }),
            json!({ "kind": "audio", "mimeType": "audio/SILK", "clockRate": 16000 }),
            json!({ "kind": "audio", "mimeType": "audio/CN", "clockRate": 16000 }),
            json!({ "kind": "audio", "mimeType": "audio/telephone-event", "clockRate": 48000 }),
            json!({ "kind": "audio", "mimeType": "audio/multiopus", "clockRate": 48000, "channels": 6,
                "parameters": { "num_streams": 4, "coupled_streams": 2, "x": 1.5 } }),
            json!({ "kind": "audio", "mimeType": "audio/multiopus", "clockRate": 48000, "channels": 6,
                "parameters": { "num_streams": 4, "coupled_streams": 3 } }),
            json!({ "kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 1 }),
            json!({ "kind": "audio", "mimeType": "video/VP8", "clockRate": 90000, "channels": 2 }),
            json!({ "kind": "video", "mimeType": "video/H265", "clockRate": 90000 }),
            json!({ "kind": "video", "mimeType": "video/rtx", "clockRate": 90000, "parameters": { "apt": 96 } }),
            json!({ "kind": "video", "mimeType": "video/VP8", "clockRate": 48000 }),
        ],
    )
}

fn with_parameters(rng: &mut impl Rng, mut codec: Value, parameters: Value) -> Value {
    maybe(&mut codec, "parameters", parameters, rng);
    codec
}

/// MIME types are compared without regard to case.
fn spelled(rng: &mut impl Rng, mut codec: Value) -> Value {
    if rng.random_bool(0.2) {
        let name = codec["mimeType"].as_str().expect("a codec has a MIME type");
        codec["mimeType"] = json!(if rng.random() { name.to_lowercase() } else { name.to_uppercase() });
    }
    codec
}
