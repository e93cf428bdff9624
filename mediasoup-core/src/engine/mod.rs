//! The media engine, sans I/O: told the time, told its randomness; no sockets, threads, locks or clock.
//!
//! One engine serves one worker. Whoever drives it
//! 1. hands it datagrams ([`Engine::gather_datagram`]), a passed deadline ([`Engine::handle_timeout`]) or
//!    calls one of its commands,
//! 2. sends [`Engine::transmits`] and drains [`Engine::poll_event`], [`Engine::poll_tap`] and [`Engine::poll_unbound`]:
//!    after some inputs, at once where it [is full](Engine::is_full),
//! 3. waits for the next datagram or command, at most until [`Engine::poll_timeout`].

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    hint::black_box,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use indexmap::IndexMap;
use rand::{SeedableRng, rngs::StdRng};
use slab::Slab;

use crate::{
    ids::{ConsumerId, ProducerId, RouterId, TransportId},
    media::{event::RouterEvent, transport::Tuple},
};

mod bandwidth;
#[cfg(any(test, feature = "test-util"))]
pub(crate) mod benching;
mod bridge;
#[cfg(any(test, feature = "test-util"))]
mod client;
mod codec;
mod commands;
mod congestion;
mod consumer;
mod data;
mod deadlines;
mod demux;
mod direct;
mod dump;
mod egress;
mod fan_out;
mod feedback;
mod forward;
#[cfg(any(test, feature = "test-util"))]
pub(crate) mod fuzzing;
mod gathered;
mod keys;
mod layer;
mod layering;
mod limits;
mod listener;
mod loss_share;
mod meter;
mod observe;
mod outbox;
mod peer;
mod plain;
mod producer;
mod quality;
mod reports;
mod rtcp;
mod rtp;
mod sessions;
mod stats;
mod tap;
#[cfg(test)]
mod tests;
mod trace;
mod traffic;
pub(crate) mod transport;
#[cfg(any(test, feature = "test-util"))]
mod world;

pub(crate) use congestion::Bounds;
use consumer::{Consumer, Moment};
use data::DataChannels;
use deadlines::Deadlines;
use demux::Kind;
use gathered::Gathered;
use keys::{ConsumerKey, ProducerKey, TransportKey};
use observe::Observers;
use outbox::Outbox;
use peer::Peer;
use producer::Producer;
use rtcp::NtpTime;
use tap::Taps;
use transport::DtlsIdentity;

/// Of a path whose round trip is not known yet.
const DEFAULT_ROUND_TRIP: Duration = Duration::from_millis(100);

/// How far apart routine wakes the engine: reports, feedback, shares of bandwidth, handshakes. With hundreds of transports it
/// would be awake all the time else.
const ROUTINE_ROUND: Duration = Duration::from_millis(10);

/// What an engine is made from.
pub(crate) struct EngineConfig {
    /// Seed of everything random in it: ICE credentials, first sequence numbers, timestamps.
    pub(crate) seed: [u8; 32],
    /// The certificate of all its transports.
    pub(crate) identity: Arc<DtlsIdentity>,
    /// RFC 7675; `None`: peers may be silent for ever.
    pub(crate) ice_consent_timeout: Option<Duration>,
}

/// Where something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// From where, to where, over what.
    Network(Tuple),
    /// Over the bridge that begins with this transport.
    Bridge(TransportId),
}

/// Datagrams (or RFC 4571 frames) to be sent.
#[derive(Clone, Copy)]
pub(crate) struct Transmit<'a> {
    pub(crate) to: Destination,
    /// Their payloads, one behind the other.
    pub(crate) contents: &'a [u8],
    /// Of each, in bytes; only the last may be shorter.
    pub(crate) segment: usize,
}

impl<'a> Transmit<'a> {
    pub(crate) fn datagrams(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.contents.chunks(self.segment)
    }
}

/// How many of each thing an engine holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EngineCounts {
    pub(crate) routers: usize,
    pub(crate) transports: usize,
    pub(crate) producers: usize,
    pub(crate) consumers: usize,
}

