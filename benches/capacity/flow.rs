//! Media beside what is measured: one producer's pictures to some viewers, and how long each packet took.

use std::{
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use mediasoup_benches::{
    cpu::Thread,
    histogram::Histogram,
    peer::Peer,
    socket::{self, Inbox},
    stamp,
    traffic::Traffic,
};
use mediasoup_core::{
    benching::Client,
    media::{
        Router,
        options::{ConsumerOptions, WebRtcTransportOptions},
    },
};

use crate::OTHER;

const TRAFFIC: Traffic = Traffic::Video;
const VIEWERS: usize = 20;
/// Between two looks at what has come. The kernel says when that was.
const LOOK: Duration = Duration::from_millis(2);
/// After the last packet was sent, for it to come.
const PATIENCE: Duration = Duration::from_millis(300);

/// Phases of a flow.
const WARMING_UP: u8 = 0;
const COUNTING: u8 = 1;
const STOPPED: u8 = 2;

/// What became of the packets.
#[derive(Default)]
pub(crate) struct Outcome {
    /// ns from a packet's sending to its arrival at a viewer's socket.
    pub(crate) latency: Histogram,
    /// Packets that should have come.
    pub(crate) expected: u64,
    /// µs that the one who sends was late at most: not the server's doing.
    pub(crate) late_us_max: u128,
}

/// Peers whose media flows, on a thread of its own.
pub(crate) struct Flow {
    phase: Arc<AtomicU8>,
    thread: JoinHandle<Outcome>,
    /// What is closed when it is dropped.
    _peers: Vec<Box<dyn std::any::Any>>,
}

impl Flow {
    pub(crate) async fn start(router: &Router) -> Self {
        let options = || {
            let mut options = WebRtcTransportOptions::default();
            // Viewers say nothing of their path: it is known, so that no packet waits for its turn on it.
            options.initial_available_outgoing_bitrate = 100_000_000;
            options
        };
        let Peer { transport, client, socket } = Peer::connect(router, options()).await;
        let producer = transport.produce(TRAFFIC.track()).await.expect("the track is new");
        let mut peers: Vec<Box<dyn std::any::Any>> = vec![Box::new(transport)];
        let mut viewers = Vec::with_capacity(VIEWERS);
        for _ in 0..VIEWERS {
            let Peer { transport, client, socket } = Peer::connect(router, options()).await;
            let options = ConsumerOptions::new(producer.id(), router.rtp_capabilities().clone());
            let consumer = transport.consume(options).await.expect("it has the codec");
            consumer.resume().await.expect("it is open");
            socket::prepare(&socket, false).expect("it is a socket");
            peers.push(Box::new((transport, consumer)));
            viewers.push(Viewer { client, socket });
        }
        peers.push(Box::new(producer));
        let phase = Arc::new(AtomicU8::new(WARMING_UP));
        let of_thread = Arc::clone(&phase);
        let body = move || {
            Thread::current().pin(OTHER);
            run(&mut Sender { client, socket, sequence_number: 0, pictures: 0 }, &mut viewers, &of_thread)
        };
        let thread = thread::Builder::new().name("flow".to_owned()).spawn(body);
        Self { phase, thread: thread.expect("the system has threads"), _peers: peers }
    }

    /// From now on packets count.
    pub(crate) fn count(&self) {
        self.phase.store(COUNTING, Ordering::Relaxed);
    }

    pub(crate) fn stop(self) -> Outcome {
        self.phase.store(STOPPED, Ordering::Relaxed);
        self.thread.join().expect("it does not panic")
    }
}

struct Sender {
    client: Client,
    socket: UdpSocket,
    sequence_number: u16,
    pictures: u32,
}

impl Sender {
    /// Sends a picture's packets; those that count have the time at their end.
    fn send(&mut self, counts: bool) {
        for index in 0..TRAFFIC.packets() {
            self.sequence_number = self.sequence_number.wrapping_add(1);
            let timestamp = self.pictures.wrapping_mul(3_000);
            let mut packet = TRAFFIC.packet(self.sequence_number, timestamp, index, self.pictures == 0);
            stamp::stamp(&mut packet, if counts { stamp::now() } else { Duration::ZERO });
            let sealed = self.client.seal_rtp(packet);
            self.socket.send(&sealed).expect("loopback takes it");
        }
        self.pictures += 1;
    }
}

struct Viewer {
    client: Client,
    socket: UdpSocket,
}

fn run(sender: &mut Sender, viewers: &mut [Viewer], phase: &AtomicU8) -> Outcome {
    let (mut outcome, mut inbox) = (Outcome::default(), Inbox::new(false));
    let begun = Instant::now();
    let mut stopped = None;
    while stopped.is_none_or(|at: Instant| at.elapsed() < PATIENCE) {
        let phase = phase.load(Ordering::Relaxed);
        let late = Instant::now().checked_duration_since(begun + TRAFFIC.interval() * sender.pictures);
        if phase == STOPPED {
            stopped.get_or_insert_with(Instant::now);
        } else if let Some(late) = late {
            sender.send(phase == COUNTING);
            if phase == COUNTING {
                outcome.expected += (TRAFFIC.packets() * viewers.len()) as u64;
                outcome.late_us_max = outcome.late_us_max.max(late.as_micros());
            }
        }
        for Viewer { client, socket } in &mut *viewers {
            inbox.receive(socket, |datagram, at| {
                // RTCP and STUN are none of it.
                let is_rtp = datagram.len() > 1 && datagram[0] >= 128 && !(192..224).contains(&datagram[1]);
                let plain = if is_rtp { client.open_rtp(datagram) } else { None };
                // Probes are nothing but padding.
                let plain = plain.filter(|plain| plain[0] & 0x20 == 0);
                match plain.and_then(stamp::stamped) {
                    None | Some(Duration::ZERO) => {}
                    Some(sent) => outcome.latency.record(at.saturating_sub(sent).as_nanos() as u64),
                }
            });
        }
        thread::sleep(LOOK);
    }
    outcome
}
