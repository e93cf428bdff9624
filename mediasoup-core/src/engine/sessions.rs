//! What a transport's secured session wants: datagrams sent, tuples known, states told.

use std::time::Instant;

use super::{Engine, demux::is_handshake, keys::TransportKey, transport::SessionEvent};
use crate::{
    ids::TransportId,
    media::{
        event::RouterEvent,
        transport::{DtlsState, Tuple},
    },
};

impl Engine {
    /// Whether a datagram is a step of a handshake, of a peer that ICE has validated.
    pub(crate) fn is_of_handshake(&self, tuple: Tuple, datagram: &[u8]) -> bool {
        is_handshake(datagram) && self.tuples.contains_key(&tuple)
    }

    /// Carries out what a session asks for after an input.
    pub(super) fn drain_session(&mut self, now: Instant, key: TransportKey) {
        let peer = &mut self.peers[key.0];
        while let Some((tuple, datagram)) = peer.session.poll_transmit() {
            peer.traffic.sent.add(now, datagram.len());
            self.outbox.push_plain(tuple, &datagram);
        }
        while let Some(event) = self.peers[key.0].session.poll_event() {
            self.on_session_event(now, key, event);
        }
        self.forget_retired_username_fragments(key);
        if let Some(due) = self.peers[key.0].session.poll_timeout() {
            self.deadlines.sooner(key, self.at_leisure(due));
        }
    }

    pub(super) fn forget_retired_username_fragments(&mut self, key: TransportKey) {
        while let Some(fragment) = self.peers[key.0].session.retired_username_fragment() {
            self.username_fragments.remove(&fragment);
        }
    }

    fn on_session_event(&mut self, now: Instant, key: TransportKey, event: SessionEvent) {
        match event {
            // An address belongs to whoever proved last to be there.
            SessionEvent::TupleAdded(tuple) => {
                if let Some(former) = self.tuples.insert(tuple, key)
                    && former != key
                {
                    self.peers[former.0].session.handle_tuple_closed(now, tuple);
                    self.drain_session(now, former);
                }
            }
            SessionEvent::TupleRemoved(tuple) => {
                if self.tuples.get(&tuple) == Some(&key) {
                    self.tuples.swap_remove(&tuple);
                }
            }
            SessionEvent::Ice(state) => self.tell(key, |id| RouterEvent::IceState(id, state)),
            SessionEvent::Path(tuple) => self.tell(key, |id| RouterEvent::Tuple(id, tuple.into())),
            SessionEvent::RtcpPath(tuple) => self.tell(key, |id| RouterEvent::RtcpTuple(id, tuple.into())),
            SessionEvent::Connected => {
                // It was a packet that told who the peer is: those who see it already need no other.
                self.fan_out_all();
                self.on_connected(now, key);
            }
            SessionEvent::Dtls(state) => {
                self.tell(key, |id| RouterEvent::DtlsState(id, state));
                if state == DtlsState::Connected {
                    self.on_connected(now, key);
                }
            }
        }
    }

    fn tell(&mut self, key: TransportKey, event: impl FnOnce(TransportId) -> RouterEvent) {
        let peer = &self.peers[key.0];
        self.events.push_back((peer.router, event(peer.id)));
    }

    /// Keys are in place: reports begin, and who was waiting to see something asks for a key frame.
    pub(super) fn on_connected(&mut self, now: Instant, key: TransportKey) {
        self.peers[key.0].on_connected(now);
        self.begin_sctp(now, key);
        self.deadlines.sooner(key, now);
        let peer = &self.peers[key.0];
        let watched = peer.producers.iter().flat_map(|producer| &self.producers[producer.0].consumers);
        let waiting: Vec<_> = peer
            .consumers
            .iter()
            .chain(watched)
            .copied()
            .filter(|consumer| self.consumers[consumer.0].awaits_key_frame())
            .collect();
        for consumer in waiting {
            self.ask_for_key_frame(now, consumer);
        }
    }
}
