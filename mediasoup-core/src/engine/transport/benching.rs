//! Entry points for benches.

use super::{
    remote::Check,
    srtp::{Side, SrtpProfile, SrtpSession},
};
use crate::media::transport::IceParameters;

/// A protection profile.
#[derive(Clone, Copy, Debug)]
pub enum Profile {
    /// `SRTP_AES128_CM_HMAC_SHA1_80`.
    AesCm128HmacSha1_80,
    /// `SRTP_AEAD_AES_128_GCM`.
    AeadAes128Gcm,
    /// `SRTP_AEAD_AES_256_GCM`: what browsers negotiate.
    AeadAes256Gcm,
}

impl From<Profile> for SrtpProfile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::AesCm128HmacSha1_80 => Self::AesCm128HmacSha1_80,
            Profile::AeadAes128Gcm => Self::AeadAes128Gcm,
            Profile::AeadAes256Gcm => Self::AeadAes256Gcm,
        }
    }
}

/// Both ends of a session.
pub struct Srtp {
    sender: SrtpSession,
    receiver: SrtpSession,
}

impl Srtp {
    /// With keys that are no secret.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        let profile = SrtpProfile::from(profile);
        let material = vec![7; profile.keying_material_len()];
        let end = |side| SrtpSession::new(profile, &material, side).expect("the length is right");
        Self { sender: end(Side::Client), receiver: end(Side::Server) }
    }

    /// Seals a plain RTP packet in place, and appends the tag. Each sequence number once.
    ///
    /// # Panics
    /// If it is no RTP packet, or its number was sealed before.
    pub fn seal(&mut self, packet: &mut Vec<u8>) {
        self.sender.seal_rtp(packet, 0).expect("its number is new");
    }

    /// Opens a sealed packet in place; gives the length of the plain one. Each sequence number once.
    ///
    /// # Panics
    /// If it is not the sender's, or was opened before.
    pub fn open(&mut self, packet: &mut [u8]) -> usize {
        self.receiver.open_rtp(packet).expect("it is authentic").len()
    }
}

impl Profile {
    /// Bytes to be exported from DTLS: both sides' master keys and salts.
    #[must_use]
    pub fn keying_material_len(self) -> usize {
        SrtpProfile::from(self).keying_material_len()
    }
}

/// The check of a client that wants to use the address it sends this from, signed as this server asks for it.
#[must_use]
pub fn ice_check(server: &IceParameters) -> Vec<u8> {
    Check::NOMINATING.request(server)
}

/// The keys of a client, which was the client of DTLS, too. Nothing that comes panics.
pub struct ClientKeys(SrtpSession);

impl ClientKeys {
    /// From what DTLS exported; `None` where its length is wrong.
    #[must_use]
    pub fn new(profile: Profile, keying_material: &[u8]) -> Option<Self> {
        SrtpSession::new(profile.into(), keying_material, Side::Client).ok().map(Self)
    }

    /// Seals a plain RTP packet in place. `false`: it is none, or its number was sealed before.
    #[must_use]
    pub fn seal_rtp(&mut self, packet: &mut Vec<u8>) -> bool {
        self.0.seal_rtp(packet, 0).is_some()
    }

    /// Seals a plain RTCP packet in place. `false`: it is none.
    #[must_use]
    pub fn seal_rtcp(&mut self, packet: &mut Vec<u8>) -> bool {
        self.0.seal_rtcp(packet, 0).is_some()
    }

    /// Opens an RTP packet in place; gives the plain one. Between two of a stream others may be left out, fewer than
    /// 2^15 of them.
    pub fn open_rtp<'a>(&mut self, packet: &'a mut [u8]) -> Option<&'a [u8]> {
        self.0.open_rtp(packet).ok().map(|plain| &*plain)
    }

    /// Opens an RTCP packet in place; gives the plain one.
    pub fn open_rtcp<'a>(&mut self, packet: &'a mut [u8]) -> Option<&'a [u8]> {
        self.0.open_rtcp(packet).ok().map(|plain| &*plain)
    }
}
