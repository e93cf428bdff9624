#![expect(clippy::disallowed_methods, reason = "sockets are real here")]

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, TcpStream, UdpSocket},
};

use mio::{Events, Poll};
use quinn_udp::BATCH_SIZE;

use super::*;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PATIENCE: Duration = Duration::from_secs(5);
const BINDING_SUCCESS: [u8; 4] = [0x01, 0x01, 0, 0];
const BINDING_ERROR: [u8; 4] = [0x01, 0x11, 0, 0];

struct Rig {
    poll: Poll,
    network: Network,
    udp: Vec<SocketAddr>,
    tcp: SocketAddr,
    start: Instant,
    inbox: Inbox,
}

impl Rig {
    fn new(udp_count: usize) -> Self {
        let poll = Poll::new().unwrap();
        let ports: Vec<UdpPort> = (0..udp_count).map(|_| UdpPort::bind(LOOPBACK, 0).unwrap()).collect();
        let listener = TcpPort::bind(LOOPBACK, 0).unwrap();
        let (udp, tcp) = (ports.iter().map(UdpPort::local).collect(), listener.local());
        let start = Instant::now();
        let network =
            Network::new(poll.registry().try_clone().unwrap(), ports, vec![listener], start).unwrap();
        Self { poll, network, udp, tcp, start, inbox: Inbox::new() }
    }

    /// Waits for events once.
    fn wait(&mut self) {
        let mut events = Events::with_capacity(64);
        self.poll.poll(&mut events, Some(PATIENCE)).unwrap();
        events.iter().for_each(|event| self.network.handle_event(event));
    }

    fn send(&mut self, now: Instant, tuple: Tuple, contents: &[u8]) {
        self.network.send(
            now,
            std::iter::once(Transmit { to: Destination::Network(tuple), contents, segment: contents.len() }),
        );
    }

    /// Turns until `wanted` datagrams have come.
    fn receive(&mut self, wanted: usize) -> Vec<(Tuple, Vec<u8>)> {
        let mut received = Vec::new();
        while received.len() < wanted {
            let now = self.start;
            if !self.network.receive(now, &mut self.inbox) {
                self.wait();
            }
            while let Some((tuple, datagram)) = self.inbox.pop() {
                received.push((tuple, datagram.to_vec()));
            }
        }
        received
    }

    fn wait_until_closed(&mut self) -> Tuple {
        loop {
            self.network.flush();
            if let Some(tuple) = self.network.poll_closed() {
                return tuple;
            }
            if !self.network.receive(self.start, &mut self.inbox) {
                self.wait();
            }
        }
    }

    /// A client connection the network knows of, by a first frame.
    fn connect(&mut self) -> (TcpStream, Tuple) {
        let mut client = TcpStream::connect(self.tcp).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client.write_all(&[0, 1, 42]).unwrap();
        let (tuple, frame) = self.receive(1).remove(0);
        assert_eq!(frame, [42]);
        (client, tuple)
    }
}

fn udp_client() -> UdpSocket {
    let client = UdpSocket::bind((LOOPBACK, 0)).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client
}

#[test]
fn datagrams_come_and_go_by_tuple() {
    let mut rig = Rig::new(2);
    let client = udp_client();
    client.send_to(b"ping", rig.udp[1]).unwrap();
    let (tuple, datagram) = rig.receive(1).remove(0);
    let expected = Tuple { protocol: Protocol::Udp, local: rig.udp[1], remote: client.local_addr().unwrap() };
    assert_eq!((tuple, datagram.as_slice()), (expected, b"ping".as_slice()));

    rig.send(rig.start, tuple, b"pong");
    let mut buffer = [0; 16];
    let (len, from) = client.recv_from(&mut buffer).unwrap();
    assert_eq!((&buffer[..len], from), (b"pong".as_slice(), rig.udp[1]));
}

