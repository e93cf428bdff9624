//! Peers that shake hands with a worker, many at a time, on a thread of their own.

use std::{
    net::UdpSocket,
    sync::mpsc::{Receiver, Sender, TryRecvError, channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use mediasoup_benches::{cpu::Thread, histogram::Histogram, peer::greet};
use mediasoup_core::{benching::Client, media::transport::TransportParameters};

use crate::OTHER;

const DATAGRAM_LEN_MAX: usize = 2_048;
/// Between two looks at the sockets, where nothing came.
const LOOK: Duration = Duration::from_micros(200);
/// Between two looks at what is to be sent again.
const REPEAT: Duration = Duration::from_millis(20);
/// After the last of them was sent off, for them to connect.
const PATIENCE: Duration = Duration::from_secs(3);

/// How they fared.
#[derive(Default)]
pub(crate) struct Outcome {
    /// ns from the first check to keys.
    pub(crate) handshakes: Histogram,
    /// When the last of them was connected.
    pub(crate) ended: Option<Instant>,
    pub(crate) failed: usize,
}

pub(crate) struct Peers {
    transports: Sender<TransportParameters>,
    thread: JoinHandle<Outcome>,
}

impl Peers {
    /// All have the certificate of `model`. `together`: none begins before all are known.
    pub(crate) fn start(model: Client, together: bool) -> Self {
        let (transports, queue) = channel();
        let body = move || {
            Thread::current().pin(OTHER);
            run(&model, &queue, together)
        };
        let thread = thread::Builder::new().name("peers".to_owned()).spawn(body);
        Self { transports, thread: thread.expect("the system has threads") }
    }

    /// Connects a peer to this transport.
    pub(crate) fn connect(&self, transport: TransportParameters) {
        self.transports.send(transport).expect("the thread waits for them");
    }

    pub(crate) fn finish(self) -> Outcome {
        drop(self.transports);
        self.thread.join().expect("it does not panic")
    }
}

struct Connecting {
    client: Client,
    socket: UdpSocket,
    begun: Instant,
}

impl Connecting {
    fn start(client: Client, transport: &TransportParameters) -> Self {
        let socket = greet(transport);
        socket.set_nonblocking(true).expect("it is a socket");
        let mut connecting = Self { client, socket, begun: Instant::now() };
        connecting.repeat();
        connecting
    }

    /// Sends the first flight, or what is to be sent again.
    fn repeat(&mut self) {
        let flight = self.client.handshake(Instant::now());
        self.send(flight);
    }

    fn send(&self, flight: Vec<Vec<u8>>) {
        for datagram in flight {
            self.socket.send(&datagram).expect("loopback takes it");
        }
    }

    /// Answers what has come. Gives whether anything has.
    fn go_on(&mut self) -> bool {
        let mut buffer = [0; DATAGRAM_LEN_MAX];
        let mut any = false;
        while let Ok(len) = self.socket.recv(&mut buffer) {
            any = true;
            let flight = self.client.handle(Instant::now(), &buffer[..len]);
            self.send(flight);
        }
        any
    }
}

fn run(model: &Client, queue: &Receiver<TransportParameters>, together: bool) -> Outcome {
    let (mut outcome, mut connecting, mut sockets) = (Outcome::default(), Vec::new(), Vec::new());
    let all: Vec<_> = if together { queue.iter().collect() } else { Vec::new() };
    connecting
        .extend(all.iter().map(|transport| Connecting::start(model.another(Instant::now()), transport)));
    let (mut is_over, mut newest, mut repeated) = (false, Instant::now(), Instant::now());
    while !is_over || (!connecting.is_empty() && newest.elapsed() < PATIENCE) {
        loop {
            match queue.try_recv() {
                Ok(transport) => {
                    connecting.push(Connecting::start(model.another(Instant::now()), &transport));
                    newest = Instant::now();
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    is_over = true;
                    break;
                }
            }
        }
        let mut any = false;
        for one in &mut connecting {
            any |= one.go_on();
        }
        if repeated.elapsed() > REPEAT {
            connecting.iter_mut().for_each(Connecting::repeat);
            repeated = Instant::now();
        }
        for done in connecting.extract_if(.., |one| one.client.is_connected()) {
            outcome.handshakes.record(done.begun.elapsed().as_nanos() as u64);
            outcome.ended = Some(Instant::now());
            // Its port stays its own: another's would take its place at the server.
            sockets.push(done.socket);
        }
        if !any {
            thread::sleep(LOOK);
        }
    }
    outcome.failed = connecting.len();
    outcome
}
