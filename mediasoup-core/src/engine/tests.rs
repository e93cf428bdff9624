//! An engine among peers made here: virtual time, no sockets, real ICE, DTLS and SRTP.

#![expect(clippy::disallowed_methods, reason = "a start for virtual time")]

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    demux::{Kind, kind},
    rtp::{ExtensionValue, Header, RtpPacket, write_packet},
    transport::tests::{Check, Peer as Browser},
    *,
};
use crate::media::{
    port::{ConsumeRequest, ProduceRequest},
    rtp::{MediaKind, RtpMapping, RtpParameters, RtpType},
    transport::Protocol,
};

mod lifecycle;
mod media;

const ROUTER: RouterId = RouterId::from_u128(1);
const VIDEO_SSRC: u32 = 1111;
const VIDEO_RTX_SSRC: u32 = 1112;
const CONSUMER_SSRC: u32 = 2222;
const CONSUMER_RTX_SSRC: u32 = 2223;
const MID_URI: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
const AUDIO_LEVEL_URI: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
const WIDE_CC_URI: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// One peer with one transport.
struct Client {
    id: TransportId,
    browser: Browser,
    rtp: Vec<Vec<u8>>,
    rtcp: Vec<Vec<u8>>,
}

/// An engine and its peers; datagrams arrive at once and none is lost.
struct World {
    now: Instant,
    engine: Engine,
    clients: BTreeMap<Tuple, Client>,
    events: Vec<RouterEvent>,
}

impl World {
    fn new() -> Self {
        let now = Instant::now();
        let identity = Arc::new(DtlsIdentity::generate().expect("the system has randomness"));
        let config =
            EngineConfig { seed: [7; 32], identity, ice_consent_timeout: Some(Duration::from_secs(30)) };
        let mut engine = Engine::new(config, now);
        engine.create_router(ROUTER);
        Self { now, engine, clients: BTreeMap::new(), events: Vec::new() }
    }

    /// A new transport, with its peer connected.
    fn client(&mut self, number: u16) -> Tuple {
        let tuple = self.connecting_client(number);
        self.finish_connecting(tuple);
        tuple
    }

    /// A new transport whose peer has been heard of, and has yet to say hello.
    fn connecting_client(&mut self, number: u16) -> Tuple {
        let tuple = Tuple {
            protocol: Protocol::Udp,
            local: SocketAddr::from(([192, 0, 2, 1], 40_000)),
            remote: SocketAddr::from(([198, 51, 100, 1], 50_000 + number)),
        };
        let id = TransportId::from_u128(number.into());
        let parameters = self.engine.create_transport(self.now, ROUTER, id, vec![], None).expect("it is new");
        let browser = Browser::browser(self.now);
        self.engine.connect_transport(self.now, id, &browser.parameters()).expect("it is the first");
        self.clients.insert(tuple, Client { id, browser, rtp: vec![], rtcp: vec![] });
        self.receive(tuple, Check::NOMINATING.request(&parameters.ice_parameters));
        self.run();
        tuple
    }

    fn finish_connecting(&mut self, tuple: Tuple) {
        for hello in self.at(tuple).browser_output(None) {
            self.receive(tuple, hello);
        }
        self.run();
        let connected = RouterEvent::DtlsState(self.id(tuple), crate::media::transport::DtlsState::Connected);
        assert!(self.events.contains(&connected));
    }

    fn at(&mut self, tuple: Tuple) -> Talk<'_> {
        Talk { now: self.now, client: self.clients.get_mut(&tuple).expect("it is a client") }
    }

    fn id(&self, tuple: Tuple) -> TransportId {
        self.clients[&tuple].id
    }

    fn receive(&mut self, tuple: Tuple, mut datagram: Vec<u8>) {
        self.engine.handle_datagram(self.now, tuple, &mut datagram);
    }

    /// Delivers what the engine sends, and what is answered, until all is quiet.
    fn run(&mut self) {
        loop {
            let mut sent = Vec::new();
            while let Some(transmit) = self.engine.poll_transmit() {
                sent.push((transmit.tuple, transmit.contents.to_vec()));
            }
            while let Some((router, event)) = self.engine.poll_event() {
                assert_eq!(router, ROUTER);
                self.events.push(event);
            }
            if sent.is_empty() {
                return;
            }
            for (tuple, datagram) in sent {
                for answer in self.at(tuple).deliver(datagram) {
                    self.receive(tuple, answer);
                }
            }
        }
    }

    /// Lets time pass, deadline by deadline.
    fn advance(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(due) = self.engine.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.engine.handle_timeout(self.now);
            self.run();
        }
        self.now = end;
    }

    fn produce(&mut self, tuple: Tuple, request: ProduceRequest) {
        let transport = self.id(tuple);
        self.engine.produce(self.now, transport, request).expect("the parameters are new");
        self.run();
    }

    fn consume(&mut self, tuple: Tuple, request: ConsumeRequest) {
        let transport = self.id(tuple);
        self.engine.consume(self.now, transport, request).expect("the producer exists");
        self.run();
    }

    fn send_rtp(&mut self, tuple: Tuple, packet: Vec<u8>) {
        let sealed = self.at(tuple).client.browser.seal_rtp(packet);
        self.receive(tuple, sealed);
        self.run();
    }

    fn send_rtcp(&mut self, tuple: Tuple, write: impl FnOnce(&mut Vec<u8>)) {
        let mut packet = Vec::new();
        write(&mut packet);
        let sealed = self.at(tuple).client.browser.seal_rtcp(packet);
        self.receive(tuple, sealed);
        self.run();
    }

    fn take_rtp(&mut self, tuple: Tuple) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.at(tuple).client.rtp)
    }

    fn take_rtcp(&mut self, tuple: Tuple) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.at(tuple).client.rtcp)
    }
}

