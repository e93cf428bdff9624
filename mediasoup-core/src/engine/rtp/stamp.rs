//! Header extensions that are known only when a packet goes out.

use super::RtpPacket;

/// Writes a value over that of an extension, where the packet has it with the same length.
pub(crate) fn stamp(packet: &mut [u8], id: u8, value: &[u8]) {
    let start = packet.as_ptr().addr();
    let found = RtpPacket::parse(packet)
        .and_then(|parsed| parsed.extensions.iter().find(|(found, _)| *found == id))
        .map(|(_, old)| (old.as_ptr().addr() - start, old.len()));
    if let Some((at, len)) = found
        && len == value.len()
    {
        packet[at..at + len].copy_from_slice(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rtp::{ExtensionValue, Header, write_packet};

    #[test]
    fn writes_over_what_is_there_and_nothing_else() {
        let header = Header { marker: true, payload_type: 101, sequence_number: 7, timestamp: 8, ssrc: 9 };
        let extensions = [ExtensionValue { id: 3, value: b"ab" }, ExtensionValue { id: 5, value: b"cd" }];
        let mut packet = Vec::new();
        write_packet(&mut packet, &header, &extensions, &[b"payload"]);
        stamp(&mut packet, 5, b"xy");
        stamp(&mut packet, 3, b"longer");
        stamp(&mut packet, 9, b"xy");
        let parsed = RtpPacket::parse(&packet).unwrap();
        assert_eq!(parsed.extensions.iter().collect::<Vec<_>>(), [(3, &b"ab"[..]), (5, &b"xy"[..])]);
        assert_eq!(parsed.payload, b"payload");
    }
}
