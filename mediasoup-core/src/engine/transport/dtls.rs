//! DTLS 1.2 with SRTP keys (RFC 6347, RFC 5764): the only place that knows `dimpl`.
//!
//! Version 1.2, not 1.3: as a 1.2 server `dimpl` takes the SRTP profile in its own order, AES-256-GCM,
//! AES-128-GCM, AES-CM; as a 1.3 server in the client's, and browsers put AES-CM first, which costs three
//! times the time a packet.
//!
//! The one part of the engine that is not deterministic: its keys and randoms are the system's, as they must be.

use std::{
    collections::VecDeque,
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use dimpl::{Config, ConfigBuilder, Dtls, DtlsCertificate, Output};

use super::{
    DtlsIdentityError,
    srtp::{Side, SrtpProfile, SrtpSession},
};
use crate::media::{
    error::TransportError,
    transport::{DtlsFingerprint, DtlsParameters, DtlsRole, DtlsState, FingerprintAlgorithm},
};

/// Largest datagram we send: fits everywhere IPv6 does, with TURN and RFC 4571 headers.
const MTU: usize = 1200;
/// Largest datagram we take in. The biggest browsers send, a post-quantum ClientHello, is 1,433 bytes.
const MAX_DATAGRAM: usize = 2048;
/// Datagrams out of order that may wait, so that a handshake takes 60 KiB at most.
const MAX_QUEUED_DATAGRAMS: usize = 30;
/// First retransmission, as browsers have it. The default of RFC 6347 §4.2.4.1, 1 s, makes every lost datagram a
/// second of silence.
const FIRST_RETRANSMISSION: Duration = Duration::from_millis(50);
/// Doubling from 50 ms this is more than the handshake may take: the handshake's own deadline decides.
const MAX_RETRANSMISSIONS: usize = 10;
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// `dimpl` has no way to say "no timer": it gives one in ten years.
const NEVER: Duration = Duration::from_secs(24 * 3600);

/// A certificate with its key.
pub(super) struct Identity {
    certificate: DtlsCertificate,
    config: Arc<Config>,
}

impl Identity {
    pub(super) fn generate() -> Result<Self, DtlsIdentityError> {
        Self::with_config(Config::builder())
    }

    fn with_config(config: ConfigBuilder) -> Result<Self, DtlsIdentityError> {
        let certificate = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|error| DtlsIdentityError(error.to_string()))?;
        let config = config
            .mtu(MTU)
            .max_queue_rx(MAX_QUEUED_DATAGRAMS)
            .require_client_certificate(true)
            // Against spoofed sources; only tuples that ICE has validated get this far.
            .use_server_cookie(false)
            .flight_start_rto(FIRST_RETRANSMISSION)
            .flight_retries(MAX_RETRANSMISSIONS)
            .handshake_timeout(HANDSHAKE_TIMEOUT)
            .build()
            .map_err(|error| DtlsIdentityError(error.to_string()))?;
        Ok(Self { certificate, config: Arc::new(config) })
    }

    pub(super) fn fingerprints(&self) -> Vec<DtlsFingerprint> {
        use FingerprintAlgorithm::{Sha1, Sha224, Sha256, Sha384, Sha512};
        [Sha1, Sha224, Sha384, Sha512, Sha256]
            .map(|algorithm| {
                let digest = digest::digest(digest_algorithm(algorithm), &self.certificate.certificate);
                DtlsFingerprint { algorithm, value: colon_hex(digest.as_ref()) }
            })
            .to_vec()
    }
}

#[cfg(test)]
impl Identity {
    /// One whose retransmission timers are the same in every run.
    pub(super) fn seeded(seed: u64) -> Self {
        Self::with_config(Config::builder().dangerously_set_rng_seed(seed))
            .expect("the system has randomness")
    }
}

/// What the certificate of the peer has to hash to.
#[derive(Clone)]
struct PeerFingerprint {
    algorithm: &'static digest::Algorithm,
    value: Vec<u8>,
}

impl PeerFingerprint {
    /// Of several the first counts; hashes that can be forged do not.
    fn parse(fingerprints: &[DtlsFingerprint]) -> Result<Self, TransportError> {
        let first = fingerprints.first().ok_or(TransportError::NoFingerprint)?;
        if matches!(first.algorithm, FingerprintAlgorithm::Sha1 | FingerprintAlgorithm::Sha224) {
            return Err(TransportError::InvalidFingerprint);
        }
        let algorithm = digest_algorithm(first.algorithm);
        let value = parse_colon_hex(&first.value, algorithm.output_len())
            .ok_or(TransportError::InvalidFingerprint)?;
        Ok(Self { algorithm, value })
    }

    fn matches(&self, certificate: &[u8]) -> bool {
        let actual = digest::digest(self.algorithm, certificate);
        verify_slices_are_equal(actual.as_ref(), &self.value).is_ok()
    }
}

