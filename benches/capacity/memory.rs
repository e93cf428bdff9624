//! Memory by slope: what a thousand more of something take, when there are a thousand already.

use std::sync::Arc;

use mediasoup_benches::{peer::Peer, process, traffic::router_options, video_track};
use mediasoup_core::{
    driver::LocalWorkerManager,
    media::{
        Consumer, Producer, Router, WebRtcTransport, WorkerManager,
        options::{ConsumerOptions, WebRtcTransportOptions},
    },
    room::{CloseReason, RoomManager, RoomOptions, Rooms},
};
use tokio::runtime::Runtime;

use crate::{
    ALLOCATOR,
    setup::{at_a_time, router, runtime, workers},
    table::{Row, Target},
};

const CALLERS: usize = 32;
const KIB: f64 = 1024.0;
/// Producers that one of the idle viewers consumes.
const WATCHED: usize = 20;

/// How many there are at the first look; at the second, twice as many.
fn count(is_test: bool) -> usize {
    if is_test { 20 } else { 1_000 }
}

/// Bytes, now.
#[derive(Clone, Copy)]
struct Memory {
    allocated: f64,
    resident: f64,
}

impl Memory {
    fn now() -> Self {
        let heap = ALLOCATOR.stats();
        Self {
            allocated: (heap.bytes_allocated - heap.bytes_deallocated) as f64,
            resident: process::memory(std::process::id()).expect("there is /proc") as f64,
        }
    }

    /// What each of `count` has taken since `self`.
    fn rows(self, what: &str, count: usize, kib_max: f64) -> Vec<Row> {
        let now = Self::now();
        let each = |before: f64, after: f64| (after - before) / count as f64 / KIB;
        vec![
            Row::new(
                format!("{what}: allocated"),
                each(self.allocated, now.allocated),
                "KiB",
                Target::AtMost(kib_max),
            ),
            Row::new(format!("{what}: resident"), each(self.resident, now.resident), "KiB", Target::None),
        ]
    }
}

/// A worker with a router.
struct Setup {
    runtime: Runtime,
    workers: LocalWorkerManager,
    router: Router,
}

impl Setup {
    fn new() -> Self {
        let runtime = runtime();
        let workers = runtime.block_on(workers());
        let router = runtime.block_on(router(&workers));
        Self { runtime, workers, router }
    }

    fn transports(&self, count: usize) -> Vec<WebRtcTransport> {
        let create = |_| async {
            let transport = self.router.create_webrtc_transport(WebRtcTransportOptions::default());
            transport.await.expect("there is a place")
        };
        self.runtime.block_on(at_a_time(CALLERS, count, create))
    }

    fn close(self) {
        self.runtime.block_on(async {
            self.router.close().await;
            WorkerManager::close(&self.workers).await;
        });
    }
}

pub(crate) fn transports(is_test: bool) -> Vec<Row> {
    let (setup, count) = (Setup::new(), count(is_test));
    let first = setup.transports(count);
    let before = Memory::now();
    let second = setup.transports(count);
    let rows = before.rows("a WebRtcTransport that is not connected", count, 16.0);
    drop((first, second));
    setup.close();
    rows
}

/// Peers stay, with their sockets, and forget all they knew: what is measured is the server's.
pub(crate) fn connected(is_test: bool) -> Vec<Row> {
    let (setup, count) = (Setup::new(), count(is_test));
    let connect = || {
        let mut connected = Vec::with_capacity(count);
        for _ in 0..count {
            let peer = Peer::connect(&setup.router, WebRtcTransportOptions::default());
            let Peer { transport, socket, .. } = setup.runtime.block_on(peer);
            connected.push((transport, socket));
        }
        connected
    };
    let first = connect();
    let before = Memory::now();
    let second = connect();
    let rows = before.rows("a WebRtcTransport, connected, idle", count, 40.0);
    drop((first, second));
    setup.close();
    rows
}

async fn produce(transport: &WebRtcTransport) -> Producer {
    transport.produce(video_track()).await.expect("the track is new")
}

async fn consume(router: &Router, producer: &Producer, viewer: &WebRtcTransport) -> Consumer {
    let options = ConsumerOptions::new(producer.id(), router.rtp_capabilities().clone());
    viewer.consume(options).await.expect("it has the codec")
}

/// Each viewer watches video of several senders.
pub(crate) fn consumers(is_test: bool) -> Vec<Row> {
    let (setup, count) = (Setup::new(), count(is_test));
    let Setup { runtime, router, .. } = &setup;
    let senders = setup.transports(WATCHED);
    let producers: Vec<Producer> = senders.iter().map(|sender| runtime.block_on(produce(sender))).collect();
    let viewers = setup.transports(2 * count / WATCHED);
    let (early, late) = viewers.split_at(count / WATCHED);
    let watch = |viewers: &[WebRtcTransport]| {
        let consume = |number: usize| {
            let (viewer, producer) = (&viewers[number / WATCHED], &producers[number % WATCHED]);
            consume(router, producer, viewer)
        };
        runtime.block_on(at_a_time(CALLERS, count, consume))
    };
    let first = watch(early);
    let before = Memory::now();
    let second = watch(late);
    let rows = before.rows("a consumer of video, idle", count, 4.0);
    drop((first, second));
    setup.close();
    rows
}

pub(crate) fn rooms(is_test: bool) -> Vec<Row> {
    let (runtime, count) = (runtime(), count(is_test));
    let workers = Arc::new(runtime.block_on(workers()));
    let rooms = Rooms::new(workers.clone(), router_options(), WebRtcTransportOptions::default());
    let open = |names: &'static str| {
        let open = |number: usize| {
            let name = format!("{names}-{number}").parse().expect("it is a name");
            let options = RoomOptions { max_participants: 100, enable_recording: false, timeout: 0 };
            rooms.create_room(name, options, None)
        };
        for room in runtime.block_on(at_a_time(CALLERS, count, open)) {
            room.expect("the name is free");
        }
    };
    open("first");
    let before = Memory::now();
    open("second");
    let rows = before.rows("a room without anybody", count, 64.0);
    runtime.block_on(async {
        rooms.close(CloseReason::Shutdown).await;
        WorkerManager::close(&*workers).await;
    });
    rows
}
