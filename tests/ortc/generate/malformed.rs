//! Faults mediasoup rejects, one at a time.

use rand::{Rng, seq::IndexedMutRandom};
use serde_json::{Value, json};

use super::pick;

/// A field, and what it must not be; `None`: it must be there.
type Fault = (&'static str, Option<Value>);

fn plant(rng: &mut impl Rng, object: Option<&mut Value>, faults: &[Fault]) {
    let Some(object) = object else { return };
    match pick(rng, faults) {
        (key, Some(value)) => object[key] = value,
        (key, None) => {
            object.as_object_mut().expect("faults are planted in objects").remove(key);
        }
    }
}

fn codec_faults() -> Vec<Fault> {
    vec![
        ("mimeType", None),
        ("mimeType", Some(json!(""))),
        ("mimeType", Some(json!("VP8"))),
        ("mimeType", Some(json!("text/vp8"))),
        ("mimeType", Some(json!("video/"))),
        ("mimeType", Some(json!(7))),
        ("clockRate", None),
        ("clockRate", Some(json!("90000"))),
        ("parameters", Some(json!({ "a": true }))),
        ("parameters", Some(json!({ "a": null }))),
        ("parameters", Some(json!({ "a": [1] }))),
        ("parameters", Some(json!({ "apt": "96" }))),
        ("rtcpFeedback", Some(json!([{ "parameter": "pli" }]))),
        ("rtcpFeedback", Some(json!([{ "type": "" }]))),
        ("rtcpFeedback", Some(json!(["nack"]))),
    ]
}

/// The first codec: those before a malformed one would be judged first.
pub(super) fn media_codecs(rng: &mut impl Rng, codecs: &mut [Value]) {
    let mut faults = codec_faults();
    faults.push(("preferredPayloadType", Some(json!("100"))));
    plant(rng, codecs.first_mut(), &faults);
}

/// Anywhere in what a client sends.
pub(super) fn rtp_parameters(rng: &mut impl Rng, parameters: &mut Value) {
    match pick(rng, &["whole", "codec", "codec", "extension", "encoding", "rtcp"]) {
        "codec" => {
            let mut faults = codec_faults();
            faults.extend([("payloadType", None), ("payloadType", Some(json!("96")))]);
            let target = any_of(rng, &mut parameters["codecs"]);
            plant(rng, target, &faults);
        }
        "extension" => {
            parameters["headerExtensions"] = json!([{ "uri": "urn:example", "id": 1 }]);
            let faults: &[Fault] = &[
                ("uri", None),
                ("uri", Some(json!(""))),
                ("id", None),
                ("id", Some(json!("1"))),
                ("encrypt", Some(json!("yes"))),
                ("parameters", Some(json!({ "a": {} }))),
            ];
            let target = any_of(rng, &mut parameters["headerExtensions"]);
            plant(rng, target, faults);
        }
        "encoding" => {
            parameters["encodings"] = json!([{ "ssrc": 1 }]);
            let faults: &[Fault] = &[
                ("ssrc", Some(json!("1"))),
                ("rid", Some(json!(7))),
                ("rtx", Some(json!({}))),
                ("rtx", Some(json!(5))),
                ("rtx", Some(json!({ "ssrc": "2" }))),
                ("scalabilityMode", Some(json!(3))),
            ];
            let target = any_of(rng, &mut parameters["encodings"]);
            plant(rng, target, faults);
        }
        "rtcp" => parameters["rtcp"] = pick(rng, &[json!({ "cname": 5 }), json!("x"), json!(1)]),
        _ => {
            let faults: &[Fault] = &[
                ("codecs", None),
                ("codecs", Some(json!(null))),
                ("codecs", Some(json!({}))),
                ("codecs", Some(json!([7]))),
                ("mid", Some(json!(5))),
                ("msid", Some(json!(5))),
                ("encodings", Some(json!({}))),
                ("encodings", Some(json!([null]))),
                ("headerExtensions", Some(json!("x"))),
            ];
            plant(rng, Some(parameters), faults);
        }
    }
}

/// Anywhere in what a viewer states.
pub(super) fn viewer(rng: &mut impl Rng, viewer: &mut Value) {
    match pick(rng, &["whole", "codec", "codec", "extension"]) {
        "codec" => {
            let mut faults = codec_faults();
            faults.push(("preferredPayloadType", Some(json!("100"))));
            let target = any_of(rng, &mut viewer["codecs"]);
            plant(rng, target, &faults);
        }
        "extension" => {
            viewer["headerExtensions"] = json!([{ "kind": "audio", "uri": "urn:example", "preferredId": 1 }]);
            let faults: &[Fault] = &[
                ("kind", None),
                ("kind", Some(json!("data"))),
                ("kind", Some(json!(""))),
                ("uri", None),
                ("uri", Some(json!(""))),
                ("preferredId", None),
                ("preferredId", Some(json!("1"))),
                ("preferredEncrypt", Some(json!("yes"))),
                ("direction", Some(json!(7))),
            ];
            let target = any_of(rng, &mut viewer["headerExtensions"]);
            plant(rng, target, faults);
        }
        _ => {
            let faults: &[Fault] = &[
                ("codecs", Some(json!({}))),
                ("codecs", Some(json!("x"))),
                ("codecs", Some(json!([7]))),
                ("headerExtensions", Some(json!({}))),
            ];
            plant(rng, Some(viewer), faults);
        }
    }
}

fn any_of<'a>(rng: &mut impl Rng, list: &'a mut Value) -> Option<&'a mut Value> {
    list.as_array_mut()?.choose_mut(rng)
}
