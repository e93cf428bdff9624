//! A sender: sound, and VP8 in three sizes with three temporal layers each.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::json;

use super::super::*;
use crate::{
    engine::rtcp::{Packet, SenderInfo, packets, write_sender_report},
    media::{
        port::ProduceRequest,
        rtp::{MediaKind, RtpType},
    },
};

pub(super) const AUDIO: u128 = 11;
pub(super) const VIDEO: u128 = 10;
pub(super) const AUDIO_SSRC: u32 = 4000;
const SSRCS: [u32; 3] = [3000, 3001, 3002];
/// bit/s of each size.
pub(super) const BITRATES: [f64; 3] = [100e3, 300e3, 800e3];
/// Share of the bits of each frame of four: temporal layers 0, 2, 1, 2.
const PATTERN: [(u8, f64); 4] = [(0, 0.40), (2, 0.20), (1, 0.20), (2, 0.20)];
const FRAME: Duration = Duration::from_millis(40);
const SOUND: Duration = Duration::from_millis(20);
/// A key frame is so many times as large.
const KEY_FRAME_SIZE: f64 = 6.0;
const PACKET_LEN: usize = 1_000;

#[derive(Default)]
struct Stream {
    sequence_number: u16,
    wants_key_frame: bool,
    picture_id: u16,
    base_layer: u8,
    /// By sequence number, to be sent again.
    packets: BTreeMap<u16, Vec<u8>>,
    rtx_sequence: u16,
}

pub(super) struct Sender {
    start: Instant,
    frames: u32,
    sounds: u32,
    streams: [Stream; 3],
    /// What goes out now, plain: RTP, RTCP.
    pub(super) rtp: Vec<Vec<u8>>,
    pub(super) rtcp: Vec<Vec<u8>>,
}

pub(super) fn video() -> ProduceRequest {
    let simple = video_producer(VIDEO);
    let mut rtp_parameters = simple.rtp_parameters.clone();
    rtp_parameters.encodings = SSRCS
        .iter()
        .map(|ssrc| {
            let rtx = json!({"ssrc": ssrc + 100});
            serde_json::from_value(json!({"ssrc": ssrc, "rtx": rtx, "scalabilityMode": "L1T3"})).unwrap()
        })
        .collect();
    let mapping = serde_json::from_value(json!({
        "codecs": [
            {"payloadType": 96, "mappedPayloadType": 101},
            {"payloadType": 97, "mappedPayloadType": 102},
        ],
        "encodings": [{"mappedSsrc": 5000}, {"mappedSsrc": 5001}, {"mappedSsrc": 5002}],
    }));
    ProduceRequest { rtp_type: RtpType::Simulcast, rtp_parameters, mapping: mapping.unwrap(), ..simple }
}

