//! ICE, DTLS and SRTP of one peer, or none of them: what stands between datagrams and plain RTP.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::media::{
    error::TransportError,
    transport::{DtlsFingerprint, DtlsParameters, DtlsRole, DtlsState, IceParameters, IceState, Tuple},
};
use dtls::{Association, Identity, Progress};
use ice::IceServer;
pub(crate) use plain::{PlainSession, PlainSetup};
pub(crate) use session::Session;
use srtp::SrtpSession;

#[cfg(any(test, feature = "test-util"))]
pub(crate) mod benching;
mod dtls;
#[cfg(any(test, feature = "test-util"))]
pub(crate) mod fuzzing;
mod ice;
mod plain;
#[cfg(any(test, feature = "test-util"))]
pub(super) mod remote;
pub(super) mod sctp;
#[cfg(any(test, feature = "test-util"))]
pub(crate) mod sctp_fuzzing;
mod session;
mod srtp;
mod stun;
#[cfg(test)]
mod tests;

/// Datagrams that may wait for [`SecureSession::poll_transmit`]. A handshake flight is a handful.
const MAX_TRANSMITS: usize = 64;

/// The certificate a worker's transports show their peers. Made once a worker.
pub(crate) struct DtlsIdentity(Identity);

impl DtlsIdentity {
    /// A new self-signed ECDSA P-256 certificate.
    pub(crate) fn generate() -> Result<Self, DtlsIdentityError> {
        Identity::generate().map(Self)
    }

    /// One fingerprint a hash, SHA-256 last: mediasoup-client takes the last.
    pub(crate) fn fingerprints(&self) -> Vec<DtlsFingerprint> {
        self.0.fingerprints()
    }
}

/// The certificate could not be made: the system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("cannot make a certificate: {0}")]
pub(crate) struct DtlsIdentityError(String);

/// Why a packet was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// Not from a tuple that ICE has validated.
    UnknownTuple,
    /// No keys yet.
    NotConnected,
    /// Not RTP or RTCP.
    Malformed,
    /// Its authentication tag is wrong.
    Unauthentic,
    /// Seen before, or too old to tell.
    Replayed,
    /// More SSRCs than a transport may have.
    TooManyStreams,
}

/// A change a transport's owner wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionEvent {
    /// ICE went on or back.
    Ice(IceState),
    /// DTLS went on or failed. `Connected` means: the certificate is the announced one, and keys are in place.
    Dtls(DtlsState),
    /// A tuple was validated: datagrams from it belong to this session.
    TupleAdded(Tuple),
    /// A tuple belongs to it no longer.
    TupleRemoved(Tuple),
    /// A plain session has learnt where its peer's RTP comes from.
    Path(Tuple),
    /// A plain session has learnt where its peer's RTCP comes from.
    RtcpPath(Tuple),
    /// A plain session can send.
    Connected,
}

/// A secured session with one peer.
pub(crate) struct SecureSession {
    ice: IceServer,
    dtls: Association,
    /// In place exactly while DTLS is connected.
    srtp: Option<Box<SrtpSession>>,
    transmits: VecDeque<(Tuple, Vec<u8>)>,
    /// What the peer sent over DTLS itself: SCTP. The owner empties it after every datagram.
    received: VecDeque<Vec<u8>>,
    /// Every call adds a few at most; the owner empties it after each.
    events: VecDeque<SessionEvent>,
}

impl SecureSession {
    /// See [`Peer::touch`](super::peer::Peer::touch).
    pub(crate) fn touch(&self) -> u64 {
        u64::from(self.ice.selected().is_some()) ^ self.srtp.as_ref().map_or(0, |srtp| srtp.touch())
    }

    /// See [`Peer::touch_receiving`](super::peer::Peer::touch_receiving).
    pub(crate) fn touch_receiving(&self) -> u64 {
        u64::from(self.ice.selected().is_some()) ^ self.srtp.as_ref().map_or(0, |srtp| srtp.touch_receiving())
    }

