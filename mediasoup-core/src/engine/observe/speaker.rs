//! How much one person speaks: Volfin and Cohen, "Dominant speaker identification for multipoint videoconferencing"
//! (2012), with mediasoup's constants.
//!
//! Levels of the last second, one for every 20 ms, are looked at over three lengths of time: now (20 ms), a syllable
//! (100 ms) and a sentence (1 s). For each, the score is the logarithm of how much likelier speech is than none.

use std::time::{Duration, Instant};

/// What one level stands for.
const SAMPLE: Duration = Duration::from_millis(20);
/// Levels that are looked at: the last second.
const SAMPLES: usize = 50;
/// A producer that says nothing for longer is silent (it is paused, or sends no packets in silence).
const IDLE: Duration = Duration::from_millis(40);
/// A level stands for the time since the one before it, up to this many samples.
const SAMPLES_PER_LEVEL_MAX: usize = 15;

/// Parts a level is counted in, samples in a medium interval, medium intervals in a long one.
const N1: u8 = 13;
const N2: u8 = 5;
const N3: u8 = 10;
/// Size of a part: 127 levels in `N1`, rounded up.
const PART: u8 = 10;
/// Parts above which a sample counts as active, and active samples above which a medium interval does.
const MEDIUM_THRESHOLD: u8 = 7;
const LONG_THRESHOLD: u8 = 4;
/// Parameters of the exponential distribution of activity in speech.
const LAMBDA: [f64; 3] = [0.78, 24.0, 47.0];
const SCORE_MIN: f64 = 1e-10;

/// Scores now, over a syllable, over a sentence.
pub(super) type Scores = [f64; 3];

/// One who may speak.
#[derive(Debug)]
pub(super) struct Speaker {
    pub(super) paused: bool,
    pub(super) scores: Scores,
    last_level: Instant,
    /// The newest first.
    levels: [u8; SAMPLES],
    immediates: [u8; SAMPLES],
    mediums: [u8; N3 as usize],
    long: u8,
    noise: NoiseFloor,
}

impl Speaker {
    pub(super) fn new(now: Instant, paused: bool) -> Self {
        Self {
            paused,
            scores: [SCORE_MIN; 3],
            last_level: now,
            levels: [0; SAMPLES],
            immediates: [0; SAMPLES],
            mediums: [0; N3 as usize],
            long: 0,
            noise: NoiseFloor::default(),
        }
    }

    /// A packet as loud as this, 0 (silence) to 127.
    pub(super) fn on_level(&mut self, now: Instant, loudness: u8) {
        let elapsed = now.saturating_duration_since(self.last_level);
        let passed = (elapsed.as_millis() / SAMPLE.as_millis()).clamp(1, SAMPLES as u128) as usize;
        self.last_level = now;
        self.levels.copy_within(..SAMPLES - passed, passed);
        self.levels[..passed].fill(0);
        self.levels[..passed.min(SAMPLES_PER_LEVEL_MAX)].fill(loudness);
        self.noise.on_level(loudness);
    }

    /// Time has passed: without levels, it is silent.
    pub(super) fn on_timeout(&mut self, now: Instant) {
        if now.saturating_duration_since(self.last_level) > IDLE {
            self.on_level(now, 0);
        }
    }

    /// Whether nothing was heard for as long as is looked back.
    pub(super) fn is_silent(&self) -> bool {
        self.levels.iter().all(|level| *level == 0)
    }

    /// Brings the scores up to date.
    pub(super) fn evaluate(&mut self) {
        let floor = self.noise.minimum + PART;
        let part_of = |level: u8| if level < floor { 0 } else { level / PART };
        if !update(&mut self.immediates, self.levels.iter().map(|level| part_of(*level))) {
            return;
        }
        self.scores[0] = score(self.immediates[0], N1, LAMBDA[0]);
        let active = self.immediates.chunks(N2.into()).map(|samples| count_above(samples, MEDIUM_THRESHOLD));
        if !update(&mut self.mediums, active) {
            return;
        }
        self.scores[1] = score(self.mediums[0], N2, LAMBDA[1]);
        self.long = count_above(&self.mediums, LONG_THRESHOLD);
        self.scores[2] = score(self.long, N3, LAMBDA[2]);
    }
}

/// Writes new values over old ones. Gives whether any differs.
fn update(old: &mut [u8], new: impl Iterator<Item = u8>) -> bool {
    let mut changed = false;
    for (old, new) in old.iter_mut().zip(new) {
        changed |= std::mem::replace(old, new) != new;
    }
    changed
}

