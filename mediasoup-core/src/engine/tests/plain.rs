//! Plain transports: whom they listen to, where they send, and with which keys.

use std::net::{IpAddr, SocketAddr};

use super::*;
use crate::{
    engine::{
        rtcp::{Packet, packets},
        transport::{PlainSession, PlainSetup},
    },
    ids::ProducerId,
    media::{
        error::TransportError,
        plain::{PlainRemote, PlainTransportParameters, SrtpCryptoSuite},
        transport::{Protocol, TransportTuple},
    },
};

const SENDER: TransportId = TransportId::from_u128(1);
const VIEWER: TransportId = TransportId::from_u128(2);
const PEER: [u8; 4] = [198, 51, 100, 7];

fn ours(port: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], port))
}

fn tuple(local: u16, remote_ip: [u8; 4], remote: u16) -> Tuple {
    Tuple { protocol: Protocol::Udp, local: ours(local), remote: SocketAddr::from((remote_ip, remote)) }
}

fn setup(rtp: u16) -> PlainSetup {
    PlainSetup { rtp: ours(rtp), rtcp: None, comedia: false, srtp: None, sctp: None }
}

fn remote(port: u16) -> PlainRemote {
    PlainRemote { ip: Some(IpAddr::from(PEER)), port: Some(port), ..PlainRemote::default() }
}

/// A datagram, and its way.
type Sent = (Tuple, Vec<u8>);

/// An engine whose transports are all plain.
struct Plain {
    now: Instant,
    engine: Engine,
}

impl Plain {
    fn new() -> Self {
        let World { now, engine, .. } = World::new();
        Self { now, engine }
    }

    fn open(&mut self, id: TransportId, setup: PlainSetup) -> PlainTransportParameters {
        self.engine.create_plain_transport(self.now, ROUTER, id, setup).expect("its ports are free")
    }

    fn connect(
        &mut self,
        id: TransportId,
        remote: &PlainRemote,
    ) -> Result<PlainTransportParameters, TransportError> {
        self.engine.connect_plain_transport(self.now, id, remote)
    }

    /// One transport sends to the other's peer.
    fn call(sender: PlainSetup, viewer: PlainSetup) -> Self {
        let mut plain = Self::new();
        plain.open(SENDER, sender);
        plain.open(VIEWER, viewer);
        plain.engine.produce(plain.now, SENDER, video_producer(10)).unwrap();
        plain.engine.consume(plain.now, VIEWER, video_consumer(20, 10)).unwrap();
        plain
    }

    fn receive(&mut self, tuple: Tuple, mut datagram: Vec<u8>) {
        self.engine.handle_datagram(self.now, tuple, &mut datagram);
    }

    /// What goes out, RTP and RTCP.
    fn sent(&mut self) -> (Vec<Sent>, Vec<Sent>) {
        let sent = self.engine.take_datagrams().into_iter();
        sent.partition(|(_, bytes)| demux::kind(bytes) == Some(Kind::Rtp))
    }

    fn told(&mut self) -> Vec<RouterEvent> {
        std::iter::from_fn(|| self.engine.poll_event()).map(|(_, event)| event).collect()
    }

    fn pass(&mut self, duration: Duration) {
        self.now += duration;
        self.engine.handle_timeout(self.now);
    }
}

fn is_key_frame_request(compound: &[u8]) -> bool {
    let mut found = false;
    packets(compound, |packet| found |= matches!(packet, Packet::Pli { media_ssrc: VIDEO_SSRC }));
    found
}

