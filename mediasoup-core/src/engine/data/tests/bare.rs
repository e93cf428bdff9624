//! SCTP over UDP itself: plain transports of one engine that are each other's peers.

use std::net::SocketAddr;

use super::*;
use crate::{
    engine::{transport::PlainSetup, world::ROUTER},
    media::{
        direct::DirectPacket,
        dump::TransportKindDump,
        plain::{PlainRemote, SrtpCryptoSuite},
        transport::{Protocol, TransportTuple},
    },
};

const NEAR: TransportId = TransportId::from_u128(1);
const FAR: TransportId = TransportId::from_u128(2);
/// Where messages come from and go to.
const PROCESS: TransportId = TransportId::from_u128(3);
const NEAR_PORT: u16 = 40_000;
const FAR_PORT: u16 = 40_002;
/// From the near end to the far one.
const SOURCE: DataProducerId = DataProducerId::from_u128(10);
const COPY: DataProducerId = DataProducerId::from_u128(11);
const READER: DataConsumerId = DataConsumerId::from_u128(21);

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], port))
}

fn setup(port: u16) -> PlainSetup {
    let sctp = Some(SctpOptions::default());
    PlainSetup { rtp: address(port), rtcp: None, comedia: false, srtp: None, sctp }
}

fn at(port: u16) -> PlainRemote {
    PlainRemote { ip: Some(address(port).ip()), port: Some(port), ..PlainRemote::default() }
}

/// Two ends, and the path between them.
struct Way {
    now: Instant,
    engine: Engine,
    rng: StdRng,
    loss: f64,
    /// Everything that was on the path.
    packets: Vec<(Tuple, Vec<u8>)>,
    told: Vec<RouterEvent>,
    got: Vec<(DataConsumerId, DataMessage)>,
}

impl Way {
    fn between(near: PlainSetup, far: PlainSetup) -> Self {
        let World { now, mut engine, .. } = World::starting_at(Instant::now(), None);
        engine.create_plain_transport(now, ROUTER, NEAR, near).unwrap();
        engine.create_plain_transport(now, ROUTER, FAR, far).unwrap();
        engine.create_direct_transport(now, ROUTER, PROCESS, SctpOptions::MESSAGE_SIZE_MAX).unwrap();
        let rng = StdRng::seed_from_u64(7);
        Self { now, engine, rng, loss: 0.0, packets: vec![], told: vec![], got: vec![] }
    }

    /// Both know each other.
    fn connected() -> Self {
        let mut way = Self::between(setup(NEAR_PORT), setup(FAR_PORT));
        way.connect(NEAR, FAR_PORT);
        way.connect(FAR, NEAR_PORT);
        way
    }

    fn connect(&mut self, end: TransportId, to: u16) {
        self.engine.connect_plain_transport(self.now, end, &at(to)).unwrap();
    }

    fn produce(&mut self, end: TransportId, id: DataProducerId, stream_id: u16) -> Result<(), DataError> {
        let request = ProduceDataRequest {
            id,
            sctp_stream_parameters: SctpStreamParameters { stream_id, delivery: Delivery::Ordered },
            label: String::new(),
            protocol: String::new(),
            paused: false,
        };
        self.engine.produce_data(self.now, end, request)
    }

    /// Gives the stream.
    fn consume(&mut self, end: TransportId, id: u128, data_producer_id: DataProducerId) -> u16 {
        let request = ConsumeDataRequest {
            id: DataConsumerId::from_u128(id),
            data_producer_id,
            delivery: None,
            subchannels: [].into(),
            paused: false,
        };
        self.engine.consume_data(self.now, end, request).unwrap().stream_id
    }

    /// From the process over the near end and the far one to the process.
    fn pipe(&mut self) {
        self.produce(PROCESS, SOURCE, 0).unwrap();
        let stream = self.consume(NEAR, 20, SOURCE);
        self.produce(FAR, COPY, stream).unwrap();
        self.consume(PROCESS, 21, COPY);
    }

    fn send(&mut self, from: DataProducerId, message: DataMessage) {
        self.engine.send_from_data_producer(self.now, from, message, &Subchannels::default()).unwrap();
    }

