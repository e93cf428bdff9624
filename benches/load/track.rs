//! What a publisher sends.

use std::time::{Duration, Instant};

use crate::{
    packet::{self, Header},
    schedule::Schedule,
    stamp,
};

/// Packets of Opus.
const AUDIO_RATE: u32 = 50;
const AUDIO_CLOCK: u32 = 48_000;
const VIDEO_CLOCK: u32 = 90_000;
/// Begins every key frame of VP8 after its tag (RFC 6386 §9.1): 640x480.
const KEY_FRAME_START: [u8; 7] = [0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01];
/// Frame tag of a picture that is shown; the lowest bit says that it is no key frame.
const TAG: u8 = 0x10;
/// TOC of Opus: 20 ms of CELT, one frame.
const OPUS_TOC: u8 = 0xF8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Video { packets: u32, fps: u32 },
    Audio,
}

pub(crate) struct Track {
    kind: Kind,
    ssrc: u32,
    payload_type: u8,
    payload_len: usize,
    schedule: Schedule,
    sequence: u16,
    picture: u16,
    key_frame_wanted: bool,
    timestamp: u32,
    packets: u32,
    bytes: u32,
}

impl Kind {
    pub(crate) fn per_second(self) -> u32 {
        match self {
            Self::Video { fps, .. } => fps,
            Self::Audio => AUDIO_RATE,
        }
    }
}

impl Track {
    pub(crate) fn new(kind: Kind, ssrc: u32, payload_type: u8, payload_len: u32, start: Instant) -> Self {
        Self {
            kind,
            ssrc,
            payload_type,
            payload_len: payload_len as usize,
            schedule: Schedule::new(start, kind.per_second()),
            sequence: 0,
            picture: 0,
            key_frame_wanted: true,
            timestamp: 0,
            packets: 0,
            bytes: 0,
        }
    }

    pub(crate) fn due(&self) -> Instant {
        self.schedule.due()
    }

    pub(crate) fn want_key_frame(&mut self, ssrc: u32) {
        self.key_frame_wanted |= ssrc == self.ssrc;
    }

    /// Writes the next frame, a packet into each buffer, plain. Gives how late it is.
    pub(crate) fn write(&mut self, now: Instant, packets: &mut Vec<Vec<u8>>) -> Duration {
        let (count, clock_rate) = match self.kind {
            Kind::Video { packets, .. } => (packets, VIDEO_CLOCK),
            Kind::Audio => (1, AUDIO_CLOCK),
        };
        self.timestamp = self.schedule.timestamp(clock_rate);
        let late = self.schedule.take(now);
        packets.resize_with(count as usize, Vec::new);
        for (index, packet) in packets.iter_mut().enumerate() {
            packet.clear();
            let marker = self.kind != Kind::Audio && index + 1 == count as usize;
            let header = Header {
                marker,
                payload_type: self.payload_type,
                sequence: self.sequence,
                timestamp: self.timestamp,
                ssrc: self.ssrc,
            };
            self.sequence = self.sequence.wrapping_add(1);
            header.write(packet);
            let start = packet.len();
            self.write_payload(packet, index == 0);
            packet.resize(start + self.payload_len, 0xAB);
            stamp::stamp(packet, stamp::now());
            self.bytes = self.bytes.wrapping_add(self.payload_len as u32);
        }
        self.packets = self.packets.wrapping_add(count);
        self.picture = (self.picture + 1) & 0x7FFF;
        self.key_frame_wanted = false;
        late
    }

    fn write_payload(&self, packet: &mut Vec<u8>, first: bool) {
        if self.kind == Kind::Audio {
            packet.push(OPUS_TOC);
            return;
        }
        // Descriptor of RFC 7741 §4.2: extended, a frame's partition begins here or does not, a picture id of 15 bits.
        let [high, low] = (self.picture | 0x8000).to_be_bytes();
        packet.extend_from_slice(&[if first { 0x90 } else { 0x80 }, 0x80, high, low]);
        if first {
            packet.extend_from_slice(&[TAG | u8::from(!self.key_frame_wanted), 0, 0]);
            if self.key_frame_wanted {
                packet.extend_from_slice(&KEY_FRAME_START);
            }
        }
    }

    /// Appends what a sender tells of itself.
    pub(crate) fn write_report(&self, buffer: &mut Vec<u8>) {
        packet::write_sender_report(
            buffer,
            stamp::now(),
            self.ssrc,
            self.timestamp,
            (self.packets, self.bytes),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_its_packets_and_begins_with_a_key_frame_where_one_is_wanted() {
        let start = Instant::now();
        let mut track = Track::new(Kind::Video { packets: 6, fps: 30 }, 7, 96, 1000, start);
        let mut packets = Vec::new();
        for (frame, key) in [true, false, true, false].into_iter().enumerate() {
            if frame == 2 {
                track.want_key_frame(8);
                track.want_key_frame(7);
            }
            assert_eq!(track.write(track.due(), &mut packets), Duration::ZERO);
            assert_eq!(packets.len(), 6);
            for (index, packet) in packets.iter().enumerate() {
                assert_eq!(packet::stream(packet), Some(((6 * frame + index) as u16, 7)));
                assert_eq!(packet.len(), 1012);
                assert_eq!(packet[1] & 0x80 != 0, index == 5);
                assert_eq!(packet[12] & 0x10 != 0, index == 0);
                assert_eq!(u16::from_be_bytes([packet[14], packet[15]]), 0x8000 | frame as u16);
                assert!(stamp::stamped(packet).is_some_and(|at| at <= stamp::now()));
            }
            assert_eq!(packets[0][16] & 1 == 0, key);
            assert_eq!(packets[0][19..].starts_with(&KEY_FRAME_START), key);
        }
    }

    #[test]
    fn sound_is_one_packet_at_a_time() {
        let mut track = Track::new(Kind::Audio, 7, 111, 80, Instant::now());
        let mut packets = vec![Vec::new(); 3];
        track.write(track.due(), &mut packets);
        track.write(track.due(), &mut packets);
        assert_eq!((packets.len(), packets[0].len()), (1, 92));
        assert_eq!(packets[0][4..8], 960_u32.to_be_bytes());
    }
}
