//! The audio codecs that no browser test sends: negotiated under their names, forwarded, decoded.

use mediasoup_core::media::{
    WorkerManager,
    options::{ConsumerOptions, ProducerOptions},
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

/// Sound with each packet's content in the next one, too, to a viewer who asks for that, and to one who knows no RED.
#[tokio::test(flavor = "multi_thread")]
async fn red_and_opus_out_of_red() {
    const PAYLOAD_TYPES: [u8; 2] = [63, 111];
    let codec = |name: &str| json!({ "kind": "audio", "mimeType": format!("audio/{name}"), "clockRate": 48_000, "channels": 2 });
    let router =
        [codec("red"), codec("opus")].map(|codec| serde_json::from_value(codec).expect("well-formed"));
    let server = Server::with_codecs(router.to_vec()).await;
    let from = server.plain(|options| options.comedia = true).await;
    let (mut red, mut opus) = (codec("red"), codec("opus"));
    (red["payloadType"], opus["payloadType"]) = (json!(PAYLOAD_TYPES[0]), json!(PAYLOAD_TYPES[1]));
    red["parameters"] = json!({ "111/111": "" });
    let parameters = json!({ "codecs": [red, opus], "encodings": [{ "ssrc": SSRC }] });
    let parameters = serde_json::from_value(parameters).expect("well-formed");
    let producer =
        from.produce(ProducerOptions::new(MediaKind::Audio, parameters)).await.expect("a free SSRC");

    let whole = server.plain(|_| {}).await;
    let sent = server.send(&whole, &producer).await;
    let [to_red, to_opus] = [0, 1].map(|codec: usize| sent.codecs[codec].payload_type);
    assert_eq!(
        serde_json::to_value(&sent.codecs[0].parameters).expect("JSON"),
        json!({ format!("{to_opus}/{to_opus}"): "" })
    );
    let bare = server.plain(|_| {}).await;
    let mut capabilities = server.router.rtp_capabilities().clone();
    capabilities.codecs.retain(|codec| codec.mime_type == "audio/opus");
    let options = ConsumerOptions::new(producer.id(), capabilities);
    let consumer = bare.consume(options).await.expect("opus is known");
    assert_eq!(consumer.rtp_parameters().codecs.len(), 1);

    let as_opus =
        format!("application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS,payload={to_opus}");
    let end = format!("rtpopusdepay ! opusdec ! identity eos-after={BUFFERS} ! fakesink");
    let (red_port, opus_port) = (free_port(), free_port());
    let mut viewers = [
        Viewer::gstreamer(&format!(
            "udpsrc port={red_port} address=127.0.0.1 ! application/x-rtp,media=audio,clock-rate=48000,encoding-name=RED,payload={to_red} \
             ! rtpreddec pt={to_red} ! capssetter replace=true caps={as_opus} ! {end}"
        )),
        Viewer::gstreamer(&format!("udpsrc port={opus_port} address=127.0.0.1 ! {as_opus} ! {end}")),
    ];
    whole.connect(at(red_port)).await.expect("an address");
    bare.connect(at(opus_port)).await.expect("an address");
    let _sender = Sender::pipeline(&format!(
        "audiotestsrc is-live=true samplesperbuffer=960 ! opusenc ! rtpopuspay pt={} ssrc={SSRC} \
         ! rtpredenc pt={} distance=1 allow-no-red-blocks=true ! udpsink host=127.0.0.1 port={}",
        PAYLOAD_TYPES[1],
        PAYLOAD_TYPES[0],
        from.parameters().tuple.local_port
    ));
    for viewer in &mut viewers {
        viewer.succeeds_within(PATIENCE).await;
    }
    server.workers.close().await;
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
