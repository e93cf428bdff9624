//! Data channels between an engine and peers with an SCTP of their own: real DTLS, virtual time. In `bare` without DTLS.
#![expect(clippy::disallowed_methods, reason = "a start for virtual time")]

mod bare;
mod faults;
mod flow;
mod interop;

use std::time::{Duration, Instant};

use dcsctp::api::{
    DcSctpSocket, Message, Options, PpId, SendOptions, Socket, SocketEvent, SocketState, SocketTime, StreamId,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::*;
use crate::{
    engine::{Engine, world::World},
    ids::TransportId,
    media::{
        data::{
            ConsumeDataRequest, DataMessage, Delivery, NumSctpStreams, ProduceDataRequest, SctpOptions,
            SctpState, SctpStreamParameters, Subchannels,
        },
        error::DataError,
        event::RouterEvent,
        transport::Tuple,
    },
};

const TEXT: u32 = 51;
const BINARY: u32 = 53;
const STEP: Duration = Duration::from_millis(10);

/// A peer with an SCTP of its own.
struct Client {
    tuple: Tuple,
    socket: Socket,
    got: Vec<Message>,
    reset: Vec<StreamId>,
}

impl Client {
    fn send(&mut self, stream: u16, ppid: u32, payload: impl Into<Vec<u8>>) {
        self.send_with(stream, ppid, payload, &SendOptions::default());
    }

    fn send_with(&mut self, stream: u16, ppid: u32, payload: impl Into<Vec<u8>>, options: &SendOptions) {
        let message = Message::new(StreamId(stream), PpId(ppid), payload.into());
        self.socket.send(message, options).unwrap();
    }

    /// Messages that came since.
    fn got(&mut self) -> Vec<(u16, u32, Vec<u8>)> {
        let message = |it: Message| (it.stream_id.0, it.ppid.0, it.payload);
        std::mem::take(&mut self.got).into_iter().map(message).collect()
    }
}

/// An engine, its peers, and the path between them.
struct Net {
    world: World,
    clients: Vec<Client>,
    start: Instant,
    rng: StdRng,
    /// Of SCTP packets, either way.
    loss: f64,
}

impl Net {
    fn new() -> Self {
        let start = Instant::now();
        let world = World::starting_at(start, None);
        Self { world, clients: Vec::new(), start, rng: StdRng::seed_from_u64(7), loss: 0.0 }
    }

    /// A client whose association is up.
    fn client(&mut self, options: SctpOptions) -> usize {
        let number = u16::try_from(self.clients.len()).unwrap() + 1;
        let tuple = self.world.client(number);
        let id = self.world.id(tuple);
        self.world.engine.enable_sctp(self.world.now, id, options).unwrap();
        let socket = Socket::new("", &Options { max_message_size: 4_000_000, ..Options::default() });
        self.clients.push(Client { tuple, socket, got: Vec::new(), reset: Vec::new() });
        let index = self.clients.len() - 1;
        self.clients[index].socket.connect();
        self.settle();
        assert_eq!(self.clients[index].socket.state(), SocketState::Connected);
        assert!(self.world.events.contains(&RouterEvent::SctpState(id, SctpState::Connected)));
        index
    }

    fn transport(&self, client: usize) -> TransportId {
        self.world.id(self.clients[client].tuple)
    }

    fn is_lost(&mut self) -> bool {
        self.loss > 0.0 && self.rng.random_bool(self.loss)
    }

    /// Carries packets to and fro until nobody has any.
    fn settle(&mut self) {
        loop {
            let mut is_quiet = true;
            for index in 0..self.clients.len() {
                is_quiet &= !self.carry(index);
            }
            self.world.run();
            if is_quiet {
                return;
            }
        }
    }

    /// One client's packets. Whether there were any.
    fn carry(&mut self, index: usize) -> bool {
        let (now, tuple) = (self.world.now, self.clients[index].tuple);
        let mut moved = false;
        let came = std::mem::take(&mut self.world.at(tuple).client.browser.received);
        for packet in came {
            moved = true;
            if !self.is_lost() {
                self.clients[index].socket.handle_input(&packet);
            }
        }
        while let Some(event) = self.clients[index].socket.poll_event() {
            match event {
                SocketEvent::SendPacket(packet) => {
                    moved = true;
                    if !self.is_lost() {
                        for record in self.world.at(tuple).client.browser.send_data(now, &packet) {
                            self.world.receive(tuple, record);
                        }
                    }
                }
                SocketEvent::OnIncomingStreamReset(streams) => self.clients[index].reset.extend(streams),
                _ => {}
            }
        }
        let client = &mut self.clients[index];
        while let Some(message) = client.socket.get_next_message() {
            client.got.push(message);
        }
        moved
    }

    /// Lets time pass.
    fn advance(&mut self, time: Duration) {
        let end = self.world.now + time;
        while self.world.now < end {
            self.world.now += STEP;
            let at = SocketTime::zero() + (self.world.now - self.start);
            for client in &mut self.clients {
                client.socket.advance_time(at);
            }
            self.world.engine.handle_timeout(self.world.now);
            self.settle();
        }
    }

    fn produce(&mut self, client: usize, id: u128, stream: u16, delivery: Delivery) -> Result<(), DataError> {
        let request = ProduceDataRequest {
            id: DataProducerId::from_u128(id),
            sctp_stream_parameters: SctpStreamParameters { stream_id: stream, delivery },
            label: "chat".to_owned(),
            protocol: String::new(),
            paused: false,
        };
        self.world.engine.produce_data(self.world.now, self.transport(client), request)
    }

    fn consume(
        &mut self,
        client: usize,
        id: u128,
        producer: u128,
    ) -> Result<SctpStreamParameters, DataError> {
        let request = ConsumeDataRequest {
            id: DataConsumerId::from_u128(id),
            data_producer_id: DataProducerId::from_u128(producer),
            delivery: None,
            subchannels: [].into(),
            paused: false,
        };
        self.world.engine.consume_data(self.world.now, self.transport(client), request)
    }

    /// One sends on stream 0, the other hears it on stream 0.
    fn pair(delivery: Delivery) -> Self {
        let mut net = Self::new();
        let (ada, bob) = (net.client(SctpOptions::default()), net.client(SctpOptions::default()));
        net.produce(ada, 10, 0, delivery).unwrap();
        assert_eq!(net.consume(bob, 20, 10).unwrap(), SctpStreamParameters { stream_id: 0, delivery });
        net
    }
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index % 251) as u8).collect()
}