    /// Lets time pass; packets of either end reach the other at once, or never.
    fn advance(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let packets = self.engine.take_datagrams();
            let is_quiet = packets.is_empty();
            for (tuple, mut packet) in packets {
                let is_lost = self.loss > 0.0 && self.rng.random_bool(self.loss);
                self.packets.push((tuple, packet.clone()));
                if !is_lost {
                    let there = Tuple { local: tuple.remote, remote: tuple.local, ..tuple };
                    self.engine.handle_datagram(self.now, there, &mut packet);
                }
            }
            self.told.extend(std::iter::from_fn(|| self.engine.poll_event()).map(|(_, event)| event));
            while let Some((_, packet)) = self.engine.poll_direct() {
                let Some(DirectPacket::Data { data_consumer_id, message }) = packet else { continue };
                self.got.push((data_consumer_id, message));
            }
            if is_quiet {
                if self.now >= end {
                    return;
                }
                self.now += STEP;
                self.engine.handle_timeout(self.now);
            }
        }
    }

    /// How far both associations have come.
    fn states(&self) -> [Option<SctpState>; 2] {
        [NEAR, FAR].map(|id| self.engine.dump_transport(id).unwrap().sctp_state)
    }

    fn has_told(&self, state: SctpState) -> [bool; 2] {
        [NEAR, FAR].map(|id| self.told.contains(&RouterEvent::SctpState(id, state)))
    }
}

#[test]
fn messages_go_over_udp_itself_and_arrive_in_order_under_loss() {
    let mut way = Way::connected();
    way.loss = 0.1;
    way.pipe();
    let messages = [
        DataMessage::Text("hé".to_owned()),
        DataMessage::Text(String::new()),
        DataMessage::Binary(pattern(262_144)),
        DataMessage::Binary(vec![]),
    ];
    for message in messages.clone() {
        way.send(SOURCE, message);
    }
    way.advance(Duration::from_secs(30));
    assert_eq!(way.got, messages.map(|message| (READER, message)));
    assert_eq!(way.has_told(SctpState::Connecting), [true; 2], "both ends begin");
    let is_connected =
        |event: &&RouterEvent| matches!(event, RouterEvent::SctpState(_, SctpState::Connected));
    assert_eq!(way.told.iter().filter(is_connected).count(), 2, "each is told of once");
    // Ports, tag, checksum: nothing but SCTP checks what is in it.
    let is_bare =
        |(_, packet): &(Tuple, Vec<u8>)| packet[..4] == [19, 136, 19, 136] && packet[8..12] != [0; 4];
    assert!(way.packets.iter().all(is_bare));
}

#[test]
fn an_association_begins_with_the_first_channel_of_either_end() {
    let mut way = Way::connected();
    way.advance(Duration::from_secs(1));
    assert_eq!(
        (way.packets.len(), way.states()),
        (0, [Some(SctpState::New); 2]),
        "the peer may have no SCTP"
    );
    way.produce(FAR, COPY, 0).unwrap();
    way.advance(Duration::from_secs(1));
    assert_eq!(way.has_told(SctpState::Connecting), [false, true]);
    assert_eq!(way.states(), [Some(SctpState::Connected); 2]);

    // What is sent before there is a peer waits for it.
    let mut way = Way::between(setup(NEAR_PORT), setup(FAR_PORT));
    way.pipe();
    way.send(SOURCE, DataMessage::Text("early".to_owned()));
    way.advance(Duration::from_secs(1));
    assert_eq!((way.packets.len(), way.got.len()), (0, 0));
    way.connect(NEAR, FAR_PORT);
    way.advance(Duration::from_secs(1));
    assert_eq!(way.got, [], "the far end does not know the near one");
    way.connect(FAR, NEAR_PORT);
    way.advance(Duration::from_secs(5));
    assert_eq!(way.got, [(READER, DataMessage::Text("early".to_owned()))]);
    way.engine.close_transport(way.now, NEAR);
    way.advance(Duration::from_secs(1));
    assert_eq!(way.engine.dump_transport(FAR).unwrap().sctp_state, Some(SctpState::Failed));
}

