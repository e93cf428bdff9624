//! Ogg (RFC 3533): pages, each with a table of segment lengths; a segment below 255 bytes ends a packet.

use bytes::Bytes;

const PAGE_HEADER_LEN: usize = 27;
const SEGMENT_LEN_MAX: u8 = 255;

/// The packets of a file with one stream.
pub(super) fn packets(file: &[u8]) -> Vec<Bytes> {
    let mut packets = Vec::new();
    let mut packet = Vec::new();
    let mut rest = file;
    while let Some((header, after_header)) = rest.split_at_checked(PAGE_HEADER_LEN) {
        let segment_count = usize::from(header[PAGE_HEADER_LEN - 1]);
        let Some((lens, mut body)) = after_header.split_at_checked(segment_count) else { break };
        for &len in lens {
            let Some((segment, next)) = body.split_at_checked(usize::from(len)) else { return packets };
            packet.extend_from_slice(segment);
            if len < SEGMENT_LEN_MAX {
                packets.push(Bytes::from(std::mem::take(&mut packet)));
            }
            body = next;
        }
        rest = body;
    }
    packets
}