pub(super) fn audio() -> ProduceRequest {
    ProduceRequest {
        id: crate::ids::ProducerId::from_u128(AUDIO),
        kind: MediaKind::Audio,
        rtp_type: RtpType::Simple,
        rtp_parameters: parameters(json!({
            "mid": "1",
            "codecs": [{"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2}],
            "encodings": [{"ssrc": AUDIO_SSRC}],
        })),
        mapping: mapping(&[(111, 100)]),
        ..video_producer(AUDIO)
    }
}

impl Sender {
    pub(super) fn new(start: Instant) -> Self {
        let mut streams: [Stream; 3] = Default::default();
        for (index, stream) in streams.iter_mut().enumerate() {
            stream.wants_key_frame = true;
            stream.picture_id = 1_000 * index as u16;
        }
        Self { start, frames: 0, sounds: 0, streams, rtp: vec![], rtcp: vec![] }
    }

    /// Makes what is due.
    pub(super) fn run(&mut self, now: Instant) {
        while self.start + SOUND * self.sounds <= now {
            let header = Header {
                marker: false,
                payload_type: 111,
                sequence_number: self.sounds as u16,
                timestamp: self.sounds * 960,
                ssrc: AUDIO_SSRC,
            };
            self.sounds += 1;
            let mut packet = Vec::new();
            write_packet(&mut packet, &header, &[], &[&[7; 80]]);
            self.rtp.push(packet);
        }
        while self.start + FRAME * self.frames <= now {
            for encoding in 0..3 {
                self.frame(encoding);
            }
            if self.frames.is_multiple_of(25) {
                self.report();
            }
            self.frames += 1;
        }
    }

    fn frame(&mut self, encoding: usize) {
        let frames = self.frames;
        let stream = &mut self.streams[encoding];
        let is_key = std::mem::take(&mut stream.wants_key_frame);
        let (temporal, share) = PATTERN[frames as usize % PATTERN.len()];
        let temporal = if is_key { 0 } else { temporal };
        let group = BITRATES[encoding] / 8.0 * FRAME.as_secs_f64() * PATTERN.len() as f64;
        let size = group * if is_key { KEY_FRAME_SIZE / PATTERN.len() as f64 } else { share };
        let count = (size / PACKET_LEN as f64).ceil() as usize;
        if temporal == 0 {
            stream.base_layer = stream.base_layer.wrapping_add(1);
        }
        for part in 0..count {
            let header = Header {
                marker: part + 1 == count,
                payload_type: 96,
                sequence_number: stream.sequence_number,
                timestamp: frames.wrapping_mul(3_600).wrapping_add(1_000_000 * encoding as u32),
                ssrc: SSRCS[encoding],
            };
            // With a picture id of 15 bits, TL0PICIDX and TID; then whether it is no key frame, and what tells it apart.
            let first = if part == 0 { 0x90 } else { 0x80 };
            let id = (stream.picture_id | 0x8000).to_be_bytes();
            let tid = (temporal << 6) | 0x20;
            let tag = u8::from(!is_key);
            let head = [first, 0xE0, id[0], id[1], stream.base_layer, tid, tag, encoding as u8, temporal];
            let filling = vec![0xAB; (size as usize / count).saturating_sub(head.len()).max(1)];
            let mut packet = Vec::new();
            write_packet(&mut packet, &header, &[], &[&head, &filling]);
            stream.packets.insert(header.sequence_number, packet.clone());
            stream.packets.remove(&header.sequence_number.wrapping_sub(500));
            stream.sequence_number = stream.sequence_number.wrapping_add(1);
            self.rtp.push(packet);
        }
        stream.picture_id = (stream.picture_id + 1) & 0x7FFF;
    }

    fn report(&mut self) {
        let mut compound = Vec::new();
        for (encoding, ssrc) in SSRCS.into_iter().enumerate() {
            let info = SenderInfo {
                ssrc,
                ntp: NtpTime::from_duration(FRAME * self.frames),
                rtp_timestamp: self.frames.wrapping_mul(3_600).wrapping_add(1_000_000 * encoding as u32),
                packet_count: 1,
                byte_count: 1,
            };
            write_sender_report(&mut compound, &info);
        }
        self.rtcp.push(compound);
    }

    /// The server asks for something.
    pub(super) fn on_rtcp(&mut self, compound: &[u8]) {
        packets(compound, |packet| match packet {
            Packet::Pli { media_ssrc } => {
                if let Some(encoding) = SSRCS.iter().position(|ssrc| *ssrc == media_ssrc) {
                    self.streams[encoding].wants_key_frame = true;
                }
            }
            Packet::Nack { media_ssrc, entries } => {
                if let Some(encoding) = SSRCS.iter().position(|ssrc| *ssrc == media_ssrc) {
                    entries.sequence_numbers().for_each(|number| self.repair(encoding, number));
                }
            }
            _ => {}
        });
    }

    fn repair(&mut self, encoding: usize, number: u16) {
        let stream = &mut self.streams[encoding];
        let Some(packet) = stream.packets.get(&number).and_then(|bytes| RtpPacket::parse(bytes)) else {
            return;
        };
        let header = Header {
            marker: packet.marker,
            payload_type: 97,
            sequence_number: stream.rtx_sequence,
            timestamp: packet.timestamp,
            ssrc: SSRCS[encoding] + 100,
        };
        stream.rtx_sequence = stream.rtx_sequence.wrapping_add(1);
        let mut rtx = Vec::new();
        write_packet(&mut rtx, &header, &[], &[&number.to_be_bytes(), packet.payload]);
        self.rtp.push(rtx);
    }
}
