//! Decoding of sound: Opus.

use gstreamer as gst;

use super::{
    harness::Harness,
    rtp::{buffer_at, clock_time},
};
use crate::recording::{
    compose::{AudioDecoder, DecodeError, OrderedPacket, SAMPLE_RATE, Stereo},
    roster::TrackCodec,
};

/// Samples a packet has at most (RFC 6716 §2.1.4: 120 ms).
const PACKET_SAMPLES_MAX: u32 = SAMPLE_RATE / 1000 * 120;
/// Losses longer than this are no loss but a pause, which is not the decoder's to fill.
const MISSING_MAX: u32 = SAMPLE_RATE * 5;

/// A decoder of an audio track. Losses are concealed from what came before them; in-band FEC is left unused, as the
/// decoder would hold each packet back for the next one.
#[derive(Debug)]
pub(super) struct OpusDecoder {
    harness: Harness,
    /// The timestamp behind the last packet.
    next_timestamp: Option<u32>,
}

impl OpusDecoder {
    pub(super) fn new(codec: &TrackCodec) -> Result<Self, DecodeError> {
        if !codec.mime_type.eq_ignore_ascii_case("audio/opus") || codec.clock_rate != SAMPLE_RATE {
            return Err(DecodeError(format!("no decoder for {}", codec.mime_type)));
        }
        let caps = gst::Caps::builder("audio/x-opus")
            .field("channel-mapping-family", 0)
            .field("channels", 2)
            .field("rate", 48_000)
            .build();
        let elements = "opusdec plc=true ! capsfilter caps=audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=2";
        Ok(Self { harness: Harness::new(elements, &caps)?, next_timestamp: None })
    }

    /// Appends what the decoder has, and counts it.
    fn drain(&self, samples: &mut Vec<Stereo>) -> u32 {
        let before = samples.len();
        while let Some(sample) = self.harness.take() {
            let Some(buffer) = sample.buffer().and_then(|buffer| buffer.map_readable().ok()) else {
                continue;
            };
            let stereo = buffer.chunks_exact(4);
            samples
                .extend(stereo.map(|s| [i16::from_le_bytes([s[0], s[1]]), i16::from_le_bytes([s[2], s[3]])]));
        }
        (samples.len() - before) as u32
    }

    /// Appends `missing` samples in the place of lost packets.
    fn conceal(&self, packet: &OrderedPacket, missing: u32, samples: &mut Vec<Stereo>) {
        let start = samples.len();
        let mut concealed = 0;
        while concealed < missing {
            let len = (missing - concealed).min(PACKET_SAMPLES_MAX / 2);
            let duration = |samples: u32| std::time::Duration::from_secs(1) * samples / SAMPLE_RATE;
            let at = packet.at.saturating_sub(duration(missing - concealed));
            self.harness.push_gap(clock_time(at), clock_time(duration(len)));
            concealed += len;
        }
        self.drain(samples);
        samples.resize(start + missing as usize, [0, 0]);
    }
}

impl AudioDecoder for OpusDecoder {
    fn decode(
        &mut self,
        packet: &OrderedPacket,
        lost: u32,
        samples: &mut Vec<Stereo>,
    ) -> Result<(), DecodeError> {
        if let Some(next) = self.next_timestamp.filter(|_| lost > 0) {
            let missing = packet.timestamp.wrapping_sub(next);
            if missing <= lost.saturating_mul(PACKET_SAMPLES_MAX).min(MISSING_MAX) {
                self.conceal(packet, missing, samples);
            }
        }
        self.harness.push(buffer_at(packet.at, packet.payload.to_vec()))?;
        let decoded = self.drain(samples);
        self.next_timestamp = Some(packet.timestamp.wrapping_add(decoded));
        Ok(())
    }
}