#[test]
fn the_first_who_sends_is_the_peer_and_nobody_else_is() {
    let comedia = PlainSetup { comedia: true, ..setup(40_000) };
    let mut plain = Plain::call(comedia, setup(40_002));
    plain.connect(VIEWER, &remote(5_004)).unwrap();
    assert_eq!(plain.sent(), (vec![], vec![]), "nobody to ask for a key frame yet");
    let stranger = tuple(40_000, [203, 0, 113, 9], 6_000);
    plain.receive(stranger, vec![0x80, 96, 0]);
    assert_eq!(plain.told(), [], "not RTP: nothing is learnt of it");

    let peer = tuple(40_000, PEER, 5_000);
    plain.receive(peer, video_packet(1, 0, DELTA_FRAME));
    plain.receive(stranger, video_packet(2, 3_000, KEY_FRAME));
    plain.receive(peer, video_packet(2, 3_000, KEY_FRAME));
    plain.receive(peer, video_packet(3, 6_000, DELTA_FRAME));
    let learnt = RouterEvent::Tuple(SENDER, TransportTuple::from(peer));
    assert!(plain.told().contains(&learnt));
    let (rtp, rtcp) = plain.sent();
    let out = tuple(40_002, PEER, 5_004);
    assert!(rtp.iter().all(|(tuple, _)| *tuple == out), "{rtp:?}");
    let packets: Vec<_> = rtp.into_iter().map(|(_, bytes)| bytes).collect();
    let payloads: Vec<_> =
        summary(&packets).into_iter().map(|(ssrc, _, _, payload)| (ssrc, payload)).collect();
    assert_eq!(payloads, [(CONSUMER_SSRC, KEY_FRAME.to_vec()), (CONSUMER_SSRC, DELTA_FRAME.to_vec())]);
    assert!(rtcp.iter().any(|(tuple, bytes)| *tuple == peer && is_key_frame_request(bytes)), "{rtcp:?}");
}

#[test]
fn rtcp_has_its_own_way_where_it_is_not_muxed() {
    let split = |rtp: u16| PlainSetup { rtcp: Some(ours(rtp + 1)), ..setup(rtp) };
    let mut plain = Plain::call(PlainSetup { comedia: true, ..split(40_000) }, split(40_002));
    plain.connect(VIEWER, &PlainRemote { rtcp_port: Some(5_005), ..remote(5_004) }).unwrap();
    let pli = |ssrc| {
        let mut pli = Vec::new();
        crate::engine::rtcp::write_pli(&mut pli, ssrc);
        pli
    };
    plain.receive(tuple(40_000, PEER, 5_000), video_packet(1, 0, KEY_FRAME));
    plain.receive(tuple(40_001, [203, 0, 113, 9], 6_001), pli(1));
    plain.receive(tuple(40_001, PEER, 5_001), pli(1));
    let learnt = RouterEvent::RtcpTuple(SENDER, TransportTuple::from(tuple(40_001, PEER, 5_001)));
    assert_eq!(
        plain
            .told()
            .into_iter()
            .filter(|event| matches!(event, RouterEvent::RtcpTuple(..)))
            .collect::<Vec<_>>(),
        [learnt]
    );
    plain.sent();

    // The viewer's request reaches the sender over the ports of RTCP; on the port of RTP it is not heard.
    plain.pass(Duration::from_secs(2));
    plain.sent();
    plain.receive(tuple(40_002, PEER, 5_004), pli(CONSUMER_SSRC));
    assert_eq!(plain.sent().1, []);
    plain.receive(tuple(40_003, PEER, 5_005), pli(CONSUMER_SSRC));
    let (_, rtcp) = plain.sent();
    assert!(
        matches!(&rtcp[..], [(to, bytes)] if *to == tuple(40_001, PEER, 5_001) && is_key_frame_request(bytes))
    );
}

#[test]
fn srtp_is_sealed_with_the_keys_that_were_exchanged() {
    for (suite, theirs_suite) in [
        (SrtpCryptoSuite::AesCm128HmacSha1_80, SrtpCryptoSuite::AesCm128HmacSha1_80),
        (SrtpCryptoSuite::AesCm128HmacSha1_32, SrtpCryptoSuite::AesCm128HmacSha1_32),
        (SrtpCryptoSuite::AeadAes256Gcm, SrtpCryptoSuite::AeadAes256Gcm),
        (SrtpCryptoSuite::AesCm128HmacSha1_80, SrtpCryptoSuite::AeadAes128Gcm),
    ] {
        let secured = |rtp| PlainSetup { srtp: Some(suite), comedia: true, ..setup(rtp) };
        let mut plain = Plain::call(secured(40_000), secured(40_002));
        let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::from_seed([1; 32]);
        // The peer is a session of the same kind, the other way round.
        let way = tuple(40_000, PEER, 5_000);
        let peer_setup = PlainSetup { rtp: way.remote, srtp: Some(theirs_suite), ..setup(5_000) };
        let mut peer = PlainSession::new(peer_setup, &mut rng);
        let srtp_parameters = peer.srtp_parameters().cloned();
        plain.receive(way, video_packet(1, 0, KEY_FRAME));
        assert_eq!(plain.told(), [], "nothing is heard without keys");
        let keys_only = PlainRemote { srtp_parameters, ..PlainRemote::default() };
        let answer = plain.connect(SENDER, &keys_only).unwrap();
        assert_eq!(answer.srtp_parameters.as_ref().unwrap().crypto_suite, theirs_suite);
        assert!(matches!(plain.connect(SENDER, &keys_only), Err(TransportError::AlreadyConnected)));
        let ours = PlainRemote {
            ip: Some(way.local.ip()),
            port: Some(way.local.port()),
            srtp_parameters: answer.srtp_parameters,
            ..PlainRemote::default()
        };
        peer.connect(&ours, &mut rng).unwrap();

        plain.receive(way, video_packet(1, 0, KEY_FRAME));
        assert_eq!(plain.told(), [], "what is not sealed is not authentic");
        let mut sealed = video_packet(2, 0, KEY_FRAME);
        peer.seal_rtp(&mut sealed, 0).unwrap();
        plain.receive(way, sealed);
        assert_eq!(plain.told(), [RouterEvent::Tuple(SENDER, TransportTuple::from(way))]);
        plain.pass(Duration::from_secs(2));
        let reports = plain.sent().1;
        let (to, mut report) = reports.into_iter().next().expect("a receiver report");
        assert_eq!(to, way);
        let back = Tuple { local: way.remote, remote: way.local, ..way };
        peer.open_rtcp(back, &mut report).unwrap();
    }
}

