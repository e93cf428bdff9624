//! Writing an RTP packet: a header of our own before a payload of the producer's.

/// Everything of an RTP header that a consumer sets itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence_number: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
}

/// A header extension to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExtensionValue<'a> {
    pub(crate) id: u8,
    pub(crate) value: &'a [u8],
}

/// Appends a packet to `buffer`: header, extensions, then the parts of the payload.
///
/// Extensions are written in the one-byte form where all fit it, in the two-byte form otherwise (RFC 8285; every client
/// of mediasoup offers `extmap-allow-mixed`).
pub(crate) fn write_packet(
    buffer: &mut Vec<u8>,
    header: &Header,
    extensions: &[ExtensionValue<'_>],
    payload: &[&[u8]],
) {
    let has_extension = !extensions.is_empty();
    buffer.push(0x80 | (u8::from(has_extension) << 4));
    buffer.push((u8::from(header.marker) << 7) | header.payload_type);
    buffer.extend_from_slice(&header.sequence_number.to_be_bytes());
    buffer.extend_from_slice(&header.timestamp.to_be_bytes());
    buffer.extend_from_slice(&header.ssrc.to_be_bytes());
    if has_extension {
        write_extensions(buffer, extensions);
    }
    for part in payload {
        buffer.extend_from_slice(part);
    }
}

/// Lengthens the packet that begins at `start` by so many bytes of padding (RFC 3550 §5.1). It has none yet.
pub(crate) fn pad(buffer: &mut Vec<u8>, start: usize, len: u8) {
    if len > 0 {
        buffer[start] |= 0x20;
        buffer.resize(buffer.len() + usize::from(len) - 1, 0);
        buffer.push(len);
    }
}

fn write_extensions(buffer: &mut Vec<u8>, extensions: &[ExtensionValue<'_>]) {
    let one_byte = extensions.iter().all(|e| e.id <= 14 && (1..=16).contains(&e.value.len()));
    let profile: u16 = if one_byte { 0xBEDE } else { 0x1000 };
    buffer.extend_from_slice(&profile.to_be_bytes());
    let len_at = buffer.len();
    buffer.extend_from_slice(&[0, 0]);
    for extension in extensions {
        let len = extension.value.len() as u8;
        if one_byte {
            buffer.push((extension.id << 4) | (len - 1));
        } else {
            buffer.extend_from_slice(&[extension.id, len]);
        }
        buffer.extend_from_slice(extension.value);
    }
    let body_at = len_at + 2;
    let padded = (buffer.len() - body_at).next_multiple_of(4);
    buffer.resize(body_at + padded, 0);
    buffer[len_at..body_at].copy_from_slice(&((padded / 4) as u16).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rtp::RtpPacket;

    #[test]
    fn padding_lengthens_the_packet_and_not_its_payload() {
        let header = Header { marker: true, payload_type: 101, sequence_number: 7, timestamp: 8, ssrc: 9 };
        for len in [0, 1, 2, 255] {
            let mut buffer = vec![0x00];
            write_packet(&mut buffer, &header, &[], &[b"payload"]);
            pad(&mut buffer, 1, len);
            assert_eq!(buffer.len(), 1 + 12 + 7 + usize::from(len));
            assert_eq!(RtpPacket::parse(&buffer[1..]).unwrap().payload, b"payload");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let header = Header { marker: true, payload_type: 101, sequence_number: 7, timestamp: 8, ssrc: 9 };
        for (id, value) in [(3, &b"ab"[..]), (20, b"ab"), (3, b""), (3, &[7; 17])] {
            let mut buffer = vec![0xFF];
            write_packet(&mut buffer, &header, &[ExtensionValue { id, value }], &[b"pay", b"load"]);
            let packet = RtpPacket::parse(&buffer[1..]).unwrap();
            assert_eq!(packet.payload, b"payload");
            assert_eq!((packet.ssrc, packet.timestamp, packet.sequence_number), (9, 8, 7));
            assert_eq!(packet.extensions.iter().collect::<Vec<_>>(), [(id, value)]);
        }
    }
}
