//! IVF: a 32-byte header, then frames, each behind 12 bytes that state its length and time.

use bytes::Bytes;

const FILE_HEADER_LEN: usize = 32;
const FRAME_HEADER_LEN: usize = 12;

/// The frames of a file.
pub(super) fn frames(file: &Bytes) -> Vec<Bytes> {
    let mut rest = file.slice(FILE_HEADER_LEN.min(file.len())..);
    let mut frames = Vec::new();
    while rest.len() >= FRAME_HEADER_LEN {
        let header = rest.split_to(FRAME_HEADER_LEN);
        let len = u32::from_le_bytes([header[0], header[1], header[2], header[3]]) as usize;
        if rest.len() < len {
            break;
        }
        frames.push(rest.split_to(len));
    }
    frames
}
