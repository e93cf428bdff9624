//! Pipes: a producer of one router is one of another router, on another worker.

use std::{net::SocketAddr, time::Duration};

use mediasoup_core::{
    driver::LocalWorkerManager,
    media::{
        PlainTransport, Producer, Router, WorkerManager, default_media_codecs,
        error::{ConsumeError, PipeError, ProduceError},
        event::ConsumerLayers,
        options::{
            ConsumerOptions, PipeToRouterOptions, PlainTransportOptions, ProducerOptions, RouterOptions,
            WorkerOptions,
        },
        rtp::MediaKind,
        stats::TransportKindStats,
    },
};
use serde_json::json;
use tokio::{net::UdpSocket, task::JoinHandle, time::timeout};

use super::at;

const SSRCS: [u32; 2] = [1_000, 2_000];
const FRAME: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Routers {
    pub(crate) workers: LocalWorkerManager,
    pub(crate) near: Router,
    pub(crate) far: Router,
}

impl Routers {
    pub(crate) async fn on_workers(count: usize) -> Self {
        let mut options = WorkerOptions::default();
        options.ports = 0..=0;
        let workers = LocalWorkerManager::new(options);
        workers.initialize(count).await.expect("workers");
        let router = async || {
            let options = RouterOptions::new(default_media_codecs());
            workers.next_worker().expect("a worker").create_router(options).await.expect("a router")
        };
        let (near, far) = (router().await, router().await);
        Self { workers, near, far }
    }
}

async fn plain(router: &Router) -> PlainTransport {
    let mut options = PlainTransportOptions::default();
    options.comedia = true;
    router.create_plain_transport(options).await.expect("a port")
}

/// Two sizes of VP8, which say in their last byte which they are; ended with the sender.
struct Sender(JoinHandle<()>);

impl Sender {
    async fn to(transport: &PlainTransport) -> (Self, Producer) {
        let parameters = json!({
            "codecs": [{ "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90_000 }],
            "encodings": SSRCS.map(|ssrc| json!({ "ssrc": ssrc })),
        });
        let parameters = serde_json::from_value(parameters).expect("well-formed");
        let producer =
            transport.produce(ProducerOptions::new(MediaKind::Video, parameters)).await.expect("free SSRCs");
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        socket.connect(("127.0.0.1", transport.parameters().tuple.local_port)).await.expect("an address");
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(FRAME);
            for frame in 0_u32.. {
                ticks.tick().await;
                for (size, ssrc) in (0_u8..).zip(SSRCS) {
                    let _ = socket.send(&key_frame(ssrc, frame, size)).await;
                }
            }
        });
        (Self(task), producer)
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn key_frame(ssrc: u32, frame: u32, size: u8) -> Vec<u8> {
    let mut packet = vec![0x80, 0x80 | 96];
    packet.extend((frame as u16).to_be_bytes());
    packet.extend((frame * 1_800).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0x10, 0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x40, 0x01, 0xB4, 0x00, size]);
    packet
}

/// The size of the next picture that arrives; `None`: none for a while.
async fn next_size(socket: &UdpSocket, within: Duration) -> Option<u8> {
    let mut buffer = [0; 2_000];
    loop {
        let len = timeout(within, socket.recv(&mut buffer)).await.ok()?.expect("a bound socket");
        if (buffer[1] & 0x7F) < 64 || (buffer[1] & 0x7F) > 95 {
            return Some(buffer[len - 1]);
        }
    }
}

async fn arrives(socket: &UdpSocket, size: u8) {
    let wanted = async { while next_size(socket, PATIENCE).await != Some(size) {} };
    timeout(PATIENCE, wanted).await.unwrap_or_else(|_| panic!("size {size} does not arrive"));
}

/// Nothing more, once what was under way has arrived.
async fn ends(socket: &UdpSocket) {
    let wanted = async { while next_size(socket, 10 * FRAME).await.is_some() {} };
    timeout(PATIENCE, wanted).await.expect("it does not end");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_layers_of_a_producer_come_out_of_another_router() {
    let Routers { workers, near, far } = Routers::on_workers(2).await;
    let (_sender, producer) = Sender::to(&plain(&near).await).await;

    let options = PipeToRouterOptions::default();
    let piped = near.pipe_to(producer.id(), &far, options).await.unwrap();
    assert_eq!(piped.pipe_producer.id(), producer.id());
    assert_eq!(piped.pipe_producer.rtp_type(), producer.rtp_type());
    let again = near.pipe_to(producer.id(), &far, options).await;
    assert!(matches!(again, Err(PipeError::Produce(ProduceError::DuplicateId(_)))), "{again:?}");

    let viewer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let SocketAddr::V4(address) = viewer.local_addr().unwrap() else { panic!("it is IPv4") };
    let to = far.create_plain_transport(PlainTransportOptions::default()).await.unwrap();
    to.connect(at(address.port())).await.unwrap();
    let options = ConsumerOptions::new(producer.id(), far.rtp_capabilities().clone());
    let consumer = to.consume(options).await.unwrap();
    arrives(&viewer, 1).await;
    let layers = |spatial_layer| ConsumerLayers { spatial_layer, temporal_layer: None };
    consumer.set_preferred_layers(layers(0)).await.unwrap();
    arrives(&viewer, 0).await;
    consumer.set_preferred_layers(layers(1)).await.unwrap();
    arrives(&viewer, 1).await;

    producer.pause().await.unwrap();
    ends(&viewer).await;
    producer.resume().await.unwrap();
    arrives(&viewer, 1).await;
    producer.close().await;
    ends(&viewer).await;
    let gone = piped.pipe_producer.stats().await;
    assert!(matches!(gone, Err(ProduceError::NotFound(_))), "{gone:?}");
    workers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_pipe_to_the_same_router_share_the_way() {
    let Routers { workers, near, far } = Routers::on_workers(1).await;
    let (_one, first) = Sender::to(&plain(&near).await).await;
    let (_other, second) = Sender::to(&plain(&near).await).await;
    let mut options = PipeToRouterOptions::default();
    options.new_id = true;
    let (first, second) =
        tokio::join!(near.pipe_to(first.id(), &far, options), near.pipe_to(second.id(), &far, options),);
    let (first, second) = (first.unwrap(), second.unwrap());
    let ssrcs = |piped: &mediasoup_core::media::Piped| {
        piped
            .pipe_consumer
            .rtp_parameters()
            .encodings
            .iter()
            .map(|encoding| encoding.ssrc)
            .collect::<Vec<_>>()
    };
    assert_ne!(ssrcs(&first), ssrcs(&second));
    let stats = workers.stats().await;
    assert_eq!(stats[0].transports, 4, "two of the senders, two of the pipe: {stats:?}");
    let same = near.pipe_to(first.pipe_producer.id(), &near, options).await;
    assert!(matches!(same, Err(PipeError::SameRouter)), "{same:?}");

    second.pipe_producer.close().await;
    let ended = second.pipe_consumer.stats().await;
    assert!(matches!(ended, Err(ConsumeError::NotFound(_))), "nobody gets what it sends: {ended:?}");
    let end = near.create_pipe_transport(Default::default()).await.unwrap();
    assert!(matches!(end.stats().await.unwrap().kind, TransportKindStats::Pipe { .. }));
    workers.close().await;
}
