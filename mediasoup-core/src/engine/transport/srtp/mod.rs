//! SRTP and SRTCP of one session (RFC 3711, RFC 7714): sealed and opened in place, without allocation once
//! a stream is known. Memory is spent only on streams that authenticated, and a bounded number of them.

use std::{collections::BTreeMap, ops::Range};

use aws_lc_rs::error::Unspecified;

use super::Rejected;
use cm::Cm;
use gcm::{Gcm, KeyLength};
use header::{RTCP_HEADER_LEN, RtpHeader, rtcp_ssrc};
use kdf::MasterKey;
use replay::ReplayWindow;

mod cm;
mod gcm;
pub(super) mod header;
mod kdf;
mod replay;
#[cfg(test)]
mod tests;

/// Streams a peer may send, RTP and RTCP each: 150 KiB of windows at most. Simulcast with RTX is six streams,
/// and a peer takes new SSRCs whenever it adds a track.
const MAX_INBOUND_STREAMS: usize = 1024;

const RTCP_INDEX_LEN: usize = 4;
/// The E bit. We always set it; a packet without it is refused, authentic or not: browsers never send one.
const ENCRYPTED: u32 = 1 << 31;

/// The protection profiles we speak (RFC 5764 §4.1.2, RFC 7714 §14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SrtpProfile {
    AesCm128HmacSha1_80,
    /// DTLS never gives it: `dimpl` does not know it.
    AesCm128HmacSha1_32,
    AeadAes128Gcm,
    AeadAes256Gcm,
}

impl SrtpProfile {
    fn key_len(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 | Self::AeadAes128Gcm => 16,
            Self::AeadAes256Gcm => 32,
        }
    }

    fn salt_len(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 => 14,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 12,
        }
    }

    /// Of both sides' master keys and salts (RFC 5764 §4.2).
    pub(super) fn keying_material_len(self) -> usize {
        2 * (self.key_len() + self.salt_len())
    }
}

/// Which part of the exported keying material is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

/// One direction's cipher.
enum Cipher {
    Gcm(Gcm),
    /// Boxed: its key schedules and hash states take 3.5 KiB.
    Cm(Box<Cm>),
}

/// Both directions of a session.
pub(super) struct SrtpSession {
    inbound: Inbound,
    outbound: Outbound,
}

struct Inbound {
    cipher: Cipher,
    rtp: BTreeMap<u32, ReplayWindow>,
    rtcp: BTreeMap<u32, ReplayWindow>,
}

struct Outbound {
    cipher: Cipher,
    /// Never forgotten while the keys live: an index used twice would give GCM's authentication key away. So
    /// it grows with the consumers a transport has had, which are the server's own.
    rtp: BTreeMap<u32, ReplayWindow>,
    next_rtcp_index: u32,
}

impl SrtpSession {
    /// See [`Peer::touch`](crate::engine::peer::Peer::touch).
    pub(super) fn touch(&self) -> u64 {
        touch(&self.outbound.rtp)
    }

    /// See [`Peer::touch_receiving`](crate::engine::peer::Peer::touch_receiving).
    pub(super) fn touch_receiving(&self) -> u64 {
        touch(&self.inbound.rtp)
    }

    /// From what DTLS exported (RFC 5764 §4.2): client key, server key, client salt, server salt.
    pub(super) fn new(profile: SrtpProfile, keying_material: &[u8], side: Side) -> Result<Self, Unspecified> {
        if keying_material.len() != profile.keying_material_len() {
            return Err(Unspecified);
        }
        let (key_len, salt_len) = (profile.key_len(), profile.salt_len());
        let (keys, salts) = keying_material.split_at(2 * key_len);
        let (client_key, server_key) = keys.split_at(key_len);
        let (client_salt, server_salt) = salts.split_at(salt_len);
        let client = Cipher::new(profile, &MasterKey::new(client_key, client_salt)?)?;
        let server = Cipher::new(profile, &MasterKey::new(server_key, server_salt)?)?;
        let (ours, theirs) = match side {
            Side::Client => (client, server),
            Side::Server => (server, client),
        };
        Ok(Self {
            inbound: Inbound { cipher: theirs, rtp: BTreeMap::new(), rtcp: BTreeMap::new() },
            outbound: Outbound { cipher: ours, rtp: BTreeMap::new(), next_rtcp_index: 0 },
        })
    }

