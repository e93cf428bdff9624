//! All voices into one.

use super::{studio::Stereo, voice::Voice};

/// Adds voices up, and keeps the sum within what a sample can hold.
#[derive(Debug)]
pub(super) struct Mixer {
    /// Place of the next sample.
    position: u64,
    mix: Vec<[i32; 2]>,
    out: Vec<Stereo>,
    /// Of the limiter.
    gain: f32,
    /// Voices that fade out.
    leaving: Vec<Voice>,
}

impl Mixer {
    /// Samples in which the limiter takes hold, and in which it lets go of one twentieth.
    const ATTACK: usize = 120;
    const RELEASE: f32 = 0.05 / 4800.0;

    /// A mixer whose first sample is the `position`-th.
    pub(super) fn new(position: u64) -> Self {
        Self { position, mix: Vec::new(), out: Vec::new(), gain: 1.0, leaving: Vec::new() }
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Nothing more is to be heard of it.
    pub(super) fn retire(&mut self, mut voice: Voice) {
        voice.cut();
        self.leaving.push(voice);
    }

    /// What was mixed last.
    pub(super) fn mixed(&self) -> &[Stereo] {
        &self.out
    }

    /// Mixes everything up to the `until`-th sample.
    pub(super) fn mix<'a>(&mut self, until: u64, voices: impl Iterator<Item = &'a mut Voice>) {
        let len = usize::try_from(until.saturating_sub(self.position)).unwrap_or(0);
        self.position = self.position.max(until);
        self.mix.clear();
        self.mix.resize(len, [0; 2]);
        voices.for_each(|voice| voice.add_to(&mut self.mix));
        self.leaving.iter_mut().for_each(|voice| voice.add_to(&mut self.mix));
        self.leaving.retain(|voice| !voice.is_over());
        self.limit();
    }

    /// Turns the sum down when it is too loud, and slowly up again.
    fn limit(&mut self) {
        let peak = self.mix.iter().flatten().map(|value| value.unsigned_abs()).max().unwrap_or(0);
        let most = (f32::from(i16::MAX) / peak.max(1) as f32).min(1.0);
        let released = (self.gain + Self::RELEASE * self.mix.len() as f32).min(1.0);
        let (from, to) = (self.gain, released.min(most));
        let ramp = if to < from { Self::ATTACK } else { self.mix.len() }.max(1) as f32;
        self.gain = to;
        self.out.clear();
        if from >= 1.0 && to >= 1.0 {
            self.out.extend(self.mix.iter().map(|sample| sample.map(saturate)));
            return;
        }
        self.out.extend(self.mix.iter().enumerate().map(|(place, sample)| {
            let gain = from + (to - from) * (place as f32 / ramp).min(1.0);
            sample.map(|value| saturate((value as f32 * gain) as i32))
        }));
    }
}

fn saturate(value: i32) -> i16 {
    value.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(value: i16, len: usize) -> Voice {
        let mut voice = Voice::default();
        voice.place(0, &vec![[value, -value]; len], 0);
        voice
    }

    fn mix<'a>(
        mixer: &mut Mixer,
        until: u64,
        voices: impl IntoIterator<Item = &'a mut Voice>,
    ) -> Vec<Stereo> {
        mixer.mix(until, voices.into_iter());
        mixer.mixed().to_vec()
    }

    #[test]
    fn quiet_voices_are_added_as_they_are() {
        let (mut mixer, mut voices) = (Mixer::new(0), [voice(100, 2000), voice(50, 2000)]);
        let samples = mix(&mut mixer, 1500, &mut voices);
        assert_eq!(samples.len(), 1500);
        assert!(samples[Voice::FADE..].iter().all(|sample| *sample == [150, -150]));
    }

    #[test]
    fn loud_voices_are_turned_down_together_and_up_again() {
        let (mut mixer, mut voices) = (Mixer::new(0), [voice(30_000, 4000), voice(30_000, 4000)]);
        let loud = mix(&mut mixer, 2000, &mut voices);
        assert!(loud[500..].iter().all(|sample| (32_000..=32_767).contains(&sample[0])));
        let mut quiet = [voice(1000, 600_000)];
        mixer.mix(4000, voices.iter_mut());
        let steps: Vec<i16> =
            (3..120).map(|step| mix(&mut mixer, step * 4800, &mut quiet).last().unwrap()[0]).collect();
        assert!(steps.is_sorted() && steps[0] < 700 && steps.last() == Some(&1000), "{steps:?}");
    }

    #[test]
    fn a_retired_voice_fades() {
        let mut mixer = Mixer::new(0);
        let mut leaving = voice(10_000, 2000);
        mixer.mix(1000, std::iter::once(&mut leaving));
        mixer.retire(leaving);
        let samples = mix(&mut mixer, 1500, []);
        assert!(samples[0][0] > 9000 && samples[60][0] < 6000 && samples[Voice::FADE][0] == 0);
        assert!(mixer.leaving.is_empty());
    }
}
