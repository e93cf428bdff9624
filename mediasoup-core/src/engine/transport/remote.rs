//! The other side of a session, made from `dimpl` and `rtc-stun`: virtual time, no sockets. For tests and benches.

use std::{sync::Arc, time::Instant};

use dimpl::{Dtls, DtlsCertificate, Output};
use rtc_stun::{
    attributes::*,
    message::{BINDING_REQUEST, Message, TransactionId},
    textattrs::TextAttribute,
};

use super::{
    srtp::{Side, SrtpProfile, SrtpSession},
    stun::{Credentials, sign},
};
use crate::media::transport::{
    DtlsFingerprint, DtlsParameters, DtlsRole, FingerprintAlgorithm, IceParameters,
};

/// What a check carries besides what all carry.
#[derive(Default)]
pub(in crate::engine) struct Check {
    pub(super) use_candidate: bool,
    pub(super) nomination: Option<(u16, u32)>,
    pub(super) controlled: bool,
    pub(super) unknown: Option<u16>,
}

impl Check {
    pub(in crate::engine) const NOMINATING: Self =
        Self { use_candidate: true, nomination: None, controlled: false, unknown: None };

    /// As a browser would send it to a server with these parameters.
    pub(in crate::engine) fn request(&self, ice: &IceParameters) -> Vec<u8> {
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
        // That what is signed so is right, the tests of answers show.
        sign(message, &Credentials::new(ice.clone())).expect("it fits")
    }
}

/// The other side of DTLS.
pub(in crate::engine) struct Peer {
    pub(super) dtls: Dtls,
    pub(super) certificate: DtlsCertificate,
    config: Arc<dimpl::Config>,
    pub(super) deadline: Option<Instant>,
    pub(super) keys: Option<(SrtpProfile, SrtpSession)>,
    pub(super) goodbye: bool,
    /// What came over DTLS itself.
    pub(in crate::engine) received: Vec<Vec<u8>>,
}

/// Whether the peer is the DTLS client or the server.
pub(super) type PeerRole = Side;

impl Peer {
    /// A browser: DTLS client.
    pub(in crate::engine) fn browser(now: Instant) -> Self {
        Self::new(Side::Client, now)
    }

    /// A browser like this one, with the same certificate.
    pub(in crate::engine) fn another(&self, now: Instant) -> Self {
        Self::with_identity(Side::Client, now, Arc::clone(&self.config), self.certificate.clone())
    }

    pub(in crate::engine) fn open_in_place<'a>(&mut self, packet: &'a mut [u8]) -> Option<&'a [u8]> {
        let (_, keys) = self.keys.as_mut()?;
        keys.open_rtp(packet).ok().map(|plain| &*plain)
    }

    pub(in crate::engine) fn is_connected(&self) -> bool {
        self.keys.is_some()
    }

    pub(in crate::engine) fn seal_rtp(&mut self, mut packet: Vec<u8>) -> Vec<u8> {
        let (_, keys) = self.keys.as_mut().expect("it is connected");
        keys.seal_rtp(&mut packet, 0).expect("its number is new");
        packet
    }

    #[cfg(test)]
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

    pub(super) fn new(role: PeerRole, now: Instant) -> Self {
        Self::with_config(role, now, dimpl::Config::builder())
    }

    pub(super) fn with_config(role: PeerRole, now: Instant, config: dimpl::ConfigBuilder) -> Self {
        let certificate =
            dimpl::certificate::generate_self_signed_certificate().expect("the system has randomness");
        let config = Arc::new(config.build().expect("it is valid"));
        Self::with_identity(role, now, config, certificate)
    }

    fn with_identity(
        role: PeerRole,
        now: Instant,
        config: Arc<dimpl::Config>,
        certificate: DtlsCertificate,
    ) -> Self {
        let mut dtls = Dtls::new_12(Arc::clone(&config), certificate.clone(), now);
        dtls.set_active(role == Side::Client);
        Self { dtls, config, certificate, deadline: None, keys: None, goodbye: false, received: Vec::new() }
    }

    /// Gives the record to send.
    #[cfg(test)]
    pub(in crate::engine) fn send_data(&mut self, now: Instant, data: &[u8]) -> Vec<Vec<u8>> {
        self.dtls.send_application_data(data).expect("it is connected");
        self.handle(now, None)
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
                Output::ApplicationData(data) => self.received.push(data.to_vec()),
                Output::Timeout(deadline) => {
                    self.deadline = Some(deadline);
                    return sent;
                }
                _ => {}
            }
        }
    }
}
