//! Whether media waits while peers connect: latency of a flow beside requests, and beside whole handshakes.

use std::time::{Duration, Instant};

use mediasoup_benches::{cpu::Thread, process::raise_file_limit};
use mediasoup_core::{
    benching::Client,
    media::{
        Router, WebRtcTransport, WorkerManager, options::WebRtcTransportOptions, transport::DtlsParameters,
    },
};
use tokio::time::{sleep, sleep_until};

use crate::{
    MEASURED,
    flow::{self, Flow},
    peers::{self, Peers},
    setup::{at_a_time, router, runtime, workers},
    table::{Row, Target},
};

/// Connecting at a time, at most.
const CALLERS: usize = 32;
const A_SECOND: usize = 2_000;
const DURATION: Duration = Duration::from_secs(3);
/// As many at once as come in this time else.
const BURST: Duration = Duration::from_millis(250);
/// Of the flow, before anything counts.
const WARM_UP: Duration = Duration::from_millis(1_500);
/// No packet may be later than this, ms.
const LATENCY_MAX: f64 = 20.0;

/// What came of it.
struct Measured {
    flow: flow::Outcome,
    /// Transports made and connected, a second.
    calls: f64,
    /// `None`: nobody shook hands.
    peers: Option<peers::Outcome>,
    took: Duration,
    /// Of this time the worker ran, and waited for others who ran: callers here, and whatever else the machine does.
    ran: Duration,
    waited: Duration,
}

/// What those who connect do beside the flow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    Nothing,
    /// `create_webrtc_transport` and `connect`.
    Calls,
    /// These, ICE and DTLS.
    Handshakes,
    /// The same, with all requests at once; once all are answered, all peers begin at once.
    Burst,
}

fn measure(work: Work, duration: Duration) -> Measured {
    // Before there are threads: they inherit it.
    Thread::current().pin(MEASURED);
    let count = (A_SECOND as f64 * duration.as_secs_f64()) as usize;
    raise_file_limit(count as u64 + 100);
    runtime().block_on(async {
        let workers = workers().await;
        let (of_flow, of_others) = (router(&workers).await, router(&workers).await);
        let flow = Flow::start(&of_flow).await;
        sleep(WARM_UP).await;
        flow.count();
        let worker = Thread::named("worker-0");
        let before = (worker.cpu_time(), worker.waiting_time());
        // All have the same certificate: to make one is not the server's work.
        let model = Client::new(Instant::now());
        let dtls = model.dtls_parameters();
        let shakes_hands = matches!(work, Work::Handshakes | Work::Burst);
        let peers = shakes_hands.then(|| Peers::start(model, work == Work::Burst));
        let begun = Instant::now();
        let transports = match work {
            Work::Nothing => {
                sleep(duration).await;
                Vec::new()
            }
            Work::Calls | Work::Handshakes => {
                connect(&of_others, &dtls, count, Some(A_SECOND), peers.as_ref()).await
            }
            Work::Burst => connect(&of_others, &dtls, count, None, peers.as_ref()).await,
        };
        let calls = transports.len() as f64 / begun.elapsed().as_secs_f64();
        // It waits for its thread, and the worker needs nobody here.
        let peers = peers.map(Peers::finish);
        let ended = peers.as_ref().and_then(|peers| peers.ended).unwrap_or_else(Instant::now);
        let (ran, waited) = (worker.cpu_time() - before.0, worker.waiting_time() - before.1);
        let measured = Measured { flow: flow.stop(), calls, peers, took: ended - begun, ran, waited };
        workers.close().await;
        measured
    })
}