/// The media of one worker.
pub(crate) struct Engine {
    identity: Arc<DtlsIdentity>,
    ice_consent_timeout: Option<Duration>,
    rng: StdRng,
    /// NTP and statistics count from here: no peer needs the time of day (RFC 3550 §6.4.1).
    epoch: Instant,
    routers: BTreeMap<RouterId, BTreeSet<TransportKey>>,
    peers: Slab<Peer>,
    producers: Slab<Producer>,
    consumers: Slab<Consumer>,
    transport_keys: BTreeMap<TransportId, TransportKey>,
    producer_keys: BTreeMap<ProducerId, ProducerKey>,
    consumer_keys: BTreeMap<ConsumerId, ConsumerKey>,
    data: DataChannels,
    tuples: IndexMap<Tuple, TransportKey>,
    username_fragments: BTreeMap<String, TransportKey>,
    /// Local addresses that belong to one plain transport each.
    plain_ports: BTreeMap<SocketAddr, TransportKey>,
    /// Those of closed transports.
    unbound: VecDeque<SocketAddr>,
    deadlines: Deadlines<TransportKey>,
    observers: Observers,
    gathered: Gathered,
    outbox: Outbox,
    events: VecDeque<(RouterId, RouterEvent)>,
    taps: Taps,
}

/// Reads what [`Peer::touch`] and its like read, all at once, and nothing is made of it.
fn touch_all(touched: impl Iterator<Item = u64>) {
    black_box(touched.fold(0, std::ops::BitXor::bitxor));
}

impl Engine {
    pub(crate) fn new(config: EngineConfig, now: Instant) -> Self {
        Self {
            identity: config.identity,
            ice_consent_timeout: config.ice_consent_timeout,
            rng: StdRng::from_seed(config.seed),
            epoch: now,
            routers: BTreeMap::new(),
            peers: Slab::new(),
            producers: Slab::new(),
            consumers: Slab::new(),
            transport_keys: BTreeMap::new(),
            producer_keys: BTreeMap::new(),
            consumer_keys: BTreeMap::new(),
            data: DataChannels::default(),
            tuples: IndexMap::new(),
            username_fragments: BTreeMap::new(),
            plain_ports: BTreeMap::new(),
            unbound: VecDeque::new(),
            deadlines: Deadlines::default(),
            observers: Observers::default(),
            gathered: Gathered::default(),
            outbox: Outbox::default(),
            events: VecDeque::new(),
            taps: Taps::default(),
        }
    }

    /// A datagram (or RFC 4571 frame) came in. It is opened in place.
    #[cfg(any(test, feature = "test-util"))]
    pub(crate) fn handle_datagram(&mut self, now: Instant, tuple: Tuple, datagram: &mut [u8]) {
        self.gather_datagram(now, tuple, datagram);
        self.fan_out_all();
    }

    /// Datagrams came in on these ways: reads of what is known of them what they will take, as [`Peer::touch`] does.
    pub(crate) fn touch(&self, tuples: impl Iterator<Item = Tuple>) {
        let touch = |key: &TransportKey| {
            let peer = &self.peers[key.0];
            let producer = peer.producers.first().map_or(0, |producer| self.producers[producer.0].touch());
            peer.touch_receiving() ^ producer
        };
        let touched = tuples.filter_map(|tuple| self.tuples.get(&tuple)).map(touch);
        touch_all(touched);
    }

    /// A datagram (or RFC 4571 frame) came in, perhaps with others: after the last, [`Engine::fan_out`] is to be called. It is opened in place.
    pub(crate) fn gather_datagram(&mut self, now: Instant, tuple: Tuple, datagram: &mut [u8]) {
        let Some(kind) = demux::kind(datagram) else { return };
        let plain = self.plain_ports.get(&tuple.local).copied();
        let key = match kind {
            _ if plain.is_some() => plain,
            Kind::Stun => transport::stun_username_fragment(datagram)
                .and_then(|fragment| self.username_fragments.get(fragment).copied()),
            _ => self.tuples.get(&tuple).copied(),
        };
        let Some(key) = key else { return };
        let peer = &mut self.peers[key.0];
        peer.traffic.received.add(now, datagram.len());
        match kind {
            Kind::Stun => {
                peer.session.handle_stun(now, tuple, datagram);
                self.drain_session(now, key);
            }
            Kind::Dtls => {
                peer.session.handle_dtls(now, tuple, datagram);
                self.drain_session(now, key);
                self.receive_data(now, key);
            }
            Kind::Sctp => self.receive_sctp(now, key, tuple, datagram),
            Kind::Rtp => self.gather_rtp(now, key, tuple, datagram),
            Kind::Rtcp => self.handle_rtcp(now, key, tuple, datagram),
        }
        if plain.is_some() {
            self.drain_session(now, key);
        }
    }

