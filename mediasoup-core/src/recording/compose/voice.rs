//! One sound source: its decoded samples, each at its place on the timeline.

use std::collections::VecDeque;

use super::studio::Stereo;

/// Samples of one source that are to be mixed yet.
#[derive(Debug, Default)]
pub(super) struct Voice {
    /// The first is the next to be mixed.
    queue: VecDeque<Stereo>,
    /// Where the next sample goes, if nothing is wrong with it.
    end: u64,
    /// How many samples the last ones ought to have been later.
    error: i64,
    /// Sounds on: what was queued last is not the end of it.
    sounding: bool,
    level: f32,
}

impl Voice {
    /// Samples of fading in and out, 2.5 ms: no click.
    pub(super) const FADE: usize = 120;
    /// Samples; beyond this error (60 ms) stretching would take too long.
    const ERROR_MAX: u64 = 2880;
    /// Samples; an error that changes by more (5 ms) at once is a gap, not a drift.
    const STEP_MAX: u64 = 240;
    /// At most one sample in so many is put in or left out: 5 in 20 ms, which nobody hears.
    const STRETCH: usize = 192;
    /// Which part of the error is corrected at once.
    const EAGERNESS: i64 = 16;

    /// Takes samples whose first belongs at `at`. `position` is the place of the next sample to be mixed; what comes
    /// before is lost.
    pub(super) fn place(&mut self, at: i64, samples: &[Stereo], position: u64) {
        let error = at.saturating_sub_unsigned(self.end);
        let is_drift =
            error.unsigned_abs() <= Self::ERROR_MAX && error.abs_diff(self.error) <= Self::STEP_MAX;
        if self.sounding && is_drift {
            let most = (samples.len() / Self::STRETCH).max(1) as i64;
            self.append(samples, (error / Self::EAGERNESS).clamp(-most, most));
            self.error = error;
        } else {
            self.begin(at, samples, position);
        }
    }

    /// Ends what sounds, and puts `samples` at `at`.
    fn begin(&mut self, at: i64, samples: &[Stereo], position: u64) {
        let missed =
            usize::try_from(i64::try_from(position).unwrap_or(i64::MAX).saturating_sub(at)).unwrap_or(0);
        let Some(samples) = samples.get(missed..).filter(|samples| !samples.is_empty()) else { return };
        let lead = usize::try_from(at.saturating_sub_unsigned(position)).unwrap_or(0);
        self.queue.truncate(lead);
        self.stop();
        self.queue.resize(lead, Stereo::default());
        self.queue.extend(samples);
        fade(self.queue.iter_mut().skip(lead).take(Self::FADE));
        self.end = position.saturating_add(self.queue.len() as u64);
        self.error = 0;
        self.sounding = true;
    }

    /// Appends `samples`, and `more` of them, by linear interpolation.
    fn append(&mut self, samples: &[Stereo], more: i64) {
        let len = samples.len();
        let stretched = len.saturating_add_signed(more as isize);
        self.end += stretched as u64;
        let before = self.queue.back().copied().or(samples.first().copied()).unwrap_or_default();
        if more == 0 {
            self.queue.extend(samples);
            return;
        }
        self.queue.extend((1..=stretched).map(|place| {
            // In units of 1/stretched: the last sample stays the last.
            let (whole, part) =
                (place * len / stretched, (place * len % stretched) as f32 / stretched as f32);
            let earlier = if whole == 0 { before } else { samples[whole - 1] };
            let later = samples.get(whole).copied().unwrap_or(earlier);
            std::array::from_fn(|side| {
                let (earlier, later) = (f32::from(earlier[side]), f32::from(later[side]));
                (earlier + (later - earlier) * part).round() as i16
            })
        }));
    }

    /// Lets what is queued be the end.
    pub(super) fn stop(&mut self) {
        if std::mem::take(&mut self.sounding) {
            fade(self.queue.iter_mut().rev().take(Self::FADE));
        }
    }

    /// Lets it end at once.
    pub(super) fn cut(&mut self) {
        self.queue.truncate(Self::FADE);
        self.stop();
    }

