//! Sessions against a peer made here from `dimpl` and `rtc-stun`: virtual time, no sockets.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use rtc_stun::{
    attributes::*,
    error_code::ErrorCodeAttribute,
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{BINDING_ERROR, BINDING_SUCCESS, Getter, Message, Setter},
    uattrs::UnknownAttributes,
    xoraddr::XorMappedAddress,
};

use super::{
    remote::{Check, Peer, PeerRole},
    srtp::{Side, SrtpProfile},
    *,
};
use crate::media::transport::{FingerprintAlgorithm, Protocol};

mod dtls;
mod ice;
mod interop;
mod loss;

const CONSENT_TIMEOUT: Duration = Duration::from_secs(30);

/// When a test begins. From there on time passes only as the test says.
#[expect(clippy::disallowed_methods, reason = "an Instant cannot be had otherwise")]
fn start() -> Instant {
    Instant::now()
}

fn ice_parameters(name: &str) -> IceParameters {
    IceParameters {
        username_fragment: name.into(),
        password: format!("the password of {name}"),
        ice_lite: true,
    }
}

fn tuple(number: u16) -> Tuple {
    Tuple {
        protocol: Protocol::Udp,
        local: SocketAddr::from(([192, 0, 2, 1], 40_000)),
        remote: SocketAddr::from(([198, 51, 100, 1], 50_000 + number)),
    }
}

fn session(now: Instant) -> SecureSession {
    let identity = Arc::new(DtlsIdentity::generate().expect("the system has randomness"));
    SecureSession::new(ice_parameters("ours"), identity, Some(CONSENT_TIMEOUT), now)
}

impl Check {
    fn renominating(attribute: u16, value: u32) -> Self {
        Self { nomination: Some((attribute, value)), ..Self::default() }
    }
}

impl SecureSession {
    /// Takes a check with the current credentials.
    fn check(&mut self, now: Instant, tuple: Tuple, check: &Check) {
        let request = check.request(&self.ice_parameters().clone());
        self.handle_stun(now, tuple, &request);
    }

    fn events(&mut self) -> Vec<SessionEvent> {
        std::iter::from_fn(|| self.poll_event()).collect()
    }

    fn transmits(&mut self) -> Vec<(Tuple, Vec<u8>)> {
        std::iter::from_fn(|| self.poll_transmit()).collect()
    }
}

/// Lets the two talk until neither has anything to say, no time passing.
fn talk(now: Instant, session: &mut SecureSession, peer: &mut Peer, tuple: Tuple) {
    let mut to_session = peer.handle(now, None);
    loop {
        for datagram in to_session.drain(..) {
            session.handle_dtls(now, tuple, &datagram);
        }
        let to_peer = session.transmits();
        if to_peer.is_empty() {
            return;
        }
        for (_, datagram) in to_peer.iter().filter(|(_, datagram)| (20..64).contains(&datagram[0])) {
            to_session.extend(peer.handle(now, Some(datagram)));
        }
    }
}

/// A session and its peer, connected on tuple 1.
fn connected(role: PeerRole, now: Instant) -> (SecureSession, Peer) {
    let mut session = session(now);
    let mut peer = Peer::new(role, now);
    session.check(now, tuple(1), &Check::NOMINATING);
    session.connect(now, &peer.parameters()).expect("the parameters are valid");
    talk(now, &mut session, &mut peer, tuple(1));
    assert_eq!(session.dtls_state(), DtlsState::Connected);
    session.events();
    (session, peer)
}

fn rtp_packet(ssrc: u32, sequence_number: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 96];
    packet.extend(sequence_number.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0xab; 100]);
    packet
}

fn rtcp_packet(ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x80, 201, 0, 1];
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]);
    packet
}