#[test]
fn a_run_arrives_as_its_datagrams_in_their_order() {
    let mut rig = Rig::new(2);
    let client = udp_client();
    let to_client =
        Tuple { protocol: Protocol::Udp, local: rig.udp[0], remote: client.local_addr().unwrap() };
    let to_itself = Tuple { remote: rig.udp[1], ..to_client };
    let contents: Vec<u8> = (0..=250).collect();
    let run = |tuple, segment| Transmit { to: Destination::Network(tuple), contents: &contents, segment };
    let transmits = [run(to_client, 100), run(to_client, 251), run(to_itself, 100), run(to_client, 200)];
    rig.network.send(rig.start, transmits.into_iter());

    let mut buffer = [0; 512];
    let mut at_client = || client.recv(&mut buffer).map(|len| buffer[..len].to_vec()).unwrap();
    for expected in [0..=99, 100..=199, 200..=250, 0..=250, 0..=199, 200..=250] {
        assert_eq!(at_client(), expected.collect::<Vec<u8>>());
    }
    let from_itself = Tuple { protocol: Protocol::Udp, local: rig.udp[1], remote: rig.udp[0] };
    let received = rig.receive(3);
    assert!(received.iter().all(|(tuple, _)| *tuple == from_itself));
    let expected: Vec<Vec<u8>> = contents.chunks(100).map(<[u8]>::to_vec).collect();
    assert_eq!(received.into_iter().map(|(_, datagram)| datagram).collect::<Vec<_>>(), expected);
}

#[test]
fn one_who_cannot_be_reached_costs_no_other_anything() {
    let mut rig = Rig::new(1);
    let client = udp_client();
    let reachable =
        Tuple { protocol: Protocol::Udp, local: rig.udp[0], remote: client.local_addr().unwrap() };
    let nowhere = Tuple { remote: SocketAddr::from(([127, 0, 0, 1], 0)), ..reachable };
    let elsewhere = Tuple { local: SocketAddr::from(([192, 0, 2, 1], 1)), ..reachable };
    let single = |tuple, contents| Transmit { to: Destination::Network(tuple), contents, segment: 3 };
    let transmits = [
        single(reachable, b"one".as_slice()),
        single(nowhere, b"two"),
        single(elsewhere, b"two"),
        single(nowhere, b"twotwo"),
        single(reachable, b"thrfou"),
        single(reachable, b"fiv"),
    ];
    rig.network.send(rig.start, transmits.into_iter());
    let mut buffer = [0; 16];
    for expected in [b"one", b"thr", b"fou", b"fiv"] {
        let len = client.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..len], expected);
    }
    assert_eq!(rig.network.drops.count(), 4);
}

#[test]
fn a_busy_socket_starves_no_other_and_nothing_is_forgotten() {
    let mut rig = Rig::new(2);
    let client = udp_client();
    for number in 0..100_u8 {
        client.send_to(&[number], rig.udp[0]).unwrap();
    }
    client.send_to(b"!", rig.udp[1]).unwrap();
    rig.wait();
    // One event told of all of them.
    let received = rig.receive(101);
    let of_quiet = received.iter().position(|(_, datagram)| datagram == b"!").unwrap();
    assert!(of_quiet <= BATCH_SIZE, "its turn came after {of_quiet} others");
    let of_busy: Vec<u8> = received
        .iter()
        .filter(|(tuple, _)| tuple.local == rig.udp[0])
        .map(|(_, datagram)| datagram[0])
        .collect();
    assert_eq!(of_busy, (0..100).collect::<Vec<u8>>());
    while rig.network.receive(rig.start, &mut rig.inbox) {
        assert!(rig.inbox.pop().is_none(), "there is more");
    }
    assert!(!rig.network.has_work());
}

