//! Sessions against a peer made here from `dimpl` and `rtc-stun`: virtual time, no sockets.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use dimpl::{Dtls, DtlsCertificate, Output};
use rtc_stun::{
    attributes::*,
    error_code::ErrorCodeAttribute,
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, Getter, Message, Setter, TransactionId},
    textattrs::TextAttribute,
    uattrs::UnknownAttributes,
    xoraddr::XorMappedAddress,
};

use super::{
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

/// What a check carries besides what all carry.
#[derive(Default)]
pub(in crate::engine) struct Check {
    use_candidate: bool,
    nomination: Option<(u16, u32)>,
    controlled: bool,
    unknown: Option<u16>,
}

impl Check {
    pub(in crate::engine) const NOMINATING: Self =
        Self { use_candidate: true, nomination: None, controlled: false, unknown: None };

    fn renominating(attribute: u16, value: u32) -> Self {
        Self { nomination: Some((attribute, value)), ..Self::default() }
    }

    /// As a browser would send it to a server with these parameters.
    pub(in crate::engine) fn request(&self, ice: &IceParameters) -> Vec<u8> {
        let provider = rtc_stun::crypto::default_provider().expect("there is one");
        let mut message = Message::new();
        let username = format!("{}:theirs", ice.username_fragment);
        message
            .build(&[
                Box::new(BINDING_REQUEST),
                Box::new(TransactionId::new()),
                Box::new(TextAttribute::new(ATTR_USERNAME, username)),
            ])
            .expect("it fits");
        message.add(ATTR_PRIORITY, &[0; 4]);
        message.add(if self.controlled { ATTR_ICE_CONTROLLED } else { ATTR_ICE_CONTROLLING }, &[7; 8]);
        if self.use_candidate {
            message.add(ATTR_USE_CANDIDATE, &[]);
        }
        if let Some((attribute, value)) = self.nomination {
            message.add(AttrType(attribute), &value.to_be_bytes());
        }
        if let Some(attribute) = self.unknown {
            message.add(AttrType(attribute), &[]);
        }
        MessageIntegrity::new_short_term_integrity_with_provider(ice.password.clone(), provider.crypto())
            .add_to(&mut message)
            .expect("it fits");
        FINGERPRINT.add_to(&mut message).expect("it fits");
        message.raw
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

/// The other side of DTLS.
pub(in crate::engine) struct Peer {
    dtls: Dtls,
    certificate: DtlsCertificate,
    deadline: Option<Instant>,
    keys: Option<(SrtpProfile, SrtpSession)>,
    goodbye: bool,
}

/// Whether the peer is the DTLS client or the server.
type PeerRole = Side;

impl Peer {
    /// A browser: DTLS client.
    pub(in crate::engine) fn browser(now: Instant) -> Self {
        Self::new(Side::Client, now)
    }

    pub(in crate::engine) fn seal_rtp(&mut self, mut packet: Vec<u8>) -> Vec<u8> {
        let (_, keys) = self.keys.as_mut().expect("it is connected");
        keys.seal_rtp(&mut packet, 0).expect("its number is new");
        packet
    }

    pub(in crate::engine) fn seal_rtcp(&mut self, mut packet: Vec<u8>) -> Vec<u8> {
        let (_, keys) = self.keys.as_mut().expect("it is connected");
        keys.seal_rtcp(&mut packet, 0).expect("there are numbers left");
        packet
    }

    pub(in crate::engine) fn open_rtp(&mut self, mut packet: Vec<u8>) -> Vec<u8> {
        let (_, keys) = self.keys.as_mut().expect("it is connected");
        keys.open_rtp(&mut packet).expect("it is authentic").to_vec()
    }

    pub(in crate::engine) fn open_rtcp(&mut self, mut packet: Vec<u8>) -> Vec<u8> {
        let (_, keys) = self.keys.as_mut().expect("it is connected");
        keys.open_rtcp(&mut packet).expect("it is authentic").to_vec()
    }

    fn new(role: PeerRole, now: Instant) -> Self {
        Self::with_config(role, now, dimpl::Config::builder())
    }

    fn with_config(role: PeerRole, now: Instant, config: dimpl::ConfigBuilder) -> Self {
        let certificate =
            dimpl::certificate::generate_self_signed_certificate().expect("the system has randomness");
        let config = Arc::new(config.build().expect("it is valid"));
        let mut dtls = Dtls::new_12(config, certificate.clone(), now);
        dtls.set_active(role == Side::Client);
        Self { dtls, certificate, deadline: None, keys: None, goodbye: false }
    }

    pub(in crate::engine) fn parameters(&self) -> DtlsParameters {
        let role = if self.dtls.is_active() { DtlsRole::Client } else { DtlsRole::Server };
        let value = self.certificate.fingerprint_str();
        DtlsParameters {
            role,
            fingerprints: vec![DtlsFingerprint { algorithm: FingerprintAlgorithm::Sha256, value }],
        }
    }

    /// Gives what it sends.
    pub(in crate::engine) fn handle(&mut self, now: Instant, datagram: Option<&[u8]>) -> Vec<Vec<u8>> {
        self.dtls.handle_timeout(now).expect("the handshake goes on");
        if let Some(datagram) = datagram {
            self.dtls.handle_packet(datagram).expect("the handshake goes on");
        }
        let mut sent = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => sent.push(packet.to_vec()),
                Output::KeyingMaterial(material, profile) => {
                    let profile = match profile {
                        dimpl::SrtpProfile::AES128_CM_SHA1_80 => SrtpProfile::AesCm128HmacSha1_80,
                        dimpl::SrtpProfile::AEAD_AES_128_GCM => SrtpProfile::AeadAes128Gcm,
                        _ => SrtpProfile::AeadAes256Gcm,
                    };
                    let side = if self.dtls.is_active() { Side::Client } else { Side::Server };
                    let session = SrtpSession::new(profile, &material, side).expect("the length is right");
                    self.keys = Some((profile, session));
                }
                Output::CloseNotify => self.goodbye = true,
                Output::Timeout(deadline) => {
                    self.deadline = Some(deadline);
                    return sent;
                }
                _ => {}
            }
        }
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