#[test]
fn a_peer_that_is_stated_wrongly_changes_nothing() {
    let mut plain = Plain::new();
    let rtcp = Some(ours(40_001));
    let srtp = Some(SrtpCryptoSuite::AesCm128HmacSha1_80);
    plain.open(SENDER, setup(40_000));
    plain.open(VIEWER, PlainSetup { rtcp, ..setup(40_002) });
    let (secured, comedia) = (TransportId::from_u128(3), TransportId::from_u128(4));
    let key = plain.open(secured, PlainSetup { srtp, ..setup(40_003) }).srtp_parameters;
    plain.open(comedia, PlainSetup { comedia: true, ..setup(40_004) });
    let mut short_key = key.clone();
    short_key.as_mut().unwrap().key_base64.truncate(8);
    for (id, remote) in [
        (SENDER, PlainRemote::default()),
        (SENDER, PlainRemote { port: None, ..remote(1) }),
        (SENDER, remote(0)),
        (SENDER, PlainRemote { ip: Some("::1".parse().unwrap()), ..remote(1) }),
        (SENDER, PlainRemote { rtcp_port: Some(2), ..remote(1) }),
        (SENDER, PlainRemote { srtp_parameters: key.clone(), ..remote(1) }),
        (VIEWER, remote(1)),
        (secured, remote(1)),
        (secured, PlainRemote { srtp_parameters: short_key, ..remote(1) }),
        (comedia, remote(1)),
        (comedia, PlainRemote::default()),
    ] {
        let refused = plain.connect(id, &remote);
        assert!(matches!(refused, Err(TransportError::Invalid(_))), "{id} {remote:?}: {refused:?}");
    }
    plain.connect(SENDER, &remote(1)).unwrap();
    assert!(matches!(plain.connect(SENDER, &remote(1)), Err(TransportError::AlreadyConnected)));
    plain.connect(VIEWER, &PlainRemote { rtcp_port: Some(2), ..remote(1) }).unwrap();
    plain.connect(secured, &PlainRemote { srtp_parameters: key, ..remote(1) }).unwrap();
}

#[test]
fn ports_are_given_back_and_hear_nothing_any_more() {
    let mut plain = Plain::call(PlainSetup { rtcp: Some(ours(40_001)), ..setup(40_000) }, setup(40_002));
    plain.engine.close_transport(plain.now, SENDER);
    let unbound = |plain: &mut Plain| std::iter::from_fn(|| plain.engine.poll_unbound()).collect::<Vec<_>>();
    assert_eq!(unbound(&mut plain), [ours(40_000), ours(40_001)]);
    plain.receive(tuple(40_000, PEER, 5_000), video_packet(1, 0, KEY_FRAME));
    plain.engine.close_router(plain.now, ROUTER);
    assert_eq!(unbound(&mut plain), [ours(40_002)]);
    assert_eq!(plain.engine.counts(), EngineCounts::default());
    let orphan = plain.engine.create_plain_transport(plain.now, ROUTER, SENDER, setup(40_000));
    assert!(matches!(orphan, Err(TransportError::NotFound(_))));
    assert!(!plain.engine.producer_keys.contains_key(&ProducerId::from_u128(10)));
}