    /// A TCP connection is gone.
    pub(crate) fn handle_tuple_closed(&mut self, now: Instant, tuple: Tuple) {
        if let Some(key) = self.tuples.get(&tuple).copied() {
            self.peers[key.0].session.handle_tuple_closed(now, tuple);
            self.drain_session(now, key);
        }
    }

    /// Time has passed; deadlines up to `now` are carried out.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        while let Some(key) = self.deadlines.pop_due(now) {
            self.peers[key.0].session.handle_timeout(now);
            self.drain_session(now, key);
            self.handle_sctp_timeout(now, key);
            self.send_due_feedback(now, key);
            self.send_due_video(now, key);
            self.send_due_reports(now, key);
            let due = self.next_due(key);
            // Whatever could not be done now is tried again later, never in a busy loop.
            self.deadlines.set(key, due.map(|due| due.max(now + Duration::from_millis(1))));
        }
        self.look_at_observers(now);
    }

    fn next_due(&self, key: TransportKey) -> Option<Instant> {
        let peer = &self.peers[key.0];
        let streams = peer.producers.iter().filter_map(|producer| self.producers[producer.0].next_due());
        let streams = streams.filter(|_| peer.is_connected());
        let routine = peer.next_routine().map(|at| self.at_leisure(at));
        [peer.next_urgent(), routine].into_iter().flatten().chain(streams).min()
    }

    /// The end of the round that a moment is in: what many transports do again and again is done together.
    fn at_leisure(&self, at: Instant) -> Instant {
        let since_epoch = at.saturating_duration_since(self.epoch).as_micros() as u64;
        self.epoch + Duration::from_micros(since_epoch.next_multiple_of(ROUTINE_ROUND.as_micros() as u64))
    }

    /// What is to be sent, in order.
    pub(crate) fn transmits(&self) -> impl Iterator<Item = Transmit<'_>> {
        self.outbox.transmits()
    }

    /// It was sent.
    pub(crate) fn clear_transmits(&mut self) {
        self.outbox.clear();
    }

    /// So much is to be sent that it shall go before the next input.
    pub(crate) fn is_full(&self) -> bool {
        self.outbox.is_full()
    }

    /// Each datagram of [`Engine::transmits`].
    #[cfg(any(test, feature = "test-util"))]
    fn take_datagrams(&mut self) -> Vec<(Tuple, Vec<u8>)> {
        let mut datagrams = Vec::new();
        for transmit in self.transmits() {
            if let Destination::Network(tuple) = transmit.to {
                datagrams.extend(transmit.datagrams().map(|datagram| (tuple, datagram.to_vec())));
            }
        }
        self.clear_transmits();
        datagrams
    }

    /// The next thing to tell a router's owner.
    pub(crate) fn poll_event(&mut self) -> Option<(RouterId, RouterEvent)> {
        self.events.pop_front()
    }

    /// When [`Engine::handle_timeout`] wants to be called; `None`: not before the next input.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        [self.deadlines.next(), self.observers.next_due()].into_iter().flatten().min()
    }

    pub(crate) fn counts(&self) -> EngineCounts {
        EngineCounts {
            routers: self.routers.len(),
            transports: self.peers.len(),
            producers: self.producers.len(),
            consumers: self.consumers.len(),
        }
    }

    fn moment(&self, now: Instant) -> Moment {
        Moment { now, since_epoch: now.saturating_duration_since(self.epoch) }
    }

    fn ntp(&self, now: Instant) -> NtpTime {
        NtpTime::from_duration(now.saturating_duration_since(self.epoch))
    }

    /// ms since the engine started.
    fn timestamp_ms(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.epoch).as_millis() as u64
    }
}
