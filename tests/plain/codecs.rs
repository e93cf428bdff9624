//! The audio codecs that no browser test sends: negotiated under their names, forwarded, decoded.

use mediasoup_core::media::{
    WorkerManager,
    options::ProducerOptions,
    rtp::{MediaKind, RtpCodecCapability},
};
use serde_json::{Value, json};

use crate::{
    PATIENCE, Server, at,
    tools::{SSRC, Sender, Viewer, free_port},
};

/// Decoded buffers of 20 ms that are enough.
const BUFFERS: u32 = 50;

/// A codec, and how GStreamer speaks it.
struct Codec {
    /// In the router.
    capability: Value,
    /// As it is sent, and what it is sent as to the viewer.
    payload_types: (u8, u8),
    encoder: &'static str,
    /// Of the stream, beside its payload type.
    caps: &'static str,
    decoder: &'static str,
}

/// From GStreamer through the server to GStreamer.
async fn goes_through(codec: Codec) {
    let Codec { mut capability, payload_types: (from_sender, to_viewer), encoder, caps, decoder } = codec;
    capability["kind"] = json!("audio");
    let router_codec: RtpCodecCapability = serde_json::from_value(capability.clone()).expect("well-formed");
    let server = Server::with_codecs(vec![router_codec]).await;
    let from = server.plain(|options| options.comedia = true).await;
    let to = server.plain(|_| {}).await;
    capability["payloadType"] = json!(from_sender);
    let parameters = json!({ "codecs": [capability], "encodings": [{ "ssrc": SSRC }] });
    let parameters = serde_json::from_value(parameters).expect("well-formed");
    let producer =
        from.produce(ProducerOptions::new(MediaKind::Audio, parameters)).await.expect("a free SSRC");
    let sent = server.send(&to, &producer).await;
    assert_eq!(sent.codecs[0].mime_type, capability["mimeType"]);
    assert_eq!(sent.codecs[0].payload_type, to_viewer);

    let port = free_port();
    let mut viewer = Viewer::gstreamer(&format!(
        "udpsrc port={port} address=127.0.0.1 ! application/x-rtp,media=audio,payload={to_viewer},{caps} \
         ! {decoder} ! identity eos-after={BUFFERS} ! fakesink"
    ));
    to.connect(at(port)).await.expect("an address");
    let _sender = Sender::pipeline(&format!(
        "audiotestsrc is-live=true samplesperbuffer=960 ! {encoder} pt={from_sender} ssrc={SSRC} max-ptime=20000000 \
         ! udpsink host=127.0.0.1 port={}",
        from.parameters().tuple.local_port
    ));
    viewer.succeeds_within(PATIENCE).await;
    assert_eq!(producer.stats().await.expect("it is there")[0].stream.packets_lost, 0);
    server.workers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pcmu() {
    goes_through(Codec {
        capability: json!({ "mimeType": "audio/PCMU", "clockRate": 8_000 }),
        payload_types: (0, 0),
        encoder: "audioresample ! mulawenc ! rtppcmupay",
        caps: "encoding-name=PCMU,clock-rate=8000",
        decoder: "rtppcmudepay ! mulawdec",
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pcma() {
    goes_through(Codec {
        capability: json!({ "mimeType": "audio/PCMA", "clockRate": 8_000 }),
        payload_types: (8, 8),
        encoder: "audioresample ! alawenc ! rtppcmapay",
        caps: "encoding-name=PCMA,clock-rate=8000",
        decoder: "rtppcmadepay ! alawdec",
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g722() {
    goes_through(Codec {
        capability: json!({ "mimeType": "audio/G722", "clockRate": 8_000 }),
        payload_types: (9, 9),
        encoder: "audioconvert ! audioresample ! avenc_g722 ! rtpg722pay",
        caps: "encoding-name=G722,clock-rate=8000",
        decoder: "rtpg722depay ! avdec_g722",
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn multiopus() {
    goes_through(Codec {
        capability: json!({
            "mimeType": "audio/multiopus",
            "clockRate": 48_000,
            "channels": 6,
            "parameters": { "channel_mapping": "0,4,1,2,3,5", "num_streams": 4, "coupled_streams": 2 },
        }),
        payload_types: (111, 100),
        encoder: "audio/x-raw,channels=6,channel-mask=(bitmask)0x3f ! opusenc ! rtpopuspay",
        caps: r#"encoding-name=MULTIOPUS,clock-rate=48000,encoding-params=(string)6,num_streams=(string)4,coupled_streams=(string)2,channel_mapping=(string)"0,4,1,2,3,5""#,
        decoder: "rtpopusdepay ! opusdec ! audio/x-raw,channels=6",
    })
    .await;
}
