//! Clients: who sends at its pace, and takes what arrives without ever being asleep: waking it would be charged to who sends.

use std::{
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use mediasoup_benches::{cpu::Thread, traffic::Traffic};
use mediasoup_core::benching::Client;

/// Sockets looked at between two looks at the clock.
const GLANCE: usize = 16;

/// One who sends.
pub(crate) struct Sender {
    pub(crate) client: Client,
    pub(crate) socket: UdpSocket,
    sequence_number: u16,
    times: u32,
}

impl Sender {
    pub(crate) fn new(client: Client, socket: UdpSocket) -> Self {
        Self { client, socket, sequence_number: 0, times: 0 }
    }

    /// Sends a picture's packets, or a packet of sound, at once.
    fn send(&mut self, traffic: Traffic) {
        for index in 0..traffic.packets() {
            self.sequence_number = self.sequence_number.wrapping_add(1);
            let is_key_frame = self.times == 0;
            let packet = traffic.packet(self.sequence_number, self.times, index, is_key_frame);
            let sealed = self.client.seal_rtp(packet);
            self.socket.send(&sealed).expect("loopback takes it");
        }
        self.times += 1;
    }
}

/// A thread of its own, on a processor of its own.
pub(crate) struct Load {
    counts: Arc<Counts>,
    thread: JoinHandle<(Vec<Sender>, Vec<UdpSocket>)>,
}

#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    received: AtomicU64,
    is_stopped: AtomicBool,
}

impl Load {
    /// Sends and reads until it is stopped, on this processor. The senders share the time evenly.
    pub(crate) fn start(
        traffic: Traffic,
        mut senders: Vec<Sender>,
        sinks: Vec<UdpSocket>,
        processor: usize,
    ) -> Self {
        let counts = Arc::new(Counts::default());
        let own = Arc::clone(&counts);
        let body = move || {
            Thread::current().pin(processor);
            run(traffic, &mut senders, &sinks, &own);
            (senders, sinks)
        };
        let thread = thread::Builder::new().name("load".to_owned()).spawn(body);
        Self { counts, thread: thread.expect("the system has threads") }
    }

    /// RTP packets sent, and received.
    pub(crate) fn packets(&self) -> (u64, u64) {
        (self.counts.sent.load(Ordering::Relaxed), self.counts.received.load(Ordering::Relaxed))
    }

    pub(crate) fn stop(self) -> (Vec<Sender>, Vec<UdpSocket>) {
        self.counts.is_stopped.store(true, Ordering::Relaxed);
        self.thread.join().expect("it does not panic")
    }
}

fn run(traffic: Traffic, senders: &mut [Sender], sinks: &[UdpSocket], counts: &Counts) {
    let begun = Instant::now();
    let step = traffic.interval() / u32::try_from(senders.len().max(1)).expect("they are few");
    let mut turns = 0;
    while !counts.is_stopped.load(Ordering::Relaxed) {
        for glance in sinks.chunks(GLANCE) {
            while !senders.is_empty() && begun + step * turns <= Instant::now() {
                let sender = turns as usize % senders.len();
                senders[sender].send(traffic);
                counts.sent.fetch_add(traffic.packets() as u64, Ordering::Relaxed);
                turns += 1;
            }
            counts.received.fetch_add(read(glance), Ordering::Relaxed);
        }
        // The program's main thread wakes here now and then.
        thread::yield_now();
    }
}

/// Reads what waits in sockets that do not block. Gives how many RTP packets there were.
fn read(sockets: &[UdpSocket]) -> u64 {
    let mut buffer = [0; 2_048];
    let mut packets = 0;
    for socket in sockets {
        while let Ok(len) = socket.recv(&mut buffer) {
            // Neither RTCP nor STUN (RFC 7983, RFC 5761).
            packets += u64::from(len > 1 && buffer[0] >= 128 && !(192..224).contains(&buffer[1]));
        }
    }
    packets
}