    pub(crate) fn new(
        ice: IceParameters,
        identity: Arc<DtlsIdentity>,
        consent_timeout: Option<Duration>,
        _now: Instant,
    ) -> Self {
        Self {
            ice: IceServer::new(ice, consent_timeout),
            dtls: Association::new(identity),
            srtp: None,
            transmits: VecDeque::new(),
            received: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    pub(crate) fn ice_parameters(&self) -> &IceParameters {
        self.ice.parameters()
    }

    pub(crate) fn ice_state(&self) -> IceState {
        self.ice.state()
    }

    pub(crate) fn dtls_state(&self) -> DtlsState {
        self.dtls.state()
    }

    /// Ours; `auto` until the peer is known.
    pub(crate) fn dtls_role(&self) -> DtlsRole {
        self.dtls.role()
    }

    pub(crate) fn selected_tuple(&self) -> Option<Tuple> {
        self.ice.selected()
    }

    /// Takes new credentials. The old ones stay good until the peer uses the new; whoever holds the table of username
    /// fragments keeps both in it until [`SecureSession::retired_username_fragment`] gives the old one back.
    pub(crate) fn restart_ice(&mut self, ice: IceParameters) {
        self.ice.restart(ice);
    }

    /// An old username fragment that will not be used again. To be asked until there is none, after every call
    /// of `restart_ice` and `handle_stun`.
    pub(crate) fn retired_username_fragment(&mut self) -> Option<String> {
        self.ice.poll_retired()
    }

    /// Learns who the peer is. Answers with our role: client where the peer is `server` or `auto`.
    pub(crate) fn connect(
        &mut self,
        now: Instant,
        remote: &DtlsParameters,
    ) -> Result<DtlsRole, TransportError> {
        let role = self.dtls.connect(now, remote)?;
        self.events.push_back(SessionEvent::Dtls(DtlsState::Connecting));
        self.start_dtls(now);
        Ok(role)
    }

    /// A STUN message addressed to one of our username fragments.
    pub(crate) fn handle_stun(&mut self, now: Instant, tuple: Tuple, datagram: &[u8]) {
        let Some(answer) = self.ice.handle_request(now, tuple, datagram, &mut self.events) else { return };
        self.transmit(tuple, answer);
        self.start_dtls(now);
    }

    /// A DTLS record; dropped unless its tuple is validated.
    pub(crate) fn handle_dtls(&mut self, now: Instant, tuple: Tuple, datagram: &[u8]) {
        if self.ice.is_valid(tuple) {
            let progress = self.dtls.handle_datagram(now, datagram);
            self.note(progress);
        }
    }

    /// A TCP connection is gone.
    pub(crate) fn handle_tuple_closed(&mut self, _now: Instant, tuple: Tuple) {
        self.ice.remove(tuple, &mut self.events);
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.ice.handle_timeout(now, &mut self.events);
        let progress = self.dtls.handle_timeout(now);
        self.note(progress);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        [self.ice.poll_timeout(), self.dtls.poll_timeout()].into_iter().flatten().min()
    }

    /// A STUN answer or DTLS flight to send. (Media never goes this way.)
    pub(crate) fn poll_transmit(&mut self) -> Option<(Tuple, Vec<u8>)> {
        self.transmits.pop_front()
    }

    pub(crate) fn poll_event(&mut self) -> Option<SessionEvent> {
        self.events.pop_front()
    }

    /// Authenticates and decrypts an SRTP packet in place; gives the plain RTP packet, header and payload.
    pub(crate) fn open_rtp<'a>(
        &mut self,
        tuple: Tuple,
        packet: &'a mut [u8],
    ) -> Result<&'a mut [u8], Rejected> {
        let plain = self.inbound(tuple)?.open_rtp(packet)?;
        self.ice.follow(tuple);
        Ok(plain)
    }

