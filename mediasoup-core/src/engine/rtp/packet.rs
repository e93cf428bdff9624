//! A view of an RTP packet (RFC 3550 §5.1), checked once, borrowing the datagram.

use super::{Header, extensions::Extensions};

const FIXED_HEADER_LEN: usize = 12;

/// A plain RTP packet. Padding is not part of `payload`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RtpPacket<'a> {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence_number: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) extensions: Extensions<'a>,
    pub(crate) payload: &'a [u8],
    /// Where the payload begins, in bytes.
    pub(crate) header_len: usize,
}

impl<'a> RtpPacket<'a> {
    /// The header as it came.
    pub(crate) fn header(&self) -> Header {
        let Self { marker, payload_type, sequence_number, timestamp, ssrc, .. } = *self;
        Header { marker, payload_type, sequence_number, timestamp, ssrc }
    }

    /// `None` for anything that is not a whole, well-formed packet.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let fixed: &[u8; FIXED_HEADER_LEN] = bytes.first_chunk()?;
        if fixed[0] >> 6 != 2 {
            return None;
        }
        let has_padding = fixed[0] & 0x20 != 0;
        let has_extension = fixed[0] & 0x10 != 0;
        let mut header_len = FIXED_HEADER_LEN + 4 * usize::from(fixed[0] & 0x0F);
        let mut extensions = Extensions::NONE;
        if has_extension {
            let head: &[u8; 4] = bytes.get(header_len..)?.first_chunk()?;
            let profile = u16::from_be_bytes([head[0], head[1]]);
            let len = 4 * usize::from(u16::from_be_bytes([head[2], head[3]]));
            let body = bytes.get(header_len + 4..header_len + 4 + len)?;
            extensions = Extensions::new(profile, body);
            header_len += 4 + len;
        }
        let rest = bytes.get(header_len..)?;
        let padding_len = if has_padding { usize::from(*rest.last()?) } else { 0 };
        if has_padding && padding_len == 0 {
            return None;
        }
        let payload = rest.get(..rest.len().checked_sub(padding_len)?)?;
        Some(Self {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7F,
            sequence_number: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            extensions,
            payload,
            header_len,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first, 0x80 | 96, 0x12, 0x34, 0, 0, 0, 9, 0, 0, 0, 7];
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn reads_header_csrcs_extension_and_padding() {
        let bytes =
            packet(0x80 | 0x20 | 0x10 | 1, &[1, 1, 1, 1, 0xBE, 0xDE, 0, 1, 0x10, b'x', 0, 0, 5, 6, 0, 2]);
        let packet = RtpPacket::parse(&bytes).unwrap();
        assert!(packet.marker);
        assert_eq!(
            (packet.payload_type, packet.sequence_number, packet.timestamp, packet.ssrc),
            (96, 0x1234, 9, 7)
        );
        assert_eq!(packet.payload, [5, 6]);
        assert_eq!(packet.header_len, 24);
        assert_eq!(packet.extensions.iter().collect::<Vec<_>>(), [(1, &b"x"[..])]);
    }

    #[test]
    fn refuses_what_does_not_add_up() {
        for bad in [
            packet(0x40, &[]),                           // version 1
            packet(0x80 | 2, &[0; 7]),                   // CSRCs cut off
            packet(0x80 | 0x10, &[0xBE, 0xDE, 0, 2, 0]), // extension cut off
            packet(0x80 | 0x20, &[1, 9]),                // more padding than packet
            packet(0x80 | 0x20, &[1, 0]),                // padding of no length
            packet(0x80 | 0x20, &[]),                    // padding without a byte
            vec![0x80; 11],
        ] {
            assert!(RtpPacket::parse(&bad).is_none(), "{bad:?}");
        }
    }
}
