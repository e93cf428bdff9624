//! Flashes and the beeps that belong to them.

use std::fmt;

use serde::Serialize;

/// Seconds at most between a flash and its beep: both come once a second.
const APART_MAX: f64 = 0.5;

/// A flash and its beep.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Offset {
    /// When the flash began, in seconds.
    pub at: f64,
    /// How much later its beep began, in ms.
    pub ms: f64,
}

/// Each flash with the beep next to it; flashes without one are left out.
pub(super) fn pair(flashes: &[f64], beeps: &[f64]) -> Vec<Offset> {
    let nearest = |flash: f64| {
        let apart = beeps.iter().map(|beep| beep - flash);
        apart.min_by(|a, b| a.abs().total_cmp(&b.abs())).filter(|apart| apart.abs() <= APART_MAX)
    };
    let pair = |&at: &f64| nearest(at).map(|apart| Offset { at, ms: apart * 1_000.0 });
    flashes.iter().filter_map(pair).collect()
}

/// Many of them, in short.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Offsets {
    /// How many.
    pub count: usize,
    /// ms; of an even number, the upper one.
    pub median: f64,
    /// ms, furthest from 0.
    pub worst: f64,
}

impl Offsets {
    pub(super) fn of<'a>(offsets: impl Iterator<Item = &'a Offset>) -> Self {
        let mut all: Vec<f64> = offsets.map(|offset| offset.ms).collect();
        all.sort_by(f64::total_cmp);
        let median = all.get(all.len() / 2).copied().unwrap_or(f64::NAN);
        let worst = all.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(f64::NAN);
        Self { count: all.len(), median, worst }
    }
}

impl fmt::Display for Offsets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "median {:+.1} ms, worst {:+.1} ms of {}", self.median, self.worst, self.count)
    }
}