    /// The same for a compound SRTCP packet.
    pub(crate) fn open_rtcp<'a>(
        &mut self,
        tuple: Tuple,
        packet: &'a mut [u8],
    ) -> Result<&'a mut [u8], Rejected> {
        let plain = self.inbound(tuple)?.open_rtcp(packet)?;
        self.ice.follow(tuple);
        Ok(plain)
    }

    /// Encrypts in place the plain RTP packet that begins at `start` of `buffer` and runs to its end, and appends the
    /// tag. Gives the tuple to send it on; `None` (nothing may be sent) while there are no keys or no tuple, and
    /// for a packet whose sequence number was sealed before on its SSRC (the same nonce twice would give the
    /// key away): then `buffer` is cut back to `start`. Allocates only when `buffer` has to grow, and for a new SSRC.
    pub(crate) fn seal_rtp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<Tuple> {
        self.seal(buffer, start, SrtpSession::seal_rtp)
    }

    /// The same for a compound RTCP packet.
    pub(crate) fn seal_rtcp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<Tuple> {
        self.seal(buffer, start, SrtpSession::seal_rtcp)
    }

    /// Sends data over DTLS itself (SCTP), as one record; nothing where DTLS is not connected. What is to be sent is in
    /// `poll_transmit`.
    pub(crate) fn send_data(&mut self, now: Instant, data: &[u8]) {
        let progress = self.dtls.send(now, data);
        self.note(progress);
    }

    /// What the peer sent over DTLS itself: SCTP packets, from the peer that was announced.
    pub(crate) fn poll_data(&mut self) -> Option<Vec<u8>> {
        self.received.pop_front()
    }

    /// Says goodbye (`close_notify`), where there is somebody to say it to; what is to be sent is in `poll_transmit`.
    pub(crate) fn close(&mut self, now: Instant) {
        let before = self.dtls.state();
        self.dtls.close(now);
        self.srtp = None;
        self.send_flight();
        if before != DtlsState::Closed {
            self.events.push_back(SessionEvent::Dtls(DtlsState::Closed));
        }
        self.ice.close(&mut self.events);
    }

    fn inbound(&mut self, tuple: Tuple) -> Result<&mut SrtpSession, Rejected> {
        if !self.ice.is_valid(tuple) {
            return Err(Rejected::UnknownTuple);
        }
        self.srtp.as_deref_mut().ok_or(Rejected::NotConnected)
    }

    fn seal(
        &mut self,
        buffer: &mut Vec<u8>,
        start: usize,
        seal: impl FnOnce(&mut SrtpSession, &mut Vec<u8>, usize) -> Option<()>,
    ) -> Option<Tuple> {
        let tuple = self.ice.selected();
        let sealed = match (&mut self.srtp, tuple) {
            (Some(srtp), Some(_)) => seal(srtp, buffer, start),
            _ => None,
        };
        if sealed.is_none() {
            buffer.truncate(start);
        }
        sealed.and(tuple)
    }

    fn start_dtls(&mut self, now: Instant) {
        if self.ice.selected().is_some() {
            let progress = self.dtls.start(now);
            self.note(progress);
        }
    }

    fn note(&mut self, progress: Progress) {
        self.send_flight();
        self.received.extend(self.dtls.drain_received());
        let state = match progress {
            Progress::None => return,
            Progress::Connected(keys) => {
                self.srtp = Some(keys);
                DtlsState::Connected
            }
            Progress::Failed => {
                self.srtp = None;
                DtlsState::Failed
            }
            Progress::Closed => {
                self.srtp = None;
                DtlsState::Closed
            }
        };
        self.events.push_back(SessionEvent::Dtls(state));
    }

    /// DTLS goes where media goes. Without a path it is lost, like any datagram, and sent again.
    fn send_flight(&mut self) {
        while let Some(datagram) = self.dtls.poll_outgoing() {
            if let Some(tuple) = self.ice.selected() {
                self.transmit(tuple, datagram);
            }
        }
    }

    fn transmit(&mut self, tuple: Tuple, datagram: Vec<u8>) {
        if self.transmits.len() < MAX_TRANSMITS {
            self.transmits.push_back((tuple, datagram));
        }
    }
}

/// The local username fragment (before the colon of USERNAME) a STUN binding request is addressed to.
/// `None`: not a binding request, or malformed.
pub(crate) fn stun_username_fragment(datagram: &[u8]) -> Option<&str> {
    stun::username_fragment(datagram)
}
