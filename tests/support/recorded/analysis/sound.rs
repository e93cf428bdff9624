//! Beacons in sound: beeps, and gaps in their hum.

use std::{f64::consts::TAU, io, path::Path};

use super::{Interval, Stream, ffmpeg};
use crate::media::{BEACONS, PITCH_STEP, SAMPLE_RATE};

/// Samples of 1 ms: the resolution.
const BLOCK: usize = SAMPLE_RATE as usize / 1_000;
const BYTES: usize = BLOCK * 2;
/// ms: whole waves of each pitch.
const BEEP_WINDOW: usize = 1_000 / PITCH_STEP as usize;
/// ms.
const HUM_WINDOW: usize = 20;
/// ms that a beep lasts at least: a click has all pitches, too.
const BEEP_MIN: usize = 30;
/// ms between two beeps at least.
const BEEP_APART: usize = 300;
/// Below this share of its usual strength, a hum is not heard.
const HEARD: f64 = 0.35;
/// ms.
const SILENT_MIN: usize = 10;
/// ms that a hum is heard at least: the start of another's beep has all pitches, too.
const HEARD_MIN: usize = 50;

/// A beacon, as heard.
#[derive(Clone, Debug, Default)]
pub(super) struct Sound {
    pub(super) beeps: Vec<f64>,
    pub(super) silent: Vec<Interval>,
}

/// One for each of [`BEACONS`].
pub(super) fn sounds(file: &Path, streams: &[Stream]) -> io::Result<Vec<Sound>> {
    if !streams.iter().any(|stream| stream.kind == "audio") {
        return Ok(vec![Sound::default(); BEACONS.len()]);
    }
    let mut heard = BEACONS.map(|beacon| (Pitch::new(beacon.beep), Pitch::new(beacon.hum)));
    // Where the file has no sound, there is silence: a sample's index is its time.
    let filter = "aresample=48000:async=1:min_hard_comp=0.01:first_pts=0";
    let output = ["-map", "0:a:0", "-af", filter, "-ac", "1", "-f", "s16le"];
    ffmpeg::decode::<BYTES>(file, &output, |block| {
        for (beep, hum) in &mut heard {
            beep.hear(block);
            hum.hear(block);
        }
    })?;
    let sound = |(beep, hum): &(Pitch, Pitch)| Sound {
        beeps: beeps(&beep.strengths(BEEP_WINDOW)),
        silent: silent(&hum.strengths(HUM_WINDOW)),
    };
    Ok(heard.iter().map(sound).collect())
}

/// How strong one pitch is, ms by ms.
struct Pitch {
    /// A whole number of waves, cosine and sine.
    wave: Vec<(f64, f64)>,
    next: usize,
    /// Correlation of each ms with the wave.
    blocks: Vec<(f64, f64)>,
}

impl Pitch {
    fn new(hz: u32) -> Self {
        let angle = |sample: u32| TAU * f64::from(hz) * f64::from(sample) / f64::from(SAMPLE_RATE);
        let wave = (0..SAMPLE_RATE / PITCH_STEP).map(|sample| (angle(sample).cos(), angle(sample).sin()));
        Self { wave: wave.collect(), next: 0, blocks: Vec::new() }
    }

    fn hear(&mut self, block: &[u8; BYTES]) {
        let (mut cosine, mut sine) = (0.0, 0.0);
        for sample in block.chunks_exact(2) {
            let value = f64::from(i16::from_le_bytes([sample[0], sample[1]])) / f64::from(i16::MAX);
            let wave = self.wave[self.next];
            self.next = (self.next + 1) % self.wave.len();
            cosine += value * wave.0;
            sine += value * wave.1;
        }
        self.blocks.push((cosine, sine));
    }

    /// Amplitude in a window around the start of each ms.
    fn strengths(&self, window: usize) -> Vec<f64> {
        let scale = 2.0 / (window * BLOCK) as f64;
        let around = |at: usize| {
            let blocks =
                &self.blocks[at.saturating_sub(window / 2)..(at + window / 2).min(self.blocks.len())];
            let (cosine, sine) =
                blocks.iter().fold((0.0, 0.0), |sum, block| (sum.0 + block.0, sum.1 + block.1));
            f64::hypot(cosine, sine) * scale
        };
        (0..self.blocks.len()).map(around).collect()
    }
}

/// Runs of ms in which something holds.
fn runs(strengths: &[f64], holds: impl Fn(f64) -> bool) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut from = None;
    for (ms, strength) in strengths.iter().copied().chain([f64::NAN]).enumerate() {
        match (from, holds(strength)) {
            (None, true) => from = Some(ms),
            (Some(start), false) => {
                runs.push((start, ms));
                from = None;
            }
            _ => {}
        }
    }
    runs
}

/// The strength that is not passed in `share` of the time.
fn quantile(strengths: &[f64], share: f64) -> f64 {
    let mut sorted = strengths.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get((sorted.len() as f64 * share) as usize).copied().unwrap_or(0.0)
}

/// Weaker than this, of full scale, nothing was sent.
const STRENGTH_MIN: f64 = 0.005;

/// Seconds at which beeps begin: where a window around is half filled by it.
fn beeps(strengths: &[f64]) -> Vec<f64> {
    let loudest = strengths.iter().copied().fold(STRENGTH_MIN * 4.0, f64::max);
    let mut beeps: Vec<(usize, f64)> = Vec::new();
    for (from, to) in runs(strengths, |strength| strength > loudest / 4.0) {
        if to - from < BEEP_MIN || beeps.last().is_some_and(|(end, _)| from - end < BEEP_APART) {
            continue;
        }
        let half = quantile(&strengths[from..to], 0.5) / 2.0;
        let crossing = strengths[from..to].iter().position(|strength| *strength >= half).unwrap_or(0) + from;
        let (before, after) = (strengths[crossing.saturating_sub(1)], strengths[crossing]);
        let share = if after > before { ((after - half) / (after - before)).clamp(0.0, 1.0) } else { 0.0 };
        beeps.push((to, (crossing as f64 - share) / 1_000.0));
    }
    beeps.into_iter().map(|(_, at)| at).collect()
}

fn silent(strengths: &[f64]) -> Vec<Interval> {
    let usual = quantile(strengths, 0.9).max(STRENGTH_MIN);
    let mut silences: Vec<(usize, usize)> = Vec::new();
    for (from, to) in runs(strengths, |strength| strength < usual * HEARD) {
        match silences.last_mut() {
            Some((_, end)) if from - *end < HEARD_MIN => *end = to,
            _ => silences.push((from, to)),
        }
    }
    let seconds = |ms: usize| ms as f64 / 1_000.0;
    let long = silences.into_iter().filter(|(from, to)| to - from >= SILENT_MIN);
    long.map(|(from, to)| Interval { from: seconds(from), to: seconds(to) }).collect()
}
