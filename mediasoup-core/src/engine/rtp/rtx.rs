//! Retransmission payload (RFC 4588 §4).

use super::RtpPacket;

/// Turns an RTX packet back, in place, into the packet it repeats: its sequence number stands before the payload.
/// `None` for packets that repeat nothing (padding, probes).
pub(crate) fn restore(bytes: &mut [u8], payload_type: u8, ssrc: u32) -> Option<&[u8]> {
    let packet = RtpPacket::parse(bytes)?;
    let original: [u8; 2] = *packet.payload.first_chunk()?;
    let header_len = packet.header_len;
    // The header moves over the two bytes: the payload stays where it is.
    bytes.copy_within(..header_len, 2);
    let restored = &mut bytes[2..];
    restored[1] = (restored[1] & 0x80) | payload_type;
    restored[2..4].copy_from_slice(&original);
    restored[8..12].copy_from_slice(&ssrc.to_be_bytes());
    Some(restored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restores_the_original() {
        let mut bytes = vec![0x80, 0x80 | 97, 0, 1, 0, 0, 0, 9, 0, 0, 0, 2, 0x12, 0x34, 7, 8];
        let packet = RtpPacket::parse(restore(&mut bytes, 96, 1).unwrap()).unwrap();
        assert!(packet.marker);
        assert_eq!((packet.payload_type, packet.sequence_number, packet.ssrc), (96, 0x1234, 1));
        assert_eq!((packet.timestamp, packet.payload), (9, &[7, 8][..]));
    }

    #[test]
    fn a_probe_repeats_nothing() {
        let mut padding_only = vec![0x80 | 0x20, 97, 0, 1, 0, 0, 0, 9, 0, 0, 0, 2, 0, 0, 3];
        assert!(restore(&mut padding_only, 96, 1).is_none());
    }
}
