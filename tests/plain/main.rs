//! Plain transports with GStreamer and FFmpeg, both ways: what one sends, the other decodes. Besides: pipes between routers,
//! transports without a network.

mod codecs;
mod data;
mod direct;
mod dump;
mod lossy;
mod pipe;
mod tools;

use std::{net::Ipv4Addr, time::Duration};

use mediasoup_core::{
    driver::LocalWorkerManager,
    media::{
        PlainTransport, Producer, Router, Worker, WorkerManager, default_media_codecs,
        options::{ConsumerOptions, PlainTransportOptions, ProducerOptions, RouterOptions, WorkerOptions},
        plain::{PlainRemote, SrtpCryptoSuite},
        rtp::{MediaKind, RtpCodecCapability, RtpParameters},
    },
};
use serde_json::json;

use tools::{SSRC, Sender, free_port};

const FRAMES: u32 = 40;
const PATIENCE: Duration = Duration::from_secs(60);

struct Server {
    workers: LocalWorkerManager,
    worker: Worker,
    router: Router,
}

impl Server {
    async fn start() -> Self {
        Self::with_codecs(default_media_codecs()).await
    }

    async fn with_codecs(codecs: Vec<RtpCodecCapability>) -> Self {
        let mut options = WorkerOptions::default();
        options.ports = 0..=0;
        let workers = LocalWorkerManager::new(options);
        workers.initialize(1).await.expect("a worker");
        let codecs = RouterOptions::new(codecs);
        let worker = workers.next_worker().expect("a worker");
        let router = worker.create_router(codecs).await.expect("a router");
        Self { workers, worker, router }
    }

    async fn plain(&self, change: impl FnOnce(&mut PlainTransportOptions)) -> PlainTransport {
        let mut options = PlainTransportOptions::default();
        change(&mut options);
        self.router.create_plain_transport(options).await.expect("a port")
    }

    /// A consumer of `producer` on `transport`. Gives what is sent.
    async fn send(&self, transport: &PlainTransport, producer: &Producer) -> RtpParameters {
        let mut options = ConsumerOptions::new(producer.id(), self.router.rtp_capabilities().clone());
        options.enable_rtx = Some(false);
        transport.consume(options).await.expect("a codec in common").rtp_parameters().clone()
    }
}

/// VP8, as the tools send it.
async fn receive(transport: &PlainTransport) -> Producer {
    let parameters = json!({
        "codecs": [{ "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90_000 }],
        "encodings": [{ "ssrc": SSRC }],
    });
    let options =
        ProducerOptions::new(MediaKind::Video, serde_json::from_value(parameters).expect("well-formed"));
    transport.produce(options).await.expect("a free SSRC")
}

fn at(port: u16) -> PlainRemote {
    PlainRemote { ip: Some(Ipv4Addr::LOCALHOST.into()), port: Some(port), ..PlainRemote::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn gstreamer_sends_and_gstreamer_decodes() {
    let server = Server::start().await;
    let from = server.plain(|options| options.comedia = true).await;
    let to = server.plain(|_| {}).await;
    let producer = receive(&from).await;
    let sent = server.send(&to, &producer).await;

    let port = free_port();
    let mut viewer = tools::gstreamer_viewer(port, sent.codecs[0].payload_type, FRAMES);
    to.connect(at(port)).await.unwrap();
    let _sender = Sender::gstreamer(from.parameters().tuple.local_port);
    viewer.succeeds_within(PATIENCE).await;

    let stats = producer.stats().await.unwrap();
    assert!(
        stats[0].stream.packet_count >= u64::from(FRAMES) && stats[0].stream.packets_lost == 0,
        "{stats:?}"
    );
    server.workers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ffmpeg_sends_and_ffmpeg_decodes_srtp_with_rtcp_on_ports_of_its_own() {
    ffmpeg_to_ffmpeg(SrtpCryptoSuite::AesCm128HmacSha1_80, "AES_CM_128_HMAC_SHA1_80").await;
}

/// By the name under which FFmpeg gives RTCP the whole tag, as RFC 4568 §6.2.2 has it.
#[tokio::test(flavor = "multi_thread")]
async fn ffmpeg_sends_and_ffmpeg_decodes_srtp_with_tags_of_32_bits() {
    ffmpeg_to_ffmpeg(SrtpCryptoSuite::AesCm128HmacSha1_32, "SRTP_AES128_CM_HMAC_SHA1_32").await;
}

async fn ffmpeg_to_ffmpeg(suite: SrtpCryptoSuite, ffmpegs_name: &str) {
    let server = Server::start().await;
    let secured = |options: &mut PlainTransportOptions| {
        (options.rtcp_mux, options.srtp) = (false, Some(suite));
    };
    let from = server
        .plain(|options| {
            secured(options);
            options.comedia = true;
        })
        .await;
    let to = server.plain(secured).await;
    let producer = receive(&from).await;
    let sent = server.send(&to, &producer).await;

    // Any key will do for the way back, on which nothing is sent.
    let key = to.parameters().srtp_parameters.clone().expect("it has SRTP");
    let mut sealed = PlainRemote { srtp_parameters: Some(key.clone()), ..PlainRemote::default() };
    from.connect(sealed.clone()).await.expect("the key is whole");
    let port = free_port();
    let key = tools::Key { suite: ffmpegs_name, base64: &key.key_base64 };
    let mut viewer = tools::ffmpeg_viewer(port, sent.codecs[0].payload_type, key, FRAMES);
    (sealed.ip, sealed.port, sealed.rtcp_port) = (at(port).ip, Some(port), Some(port + 1));
    to.connect(sealed).await.expect("the key is whole");
    let tuples = from.parameters();
    let (rtp, rtcp) = (&tuples.tuple, tuples.rtcp_tuple.as_ref().expect("RTCP has a port of its own"));
    let _sender = Sender::ffmpeg(rtp.local_port, rtcp.local_port, key);
    viewer.succeeds_within(PATIENCE).await;
    server.workers.close().await;
}
