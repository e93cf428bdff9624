//! Session keys from master keys (RFC 3711 §4.3; RFC 6188 for AES-256; RFC 7714 §11 for 96-bit salts).

use aws_lc_rs::{
    cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey},
    error::Unspecified,
    iv::FixedLength,
};

/// What a session key is for, without the direction's protocol.
#[derive(Clone, Copy)]
pub(super) enum Protocol {
    Rtp,
    Rtcp,
}

/// Longest master salt: 112 bits. A 96-bit one is followed by zeros.
const MASTER_SALT_LEN: usize = 14;

/// One direction's master key and salt, as DTLS exported them.
pub(super) struct MasterKey {
    prf: EncryptingKey,
    salt: [u8; MASTER_SALT_LEN],
}

impl MasterKey {
    /// Takes a key of 16 or 32 bytes and a salt of up to 14.
    pub(super) fn new(key: &[u8], salt: &[u8]) -> Result<Self, Unspecified> {
        let algorithm = match key.len() {
            16 => &AES_128,
            32 => &AES_256,
            _ => return Err(Unspecified),
        };
        let mut padded = [0; MASTER_SALT_LEN];
        padded.get_mut(..salt.len()).ok_or(Unspecified)?.copy_from_slice(salt);
        Ok(Self { prf: EncryptingKey::ctr(UnboundCipherKey::new(algorithm, key)?)?, salt: padded })
    }

    pub(super) fn encryption_key<const N: usize>(&self, protocol: Protocol) -> Result<[u8; N], Unspecified> {
        self.derive(Self::label(protocol))
    }

    pub(super) fn authentication_key<const N: usize>(
        &self,
        protocol: Protocol,
    ) -> Result<[u8; N], Unspecified> {
        self.derive(Self::label(protocol) + 1)
    }

    pub(super) fn salt<const N: usize>(&self, protocol: Protocol) -> Result<[u8; N], Unspecified> {
        self.derive(Self::label(protocol) + 2)
    }

    fn label(protocol: Protocol) -> u8 {
        match protocol {
            Protocol::Rtp => 0,
            Protocol::Rtcp => 3,
        }
    }

    /// The key derivation rate is zero (as DTLS-SRTP has it), so the label is all there is to mix in.
    fn derive<const N: usize>(&self, label: u8) -> Result<[u8; N], Unspecified> {
        let mut iv = [0; 16];
        iv[..MASTER_SALT_LEN].copy_from_slice(&self.salt);
        iv[7] ^= label;
        let mut key = [0; N];
        self.prf.less_safe_encrypt(&mut key, EncryptionContext::Iv128(FixedLength::from(iv)))?;
        Ok(key)
    }
}
