//! The sound of one track.

use std::time::Duration;

use super::{
    studio::{AudioDecoder, OrderedPacket, SAMPLE_RATE, Stereo, Studio},
    timeline::{RETRY, samples_at},
    voice::Voice,
};
use crate::recording::roster::TrackCodec;

/// Decodes an audio track to its voice.
pub(super) struct AudioTrack {
    codec: TrackCodec,
    decoder: Option<Box<dyn AudioDecoder>>,
    /// No decoder is opened before.
    retry_at: Duration,
    last: Option<Last>,
    samples: Vec<Stereo>,
    voice: Voice,
}

/// The packet that was decoded last.
#[derive(Clone, Copy)]
struct Last {
    sequence: u64,
    timestamp: u32,
    samples: usize,
}

impl AudioTrack {
    /// Samples, 120 ms: no longer loss is concealed.
    const CONCEALED_MAX: u32 = SAMPLE_RATE * 120 / 1000;
    /// No packet has more samples, with what is concealed before it.
    const SAMPLES_MAX: usize = SAMPLE_RATE as usize;

    pub(super) fn new(codec: TrackCodec) -> Self {
        Self {
            codec,
            decoder: None,
            retry_at: Duration::ZERO,
            last: None,
            samples: Vec::new(),
            voice: Voice::default(),
        }
    }

    /// Decodes the next packet, whose samples are to be mixed when they are due; `position`: the next to be mixed.
    pub(super) fn take(&mut self, studio: &mut impl Studio, packet: &OrderedPacket, position: u64) {
        if self.decoder.is_none() && packet.at >= self.retry_at {
            self.decoder = studio.audio_decoder(&self.codec).ok();
            self.retry_at = packet.at + RETRY;
        }
        let Some(decoder) = &mut self.decoder else { return };
        let lost = self.last.map_or(0, |last| self.codec.lost_between(last, packet));
        self.samples.clear();
        if decoder.decode(packet, lost, &mut self.samples).is_err() {
            self.decoder = None;
            self.last = None;
            self.voice.stop();
            return;
        }
        self.samples.truncate(Self::SAMPLES_MAX);
        // What conceals a loss comes before the packet, whose own share is taken to be as long as the last one's.
        let own = self.last.filter(|_| lost > 0).map_or(self.samples.len(), |last| last.samples);
        let concealed = self.samples.len().saturating_sub(own);
        let (sequence, timestamp) = (packet.sequence, packet.timestamp);
        self.last = Some(Last { sequence, timestamp, samples: self.samples.len() - concealed });
        let at = samples_at(packet.at) as i64 - concealed as i64;
        self.voice.place(at, &self.samples, position);
    }

    pub(super) fn voice(&mut self) -> &mut Voice {
        &mut self.voice
    }

    pub(super) fn into_voice(self) -> Voice {
        self.voice
    }

    /// How loud it was just now.
    pub(super) fn level(&self) -> f32 {
        self.voice.level()
    }
}

impl TrackCodec {
    /// How many packets are to be concealed before `packet`. Timestamps tell a loss from silence that was never sent.
    fn lost_between(&self, last: Last, packet: &OrderedPacket) -> u32 {
        let to_samples =
            |units: u32| u64::from(units) * u64::from(SAMPLE_RATE) / u64::from(self.clock_rate.max(1));
        let missing = packet.sequence.saturating_sub(last.sequence).saturating_sub(1);
        let elapsed = to_samples(packet.timestamp.wrapping_sub(last.timestamp));
        let gap = elapsed.saturating_sub(last.samples as u64);
        if missing == 0 || gap > u64::from(AudioTrack::CONCEALED_MAX) {
            return 0;
        }
        gap.checked_div(last.samples as u64).unwrap_or(0).min(missing) as u32
    }
}
