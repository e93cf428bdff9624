//! A peer without ICE and DTLS: plain RTP, or SRTP with keys that were given (mediasoup's `PlainTransport`).

use std::{
    collections::VecDeque,
    net::{IpAddr, SocketAddr},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rand::Rng;

use super::{
    MAX_TRANSMITS, Rejected, SessionEvent,
    srtp::{Side, SrtpProfile, SrtpSession},
};
use crate::{
    engine::rtp::RtpPacket,
    media::{
        data::SctpOptions,
        error::TransportError,
        plain::{PlainRemote, SrtpCryptoSuite, SrtpParameters},
        transport::{Protocol, Tuple},
    },
};

/// Header and sender of a compound packet.
const RTCP_LEN_MIN: usize = 8;

/// What a plain session is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlainSetup {
    /// Bound for RTP.
    pub(crate) rtp: SocketAddr,
    /// Bound for RTCP; `None`: it goes the way of RTP (RFC 5761).
    pub(crate) rtcp: Option<SocketAddr>,
    /// The peer's address is learnt from its first authentic packet.
    pub(crate) comedia: bool,
    pub(crate) srtp: Option<SrtpCryptoSuite>,
    pub(crate) sctp: Option<SctpOptions>,
}

/// One port of ours, and the peer's.
#[derive(Clone, Copy, Debug)]
struct Path {
    local: SocketAddr,
    remote: Option<SocketAddr>,
}

impl Path {
    fn tuple(self) -> Option<Tuple> {
        let remote = self.remote?;
        Some(Tuple { protocol: Protocol::Udp, local: self.local, remote })
    }

    /// Whether a packet from there may be looked at: from the peer, or from anybody while the peer is to be learnt.
    fn admits(self, tuple: Tuple, learns: bool) -> bool {
        self.local == tuple.local && self.remote.map_or(learns, |remote| remote == tuple.remote)
    }
}

/// How packets are protected.
enum Protection {
    None,
    /// Our key is made, the peer's is to come.
    Keyless(SrtpParameters),
    Srtp(SrtpParameters, Box<SrtpSession>),
}

/// A session with one peer, without ICE and DTLS.
pub(crate) struct PlainSession {
    rtp: Path,
    rtcp: Option<Path>,
    comedia: bool,
    protection: Protection,
    was_connected: bool,
    /// SCTP packets. The owner sends each at once.
    transmits: VecDeque<(Tuple, Vec<u8>)>,
    events: VecDeque<SessionEvent>,
}

