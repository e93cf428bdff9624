//! ICE, DTLS and SRTP of one peer: what stands between datagrams and plain RTP.

#![allow(unused_variables, clippy::todo)] // while the bodies are written

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::media::{
    error::TransportError,
    transport::{DtlsFingerprint, DtlsParameters, DtlsRole, DtlsState, IceParameters, IceState, Tuple},
};

/// The certificate a worker's transports show their peers. Made once a worker.
pub(crate) struct DtlsIdentity {}

impl DtlsIdentity {
    /// A new self-signed ECDSA P-256 certificate.
    pub(crate) fn generate() -> Result<Self, DtlsIdentityError> {
        todo!()
    }

    /// One fingerprint a hash, SHA-256 last: mediasoup-client takes the last.
    pub(crate) fn fingerprints(&self) -> Vec<DtlsFingerprint> {
        todo!()
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
}

/// A secured session with one peer.
#[derive(Debug)]
pub(crate) struct SecureSession {}

impl SecureSession {
    pub(crate) fn new(
        ice: IceParameters,
        identity: Arc<DtlsIdentity>,
        consent_timeout: Option<Duration>,
        now: Instant,
    ) -> Self {
        todo!()
    }

    pub(crate) fn ice_parameters(&self) -> &IceParameters {
        todo!()
    }
    pub(crate) fn ice_state(&self) -> IceState {
        todo!()
    }
    pub(crate) fn dtls_state(&self) -> DtlsState {
        todo!()
    }
    pub(crate) fn selected_tuple(&self) -> Option<Tuple> {
        todo!()
    }

    /// Takes new credentials. The old ones stay good until the peer uses the new; whoever holds the table of username
    /// fragments keeps both in it until [`SecureSession::retired_username_fragment`] gives the old one back.
    pub(crate) fn restart_ice(&mut self, ice: IceParameters) {
        todo!()
    }
    /// An old username fragment that will not be used again.
    pub(crate) fn retired_username_fragment(&mut self) -> Option<String> {
        todo!()
    }

    /// Learns who the peer is. Answers with our role: client where the peer is `server` or `auto`.
    pub(crate) fn connect(
        &mut self,
        now: Instant,
        remote: &DtlsParameters,
    ) -> Result<DtlsRole, TransportError> {
        todo!()
    }

    /// A STUN message addressed to one of our username fragments.
    pub(crate) fn handle_stun(&mut self, now: Instant, tuple: Tuple, datagram: &[u8]) {
        todo!()
    }
    /// A DTLS record; dropped unless its tuple is validated.
    pub(crate) fn handle_dtls(&mut self, now: Instant, tuple: Tuple, datagram: &[u8]) {
        todo!()
    }
    /// A TCP connection is gone.
    pub(crate) fn handle_tuple_closed(&mut self, now: Instant, tuple: Tuple) {
        todo!()
    }
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        todo!()
    }
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        todo!()
    }
    /// A STUN answer or DTLS flight to send. (Media never goes this way.)
    pub(crate) fn poll_transmit(&mut self) -> Option<(Tuple, Vec<u8>)> {
        todo!()
    }
    pub(crate) fn poll_event(&mut self) -> Option<SessionEvent> {
        todo!()
    }

    /// Authenticates and decrypts an SRTP packet in place; gives the plain RTP packet, header and payload.
    pub(crate) fn open_rtp<'a>(
        &mut self,
        tuple: Tuple,
        packet: &'a mut [u8],
    ) -> Result<&'a mut [u8], Rejected> {
        todo!()
    }
    /// The same for a compound SRTCP packet.
    pub(crate) fn open_rtcp<'a>(
        &mut self,
        tuple: Tuple,
        packet: &'a mut [u8],
    ) -> Result<&'a mut [u8], Rejected> {
        todo!()
    }
    /// Encrypts in place the plain RTP packet that begins at `start` of `buffer` and runs to its end, and appends the
    /// tag. Gives the tuple to send it on; `None` (nothing may be sent) while there are no keys or no tuple: then
    /// `buffer` is cut back to `start`. Allocates only when `buffer` has to grow.
    pub(crate) fn seal_rtp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<Tuple> {
        todo!()
    }
    /// The same for a compound RTCP packet.
    pub(crate) fn seal_rtcp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<Tuple> {
        todo!()
    }

    /// Says goodbye (`close_notify`), where there is somebody to say it to; what is to be sent is in `poll_transmit`.
    pub(crate) fn close(&mut self, now: Instant) {
        todo!()
    }
}

/// The local username fragment (before the colon of USERNAME) a STUN binding request is addressed to.
/// `None`: not a binding request, or malformed.
pub(crate) fn stun_username_fragment(datagram: &[u8]) -> Option<&str> {
    todo!()
}
