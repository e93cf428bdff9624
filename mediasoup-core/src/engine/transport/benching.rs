//! Entry points for benches.

use super::srtp::{Side, SrtpProfile, SrtpSession};

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