fn digest_algorithm(algorithm: FingerprintAlgorithm) -> &'static digest::Algorithm {
    match algorithm {
        FingerprintAlgorithm::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        FingerprintAlgorithm::Sha224 => &digest::SHA224,
        FingerprintAlgorithm::Sha256 => &digest::SHA256,
        FingerprintAlgorithm::Sha384 => &digest::SHA384,
        FingerprintAlgorithm::Sha512 => &digest::SHA512,
    }
}

fn colon_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(3 * bytes.len());
    for byte in bytes {
        if !text.is_empty() {
            text.push(':');
        }
        write!(text, "{byte:02X}").expect("writing to a string does not fail");
    }
    text
}

/// Exactly `len` bytes, two digits each.
fn parse_colon_hex(text: &str, len: usize) -> Option<Vec<u8>> {
    if text.len() != (3 * len).checked_sub(1)? {
        return None;
    }
    let digit = |character: u8| char::from(character).to_digit(16).and_then(|it| u8::try_from(it).ok());
    text.split(':')
        .map(|byte| match byte.as_bytes() {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

/// The DTLS association of one session.
pub(super) struct Association {
    identity: Arc<super::DtlsIdentity>,
    /// Ours; `auto` until the peer is known.
    role: DtlsRole,
    state: State,
    /// To be sent, in order; emptied by the owner after every call.
    outgoing: VecDeque<Vec<u8>>,
    /// Application data, decrypted; emptied likewise.
    received: Vec<Vec<u8>>,
}

enum State {
    New,
    Running(Running),
    Failed,
    Closed,
}

struct Running {
    dtls: Box<Dtls>,
    phase: Phase,
    deadline: Option<Instant>,
}

enum Phase {
    /// We are the client and have no path to say hello on.
    Idle(PeerFingerprint),
    /// No certificate so far.
    Handshaking(PeerFingerprint),
    /// The certificate is the announced one; that the peer has its key is not proved yet.
    Verified,
    Connected,
}

/// What a call came to, besides datagrams to send.
pub(super) enum Progress {
    None,
    /// Handshake done, with the peer that was announced.
    Connected(Box<SrtpSession>),
    Failed,
    /// The peer has said goodbye.
    Closed,
}

/// Why an association ends.
enum End {
    Failed(String),
    Closed,
}

impl Association {
    pub(super) fn new(identity: Arc<super::DtlsIdentity>) -> Self {
        Self {
            identity,
            role: DtlsRole::Auto,
            state: State::New,
            outgoing: VecDeque::new(),
            received: Vec::new(),
        }
    }

    pub(super) fn state(&self) -> DtlsState {
        match &self.state {
            State::New => DtlsState::New,
            State::Running(Running { phase: Phase::Connected, .. }) => DtlsState::Connected,
            State::Running(_) => DtlsState::Connecting,
            State::Failed => DtlsState::Failed,
            State::Closed => DtlsState::Closed,
        }
    }

    pub(super) fn role(&self) -> DtlsRole {
        self.role
    }

    /// Gives our role.
    pub(super) fn connect(
        &mut self,
        now: Instant,
        remote: &DtlsParameters,
    ) -> Result<DtlsRole, TransportError> {
        if !matches!(self.state, State::New) {
            return Err(TransportError::AlreadyConnected);
        }
        let fingerprint = PeerFingerprint::parse(&remote.fingerprints)?;
        let Identity { config, certificate } = &self.identity.0;
        let mut dtls = Box::new(Dtls::new_12(Arc::clone(config), certificate.clone(), now));
        let (role, phase) = match remote.role {
            DtlsRole::Client => (DtlsRole::Server, Phase::Handshaking(fingerprint)),
            DtlsRole::Server | DtlsRole::Auto => {
                dtls.set_active(true);
                (DtlsRole::Client, Phase::Idle(fingerprint))
            }
        };
        self.state = State::Running(Running { dtls, phase, deadline: None });
        self.role = role;
        Ok(role)
    }

    /// There is a path: a client says hello. Harmless when repeated.
    pub(super) fn start(&mut self, now: Instant) -> Progress {
        let State::Running(Running { phase, .. }) = &mut self.state else { return Progress::None };
        let Phase::Idle(fingerprint) = phase else { return Progress::None };
        *phase = Phase::Handshaking(fingerprint.clone());
        self.advance(now, |_| Ok(()))
    }

    pub(super) fn handle_datagram(&mut self, now: Instant, datagram: &[u8]) -> Progress {
        let waiting = matches!(self.state, State::Running(Running { phase: Phase::Idle(_), .. }));
        if waiting || datagram.len() > MAX_DATAGRAM {
            return Progress::None;
        }
        self.advance(now, |dtls| dtls.handle_packet(datagram))
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> Progress {
        if self.poll_timeout().is_some_and(|deadline| deadline <= now) {
            self.advance(now, |_| Ok(()))
        } else {
            Progress::None
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Running(running) => running.deadline,
            State::New | State::Failed | State::Closed => None,
        }
    }

    pub(super) fn poll_outgoing(&mut self) -> Option<Vec<u8>> {
        self.outgoing.pop_front()
    }

    /// Application data that has come, from the peer that was announced.
    pub(super) fn drain_received(&mut self) -> impl Iterator<Item = Vec<u8>> {
        self.received.drain(..)
    }

    /// Sends application data, once connected.
    pub(super) fn send(&mut self, now: Instant, data: &[u8]) -> Progress {
        if matches!(self.state, State::Running(Running { phase: Phase::Connected, .. })) {
            self.advance(now, |dtls| dtls.send_application_data(data).map(drop))
        } else {
            Progress::None
        }
    }

    /// Says goodbye if there is an association to end.
    pub(super) fn close(&mut self, now: Instant) {
        if matches!(self.state, State::Running(Running { phase: Phase::Connected, .. })) {
            self.advance(now, Dtls::close);
        }
        self.state = State::Closed;
    }

    fn advance(
        &mut self,
        now: Instant,
        input: impl FnOnce(&mut Dtls) -> Result<(), dimpl::Error>,
    ) -> Progress {
        let State::Running(running) = &mut self.state else { return Progress::None };
        let sent_before = self.outgoing.len();
        let result = running
            .input(now, input)
            .map_err(|error| End::Failed(error.to_string()))
            .and_then(|()| running.drain(now, &mut self.outgoing, &mut self.received));
        match result {
            Ok(Some(keys)) => Progress::Connected(keys),
            Ok(None) => Progress::None,
            Err(End::Closed) => {
                self.state = State::Closed;
                Progress::Closed
            }
            Err(End::Failed(reason)) => {
                tracing::debug!(reason, "DTLS failed");
                self.outgoing.truncate(sent_before);
                self.state = State::Failed;
                Progress::Failed
            }
        }
    }
}

impl Running {
    fn input(
        &mut self,
        now: Instant,
        input: impl FnOnce(&mut Dtls) -> Result<(), dimpl::Error>,
    ) -> Result<(), dimpl::Error> {
        // Tells it the time, too.
        self.dtls.handle_timeout(now)?;
        input(&mut self.dtls)
    }

    /// Takes out all there is. Gives the keys if they have come.
    fn drain(
        &mut self,
        now: Instant,
        outgoing: &mut VecDeque<Vec<u8>>,
        received: &mut Vec<Vec<u8>>,
    ) -> Result<Option<Box<SrtpSession>>, End> {
        let side = if self.dtls.is_active() { Side::Client } else { Side::Server };
        let mut buffer = [0; MAX_DATAGRAM];
        let (mut finished, mut closed, mut keys) = (false, false, None);
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => outgoing.push_back(packet.to_vec()),
                Output::PeerCert(certificate) => verify(&mut self.phase, certificate)?,
                Output::Connected => finished = true,
                Output::KeyingMaterial(material, profile) => {
                    keys = Some(install(&self.phase, profile, &material, side)?);
                }
                Output::CloseNotify => closed = true,
                Output::Timeout(deadline) => {
                    self.deadline = Some(deadline).filter(|deadline| *deadline < now + NEVER);
                    break;
                }
                Output::BufferTooSmall { needed } => {
                    return Err(End::Failed(format!("a record of {needed} bytes")));
                }
                Output::ApplicationData(data) if matches!(self.phase, Phase::Connected) => {
                    received.push(data.to_vec());
                }
                _ => {}
            }
        }
        match keys {
            _ if closed => Err(End::Closed),
            None if finished => Err(End::Failed("no SRTP profile in common".into())),
            None => Ok(None),
            Some(keys) => {
                self.phase = Phase::Connected;
                Ok(Some(keys))
            }
        }
    }
}

/// The certificate has come: before anything else that follows from the handshake is believed.
fn verify(phase: &mut Phase, certificate: &[u8]) -> Result<(), End> {
    match phase {
        Phase::Handshaking(fingerprint) if fingerprint.matches(certificate) => {
            *phase = Phase::Verified;
            Ok(())
        }
        _ => Err(End::Failed("another certificate than the one announced".into())),
    }
}

fn install(
    phase: &Phase,
    profile: dimpl::SrtpProfile,
    material: &[u8],
    side: Side,
) -> Result<Box<SrtpSession>, End> {
    if !matches!(phase, Phase::Verified) {
        return Err(End::Failed("keys without a certificate".into()));
    }
    let profile = match profile {
        dimpl::SrtpProfile::AES128_CM_SHA1_80 => SrtpProfile::AesCm128HmacSha1_80,
        dimpl::SrtpProfile::AEAD_AES_128_GCM => SrtpProfile::AeadAes128Gcm,
        dimpl::SrtpProfile::AEAD_AES_256_GCM => SrtpProfile::AeadAes256Gcm,
        other => return Err(End::Failed(format!("SRTP profile {other}"))),
    };
    SrtpSession::new(profile, material, side)
        .map(Box::new)
        .map_err(|_| End::Failed("keying material of the wrong length".into()))
}