impl PlainSession {
    pub(crate) fn new(setup: PlainSetup, rng: &mut impl Rng) -> Self {
        let path = |local| Path { local, remote: None };
        Self {
            rtp: path(setup.rtp),
            rtcp: setup.rtcp.map(path),
            comedia: setup.comedia,
            protection: setup.srtp.map_or(Protection::None, |suite| Protection::Keyless(new_key(suite, rng))),
            was_connected: false,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Learns where the peer is, and its key.
    ///
    /// # Errors
    /// What is missing or not wanted; a second call. Then nothing has changed.
    pub(crate) fn connect(&mut self, remote: &PlainRemote, rng: &mut impl Rng) -> Result<(), TransportError> {
        if matches!(self.protection, Protection::Srtp(..)) || (!self.comedia && self.rtp.remote.is_some()) {
            return Err(TransportError::AlreadyConnected);
        }
        if self.comedia && matches!(self.protection, Protection::None) {
            return Err(invalid("with comedia and without SRTP there is nothing to connect"));
        }
        let (rtp, rtcp) = self.stated_addresses(remote)?;
        let keyed = match (&self.protection, &remote.srtp_parameters) {
            (Protection::Keyless(ours), Some(theirs)) => Some(agree(ours, theirs, rng)?),
            (Protection::Keyless(_), None) => return Err(invalid("missing srtpParameters")),
            (_, Some(_)) => return Err(invalid("srtpParameters given, but SRTP is not enabled")),
            (_, None) => None,
        };
        if let Some((ours, session)) = keyed {
            self.protection = Protection::Srtp(ours, Box::new(session));
        }
        self.rtp.remote = rtp;
        if let Some(path) = &mut self.rtcp {
            path.remote = rtcp;
        }
        self.note_connected();
        Ok(())
    }

    /// The peer's addresses for RTP and RTCP; none where they are to be learnt.
    fn stated_addresses(
        &self,
        remote: &PlainRemote,
    ) -> Result<(Option<SocketAddr>, Option<SocketAddr>), TransportError> {
        let PlainRemote { ip, port, rtcp_port, .. } = *remote;
        if self.comedia {
            return match (ip, port, rtcp_port) {
                (None, None, None) => Ok((None, None)),
                _ => Err(invalid("ip, port and rtcpPort are learnt with comedia")),
            };
        }
        let address = |ip: IpAddr, port| (port != 0).then_some(SocketAddr::new(ip, port));
        let ip = ip.filter(|ip| ip.is_ipv4() == self.rtp.local.is_ipv4());
        let ip = ip.ok_or_else(|| invalid("missing ip, or not of the transport's family"))?;
        let rtp = port.and_then(|port| address(ip, port)).ok_or_else(|| invalid("missing port"))?;
        let rtcp = match (self.rtcp, rtcp_port) {
            (Some(_), None) => return Err(invalid("missing rtcpPort (it is required without rtcpMux)")),
            (None, Some(_)) => return Err(invalid("rtcpPort given, but rtcpMux is enabled")),
            (Some(_), Some(port)) => Some(address(ip, port).ok_or_else(|| invalid("invalid rtcpPort"))?),
            (None, None) => None,
        };
        Ok((Some(rtp), rtcp))
    }

    /// Whether something can be sent.
    pub(crate) fn is_connected(&self) -> bool {
        self.rtp.remote.is_some() && !matches!(self.protection, Protection::Keyless(_))
    }

    pub(crate) fn is_comedia(&self) -> bool {
        self.comedia
    }

    /// Our address and the peer's, of RTP.
    pub(crate) fn rtp_path(&self) -> (SocketAddr, Option<SocketAddr>) {
        (self.rtp.local, self.rtp.remote)
    }

    /// The same of RTCP, where that has a way of its own.
    pub(crate) fn rtcp_path(&self) -> Option<(SocketAddr, Option<SocketAddr>)> {
        self.rtcp.map(|path| (path.local, path.remote))
    }

    /// The key of what we send.
    pub(crate) fn srtp_parameters(&self) -> Option<&SrtpParameters> {
        match &self.protection {
            Protection::None => None,
            Protection::Keyless(ours) | Protection::Srtp(ours, _) => Some(ours),
        }
    }

    pub(crate) fn poll_event(&mut self) -> Option<SessionEvent> {
        self.events.pop_front()
    }

    pub(crate) fn open_rtp<'a>(
        &mut self,
        tuple: Tuple,
        packet: &'a mut [u8],
    ) -> Result<&'a mut [u8], Rejected> {
        if !self.rtp.admits(tuple, self.comedia) {
            return Err(Rejected::UnknownTuple);
        }
        let plain = match &mut self.protection {
            Protection::None if RtpPacket::parse(packet).is_none() => return Err(Rejected::Malformed),
            Protection::None => packet,
            Protection::Keyless(_) => return Err(Rejected::NotConnected),
            Protection::Srtp(_, session) => session.open_rtp(packet)?,
        };
        self.learn(tuple);
        Ok(plain)
    }