/// Makes transports and connects them, so many a second as far as that can be held, or as fast as it goes.
async fn connect(
    router: &Router,
    dtls: &DtlsParameters,
    count: usize,
    a_second: Option<usize>,
    peers: Option<&Peers>,
) -> Vec<WebRtcTransport> {
    let begun = tokio::time::Instant::now();
    let connect = async |number: usize| {
        if let Some(a_second) = a_second {
            sleep_until(begun + Duration::from_secs(1) * number as u32 / a_second as u32).await;
        }
        let options = WebRtcTransportOptions::default();
        let transport = router.create_webrtc_transport(options).await.expect("there is a place");
        transport.connect(dtls.clone()).await.expect("it is the first");
        if let Some(peers) = peers {
            peers.connect(transport.parameters().clone());
        }
        transport
    };
    at_a_time(if a_second.is_some() { CALLERS } else { count }, count, connect).await
}

fn rows(what: &str, measured: &Measured, target: Target) -> Vec<Row> {
    let latency = &measured.flow.latency;
    let ms = |ns: u64| ns as f64 / 1e6;
    vec![
        Row::new(format!("media beside {what}: latency, max"), ms(latency.max()), "ms", target),
        Row::new(
            format!("media beside {what}: latency, p99.9"),
            ms(latency.percentile(0.999)),
            "ms",
            Target::None,
        ),
        Row::new(
            format!("media beside {what}: latency, p50"),
            ms(latency.percentile(0.5)),
            "ms",
            Target::None,
        ),
        Row::new(
            format!("media beside {what}: lost of {}", measured.flow.expected),
            measured.flow.expected.saturating_sub(latency.len()) as f64,
            "packets",
            Target::None,
        ),
        Row::new(
            format!("media beside {what}: its sender late by at most"),
            measured.flow.late_us_max as f64 / 1e3,
            "ms",
            Target::None,
        ),
        Row::new(
            format!("media beside {what}: the worker ran for"),
            measured.ran.as_secs_f64() * 1e3,
            "ms",
            Target::None,
        ),
        Row::new(
            format!("media beside {what}: others ran instead for"),
            measured.waited.as_secs_f64() * 1e3,
            "ms",
            Target::None,
        ),
    ]
}

fn duration(is_test: bool) -> Duration {
    if is_test { Duration::from_millis(200) } else { DURATION }
}

/// Requests alone.
pub(crate) fn calls(is_test: bool) -> Vec<Row> {
    let alone = measure(Work::Nothing, duration(is_test));
    let beside = measure(Work::Calls, duration(is_test));
    let mut rows = rows("nothing", &alone, Target::None);
    // Paced: a little less than the pace is the last of them.
    let pace = Target::AtLeast(A_SECOND as f64 * 0.99);
    rows.push(Row::new("transports created and connected", beside.calls, "a second", pace));
    rows.extend(self::rows("them", &beside, Target::AtMost(LATENCY_MAX)));
    rows
}

/// Whole handshakes.
pub(crate) fn handshakes(is_test: bool) -> Vec<Row> {
    let beside = measure(Work::Handshakes, duration(is_test));
    let peers = beside.peers.as_ref().expect("they shook hands");
    let done = peers.handshakes.len() as f64 / beside.took.as_secs_f64();
    let mut rows = vec![
        Row::new("handshakes done (ICE, DTLS)", done, "a second", Target::None),
        Row::new("handshakes: p99", peers.handshakes.percentile(0.99) as f64 / 1e6, "ms", Target::None),
        Row::new("handshakes: not done", peers.failed as f64, "", Target::None),
    ];
    rows.extend(self::rows("handshakes", &beside, Target::AtMost(LATENCY_MAX)));
    rows
}

/// All at once, as after a restart.
pub(crate) fn burst(is_test: bool) -> Vec<Row> {
    let beside = measure(Work::Burst, if is_test { Duration::from_millis(20) } else { BURST });
    let peers = beside.peers.as_ref().expect("they shook hands");
    let count = peers.handshakes.len() as usize + peers.failed;
    let what = format!("{count} handshakes at once");
    let mut rows = vec![
        Row::new(format!("{what}: the last done after"), beside.took.as_secs_f64() * 1e3, "ms", Target::None),
        Row::new(format!("{what}: not done"), peers.failed as f64, "", Target::None),
    ];
    rows.extend(self::rows(&what, &beside, Target::AtMost(LATENCY_MAX)));
    rows
}
