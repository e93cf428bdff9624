//! As much of the RTP and RTCP headers as SRTP has to know (RFC 3550 §5.1, §6.4.1). All parsers are total.

/// The first header of a compound packet, with its SSRC: sent in clear.
pub(super) const RTCP_HEADER_LEN: usize = 8;

const FIXED_LEN: usize = 12;
const VERSION: u8 = 2;
const EXTENSION: u8 = 0x10;
const EXTENSION_HEADER_LEN: usize = 4;

/// Where the payload of an RTP packet begins, and who sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::transport) struct RtpHeader {
    /// Length with CSRCs and extensions, in bytes; within the packet.
    pub(super) len: usize,
    pub(super) ssrc: u32,
    pub(super) sequence_number: u16,
}

impl RtpHeader {
    /// `None`: not RTP, or cut off within its header.
    pub(in crate::engine::transport) fn parse(packet: &[u8]) -> Option<Self> {
        let fixed = packet.first_chunk::<FIXED_LEN>()?;
        if fixed[0] >> 6 != VERSION {
            return None;
        }
        let mut len = FIXED_LEN + 4 * usize::from(fixed[0] & 0x0f);
        if fixed[0] & EXTENSION != 0 {
            let extension = packet.get(len..)?.first_chunk::<EXTENSION_HEADER_LEN>()?;
            let words = u16::from_be_bytes([extension[2], extension[3]]);
            len += EXTENSION_HEADER_LEN + 4 * usize::from(words);
        }
        (len <= packet.len()).then_some(Self {
            len,
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            sequence_number: u16::from_be_bytes([fixed[2], fixed[3]]),
        })
    }
}

/// The sender of a compound packet. `None`: not RTCP.
pub(in crate::engine::transport) fn rtcp_ssrc(packet: &[u8]) -> Option<u32> {
    let header = packet.first_chunk::<RTCP_HEADER_LEN>()?;
    (header[0] >> 6 == VERSION).then_some(u32::from_be_bytes([header[4], header[5], header[6], header[7]]))
}