    pub(crate) fn open_rtcp<'a>(
        &mut self,
        tuple: Tuple,
        packet: &'a mut [u8],
    ) -> Result<&'a mut [u8], Rejected> {
        // Only the host that RTP comes from may claim the way of RTCP.
        let learns = match (self.rtcp, self.rtp.remote) {
            (Some(_), remote) => remote.is_some_and(|remote| remote.ip() == tuple.remote.ip()),
            (None, _) => true,
        };
        if !self.rtcp.unwrap_or(self.rtp).admits(tuple, self.comedia && learns) {
            return Err(Rejected::UnknownTuple);
        }
        let plain = match &mut self.protection {
            Protection::None if packet.len() < RTCP_LEN_MIN => return Err(Rejected::Malformed),
            Protection::None => packet,
            Protection::Keyless(_) => return Err(Rejected::NotConnected),
            Protection::Srtp(_, session) => session.open_rtcp(packet)?,
        };
        self.learn(tuple);
        Ok(plain)
    }

    /// Whether an SCTP packet from there is the peer's. It goes the way of RTP, bare with SRTP, too: then nothing is learnt of it,
    /// as anybody could have made it.
    pub(crate) fn admits_sctp(&mut self, tuple: Tuple) -> bool {
        let learns = self.comedia && matches!(self.protection, Protection::None);
        let admits = self.rtp.admits(tuple, learns) && !matches!(self.protection, Protection::Keyless(_));
        if admits {
            self.learn(tuple);
        }
        admits
    }

    /// Sends an SCTP packet, where there is a peer.
    pub(crate) fn send_sctp(&mut self, packet: &[u8]) {
        if let Some(tuple) =
            self.rtp.tuple().filter(|_| self.is_connected() && self.transmits.len() < MAX_TRANSMITS)
        {
            self.transmits.push_back((tuple, packet.to_vec()));
        }
    }

    pub(crate) fn poll_transmit(&mut self) -> Option<(Tuple, Vec<u8>)> {
        self.transmits.pop_front()
    }

    /// As [`SecureSession::seal_rtp`](super::SecureSession::seal_rtp).
    pub(crate) fn seal_rtp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<Tuple> {
        let tuple = self.rtp.tuple();
        self.seal(tuple, buffer, start, SrtpSession::seal_rtp)
    }

    /// The same for RTCP.
    pub(crate) fn seal_rtcp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<Tuple> {
        let tuple = self.rtcp.unwrap_or(self.rtp).tuple();
        self.seal(tuple, buffer, start, SrtpSession::seal_rtcp)
    }

    fn seal(
        &mut self,
        tuple: Option<Tuple>,
        buffer: &mut Vec<u8>,
        start: usize,
        seal: impl FnOnce(&mut SrtpSession, &mut Vec<u8>, usize) -> Option<()>,
    ) -> Option<Tuple> {
        let sealed = match &mut self.protection {
            _ if tuple.is_none() => None,
            Protection::None => Some(()),
            Protection::Keyless(_) => None,
            Protection::Srtp(_, session) => seal(session, buffer, start),
        };
        if sealed.is_none() {
            buffer.truncate(start);
        }
        sealed.and(tuple)
    }

    /// A packet from there was authentic: with `comedia`, the peer is there, from now on and for good.
    fn learn(&mut self, tuple: Tuple) {
        if self.rtp.local == tuple.local && self.rtp.remote.is_none() {
            self.rtp.remote = Some(tuple.remote);
            self.events.push_back(SessionEvent::Path(tuple));
            self.note_connected();
        } else if let Some(path) = self.rtcp.as_mut().filter(|path| path.local == tuple.local)
            && path.remote.is_none()
        {
            path.remote = Some(tuple.remote);
            self.events.push_back(SessionEvent::RtcpPath(tuple));
        }
    }

    fn note_connected(&mut self) {
        if self.is_connected() && !std::mem::replace(&mut self.was_connected, true) {
            self.events.push_back(SessionEvent::Connected);
        }
    }
}

fn invalid(what: &str) -> TransportError {
    TransportError::Invalid(what.to_owned())
}

fn new_key(suite: SrtpCryptoSuite, rng: &mut impl Rng) -> SrtpParameters {
    let mut key = vec![0; suite.key_len() + suite.salt_len()];
    rng.fill_bytes(&mut key);
    SrtpParameters { crypto_suite: suite, key_base64: BASE64_STANDARD.encode(key) }
}

/// Both directions' keys: the peer's suite counts, and ours is made anew where it was another.
fn agree(
    ours: &SrtpParameters,
    theirs: &SrtpParameters,
    rng: &mut impl Rng,
) -> Result<(SrtpParameters, SrtpSession), TransportError> {
    let suite = theirs.crypto_suite;
    let ours = if ours.crypto_suite == suite { ours.clone() } else { new_key(suite, rng) };
    let decode = |parameters: &SrtpParameters| {
        let key = BASE64_STANDARD.decode(&parameters.key_base64).ok();
        key.filter(|key| key.len() == suite.key_len() + suite.salt_len())
            .ok_or_else(|| invalid("invalid srtpParameters.keyBase64"))
    };
    let (our_key, their_key) = (decode(&ours)?, decode(theirs)?);
    let halves = [our_key.split_at(suite.key_len()), their_key.split_at(suite.key_len())];
    let keying_material = [halves[0].0, halves[1].0, halves[0].1, halves[1].1].concat();
    let profile = match suite {
        SrtpCryptoSuite::AeadAes256Gcm => SrtpProfile::AeadAes256Gcm,
        SrtpCryptoSuite::AeadAes128Gcm => SrtpProfile::AeadAes128Gcm,
        SrtpCryptoSuite::AesCm128HmacSha1_80 => SrtpProfile::AesCm128HmacSha1_80,
        SrtpCryptoSuite::AesCm128HmacSha1_32 => SrtpProfile::AesCm128HmacSha1_32,
    };
    let session = SrtpSession::new(profile, &keying_material, Side::Client);
    Ok((ours, session.map_err(|_| invalid("invalid srtpParameters.keyBase64"))?))
}
