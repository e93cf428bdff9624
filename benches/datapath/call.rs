//! Rooms over real sockets, on one worker.

use std::net::UdpSocket;

use mediasoup_benches::{
    peer::Peer,
    traffic::{Traffic, router_options},
};
use mediasoup_core::{
    driver::LocalWorkerManager,
    media::{
        Consumer, Producer, Router, WebRtcTransport, Worker, WorkerManager,
        options::{ConsumerOptions, WebRtcTransportOptions, WorkerOptions},
    },
};

use crate::load::Sender;

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
        let router = worker.create_router(router_options()).await.expect("it is open");
        let (mut transports, mut producers, mut consumers) = (Vec::new(), Vec::new(), Vec::new());
        let (mut senders, mut sinks) = (Vec::new(), Vec::new());
        for index in 0..shape.senders + shape.viewers {
            let Peer { transport, client, socket } =
                Peer::connect(&router, WebRtcTransportOptions::default()).await;
            if index < shape.senders {
                producers.push(transport.produce(shape.traffic.track()).await.expect("the track is new"));
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
