//! An engine among peers made here: virtual time, no sockets, real ICE, DTLS and SRTP. For tests and benches.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Bounds, Engine, EngineConfig,
    demux::{Kind, kind},
    transport::{
        DtlsIdentity,
        remote::{Check, Peer as Browser},
    },
};
use crate::{
    ids::{RouterId, TransportId},
    media::{
        event::RouterEvent,
        port::{ConsumeRequest, ProduceRequest},
        transport::{DtlsState, Protocol, Tuple},
    },
};

pub(super) mod video;

pub(super) const OUTGOING: Bounds =
    Bounds { initial: 1_000_000, minimum: 600_000, maximum: None, floor: None };
pub(super) const ROUTER: RouterId = RouterId::from_u128(1);

/// One peer with one transport.
pub(super) struct Client {
    id: TransportId,
    pub(super) browser: Browser,
    /// What it got, opened.
    pub(super) rtp: Vec<Vec<u8>>,
    pub(super) rtcp: Vec<Vec<u8>>,
}

/// An engine and its peers; datagrams arrive at once and none is lost.
pub(super) struct World {
    pub(super) now: Instant,
    pub(super) engine: Engine,
    pub(super) clients: BTreeMap<Tuple, Client>,
    pub(super) events: Vec<RouterEvent>,
}

impl World {
    pub(super) fn starting_at(now: Instant, ice_consent_timeout: Option<Duration>) -> Self {
        let identity = Arc::new(DtlsIdentity::generate().expect("the system has randomness"));
        let config = EngineConfig { seed: [7; 32], identity, ice_consent_timeout };
        let mut engine = Engine::new(config, now);
        engine.create_router(ROUTER);
        Self { now, engine, clients: BTreeMap::new(), events: Vec::new() }
    }

    /// A new transport, with its peer connected.
    pub(super) fn client(&mut self, number: u16) -> Tuple {
        let tuple = self.connecting_client(number);
        self.finish_connecting(tuple);
        tuple
    }

    /// A new transport whose peer has been heard of, and has yet to say hello.
    pub(super) fn connecting_client(&mut self, number: u16) -> Tuple {
        let tuple = Tuple {
            protocol: Protocol::Udp,
            local: SocketAddr::from(([192, 0, 2, 1], 40_000)),
            remote: SocketAddr::from(([198, 51, 100, 1], 50_000 + number)),
        };
        let id = TransportId::from_u128(number.into());
        let parameters =
            self.engine.create_transport(self.now, ROUTER, id, vec![], None, OUTGOING).expect("it is new");
        let browser = Browser::browser(self.now);
        self.engine.connect_transport(self.now, id, &browser.parameters()).expect("it is the first");
        self.clients.insert(tuple, Client { id, browser, rtp: vec![], rtcp: vec![] });
        self.receive(tuple, Check::NOMINATING.request(&parameters.ice_parameters));
        self.run();
        tuple
    }

    pub(super) fn finish_connecting(&mut self, tuple: Tuple) {
        for hello in self.at(tuple).browser_output(None) {
            self.receive(tuple, hello);
        }
        self.run();
        let connected = RouterEvent::DtlsState(self.id(tuple), DtlsState::Connected);
        assert!(self.events.contains(&connected));
    }

    pub(super) fn at(&mut self, tuple: Tuple) -> Talk<'_> {
        Talk { now: self.now, client: self.clients.get_mut(&tuple).expect("it is a client") }
    }

    pub(super) fn id(&self, tuple: Tuple) -> TransportId {
        self.clients[&tuple].id
    }

    pub(super) fn receive(&mut self, tuple: Tuple, mut datagram: Vec<u8>) {
        self.engine.handle_datagram(self.now, tuple, &mut datagram);
    }

    /// Delivers what the engine sends, and what is answered, until all is quiet.
    pub(super) fn run(&mut self) {
        loop {
            let sent = self.engine.take_datagrams();
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

    pub(super) fn produce(&mut self, tuple: Tuple, request: ProduceRequest) {
        let transport = self.id(tuple);
        self.engine.produce(self.now, transport, request).expect("the parameters are new");
        self.run();
    }

    pub(super) fn consume(&mut self, tuple: Tuple, request: ConsumeRequest) {
        let transport = self.id(tuple);
        self.engine.consume(self.now, transport, request).expect("the producer exists");
        self.run();
    }

    pub(super) fn send_rtp(&mut self, tuple: Tuple, packet: Vec<u8>) {
        let sealed = self.at(tuple).client.browser.seal_rtp(packet);
        self.receive(tuple, sealed);
        self.run();
    }
}

/// A client at a moment.
pub(super) struct Talk<'a> {
    now: Instant,
    pub(super) client: &'a mut Client,
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
            Some(Kind::Stun | Kind::Sctp) | None => {}
        }
        Vec::new()
    }
}