    /// Opens an SRTP packet in place; gives the plain one.
    pub(super) fn open_rtp<'a>(&mut self, packet: &'a mut [u8]) -> Result<&'a mut [u8], Rejected> {
        let header = RtpHeader::parse(packet).ok_or(Rejected::Malformed)?;
        if packet.len() < header.len + self.inbound.cipher.rtp_tag_len() {
            return Err(Rejected::Malformed);
        }
        let index = match self.inbound.rtp.get(&header.ssrc) {
            // The roll-over counter of a new stream is zero (RFC 3711 §3.3.1).
            None => u64::from(header.sequence_number),
            Some(window) => window
                .estimate(header.sequence_number)
                .filter(|index| window.is_fresh(*index))
                .ok_or(Rejected::Replayed)?,
        };
        let plain = self
            .inbound
            .cipher
            .open_rtp(packet, &header, index)
            .map_err(|Unspecified| Rejected::Unauthentic)?;
        accept(&mut self.inbound.rtp, header.ssrc, index)?;
        Ok(&mut packet[plain])
    }

    /// Opens a compound SRTCP packet in place; gives the plain one.
    pub(super) fn open_rtcp<'a>(&mut self, packet: &'a mut [u8]) -> Result<&'a mut [u8], Rejected> {
        let ssrc = rtcp_ssrc(packet).ok_or(Rejected::Malformed)?;
        let trailer_at = self.inbound.cipher.rtcp_trailer_at(packet.len()).ok_or(Rejected::Malformed)?;
        let trailer = packet
            .get(trailer_at..)
            .and_then(|tail| tail.first_chunk::<RTCP_INDEX_LEN>())
            .map(|word| u32::from_be_bytes(*word))
            .ok_or(Rejected::Malformed)?;
        if trailer & ENCRYPTED == 0 {
            return Err(Rejected::Unauthentic);
        }
        let index = trailer & !ENCRYPTED;
        if self.inbound.rtcp.get(&ssrc).is_some_and(|window| !window.is_fresh(u64::from(index))) {
            return Err(Rejected::Replayed);
        }
        let plain = self
            .inbound
            .cipher
            .open_rtcp(packet, ssrc, index)
            .map_err(|Unspecified| Rejected::Unauthentic)?;
        accept(&mut self.inbound.rtcp, ssrc, u64::from(index))?;
        Ok(&mut packet[plain])
    }

    /// Seals the RTP packet that begins at `start` of `buffer`. `None`, with `buffer` in any state from `start`
    /// on: it is no RTP packet, or its index was used before, or is too old to tell.
    pub(super) fn seal_rtp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<()> {
        let header = RtpHeader::parse(buffer.get(start..)?)?;
        let index = match self.outbound.rtp.get_mut(&header.ssrc) {
            None => {
                let index = u64::from(header.sequence_number);
                self.outbound.rtp.insert(header.ssrc, ReplayWindow::starting_at(index));
                index
            }
            Some(window) => {
                let index =
                    window.estimate(header.sequence_number).filter(|index| window.is_fresh(*index))?;
                window.accept(index);
                index
            }
        };
        self.outbound.cipher.seal_rtp(buffer, start, &header, index).ok()
    }

    /// Seals the compound RTCP packet that begins at `start` of `buffer`.
    pub(super) fn seal_rtcp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<()> {
        let ssrc = rtcp_ssrc(buffer.get(start..)?)?;
        // One counter for all our SSRCs: each of them sees its indices rise, which is all that is asked.
        let index = self.outbound.next_rtcp_index;
        if index & ENCRYPTED != 0 {
            return None;
        }
        self.outbound.next_rtcp_index += 1;
        self.outbound.cipher.seal_rtcp(buffer, start, ssrc, index).ok()
    }
}

fn touch(streams: &BTreeMap<u32, ReplayWindow>) -> u64 {
    streams.last_key_value().map_or(0, |(ssrc, window)| u64::from(*ssrc) ^ window.touch())
}

