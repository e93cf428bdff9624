//! What a worker has right now, in mediasoup's words. Here because it takes every kind of transport.

use std::collections::BTreeSet;

use mediasoup_core::media::{
    WorkerManager,
    data::{DataConsumerOptions, DataProducerOptions, Delivery, SctpOptions, SctpStreamParameters},
    direct::DirectTransportOptions,
    options::{
        ActiveSpeakerObserverOptions, ConsumerOptions, PipeTransportOptions, PlainTransportOptions,
        WebRtcTransportOptions,
    },
    plain::SrtpCryptoSuite,
    trace::TraceEventType,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{SSRC, Server, receive};

/// Of every transport.
const BASE: [&str; 12] = [
    "consumerIds",
    "dataConsumerIds",
    "dataProducerIds",
    "id",
    "mapRtxSsrcConsumerId",
    "mapSsrcConsumerId",
    "maxReceiveMessageSize",
    "maxSendMessageSize",
    "producerIds",
    "recvRtpHeaderExtensions",
    "rtpListener",
    "traceEventTypes",
];

fn json_of(dump: impl Serialize) -> Value {
    serde_json::to_value(dump).expect("it is plain data")
}

fn keys(dump: &Value) -> BTreeSet<&str> {
    dump.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn all<'a>(names: &[&'a str], more: &[&'a str]) -> BTreeSet<&'a str> {
    names.iter().chain(more).copied().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_dumped_in_mediasoups_words() {
    let server = Server::start().await;
    let from = server.plain(|options| options.comedia = true).await;
    let producer = receive(&from).await;
    let options = WebRtcTransportOptions::default();
    let to = server.router.create_webrtc_transport(options).await.expect("a transport");
    let options = ConsumerOptions::new(producer.id(), server.router.rtp_capabilities().clone());
    let consumer = to.consume(options).await.expect("a codec in common");
    consumer.enable_trace_event(&[TraceEventType::Pli]).await.expect("it is open");

    let router = json_of(server.router.dump().await.expect("it is open"));
    let transports = [from.id(), to.id()].map(|id| json!(id));
    assert!(router["transportIds"].as_array().expect("ids").iter().all(|id| transports.contains(id)));
    let consumers = json!([{ "key": producer.id(), "values": [consumer.id()] }]);
    assert_eq!(router["mapProducerIdConsumerIds"], consumers);
    assert_eq!(router["mapConsumerIdProducerId"], json!([{ "key": consumer.id(), "value": producer.id() }]));

    let dump = json_of(from.dump().await.expect("it is open"));
    assert_eq!(keys(&dump), all(&BASE, &["rtcpMux", "comedia", "tuple"]));
    assert_eq!(dump["producerIds"], json!([producer.id()]));
    let table = json!([{ "key": SSRC, "value": producer.id() }]);
    assert_eq!(dump["rtpListener"], json!({ "ssrcTable": table, "midTable": [], "ridTable": [] }));

    let dump = json_of(to.dump().await.expect("it is open"));
    let webrtc = ["iceRole", "iceParameters", "iceCandidates", "iceState", "dtlsParameters", "dtlsState"];
    assert_eq!(keys(&dump), all(&BASE, &webrtc));
    assert_eq!(dump["iceCandidates"], json_of(&to.parameters().ice_candidates));
    let ssrc = consumer.rtp_parameters().encodings[0].ssrc;
    assert_eq!(dump["mapSsrcConsumerId"], json!([{ "key": ssrc, "value": consumer.id() }]));

    let dump = json_of(producer.dump().await.expect("it is open"));
    let own =
        ["id", "kind", "type", "rtpParameters", "rtpMapping", "rtpStreams", "traceEventTypes", "paused"];
    assert_eq!(keys(&dump), all(&own, &[]));
    assert_eq!((&dump["type"], &dump["rtpStreams"][0]["params"]["ssrc"]), (&json!("simple"), &json!(SSRC)));
    assert_eq!(dump["rtpMapping"]["codecs"][0]["payloadType"], 96);

    let dump = json_of(consumer.dump().await.expect("it is open"));
    let own = ["id", "producerId", "kind", "type", "rtpParameters", "supportedCodecPayloadTypes"];
    let state = ["traceEventTypes", "paused", "producerPaused", "priority", "rtpStream"];
    assert_eq!(keys(&dump), all(&own, &state));
    assert_eq!((&dump["traceEventTypes"], &dump["priority"]), (&json!(["pli"]), &json!(1)));

    consumer.close().await;
    consumer.dump().await.expect_err("it is closed");
    server.workers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_channels_and_observers_are_dumped() {
    let server = Server::start().await;
    let mut options = WebRtcTransportOptions::default();
    options.sctp = Some(SctpOptions::default());
    let transport = server.router.create_webrtc_transport(options).await.expect("a transport");
    let stream = SctpStreamParameters { stream_id: 5, delivery: Delivery::Unordered };
    let producer = transport.produce_data(DataProducerOptions::new(stream)).await.expect("a free stream");
    let options = DataConsumerOptions::new(producer.id());
    let consumer = transport.consume_data(options).await.expect("a free stream");
    let observer = server.router.create_active_speaker_observer(ActiveSpeakerObserverOptions::default());
    let observer = observer.await.expect("an observer");

    let router = json_of(server.router.dump().await.expect("it is open"));
    assert_eq!(router["rtpObserverIds"], json!([observer.id()]));
    let consumers = json!([{ "key": producer.id(), "values": [consumer.id()] }]);
    assert_eq!(router["mapDataProducerIdDataConsumerIds"], consumers);
    let dump = json_of(transport.dump().await.expect("it is open"));
    let table = json!([{ "key": 5, "value": producer.id() }]);
    assert_eq!(dump["sctpListener"]["streamIdTable"], table);
    assert_eq!((&dump["maxSendMessageSize"], &dump["sctpState"]), (&json!(262_144), &json!("new")));

    let dump = json_of(producer.dump().await.expect("it is open"));
    let own = ["id", "type", "sctpStreamParameters", "label", "protocol", "paused"];
    assert_eq!(keys(&dump), all(&own, &[]));
    let dump = json_of(consumer.dump().await.expect("it is open"));
    let waiting = ["bufferedAmount", "bufferedAmountLowThreshold"];
    let of_producer = ["dataProducerId", "dataProducerPaused", "subchannels"];
    assert_eq!(keys(&dump), all(&own, &[&waiting[..], &of_producer[..]].concat()));
    server.workers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_transport_is_dumped_as_what_it_is() {
    let server = Server::start().await;
    let mut options = PipeTransportOptions::default();
    (options.enable_rtx, options.enable_srtp) = (true, true);
    let pipe = server.router.create_pipe_transport(options).await.expect("a port");
    let dump = json_of(pipe.dump().await.expect("it is open"));
    assert_eq!(keys(&dump), all(&BASE, &["tuple", "rtx", "srtpParameters"]));
    assert_eq!(dump["rtx"], true);

    let options = DirectTransportOptions::default();
    let (direct, _feed) = server.router.create_direct_transport(options).await.expect("a transport");
    assert_eq!(keys(&json_of(direct.dump().await.expect("it is open"))), all(&BASE, &[]));

    let mut options = PlainTransportOptions::default();
    (options.rtcp_mux, options.srtp) = (false, Some(SrtpCryptoSuite::AesCm128HmacSha1_32));
    let plain = server.router.create_plain_transport(options).await.expect("a port");
    let dump = json_of(plain.dump().await.expect("it is open"));
    assert_eq!(keys(&dump), all(&BASE, &["rtcpMux", "comedia", "tuple", "rtcpTuple", "srtpParameters"]));
    assert_eq!(dump["srtpParameters"]["cryptoSuite"], "AES_CM_128_HMAC_SHA1_32");

    let worker = json_of(server.worker.dump().await.expect("it runs"));
    assert_eq!(worker, json!({ "pid": std::process::id(), "routerIds": [server.router.id()] }));
    server.workers.close().await;
    server.worker.dump().await.expect_err("it has ended");
}