#[test]
fn frames_come_and_go_by_tuple() {
    let mut rig = Rig::new(1);
    let (mut client, tuple) = rig.connect();
    assert_eq!(
        tuple,
        Tuple { protocol: Protocol::Tcp, local: rig.tcp, remote: client.local_addr().unwrap() }
    );
    client.write_all(&[0, 2, 1, 2, 0, 3, 4]).unwrap();
    assert_eq!(rig.receive(1), [(tuple, vec![1, 2])]);
    client.write_all(&[5, 6]).unwrap();
    assert_eq!(rig.receive(1), [(tuple, vec![4, 5, 6])]);

    rig.send(rig.start, tuple, &[7, 8, 9]);
    rig.send(rig.start, tuple, &[10]);
    rig.network.flush();
    let mut answer = [0; 8];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(answer, [0, 3, 7, 8, 9, 0, 1, 10]);

    drop(client);
    assert_eq!(rig.wait_until_closed(), tuple);
    rig.send(rig.start, tuple, b"nobody");
    assert!(rig.network.connections.is_empty() && rig.network.by_tuple.is_empty());
}

#[test]
fn a_frame_too_long_ends_the_connection() {
    let mut rig = Rig::new(1);
    let (mut client, tuple) = rig.connect();
    client.write_all(&[0xff, 0xff, 0]).unwrap();
    assert_eq!(rig.wait_until_closed(), tuple);
    assert_eq!(client.read(&mut [0; 1]).unwrap_or(0), 0);
}

#[test]
fn connections_nobody_answers_are_closed() {
    let mut rig = Rig::new(1);
    let start = rig.start;
    let (_unknown, unknown) = rig.connect();
    let (_refused, refused) = rig.connect();
    let (_valid, valid) = rig.connect();
    rig.send(start, refused, &BINDING_ERROR);
    rig.send(start, valid, &BINDING_SUCCESS);
    rig.network.flush();
    assert_eq!(rig.network.poll_timeout(), Some(start + SWEEP_INTERVAL));

    let closed_by = |rig: &mut Rig, seconds| {
        rig.network.handle_timeout(start + Duration::from_secs(seconds));
        let mut closed: Vec<Tuple> = std::iter::from_fn(|| rig.network.poll_closed()).collect();
        closed.sort();
        closed
    };
    assert!(closed_by(&mut rig, 9).is_empty());
    let mut both = vec![unknown, refused];
    both.sort();
    assert_eq!(closed_by(&mut rig, 11), both);
    assert!(closed_by(&mut rig, 59).is_empty());
    rig.send(start + Duration::from_secs(59), valid, &BINDING_SUCCESS);
    assert!(closed_by(&mut rig, 118).is_empty());
    assert_eq!(closed_by(&mut rig, 120), [valid]);
    assert_eq!(rig.network.poll_timeout(), None);
}

#[test]
fn a_slow_reader_loses_whole_frames_only() {
    let mut rig = Rig::new(1);
    let (mut client, tuple) = rig.connect();
    let mut frames = 0_u32;
    while rig.network.drops.count() < 100 {
        rig.send(rig.start, tuple, &[frames.to_be_bytes(); 250].concat());
        rig.network.flush();
        frames += 1;
    }
    let kept = frames - 100;

    let reader = std::thread::Builder::new()
        .spawn(move || {
            let mut numbers = Vec::new();
            for _ in 0..kept {
                let mut frame = [0; 1002];
                client.read_exact(&mut frame).unwrap();
                assert_eq!(frame[..2], [0x03, 0xe8]);
                let number = &frame[2..6];
                assert!(frame[2..].chunks(4).all(|copy| copy == number));
                numbers.push(u32::from_be_bytes(number.try_into().unwrap()));
            }
            (client, numbers)
        })
        .unwrap();
    while !rig.network.connections.iter().all(|(_, connection)| connection.socket.is_flushed()) {
        rig.wait();
        rig.network.flush();
    }
    let (_client, numbers) = reader.join().unwrap();
    assert!(numbers.is_sorted_by(|a, b| a < b));
    assert_eq!(numbers.len(), usize::try_from(kept).unwrap());
}
