//! Padding with which a path is probed: packets of a stream that every client of mediasoup takes and nobody sees.

use std::time::Duration;

use crate::engine::rtp::{Extension, ExtensionIds, ExtensionValue, Header, abs_send_time, write_packet};

/// What mediasoup-client announces to the browser for it.
const SSRC: u32 = 1234;
const PAYLOAD_TYPE: u8 = 127;
const MID: &[u8] = b"probator";
const LEN_MAX: usize = 1_200;

/// The stream of one transport.
#[derive(Debug)]
pub(crate) struct Probation {
    extensions: ExtensionIds,
    sequence_number: u16,
}

impl Probation {
    /// With the ids of extensions that the viewer's video has; `None` where it has no transport-wide numbers.
    pub(crate) fn new(extensions: ExtensionIds, sequence_number: u16) -> Option<Self> {
        extensions.id(Extension::TransportWideCc)?;
        Some(Self { extensions, sequence_number })
    }

    /// Appends a packet of about `len` bytes.
    pub(crate) fn write(
        &mut self,
        since_epoch: Duration,
        wide_sequence: u16,
        len: usize,
        buffer: &mut Vec<u8>,
    ) {
        const ZEROS: [u8; LEN_MAX] = [0; LEN_MAX];
        /// Header, extensions and seal.
        const OVERHEAD: usize = 60;
        self.sequence_number = self.sequence_number.wrapping_add(1);
        let header = Header {
            marker: false,
            payload_type: PAYLOAD_TYPE,
            sequence_number: self.sequence_number,
            timestamp: (since_epoch.as_millis() as u32).wrapping_mul(90),
            ssrc: SSRC,
        };
        let send_time = abs_send_time(since_epoch).to_be_bytes();
        let wide_sequence = wide_sequence.to_be_bytes();
        let all = [
            (Extension::Mid, MID),
            (Extension::AbsSendTime, &send_time[1..]),
            (Extension::TransportWideCc, &wide_sequence[..]),
        ];
        let mut extensions = [ExtensionValue { id: 0, value: &[] }; 3];
        let mut count = 0;
        for (extension, value) in all {
            if let Some(id) = self.extensions.id(extension) {
                extensions[count] = ExtensionValue { id, value };
                count += 1;
            }
        }
        let payload_len = len.saturating_sub(OVERHEAD).clamp(1, LEN_MAX);
        write_packet(buffer, &header, &extensions[..count], &[&ZEROS[..payload_len]]);
    }
}
