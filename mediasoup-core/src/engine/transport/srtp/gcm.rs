//! `AEAD_AES_128_GCM` and `AEAD_AES_256_GCM` (RFC 7714).

use std::ops::Range;

use aws_lc_rs::{
    aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    error::Unspecified,
};

use super::{
    ENCRYPTED, RTCP_HEADER_LEN, RTCP_INDEX_LEN,
    kdf::{MasterKey, Protocol},
};

pub(super) const TAG_LEN: usize = 16;
const SALT_LEN: usize = 12;

/// AES key length of a profile.
#[derive(Clone, Copy)]
pub(super) enum KeyLength {
    Aes128,
    Aes256,
}

/// A session key with its salt.
struct SaltedKey {
    key: LessSafeKey,
    salt: [u8; SALT_LEN],
}

/// One direction's keys.
pub(super) struct Gcm {
    rtp: SaltedKey,
    rtcp: SaltedKey,
}

impl Gcm {
    pub(super) fn new(master: &MasterKey, length: KeyLength) -> Result<Self, Unspecified> {
        Ok(Self {
            rtp: SaltedKey::new(master, Protocol::Rtp, length)?,
            rtcp: SaltedKey::new(master, Protocol::Rtcp, length)?,
        })
    }

    /// Encrypts what follows the header of the RTP packet at `start` and appends the tag.
    pub(super) fn seal_rtp(
        &self,
        buffer: &mut Vec<u8>,
        start: usize,
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<(), Unspecified> {
        let nonce = self.rtp.rtp_nonce(ssrc, index);
        let (header, payload) = buffer[start..].split_at_mut(header_len);
        let tag = self.rtp.key.seal_in_place_separate_tag(nonce, Aad::from(&*header), payload)?;
        buffer.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Checks and decrypts an RTP packet of at least header and tag. Gives where the plain packet is.
    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<Range<usize>, Unspecified> {
        let nonce = self.rtp.rtp_nonce(ssrc, index);
        let (header, sealed) = packet.split_at_mut(header_len);
        let payload = self.rtp.key.open_in_place(nonce, Aad::from(&*header), sealed)?;
        Ok(0..header_len + payload.len())
    }

    /// Encrypts what follows the first header of the compound packet at `start`; appends tag and index.
    pub(super) fn seal_rtcp(
        &self,
        buffer: &mut Vec<u8>,
        start: usize,
        ssrc: u32,
        index: u32,
    ) -> Result<(), Unspecified> {
        let trailer = (ENCRYPTED | index).to_be_bytes();
        let nonce = self.rtcp.rtcp_nonce(ssrc, index);
        let (header, payload) = buffer[start..].split_at_mut(RTCP_HEADER_LEN);
        let aad = rtcp_aad(header, trailer);
        let tag = self.rtcp.key.seal_in_place_separate_tag(nonce, Aad::from(aad), payload)?;
        buffer.extend_from_slice(tag.as_ref());
        buffer.extend_from_slice(&trailer);
        Ok(())
    }

    /// Checks and decrypts an RTCP packet of at least header, tag and index.
    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<Range<usize>, Unspecified> {
        let trailer = (ENCRYPTED | index).to_be_bytes();
        let nonce = self.rtcp.rtcp_nonce(ssrc, index);
        let end = packet.len() - RTCP_INDEX_LEN;
        let (header, sealed) = packet[..end].split_at_mut(RTCP_HEADER_LEN);
        let aad = rtcp_aad(header, trailer);
        let payload = self.rtcp.key.open_in_place(nonce, Aad::from(aad), sealed)?;
        Ok(0..RTCP_HEADER_LEN + payload.len())
    }
}

/// The first header and the word with the index (RFC 7714 §9.2).
fn rtcp_aad(header: &[u8], trailer: [u8; RTCP_INDEX_LEN]) -> [u8; RTCP_HEADER_LEN + RTCP_INDEX_LEN] {
    let mut aad = [0; RTCP_HEADER_LEN + RTCP_INDEX_LEN];
    aad[..RTCP_HEADER_LEN].copy_from_slice(header);
    aad[RTCP_HEADER_LEN..].copy_from_slice(&trailer);
    aad
}

impl SaltedKey {
    fn new(master: &MasterKey, protocol: Protocol, length: KeyLength) -> Result<Self, Unspecified> {
        let key = match length {
            KeyLength::Aes128 => UnboundKey::new(&AES_128_GCM, &master.encryption_key::<16>(protocol)?)?,
            KeyLength::Aes256 => UnboundKey::new(&AES_256_GCM, &master.encryption_key::<32>(protocol)?)?,
        };
        Ok(Self { key: LessSafeKey::new(key), salt: master.salt(protocol)? })
    }

    /// RFC 7714 §8.1: zeros, SSRC, roll-over counter and sequence number, salted.
    fn rtp_nonce(&self, ssrc: u32, index: u64) -> Nonce {
        let mut nonce = [0; SALT_LEN];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[6..].copy_from_slice(&index.to_be_bytes()[2..]);
        self.salted(nonce)
    }

    /// RFC 7714 §9.1: zeros, SSRC, zeros, index, salted.
    fn rtcp_nonce(&self, ssrc: u32, index: u32) -> Nonce {
        let mut nonce = [0; SALT_LEN];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[8..].copy_from_slice(&index.to_be_bytes());
        self.salted(nonce)
    }

    fn salted(&self, mut nonce: [u8; SALT_LEN]) -> Nonce {
        for (byte, salt) in nonce.iter_mut().zip(self.salt) {
            *byte ^= salt;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

#[cfg(test)]
impl Gcm {
    /// From session keys, as the RFC's examples give them.
    pub(super) fn from_session_key(key: &[u8], salt: [u8; SALT_LEN]) -> Self {
        let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
        let salted = || SaltedKey {
            key: LessSafeKey::new(UnboundKey::new(algorithm, key).expect("16 or 32 bytes")),
            salt,
        };
        Self { rtp: salted(), rtcp: salted() }
    }
}
