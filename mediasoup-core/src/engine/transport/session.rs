//! What stands between a transport's datagrams and plain RTP, whatever kind of transport it is.

use std::time::Instant;

use super::{PlainSession, Rejected, SecureSession, SessionEvent};
use crate::{
    engine::Destination,
    ids::TransportId,
    media::transport::{DtlsState, Tuple},
};

/// The session of a transport.
#[expect(clippy::large_enum_variant, reason = "nearly all are secure, and each packet goes through one")]
pub(crate) enum Session {
    /// ICE, DTLS, SRTP.
    Secure(SecureSession),
    /// None of these, or SRTP alone.
    Plain(Box<PlainSession>),
    /// No network at all: what goes out stays in this process.
    Direct(TransportId),
    /// To another engine of this process, in the clear.
    Bridge(TransportId),
}

impl Session {
    pub(crate) fn secure(&mut self) -> Option<&mut SecureSession> {
        match self {
            Self::Secure(session) => Some(session),
            Self::Plain(_) | Self::Direct(_) | Self::Bridge(_) => None,
        }
    }

    pub(crate) fn plain(&mut self) -> Option<&mut PlainSession> {
        match self {
            Self::Secure(_) | Self::Direct(_) | Self::Bridge(_) => None,
            Self::Plain(session) => Some(session),
        }
    }

    /// Whether media can flow.
    pub(crate) fn is_connected(&self) -> bool {
        match self {
            Self::Secure(session) => session.dtls_state() == DtlsState::Connected,
            Self::Plain(session) => session.is_connected(),
            Self::Direct(_) | Self::Bridge(_) => true,
        }
    }

    /// Whether what goes out leaves this process.
    pub(crate) fn is_of_network(&self) -> bool {
        matches!(self, Self::Secure(_) | Self::Plain(_))
    }

    /// What came over DTLS.
    pub(crate) fn poll_data(&mut self) -> Option<Vec<u8>> {
        self.secure()?.poll_data()
    }

    /// Whether an SCTP packet that did not come over DTLS is the peer's.
    pub(crate) fn admits_sctp(&mut self, tuple: Tuple) -> bool {
        self.plain().is_some_and(|session| session.admits_sctp(tuple))
    }

    /// Sends an SCTP packet: over DTLS, where there is DTLS.
    pub(crate) fn send_data(&mut self, now: Instant, data: &[u8]) {
        match self {
            Self::Secure(session) => session.send_data(now, data),
            Self::Plain(session) => session.send_sctp(data),
            Self::Direct(_) | Self::Bridge(_) => {}
        }
    }

    pub(crate) fn handle_stun(&mut self, now: Instant, tuple: Tuple, datagram: &[u8]) {
        if let Self::Secure(session) = self {
            session.handle_stun(now, tuple, datagram);
        }
    }

    pub(crate) fn handle_dtls(&mut self, now: Instant, tuple: Tuple, datagram: &[u8]) {
        if let Self::Secure(session) = self {
            session.handle_dtls(now, tuple, datagram);
        }
    }

    pub(crate) fn handle_tuple_closed(&mut self, now: Instant, tuple: Tuple) {
        if let Self::Secure(session) = self {
            session.handle_tuple_closed(now, tuple);
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if let Self::Secure(session) = self {
            session.handle_timeout(now);
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Self::Secure(session) => session.poll_timeout(),
            Self::Plain(_) | Self::Direct(_) | Self::Bridge(_) => None,
        }
    }

    pub(crate) fn poll_transmit(&mut self) -> Option<(Tuple, Vec<u8>)> {
        match self {
            Self::Secure(session) => session.poll_transmit(),
            Self::Plain(session) => session.poll_transmit(),
            Self::Direct(_) | Self::Bridge(_) => None,
        }
    }

    pub(crate) fn retired_username_fragment(&mut self) -> Option<String> {
        self.secure()?.retired_username_fragment()
    }

    pub(crate) fn poll_event(&mut self) -> Option<SessionEvent> {
        match self {
            Self::Secure(session) => session.poll_event(),
            Self::Plain(session) => session.poll_event(),
            Self::Direct(_) | Self::Bridge(_) => None,
        }
    }

    pub(crate) fn open_rtp<'a>(
        &mut self,
        tuple: Tuple,
        packet: &'a mut [u8],
    ) -> Result<&'a mut [u8], Rejected> {
        match self {
            Self::Secure(session) => session.open_rtp(tuple, packet),
            Self::Plain(session) => session.open_rtp(tuple, packet),
            Self::Direct(_) | Self::Bridge(_) => Err(Rejected::UnknownTuple),
        }
    }

    pub(crate) fn open_rtcp<'a>(
        &mut self,
        tuple: Tuple,
        packet: &'a mut [u8],
    ) -> Result<&'a mut [u8], Rejected> {
        match self {
            Self::Secure(session) => session.open_rtcp(tuple, packet),
            Self::Plain(session) => session.open_rtcp(tuple, packet),
            Self::Direct(_) | Self::Bridge(_) => Err(Rejected::UnknownTuple),
        }
    }

    /// As [`SecureSession::seal_rtp`].
    pub(crate) fn seal_rtp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<Destination> {
        match self {
            Self::Secure(session) => session.seal_rtp(buffer, start).map(Destination::Network),
            Self::Plain(session) => session.seal_rtp(buffer, start).map(Destination::Network),
            Self::Direct(_) => None,
            Self::Bridge(id) => Some(Destination::Bridge(*id)),
        }
    }

    /// As [`SecureSession::seal_rtcp`].
    pub(crate) fn seal_rtcp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<Destination> {
        match self {
            Self::Secure(session) => session.seal_rtcp(buffer, start).map(Destination::Network),
            Self::Plain(session) => session.seal_rtcp(buffer, start).map(Destination::Network),
            Self::Direct(_) => None,
            Self::Bridge(id) => Some(Destination::Bridge(*id)),
        }
    }

    pub(crate) fn close(&mut self, now: Instant) {
        if let Self::Secure(session) = self {
            session.close(now);
        }
    }
}
