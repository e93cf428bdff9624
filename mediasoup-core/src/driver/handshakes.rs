//! Steps of DTLS handshakes that wait for their turn. One takes as long as hundreds of packets of media, so those that came with it
//! go out first; and when many peers connect at once, media comes in between.

use std::{collections::VecDeque, time::Duration};

use crate::{engine::Engine, media::transport::Tuple};

/// How long they are worked on before it is media's turn again: a step that was begun is finished.
pub(super) const BUDGET: Duration = Duration::from_millis(2);

/// Datagrams that wait, of all peers, and of one. Those beyond are lost, as they may be on any path: DTLS sends them again.
const WAITING_MAX: usize = 1024;
const WAITING_EACH_MAX: usize = 32;

/// Datagrams in the order they came.
#[derive(Debug, Default)]
pub(super) struct Handshakes {
    waiting: VecDeque<(Tuple, Vec<u8>)>,
}

impl Handshakes {
    /// Lets a datagram wait, where it is one that has to. `false`: it is to be handled at once.
    pub(super) fn take(&mut self, engine: &Engine, tuple: Tuple, datagram: &[u8]) -> bool {
        if !engine.is_of_handshake(tuple, datagram) && !self.goes_behind(tuple, datagram) {
            return false;
        }
        let of_peer = self.waiting.iter().filter(|(of, _)| *of == tuple).count();
        if self.waiting.len() < WAITING_MAX && of_peer < WAITING_EACH_MAX {
            self.waiting.push_back((tuple, datagram.to_vec()));
        }
        true
    }

    /// What a peer sends over DTLS must not come before the handshake that it follows on.
    fn goes_behind(&self, tuple: Tuple, datagram: &[u8]) -> bool {
        const APPLICATION_DATA: u8 = 23;
        datagram.first() == Some(&APPLICATION_DATA) && self.waiting.iter().any(|(of, _)| *of == tuple)
    }

    /// The next of them.
    pub(super) fn pop(&mut self) -> Option<(Tuple, Vec<u8>)> {
        self.waiting.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, sync::Arc, time::Instant};

    use super::*;
    use crate::{
        engine::{EngineConfig, transport::DtlsIdentity},
        media::transport::Protocol,
    };

    const HELLO: [u8; 2] = [22, 254];
    const DATA: [u8; 2] = [23, 254];

    fn tuple(port: u16) -> Tuple {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Tuple { protocol: Protocol::Udp, local: address(1), remote: address(port) }
    }

    #[test]
    fn strangers_do_not_wait() {
        let identity = Arc::new(DtlsIdentity::generate().unwrap());
        let config = EngineConfig { seed: [7; 32], identity, ice_consent_timeout: None };
        #[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
        let engine = Engine::new(config, Instant::now());
        let mut handshakes = Handshakes::default();
        assert!(!handshakes.take(&engine, tuple(2), &HELLO));
        assert!(handshakes.is_empty());
    }

    #[test]
    fn data_goes_behind_the_handshake_of_its_peer_only() {
        let mut handshakes = Handshakes::default();
        handshakes.waiting.push_back((tuple(2), HELLO.to_vec()));
        assert!(handshakes.goes_behind(tuple(2), &DATA));
        assert!(!handshakes.goes_behind(tuple(3), &DATA));
        assert!(!handshakes.goes_behind(tuple(2), &[0x80, 96]));
        assert_eq!(handshakes.pop(), Some((tuple(2), HELLO.to_vec())));
        assert!(!handshakes.goes_behind(tuple(2), &DATA));
    }
}
