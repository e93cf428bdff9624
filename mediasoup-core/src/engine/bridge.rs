//! Bridges: transports whose other end is in another engine of this process.

use std::time::Instant;

use super::{
    Engine,
    data::PeerData,
    demux::{self, Kind},
    keys::TransportKey,
    peer::Peer,
    transport::{Session, sctp::SctpMessage},
};
use crate::{
    ids::{RouterId, TransportId},
    media::{
        bridge::{Load, Parcel},
        data::SctpOptions,
        error::TransportError,
    },
};

impl Engine {
    /// Opens one end of a bridge. What it sends is in [`Engine::transmits`] and
    /// [`Engine::poll_bridged`].
    pub(crate) fn create_bridge(
        &mut self,
        now: Instant,
        router: RouterId,
        id: TransportId,
    ) -> Result<(), TransportError> {
        let Some(peers) = self.routers.get_mut(&router) else { return Err(TransportError::NotFound(id)) };
        let mut peer = Peer::new(now, id, router, Session::Bridge(id), None, None);
        peer.data = Some(Box::new(PeerData::direct(SctpOptions::MESSAGE_SIZE_MAX)));
        let key = TransportKey(self.peers.insert(peer));
        peers.insert(key);
        self.transport_keys.insert(id, key);
        self.on_connected(now, key);
        Ok(())
    }

    /// Takes in what came over a bridge; after the last parcel, [`Engine::fan_out`] is to be called. What is for an end that
    /// is closed is dropped. Gives how many packets there were.
    pub(crate) fn gather_parcel(&mut self, now: Instant, parcel: &mut Parcel) -> usize {
        let Ok(key) = self.transport_key(parcel.to) else { return 0 };
        if !matches!(self.peers[key.0].session, Session::Bridge(_)) {
            return 0;
        }
        match &mut parcel.load {
            Load::Packets { segment, contents } => {
                let packets = contents.chunks_mut(*segment);
                packets.map(|packet| self.gather_bridged(now, key, packet)).count()
            }
            Load::Message { stream, ppid, payload } => {
                let (stream, ppid, payload) = (*stream, *ppid, std::mem::take(payload));
                self.on_message(now, key, SctpMessage { stream, ppid, payload });
                1
            }
        }
    }

    fn gather_bridged(&mut self, now: Instant, key: TransportKey, packet: &mut [u8]) {
        let len = packet.len();
        self.peers[key.0].traffic.received.add(now, len);
        match demux::kind(packet) {
            Some(Kind::Rtp) => self.gather_plain_rtp(now, key, packet, len),
            Some(Kind::Rtcp) => self.handle_plain_rtcp(now, key, packet),
            _ => {}
        }
    }

    /// The next message of a data channel that is to go over a bridge; `None` for the end of the bridge.
    pub(crate) fn poll_bridged(&mut self) -> Option<(TransportId, Option<Load>)> {
        let (id, message) = self.outbox.bridged.pop_front()?;
        let load =
            message.map(|SctpMessage { stream, ppid, payload }| Load::Message { stream, ppid, payload });
        Some((id, load))
    }
}
