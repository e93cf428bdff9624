//! Rooms over real sockets, on one worker.

use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use mediasoup_core::{
    benching::{Client, ice_check},
    driver::LocalWorkerManager,
    media::{
        Consumer, Producer, Router, WebRtcTransport, Worker, WorkerManager,
        options::{ConsumerOptions, ProducerOptions, RouterOptions, WebRtcTransportOptions, WorkerOptions},
        rtp::{MediaKind, RtpCodecCapability, RtpParameters},
    },
};
use serde_json::json;

use crate::{SSRC, load::Sender, traffic::Traffic};

const PATIENCE: Duration = Duration::from_secs(10);
const DATAGRAM_LEN_MAX: usize = 2_048;

/// How many rooms there are, and who is in each.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) traffic: Traffic,
    pub(crate) rooms: usize,
    /// In each: who sends, to all others of the room.
    pub(crate) senders: usize,
    /// In each: who watches only.
    pub(crate) viewers: usize,
}

impl Shape {
    /// Packets that go out for one that comes in.
    pub(crate) fn receivers(self) -> usize {
        self.senders - 1 + self.viewers
    }
}

/// Rooms whose media can flow. The worker's thread is `worker-0`.
pub(crate) struct Call {
    workers: LocalWorkerManager,
    rooms: Vec<Room>,
}

/// What is dropped when it ends.
struct Room {
    _router: Router,
    _transports: Vec<WebRtcTransport>,
    _producers: Vec<Producer>,
    _consumers: Vec<Consumer>,
}

impl Call {
    /// Gives also who sends, and where packets arrive.
    pub(crate) async fn start(shape: Shape) -> (Self, Vec<Sender>, Vec<UdpSocket>) {
        let mut options = WorkerOptions::default();
        (options.ports, options.enable_tcp, options.ice_consent_timeout) = (0..=0, false, None);
        let workers = LocalWorkerManager::new(options);
        workers.initialize(1).await.expect("the system has a port");
        let worker = workers.next_worker().expect("there is one");
        let mut call = Self { workers, rooms: Vec::new() };
        let (mut senders, mut sinks) = (Vec::new(), Vec::new());
        for _ in 0..shape.rooms {
            let (room, sending, receiving) = Room::open(&worker, shape).await;
            call.rooms.push(room);
            senders.extend(sending);
            sinks.extend(receiving);
        }
        (call, senders, sinks)
    }

    pub(crate) async fn close(self) {
        self.workers.close().await;
    }
}

impl Room {
    async fn open(worker: &Worker, shape: Shape) -> (Self, Vec<Sender>, Vec<UdpSocket>) {
        let codecs: Vec<RtpCodecCapability> = serde_json::from_value(json!([
            { "kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2 },
            { "kind": "video", "mimeType": "video/VP8", "clockRate": 90000 },
        ]))
        .expect("they are well-formed");
        let router = worker.create_router(RouterOptions::new(codecs)).await.expect("it is open");
        let (mut transports, mut producers, mut consumers) = (Vec::new(), Vec::new(), Vec::new());
        let (mut senders, mut sinks) = (Vec::new(), Vec::new());
        for index in 0..shape.senders + shape.viewers {
            let Peer { transport, client, socket } = Peer::connect(&router).await;
            if index < shape.senders {
                producers.push(transport.produce(track(shape.traffic)).await.expect("the track is new"));
                senders.push(Sender::new(client, socket.try_clone().expect("the system has descriptors")));
            }
            sinks.push(socket);
            transports.push(transport);
        }
        for (index, transport) in transports.iter().enumerate() {
            for (_, producer) in producers.iter().enumerate().filter(|(sender, _)| *sender != index) {
                let options = ConsumerOptions::new(producer.id(), router.rtp_capabilities().clone());
                let consumer = transport.consume(options).await.expect("it has the codec");
                consumer.resume().await.expect("it is open");
                consumers.push(consumer);
            }
        }
        let room =
            Self { _router: router, _transports: transports, _producers: producers, _consumers: consumers };
        (room, senders, sinks)
    }
}

/// A connected peer of a transport.
struct Peer {
    transport: WebRtcTransport,
    client: Client,
    socket: UdpSocket,
}

impl Peer {
    async fn connect(router: &Router) -> Self {
        let options = WebRtcTransportOptions::default();
        let transport = router.create_webrtc_transport(options).await.expect("there is a place");
        let mut client = Client::new(Instant::now());
        transport.connect(client.dtls_parameters()).await.expect("it is the first");

        let candidate = &transport.parameters().ice_candidates[0];
        let ip: IpAddr = candidate.address.parse().expect("it is no host name");
        let socket = UdpSocket::bind((ip, 0)).expect("the system has a port");
        socket.connect(SocketAddr::new(ip, candidate.port)).expect("it is local");
        socket.send(&ice_check(&transport.parameters().ice_parameters)).expect("loopback takes it");
        shake_hands(&mut client, &socket);

        socket.set_nonblocking(true).expect("it is a socket");
        let mut buffer = [0; DATAGRAM_LEN_MAX];
        while !matches!(socket.recv(&mut buffer), Err(error) if error.kind() == io::ErrorKind::WouldBlock) {}
        Self { transport, client, socket }
    }
}

fn shake_hands(client: &mut Client, socket: &UdpSocket) {
    socket.set_read_timeout(Some(Duration::from_millis(50))).expect("it is not zero");
    let begun = Instant::now();
    let mut buffer = [0; DATAGRAM_LEN_MAX];
    let mut flight = client.handshake(begun);
    loop {
        for datagram in flight {
            socket.send(&datagram).expect("loopback takes it");
        }
        if client.is_connected() {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "no handshake");
        flight = match socket.recv(&mut buffer) {
            Ok(len) => client.handle(Instant::now(), &buffer[..len]),
            Err(_) => client.handshake(Instant::now()),
        };
    }
}

fn track(traffic: Traffic) -> ProducerOptions {
    let (kind, codec) = match traffic {
        Traffic::Video => (
            MediaKind::Video,
            json!({ "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000, "rtcpFeedback": [
                { "type": "nack" }, { "type": "nack", "parameter": "pli" }, { "type": "transport-cc" },
            ] }),
        ),
        Traffic::Audio => (
            MediaKind::Audio,
            json!({ "mimeType": "audio/opus", "payloadType": 96, "clockRate": 48000, "channels": 2 }),
        ),
    };
    let parameters: RtpParameters =
        serde_json::from_value(json!({ "mid": "0", "codecs": [codec], "encodings": [{ "ssrc": SSRC }] }))
            .expect("it is well-formed");
    ProducerOptions::new(kind, parameters)
}
