//! A whole call between npm `mediasoup-client` and npm `mediasoup`, recorded.

use mediasoup_core::media::{
    ortc,
    rtp::{MediaKind, RtpCapabilities, RtpCodecCapability, RtpMapping, RtpParameters},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::without_nulls;

fn read<T: DeserializeOwned>(value: &Value) -> T {
    T::deserialize(value).expect("a golden value is well-formed")
}

fn assert_same(what: &str, ours: impl Serialize, golden: &Value) {
    let ours = without_nulls(serde_json::to_value(ours).expect("our types are JSON"));
    assert_eq!(ours, without_nulls(golden.clone()), "{what}");
}

fn ssrc(value: &Value) -> u32 {
    read(value)
}

#[test]
fn the_documents_codecs_make_mediasoups_router() {
    let golden: Value = serde_json::from_str(include_str!("golden/router.json")).unwrap();
    let codecs: Vec<RtpCodecCapability> = read(&json!([
        { "kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2 },
        { "kind": "video", "mimeType": "video/VP8", "clockRate": 90000 },
        { "kind": "video", "mimeType": "video/H264", "clockRate": 90000 },
    ]));
    assert_same("router", ortc::router_rtp_capabilities(&codecs).unwrap(), &golden);
}

#[test]
fn a_recorded_call_is_negotiated_alike() {
    let golden: Value = serde_json::from_str(include_str!("golden/call.json")).unwrap();
    let router: RtpCapabilities = read(&golden["caps"]);
    for (kind, name) in [(MediaKind::Audio, "audio"), (MediaKind::Video, "video")] {
        let of = |stage: &str| &golden[format!("{stage}_{name}")];
        let mut produced: RtpParameters = read(&of("produce")["rtpParameters"]);
        produced = ortc::normalize_rtp_parameters(produced).unwrap();

        let first_ssrc = ssrc(&of("mapping")["encodings"][0]["mappedSsrc"]);
        let mapping: RtpMapping = ortc::producer_mapping(&mut produced, &router, first_ssrc).unwrap();
        assert_same("mapping", &mapping, of("mapping"));

        let consumable = ortc::consumable_rtp_parameters(kind, &produced, &router, &mapping);
        assert_same("consumable", &consumable, of("consumable"));

        let browser: RtpCapabilities = read(&golden["recvCaps"]);
        let without_extensions = RtpCapabilities { header_extensions: Vec::new(), ..browser.clone() };
        for (viewer, stage) in [(browser, "consumer"), (without_extensions, "consumer_flutter")] {
            assert!(ortc::can_consume(&consumable, &viewer).unwrap(), "{stage} {name}");
            let ssrc = ssrc(&of(stage)["encodings"][0]["ssrc"]);
            let enable_rtx = kind == MediaKind::Video;
            let consumer = ortc::consumer_rtp_parameters(&consumable, &viewer, enable_rtx, ssrc).unwrap();
            assert_same(stage, consumer, of(stage));
        }
    }
}
