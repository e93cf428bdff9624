//! How many are made a second, the worker and its callers on one processor.

use std::time::Instant;

use mediasoup_benches::{cpu::Thread, video_track};
use mediasoup_core::{
    driver::LocalWorkerManager,
    media::{
        Producer, Router, WebRtcTransport, WorkerManager,
        options::{ConsumerOptions, WebRtcTransportOptions},
    },
};
use tokio::runtime::Runtime;

use crate::{
    MEASURED,
    setup::{at_a_time, router, runtime, workers},
    table::{Row, Target},
};

/// Requests that a busy server has under way at a time.
const CALLERS: usize = 32;
/// Turns; the median of them counts.
const TURNS: usize = 5;
/// Producers that each viewer consumes.
const WATCHED: usize = 20;

struct Setup {
    runtime: Runtime,
    workers: LocalWorkerManager,
    /// In a turn.
    count: usize,
}

impl Setup {
    fn new(is_test: bool) -> Self {
        // Before there are threads: they inherit it.
        Thread::current().pin(MEASURED);
        let runtime = runtime();
        let workers = runtime.block_on(workers());
        Self { runtime, workers, count: if is_test { 40 } else { 4_000 } }
    }

    /// Figures of many callers, and of one. `turn` gives how many a second it made, in a router that it is given.
    fn measure(self, what: &str, target: f64, turn: &impl AsyncFn(&Router, usize, usize) -> f64) -> Vec<Row> {
        let median = |callers: usize| {
            let mut rates: Vec<f64> = (0..TURNS).map(|_| self.turn(turn, callers)).collect();
            rates.sort_by(f64::total_cmp);
            rates[TURNS / 2]
        };
        let rows = vec![
            Row::new(
                format!("{what}, {CALLERS} callers"),
                median(CALLERS),
                "a second",
                Target::AtLeast(target),
            ),
            Row::new(format!("{what}, one caller"), median(1), "a second", Target::None),
        ];
        self.runtime.block_on(self.workers.close());
        rows
    }

    fn turn(&self, turn: &impl AsyncFn(&Router, usize, usize) -> f64, callers: usize) -> f64 {
        self.runtime.block_on(async {
            let router = router(&self.workers).await;
            let rate = turn(&router, callers, self.count).await;
            router.close().await;
            rate
        })
    }
}

/// Does `call` so often. Gives how often a second that is, and what was made.
async fn rate<T, F: Future<Output = T>>(
    callers: usize,
    count: usize,
    call: impl Fn(usize) -> F,
) -> (f64, Vec<T>) {
    let begun = Instant::now();
    let made = at_a_time(callers, count, call).await;
    (count as f64 / begun.elapsed().as_secs_f64(), made)
}

async fn create(router: &Router) -> WebRtcTransport {
    let transport = router.create_webrtc_transport(WebRtcTransportOptions::default());
    transport.await.expect("there is a place")
}

pub(crate) fn transports(is_test: bool) -> Vec<Row> {
    let turn = async |router: &Router, callers, count| rate(callers, count, |_| create(router)).await.0;
    Setup::new(is_test).measure("WebRtcTransports created", 10_000.0, &turn)
}

async fn produce(transport: &WebRtcTransport) -> Producer {
    transport.produce(video_track()).await.expect("the track is new")
}

/// Of video, each on a transport of its own.
pub(crate) fn producers(is_test: bool) -> Vec<Row> {
    let turn = async |router: &Router, callers: usize, count: usize| {
        let transports = at_a_time(CALLERS, count, |_| create(router)).await;
        rate(callers, count, |number: usize| produce(&transports[number])).await.0
    };
    Setup::new(is_test).measure("producers created", 10_000.0, &turn)
}

/// Of video; each viewer watches several senders.
pub(crate) fn consumers(is_test: bool) -> Vec<Row> {
    let turn = async |router: &Router, callers: usize, count: usize| {
        let senders = at_a_time(CALLERS, WATCHED, |_| create(router)).await;
        let producers = at_a_time(CALLERS, WATCHED, |number: usize| produce(&senders[number])).await;
        let viewers = at_a_time(CALLERS, count.div_ceil(WATCHED), |_| create(router)).await;
        let consume = |number: usize| {
            let (viewer, producer) = (&viewers[number / WATCHED], producers[number % WATCHED].id());
            let options = ConsumerOptions::new(producer, router.rtp_capabilities().clone());
            async move { viewer.consume(options).await.expect("it has the codec") }
        };
        rate(callers, count, consume).await.0
    };
    Setup::new(is_test).measure("consumers created", 8_000.0, &turn)
}
