//! IVF: a 32-byte header, then frames, each behind 12 bytes that state its length and time.

use bytes::Bytes;

const FILE_HEADER_LEN: usize = 32;
const FRAME_HEADER_LEN: usize = 12;

/// The frames of a file.
pub(super) fn frames(file: &[u8]) -> Vec<Bytes> {
    let mut rest = file.get(FILE_HEADER_LEN..).unwrap_or_default();
    let mut frames = Vec::new();
    while let Some((header, body)) = rest.split_at_checked(FRAME_HEADER_LEN) {
        let len = u32::from_le_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let Some((frame, next)) = body.split_at_checked(len) else { break };
        frames.push(Bytes::copy_from_slice(frame));
        rest = next;
    }
    frames
}