fn count_above(values: &[u8], threshold: u8) -> u8 {
    values.iter().filter(|value| **value > threshold).count() as u8
}

/// ln(binomial(`count`, `active`) / 2^`count`) - ln(`lambda`) + `lambda` * `active`: both halves are equally likely
/// without speech.
fn score(active: u8, count: u8, lambda: f64) -> f64 {
    let binomial: f64 = (0..active).map(|i| f64::from(count - i) / f64::from(i + 1)).product();
    let log_likelihood = binomial.ln() + f64::from(count) * 0.5_f64.ln();
    (log_likelihood - lambda.ln() + lambda * f64::from(active)).max(SCORE_MIN)
}

/// The level of a microphone's noise: follows the lowest level heard, upwards only slowly.
#[derive(Debug, Default)]
struct NoiseFloor {
    /// 0: nothing heard yet.
    minimum: u8,
    /// The lowest of the window, and how many levels are in it.
    candidate: Option<(u8, u32)>,
}

impl NoiseFloor {
    /// Levels in a window: 15 s of them.
    const WINDOW: u32 = 750;

    fn on_level(&mut self, loudness: u8) {
        if loudness == 0 {
            return;
        }
        if self.minimum == 0 || loudness < self.minimum {
            *self = Self { minimum: loudness, candidate: None };
            return;
        }
        let (lowest, len) = self.candidate.unwrap_or((loudness, 0));
        let (lowest, len) = (lowest.min(loudness), len + 1);
        self.candidate = Some((lowest, len));
        if len >= Self::WINDOW {
            let mean = (f64::from(self.minimum) * f64::from(lowest)).sqrt();
            *self = Self { minimum: mean as u8, candidate: None };
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    /// Feeds a level every 20 ms. Gives the time after it.
    fn speak(speaker: &mut Speaker, start: Instant, loudness: u8, ms: u64) -> Instant {
        (1..=ms / 20)
            .map(|n| start + SAMPLE * n as u32)
            .inspect(|at| speaker.on_level(*at, loudness))
            .last()
            .unwrap()
    }

    #[test]
    fn scores_are_of_the_last_second() {
        let start = Instant::now();
        let mut speaker = Speaker::new(start, false);
        let now = speak(&mut speaker, start, 20, 1_000);
        speaker.evaluate();
        assert_eq!(speaker.scores, [SCORE_MIN; 3], "a steady level is noise");

        let now = speak(&mut speaker, now, 100, 40);
        speaker.evaluate();
        assert!(speaker.scores[0] > 1.0, "{:?}", speaker.scores);
        assert_eq!(speaker.scores[2], SCORE_MIN, "a click is no sentence");

        let now = speak(&mut speaker, now, 100, 1_000);
        speaker.evaluate();
        assert!(speaker.scores.iter().all(|score| *score > 1.0), "{:?}", speaker.scores);

        speaker.on_timeout(now + Duration::from_secs(1));
        speaker.evaluate();
        assert_eq!(speaker.scores, [SCORE_MIN; 3]);
        assert!(speaker.is_silent());
    }

    #[test]
    fn a_level_stands_for_the_time_since_the_last_one() {
        let start = Instant::now();
        let mut speaker = Speaker::new(start, false);
        let count = |speaker: &Speaker| speaker.levels.iter().filter(|level| **level == 90).count();
        for (gap_ms, expected) in [(0, 1), (20, 1), (60, 3), (300, 15), (400, 15), (5_000, 15)] {
            speaker.levels = [0; SAMPLES];
            speaker.last_level = start;
            speaker.on_level(start + Duration::from_millis(gap_ms), 90);
            assert_eq!(count(&speaker), expected, "{gap_ms} ms");
        }
    }

    #[test]
    fn noise_is_learnt_fast_downwards_and_slowly_upwards() {
        let mut noise = NoiseFloor::default();
        noise.on_level(0);
        assert_eq!(noise.minimum, 0);
        noise.on_level(60);
        noise.on_level(40);
        assert_eq!(noise.minimum, 40);
        (0..NoiseFloor::WINDOW).for_each(|_| noise.on_level(90));
        assert_eq!(noise.minimum, 60);
    }

    #[test]
    fn the_score_is_the_papers() {
        // ln(C(13, 6) / 2^13) - ln(0.78) + 0.78 * 6
        assert!((score(6, N1, LAMBDA[0]) - 3.3654).abs() < 1e-3, "{}", score(6, N1, LAMBDA[0]));
        assert_eq!(score(0, N1, LAMBDA[0]), SCORE_MIN);
    }
}