    /// Adds the next samples to `mix`.
    pub(super) fn add_to(&mut self, mix: &mut [[i32; 2]]) {
        if self.queue.len() < mix.len() + Self::FADE {
            self.stop();
        }
        let count = self.queue.len().min(mix.len());
        let mut sum = 0;
        for (sample, place) in self.queue.drain(..count).zip(&mut *mix) {
            for (side, value) in place.iter_mut().zip(sample) {
                *side += i32::from(value);
                sum += u64::from(value.unsigned_abs());
            }
        }
        self.level = sum as f32 / (2 * mix.len()).max(1) as f32;
    }

    pub(super) fn is_over(&self) -> bool {
        self.queue.is_empty()
    }

    /// How loud the samples last mixed were: mean of their absolute values.
    pub(super) fn level(&self) -> f32 {
        self.level
    }
}

/// From silence.
fn fade<'a>(samples: impl Iterator<Item = &'a mut Stereo>) {
    for (place, sample) in samples.enumerate() {
        for side in sample {
            *side = (i32::from(*side) * place as i32 / Voice::FADE as i32) as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: usize = 960;

    fn tone(from: usize, len: usize) -> Vec<Stereo> {
        (from..from + len).map(|place| [((place as f64 * 0.03).sin() * 10_000.0) as i16; 2]).collect()
    }

    fn mixed(voice: &mut Voice, len: usize) -> Vec<i32> {
        let mut mix = vec![[0; 2]; len];
        voice.add_to(&mut mix);
        mix.into_iter().map(|[left, _]| left).collect()
    }

    /// The largest change from one sample to the next.
    fn roughness(samples: &[i32]) -> i32 {
        samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).max().unwrap()
    }

    #[test]
    fn samples_that_are_in_time_stay_as_they_are() {
        let mut voice = Voice::default();
        for packet in 0..5 {
            voice.place((1000 + packet * PACKET) as i64, &tone(packet * PACKET, PACKET), 0);
        }
        let samples = mixed(&mut voice, 4000);
        let expected: Vec<i32> = tone(0, 3000).iter().map(|sample| i32::from(sample[0])).collect();
        assert!(samples[..1000].iter().all(|sample| *sample == 0));
        assert_eq!(samples[1000 + Voice::FADE..], expected[Voice::FADE..]);
    }

    #[test]
    fn drift_is_stretched_away_without_a_click() {
        for (direction, drift) in [(1, 4), (-1, 4), (1, 0)] {
            let (mut voice, mut all) = (Voice::default(), Vec::new());
            // Packets come apart, or together, by 4 samples in 20 ms.
            for packet in 0..500_i64 {
                let at = packet * (PACKET as i64 + direction * drift);
                voice.place(at, &tone(packet as usize * PACKET, PACKET), all.len() as u64);
                assert!(voice.error.abs() < 80, "{} at {packet}", voice.error);
                if packet > 4 {
                    all.extend(mixed(&mut voice, PACKET));
                }
            }
            // A tone of this pitch changes by 300 at most.
            assert!(roughness(&all) < 310, "{}", roughness(&all));
        }
    }

    #[test]
    fn gaps_and_ends_are_faded() {
        let mut voice = Voice::default();
        voice.place(0, &tone(50, PACKET), 0);
        voice.place(3 * PACKET as i64, &tone(50, PACKET), 0);
        let samples = mixed(&mut voice, 5 * PACKET);
        assert!(roughness(&samples) < 400, "{}", roughness(&samples));
        assert!(samples[PACKET..3 * PACKET].iter().all(|sample| *sample == 0));
        assert!(samples[4 * PACKET..].iter().all(|sample| *sample == 0) && voice.is_over());
    }

    #[test]
    fn what_is_late_is_lost_and_no_more() {
        let mut voice = Voice::default();
        voice.place(-100, &tone(0, 50), 0);
        assert!(voice.is_over());
        voice.place(500, &tone(0, PACKET), 1000);
        assert_eq!(voice.queue.len(), PACKET - 500);
        voice.place(i64::MIN, &tone(0, PACKET), 1000);
        assert_eq!(voice.queue.len(), PACKET - 500);
    }
}