#[test]
fn a_stream_has_one_direction_and_the_other_goes_on_without_it() {
    let mut way = Way::connected();
    let parameters = way.engine.dump_transport(NEAR).unwrap().sctp_parameters.unwrap();
    assert!(!parameters.is_data_channel);
    way.pipe();
    // The same way back, on the streams of the same number.
    let (back, back_copy) = (DataProducerId::from_u128(12), DataProducerId::from_u128(13));
    way.produce(PROCESS, back, 9).unwrap();
    assert_eq!(way.consume(FAR, 22, back), 0);
    way.produce(NEAR, back_copy, 0).unwrap();
    way.consume(PROCESS, 23, back_copy);
    assert!(matches!(way.produce(NEAR, DataProducerId::from_u128(14), 0), Err(DataError::StreamInUse(0))));
    assert!(matches!(way.produce(NEAR, back_copy, 1), Err(DataError::DuplicateId(id)) if id == back_copy));

    let text = |text: &str| DataMessage::Text(text.to_owned());
    way.send(SOURCE, text("there"));
    way.send(back, text("and back"));
    way.advance(Duration::from_secs(1));
    let back_reader = DataConsumerId::from_u128(23);
    way.got.sort_by_key(|(id, _)| *id);
    assert_eq!(std::mem::take(&mut way.got), [(READER, text("there")), (back_reader, text("and back"))]);
    way.engine.close_data_consumer(way.now, DataConsumerId::from_u128(20));
    way.engine.close_data_producer(way.now, COPY);
    way.advance(Duration::from_secs(1));
    way.send(back, text("still"));
    way.advance(Duration::from_secs(1));
    assert_eq!(way.got, [(back_reader, text("still"))]);
}

#[test]
fn only_the_peer_is_heard_and_nobody_is_learnt_of_what_proves_nothing() {
    let comedia = PlainSetup { comedia: true, ..setup(FAR_PORT) };
    let mut way = Way::between(setup(NEAR_PORT), comedia);
    way.pipe();
    way.connect(NEAR, FAR_PORT);
    way.send(SOURCE, DataMessage::Text("hello".to_owned()));
    way.advance(Duration::from_secs(1));
    assert_eq!(way.got.len(), 1);
    let from_near = Tuple { protocol: Protocol::Udp, local: address(FAR_PORT), remote: address(NEAR_PORT) };
    let learnt = RouterEvent::Tuple(FAR, TransportTuple::from(from_near));
    assert!(way.told.contains(&learnt));
    // What ended one association ends another only from its peer.
    let replayed: Vec<_> = std::mem::take(&mut way.packets);
    for (tuple, mut packet) in replayed {
        let stranger = Tuple { local: tuple.remote, remote: address(9), ..tuple };
        way.engine.handle_datagram(way.now, stranger, &mut packet);
        assert_eq!(way.engine.take_datagrams(), []);
    }
    let mut broken = [19, 136, 19, 136].to_vec();
    broken.resize(40, 7);
    way.engine.handle_datagram(way.now, from_near, &mut broken);
    assert_eq!(way.states(), [Some(SctpState::Connected); 2]);

    let sealed = PlainSetup { srtp: Some(SrtpCryptoSuite::default()), ..comedia };
    let without = PlainSetup { sctp: None, ..comedia };
    for far in [sealed, without] {
        let mut way = Way::between(setup(NEAR_PORT), far);
        way.produce(PROCESS, SOURCE, 0).unwrap();
        way.consume(NEAR, 20, SOURCE);
        way.connect(NEAR, FAR_PORT);
        if far.srtp.is_some() {
            // Any key will do: nobody seals anything.
            let TransportKindDump::Plain { srtp_parameters, .. } =
                way.engine.dump_transport(FAR).unwrap().kind
            else {
                panic!("it is plain");
            };
            let key = PlainRemote { srtp_parameters, ..PlainRemote::default() };
            way.engine.connect_plain_transport(way.now, FAR, &key).unwrap();
        }
        way.advance(Duration::from_secs(5));
        assert!(
            !way.packets.is_empty() && !way.told.iter().any(|event| matches!(event, RouterEvent::Tuple(..)))
        );
        assert_eq!(way.states()[0], Some(SctpState::Connecting));
    }
}
