//! `AES_CM_128_HMAC_SHA1_80` and `_32` (RFC 3711 §4.1.1, §4.2.1; RFC 4568 §6.2.2): for peers without AES-GCM.

use std::ops::Range;

use aws_lc_rs::{
    cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey},
    constant_time::verify_slices_are_equal,
    error::Unspecified,
    hmac,
    iv::FixedLength,
};

use super::{
    ENCRYPTED, RTCP_HEADER_LEN, RTCP_INDEX_LEN,
    kdf::{MasterKey, Protocol},
};

/// Whatever RTP's is.
pub(super) const RTCP_TAG_LEN: usize = 10;
const SALT_LEN: usize = 14;

/// The session keys of one protocol.
struct Keys {
    cipher: EncryptingKey,
    salt: [u8; SALT_LEN],
    authentication: hmac::Key,
}

/// How much of its hash an RTP packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RtpTag {
    Bits80,
    Bits32,
}

/// One direction's keys.
pub(super) struct Cm {
    rtp_tag: RtpTag,
    rtp: Keys,
    rtcp: Keys,
}

impl Cm {
    pub(super) fn new(master: &MasterKey, rtp_tag: RtpTag) -> Result<Self, Unspecified> {
        Ok(Self { rtp_tag, rtp: Keys::new(master, Protocol::Rtp)?, rtcp: Keys::new(master, Protocol::Rtcp)? })
    }

    pub(super) fn rtp_tag_len(&self) -> usize {
        match self.rtp_tag {
            RtpTag::Bits80 => 10,
            RtpTag::Bits32 => 4,
        }
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
        self.rtp.apply_keystream(&mut buffer[start + header_len..], ssrc, index)?;
        let tag = self.rtp.rtp_tag(&buffer[start..], index);
        buffer.extend_from_slice(&tag.as_ref()[..self.rtp_tag_len()]);
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
        let end = packet.len() - self.rtp_tag_len();
        let (packet, tag) = packet.split_at_mut(end);
        verify_slices_are_equal(&self.rtp.rtp_tag(packet, index).as_ref()[..self.rtp_tag_len()], tag)?;
        self.rtp.apply_keystream(&mut packet[header_len..], ssrc, index)?;
        Ok(0..end)
    }

    /// Encrypts what follows the first header of the compound packet at `start`; appends index and tag.
    pub(super) fn seal_rtcp(
        &self,
        buffer: &mut Vec<u8>,
        start: usize,
        ssrc: u32,
        index: u32,
    ) -> Result<(), Unspecified> {
        self.rtcp.apply_keystream(&mut buffer[start + RTCP_HEADER_LEN..], ssrc, u64::from(index))?;
        buffer.extend_from_slice(&(ENCRYPTED | index).to_be_bytes());
        let tag = hmac::sign(&self.rtcp.authentication, &buffer[start..]);
        buffer.extend_from_slice(&tag.as_ref()[..RTCP_TAG_LEN]);
        Ok(())
    }

    /// Checks and decrypts an RTCP packet of at least header, index and tag.
    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<Range<usize>, Unspecified> {
        let (authenticated, tag) = packet.split_at_mut(packet.len() - RTCP_TAG_LEN);
        let expected = hmac::sign(&self.rtcp.authentication, authenticated);
        verify_slices_are_equal(&expected.as_ref()[..RTCP_TAG_LEN], tag)?;
        let end = authenticated.len() - RTCP_INDEX_LEN;
        self.rtcp.apply_keystream(&mut authenticated[RTCP_HEADER_LEN..end], ssrc, u64::from(index))?;
        Ok(0..end)
    }
}

impl Keys {
    fn new(master: &MasterKey, protocol: Protocol) -> Result<Self, Unspecified> {
        let authentication: [u8; 20] = master.authentication_key(protocol)?;
        Ok(Self {
            cipher: cipher(&master.encryption_key(protocol)?)?,
            salt: master.salt(protocol)?,
            authentication: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &authentication),
        })
    }

    /// Encrypts or decrypts: in counter mode the same. The counter, the last two bytes of the block, is
    /// enough for 1 MiB.
    fn apply_keystream(&self, data: &mut [u8], ssrc: u32, index: u64) -> Result<(), Unspecified> {
        let mut iv = [0; 16];
        iv[4..8].copy_from_slice(&ssrc.to_be_bytes());
        iv[8..14].copy_from_slice(&index.to_be_bytes()[2..]);
        for (byte, salt) in iv.iter_mut().zip(self.salt) {
            *byte ^= salt;
        }
        self.cipher.less_safe_encrypt(data, EncryptionContext::Iv128(FixedLength::from(iv)))?;
        Ok(())
    }

    /// Over the packet and the roll-over counter, which is not sent.
    fn rtp_tag(&self, packet: &[u8], index: u64) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.authentication);
        context.update(packet);
        context.update(&index.to_be_bytes()[2..6]);
        context.sign()
    }
}

fn cipher(key: &[u8; 16]) -> Result<EncryptingKey, Unspecified> {
    EncryptingKey::ctr(UnboundCipherKey::new(&AES_128, key)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3711, appendix B.2.
    #[test]
    fn the_keystream_is_the_rfcs() {
        let keys = Keys {
            cipher: cipher(&0x2B7E_1516_28AE_D2A6_ABF7_1588_09CF_4F3C_u128.to_be_bytes())
                .expect("the key is as long as it should be"),
            salt: 0xF0F1_F2F3_F4F5_F6F7_F8F9_FAFB_FCFD_0000_u128.to_be_bytes()[..SALT_LEN]
                .try_into()
                .expect("14 bytes"),
            authentication: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &[]),
        };
        let mut stream = vec![0; 0xff02 * 16];
        keys.apply_keystream(&mut stream, 0, 0).expect("it encrypts");
        let block =
            |number: usize| u128::from_be_bytes(stream[number * 16..][..16].try_into().expect("16 bytes"));
        assert_eq!(block(0), 0xE03E_AD09_35C9_5E80_E166_B16D_D92B_4EB4);
        assert_eq!(block(1), 0xD235_1316_2B02_D0F7_2A43_A2FE_4A5F_97AB);
        assert_eq!(block(2), 0x41E9_5B3B_B0A2_E8DD_4779_01E4_FCA8_94C0);
        assert_eq!(block(0xfeff), 0xEC8C_DF73_9860_7CB0_F2D2_1675_EA9E_A1E4);
        assert_eq!(block(0xff00), 0x362B_7C3C_6773_5163_18A0_77D7_FC50_73AE);
        assert_eq!(block(0xff01), 0x6A2C_C378_7889_374F_BEB4_C81B_17BA_6C44);
    }
}
