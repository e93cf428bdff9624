//! Stretches of time.

use serde::Serialize;

/// Seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Its start.
    pub from: f64,
    /// Its end.
    pub to: f64,
}

/// How long the longest of them lasts, of what lies between two times; 0: there is none.
#[must_use]
pub fn longest_within(intervals: &[Interval], from: f64, to: f64) -> f64 {
    intervals.iter().map(|interval| interval.to.min(to) - interval.from.max(from)).fold(0.0, f64::max)
}
