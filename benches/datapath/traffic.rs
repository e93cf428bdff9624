//! What is sent: pictures of several packets, or sound.

use std::time::Duration;

use crate::SSRC;

/// Of a packet with its header, in bytes.
const PICTURE_PACKET_LEN: usize = 1_000;
const SOUND_PACKET_LEN: usize = 120;
const PICTURE_PACKETS: usize = 6;

#[derive(Clone, Copy)]
pub(crate) enum Traffic {
    /// 30 pictures a second, each of six packets.
    Video,
    /// 50 packets a second.
    Audio,
}

impl Traffic {
    pub(crate) fn interval(self) -> Duration {
        Duration::from_secs(1) / if matches!(self, Self::Video) { 30 } else { 50 }
    }

    /// At a time.
    pub(crate) fn packets(self) -> usize {
        if matches!(self, Self::Video) { PICTURE_PACKETS } else { 1 }
    }

    pub(crate) fn packet_len(self) -> usize {
        if matches!(self, Self::Video) { PICTURE_PACKET_LEN } else { SOUND_PACKET_LEN }
    }

    /// A plain packet, the `index`th of its time.
    pub(crate) fn packet(
        self,
        sequence_number: u16,
        timestamp: u32,
        index: usize,
        is_key_frame: bool,
    ) -> Vec<u8> {
        let is_last = index + 1 == self.packets();
        let mut packet = vec![0x80, u8::from(is_last) << 7 | 96];
        packet.extend(sequence_number.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(SSRC.to_be_bytes());
        if matches!(self, Self::Video) {
            // VP8 (RFC 7741): whether a picture starts here, and whether decoding can.
            packet.extend([u8::from(index == 0) << 4, u8::from(!is_key_frame), 0, 0, 0x9D, 0x01, 0x2A]);
        }
        packet.resize(self.packet_len(), 0xAB);
        packet
    }
}