/// Notes an authenticated index. Only here does a peer's packet cost memory.
fn accept(streams: &mut BTreeMap<u32, ReplayWindow>, ssrc: u32, index: u64) -> Result<(), Rejected> {
    if let Some(window) = streams.get_mut(&ssrc) {
        window.accept(index);
        return Ok(());
    }
    if streams.len() >= MAX_INBOUND_STREAMS {
        return Err(Rejected::TooManyStreams);
    }
    streams.insert(ssrc, ReplayWindow::starting_at(index));
    Ok(())
}

impl Cipher {
    fn new(profile: SrtpProfile, master: &MasterKey) -> Result<Self, Unspecified> {
        Ok(match profile {
            SrtpProfile::AesCm128HmacSha1_80 => Self::cm(master, cm::RtpTag::Bits80)?,
            SrtpProfile::AesCm128HmacSha1_32 => Self::cm(master, cm::RtpTag::Bits32)?,
            SrtpProfile::AeadAes128Gcm => Self::Gcm(Gcm::new(master, KeyLength::Aes128)?),
            SrtpProfile::AeadAes256Gcm => Self::Gcm(Gcm::new(master, KeyLength::Aes256)?),
        })
    }

    fn cm(master: &MasterKey, rtp_tag: cm::RtpTag) -> Result<Self, Unspecified> {
        Ok(Self::Cm(Box::new(Cm::new(master, rtp_tag)?)))
    }

    fn rtp_tag_len(&self) -> usize {
        match self {
            Self::Gcm(_) => gcm::TAG_LEN,
            Self::Cm(cm) => cm.rtp_tag_len(),
        }
    }

    fn rtcp_tag_len(&self) -> usize {
        match self {
            Self::Gcm(_) => gcm::TAG_LEN,
            Self::Cm(_) => cm::RTCP_TAG_LEN,
        }
    }

    /// Where the word with the index is in an SRTCP packet of `len` bytes: last with GCM, before the tag
    /// with CM. `None`: too short to be one.
    fn rtcp_trailer_at(&self, len: usize) -> Option<usize> {
        let after_header = len.checked_sub(RTCP_HEADER_LEN)?;
        after_header.checked_sub(self.rtcp_tag_len() + RTCP_INDEX_LEN)?;
        Some(match self {
            Self::Gcm(_) => len - RTCP_INDEX_LEN,
            Self::Cm(_) => len - RTCP_INDEX_LEN - cm::RTCP_TAG_LEN,
        })
    }

    fn seal_rtp(
        &self,
        buffer: &mut Vec<u8>,
        start: usize,
        header: &RtpHeader,
        index: u64,
    ) -> Result<(), Unspecified> {
        match self {
            Self::Gcm(gcm) => gcm.seal_rtp(buffer, start, header.len, header.ssrc, index),
            Self::Cm(cm) => cm.seal_rtp(buffer, start, header.len, header.ssrc, index),
        }
    }

    fn open_rtp(
        &self,
        packet: &mut [u8],
        header: &RtpHeader,
        index: u64,
    ) -> Result<Range<usize>, Unspecified> {
        match self {
            Self::Gcm(gcm) => gcm.open_rtp(packet, header.len, header.ssrc, index),
            Self::Cm(cm) => cm.open_rtp(packet, header.len, header.ssrc, index),
        }
    }

    fn seal_rtcp(
        &self,
        buffer: &mut Vec<u8>,
        start: usize,
        ssrc: u32,
        index: u32,
    ) -> Result<(), Unspecified> {
        match self {
            Self::Gcm(gcm) => gcm.seal_rtcp(buffer, start, ssrc, index),
            Self::Cm(cm) => cm.seal_rtcp(buffer, start, ssrc, index),
        }
    }

    fn open_rtcp(&self, packet: &mut [u8], ssrc: u32, index: u32) -> Result<Range<usize>, Unspecified> {
        match self {
            Self::Gcm(gcm) => gcm.open_rtcp(packet, ssrc, index),
            Self::Cm(cm) => cm.open_rtcp(packet, ssrc, index),
        }
    }
}