/// A client at a moment.
struct Talk<'a> {
    now: Instant,
    client: &'a mut Client,
}

impl Talk<'_> {
    fn browser_output(&mut self, datagram: Option<&[u8]>) -> Vec<Vec<u8>> {
        self.client.browser.handle(self.now, datagram)
    }

    fn deliver(&mut self, datagram: Vec<u8>) -> Vec<Vec<u8>> {
        match kind(&datagram) {
            Some(Kind::Dtls) => return self.browser_output(Some(&datagram)),
            Some(Kind::Rtp) => {
                let plain = self.client.browser.open_rtp(datagram);
                self.client.rtp.push(plain);
            }
            Some(Kind::Rtcp) => {
                let plain = self.client.browser.open_rtcp(datagram);
                self.client.rtcp.push(plain);
            }
            Some(Kind::Stun) | None => {}
        }
        Vec::new()
    }
}

fn parameters(value: serde_json::Value) -> RtpParameters {
    serde_json::from_value(value).expect("it is well-formed")
}

fn video_feedback() -> serde_json::Value {
    json!([{"type": "nack"}, {"type": "nack", "parameter": "pli"}, {"type": "transport-cc"}])
}

/// VP8 with RTX, its SSRCs announced.
fn video_producer(id: u128) -> ProduceRequest {
    ProduceRequest {
        id: ProducerId::from_u128(id),
        kind: MediaKind::Video,
        rtp_type: RtpType::Simple,
        rtp_parameters: parameters(json!({
            "mid": "0",
            "codecs": [
                {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000, "rtcpFeedback": video_feedback()},
                {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": {"apt": 96}},
            ],
            "headerExtensions": [{"uri": MID_URI, "id": 4}, {"uri": WIDE_CC_URI, "id": 5}],
            "encodings": [{"ssrc": VIDEO_SSRC, "rtx": {"ssrc": VIDEO_RTX_SSRC}}],
        })),
        mapping: mapping(&[(96, 101), (97, 102)]),
        paused: false,
    }
}

fn mapping(codecs: &[(u8, u8)]) -> RtpMapping {
    let codecs: Vec<_> =
        codecs.iter().map(|(from, to)| json!({"payloadType": from, "mappedPayloadType": to})).collect();
    serde_json::from_value(json!({"codecs": codecs, "encodings": [{"mappedSsrc": 5000}]}))
        .expect("it is well-formed")
}

fn video_consumer(id: u128, producer: u128) -> ConsumeRequest {
    ConsumeRequest {
        id: ConsumerId::from_u128(id),
        producer_id: ProducerId::from_u128(producer),
        kind: MediaKind::Video,
        rtp_type: RtpType::Simple,
        rtp_parameters: parameters(json!({
            "mid": "9",
            "codecs": [
                {"mimeType": "video/VP8", "payloadType": 101, "clockRate": 90000, "rtcpFeedback": video_feedback()},
                {"mimeType": "video/rtx", "payloadType": 102, "clockRate": 90000, "parameters": {"apt": 101}},
            ],
            "headerExtensions": [{"uri": MID_URI, "id": 1}, {"uri": AUDIO_LEVEL_URI, "id": 6}, {"uri": WIDE_CC_URI, "id": 5}],
            "encodings": [{"ssrc": CONSUMER_SSRC, "rtx": {"ssrc": CONSUMER_RTX_SSRC}}],
            "rtcp": {"cname": "somebody"},
        })),
        mapped_ssrcs: vec![5000],
        paused: false,
    }
}

const KEY_FRAME: &[u8] = &[0x10, 0x00, 1, 2, 3];
const DELTA_FRAME: &[u8] = &[0x10, 0x01, 1, 2, 3];

/// A packet of [`video_producer`].
fn video_packet(sequence_number: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    let header = Header { marker: true, payload_type: 96, sequence_number, timestamp, ssrc: VIDEO_SSRC };
    let wide = sequence_number.to_be_bytes();
    let extensions = [ExtensionValue { id: 4, value: b"0" }, ExtensionValue { id: 5, value: &wide }];
    write_packet(&mut packet, &header, &extensions, &[payload]);
    packet
}

/// What matters of the packets a viewer got: SSRC, payload type, sequence number, payload.
fn summary(packets: &[Vec<u8>]) -> Vec<(u32, u8, u16, Vec<u8>)> {
    packets
        .iter()
        .map(|bytes| {
            let packet = RtpPacket::parse(bytes).expect("it is RTP");
            (packet.ssrc, packet.payload_type, packet.sequence_number, packet.payload.to_vec())
        })
        .collect()
}
