//! What viewers can receive: a device loaded from the router, and what is left of it.

use mediasoup_core::media::ortc;
use rand::{Rng, RngExt};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{codecs, maybe, pick, thin_out};

/// Capabilities out of the router's, as a device states them.
pub(super) fn capabilities(rng: &mut impl Rng, router: &[Value]) -> Value {
    let capabilities = Vec::deserialize(Value::from(router))
        .ok()
        .and_then(|codecs: Vec<_>| ortc::router_rtp_capabilities(&codecs).ok())
        .unwrap_or_else(ortc::supported_rtp_capabilities);
    let mut viewer = json!(capabilities);
    let codecs = viewer["codecs"].as_array_mut().expect("capabilities have codecs");
    if rng.random_bool(0.4) {
        thin_out(rng, codecs, 0.3);
    }
    for codec in codecs.iter_mut() {
        vary_codec(rng, codec);
    }
    match rng.random_range(0..4) {
        // Flutter's devices state no header extensions.
        0 => {
            viewer.as_object_mut().expect("capabilities are an object").remove("headerExtensions");
        }
        1 => vary_header_extensions(rng, &mut viewer["headerExtensions"]),
        _ => {}
    }
    if rng.random_bool(0.02) {
        viewer["codecs"] = pick(rng, &[Value::Null, json!([])]);
    }
    viewer
}

fn vary_codec(rng: &mut impl Rng, codec: &mut Value) {
    if codec["mimeType"] == "video/H264" && rng.random_bool(0.3) {
        codec["parameters"] = codecs::h264_parameters(rng);
    }
    if rng.random_bool(0.1) {
        let feedback = pick(
            rng,
            &[
                json!([{ "type": "nack" }, { "type": "goog-remb" }, { "type": "transport-cc", "parameter": null }]),
                json!([{ "type": "nack", "parameter": "pli" }, { "type": "other", "parameter": "x" }]),
                json!([]),
            ],
        );
        maybe(codec, "rtcpFeedback", feedback, rng);
    }
    if rng.random_bool(0.05) {
        let name = codec["mimeType"].as_str().expect("a codec has a MIME type");
        codec["mimeType"] = json!(name.to_lowercase());
    }
    if rng.random_bool(0.05) {
        codec["preferredPayloadType"] = pick(rng, &[Value::Null, json!(96), json!(127)]);
    }
    if rng.random_bool(0.05) {
        maybe(codec, "channels", json!(2), rng);
    }
}

fn vary_header_extensions(rng: &mut impl Rng, extensions: &mut Value) {
    let extensions = extensions.as_array_mut().expect("capabilities have header extensions");
    thin_out(rng, extensions, 0.4);
    for extension in extensions {
        if rng.random_bool(0.1) {
            extension["preferredId"] = json!(rng.random_range(1..15u8));
        }
        maybe(extension, "preferredEncrypt", json!(false), rng);
        maybe(extension, "direction", json!("recvonly"), rng);
    }
}
