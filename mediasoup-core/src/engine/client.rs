//! A peer of a WebRTC transport over sockets that are not the engine's, as a browser is one. For benches and load.

use std::time::Instant;

use super::{
    demux::{Kind, kind},
    transport::remote::Peer,
};
use crate::media::transport::DtlsParameters;

/// A peer: DTLS client.
pub struct Client {
    peer: Peer,
}

impl Client {
    /// With a certificate of its own.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { peer: Peer::browser(now) }
    }

    /// Another with the same certificate: to make one takes longer than a handshake.
    #[must_use]
    pub fn another(&self, now: Instant) -> Self {
        Self { peer: self.peer.another(now) }
    }

    /// To be given to the server.
    #[must_use]
    pub fn dtls_parameters(&self) -> DtlsParameters {
        self.peer.parameters()
    }

    /// The first flight of DTLS, or what is to be repeated by now.
    pub fn handshake(&mut self, now: Instant) -> Vec<Vec<u8>> {
        self.peer.handle(now, None)
    }

    /// Takes in a datagram of the handshake; others are ignored. Gives the answers.
    pub fn handle(&mut self, now: Instant, datagram: &[u8]) -> Vec<Vec<u8>> {
        match kind(datagram) {
            Some(Kind::Dtls) => self.peer.handle(now, Some(datagram)),
            _ => Vec::new(),
        }
    }

    /// Packets can be sealed and opened.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.peer.is_connected()
    }

    /// Seals a plain RTP packet.
    ///
    /// # Panics
    /// Where it is not connected, or the packet's number was sealed before.
    pub fn seal_rtp(&mut self, packet: Vec<u8>) -> Vec<u8> {
        self.peer.seal_rtp(packet)
    }

    /// Opens an RTP packet in place; gives the plain one. `None`: it is none, or came before.
    pub fn open_rtp<'a>(&mut self, packet: &'a mut [u8]) -> Option<&'a [u8]> {
        self.peer.open_in_place(packet)
    }
}
