//! Whether a queue builds up on the way: the trend of the one-way delay against a threshold that adapts
//! (draft-ietf-rmcat-gcc-02 §5.3, §5.4, with libwebrtc's line fit in place of the Kalman filter).

use std::collections::VecDeque;

use super::arrival::Delta;

/// Groups the line is fitted through.
const WINDOW: usize = 20;
const SMOOTHING: f64 = 0.9;
const GAIN: f64 = 4.0;
/// The gain grows with the groups seen, up to so many.
const DELTAS_MAX: f64 = 60.0;
/// A trend counts as overuse once it lasts, ms.
const OVERUSE_TIME: f64 = 10.0;

/// What the path is used like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Usage {
    /// A queue drains.
    Under,
    #[default]
    Normal,
    /// A queue grows.
    Over,
}

/// The detector.
#[derive(Debug)]
pub(super) struct Trendline {
    /// (arrival, smoothed delay), ms since the first.
    points: VecDeque<(f64, f64)>,
    clock: f64,
    accumulated: f64,
    smoothed: f64,
    deltas: f64,
    threshold: Threshold,
    previous_trend: f64,
    /// ms the trend has been above the threshold; `None`: it is not.
    over_for: Option<f64>,
    over_count: u32,
    usage: Usage,
}

impl Default for Trendline {
    fn default() -> Self {
        Self {
            points: VecDeque::with_capacity(WINDOW + 1),
            clock: 0.0,
            accumulated: 0.0,
            smoothed: 0.0,
            deltas: 0.0,
            threshold: Threshold::default(),
            previous_trend: 0.0,
            over_for: None,
            over_count: 0,
            usage: Usage::Normal,
        }
    }
}

impl Trendline {
    pub(super) fn usage(&self) -> Usage {
        self.usage
    }

    pub(super) fn on_delta(&mut self, delta: Delta) {
        self.clock += delta.arrived.max(0.0);
        self.accumulated += delta.arrived - delta.sent;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.accumulated;
        self.deltas = (self.deltas + 1.0).min(DELTAS_MAX);
        self.points.push_back((self.clock, self.smoothed));
        if self.points.len() > WINDOW {
            self.points.pop_front();
        }
        let trend = if self.points.len() == WINDOW { slope(&self.points) } else { None };
        self.detect(trend.unwrap_or(self.previous_trend), delta.sent);
    }

    fn detect(&mut self, trend: f64, passed: f64) {
        if self.deltas < 2.0 {
            return;
        }
        let modified = self.deltas * trend * GAIN;
        if modified > self.threshold.value {
            let over_for = self.over_for.map_or(passed / 2.0, |over_for| over_for + passed);
            self.over_for = Some(over_for);
            self.over_count += 1;
            if over_for > OVERUSE_TIME && self.over_count > 1 && trend >= self.previous_trend {
                self.over_for = Some(0.0);
                self.over_count = 0;
                self.usage = Usage::Over;
            }
        } else {
            self.over_for = None;
            self.over_count = 0;
            self.usage = if modified < -self.threshold.value { Usage::Under } else { Usage::Normal };
        }
        self.previous_trend = trend;
        self.threshold.adapt(modified, self.clock);
    }
}

/// The trend that is still no overuse, ms; follows the usual noise of the path, so that TCP beside it does not starve it.
#[derive(Debug)]
struct Threshold {
    value: f64,
    adapted_at: Option<f64>,
}

impl Default for Threshold {
    fn default() -> Self {
        Self { value: 12.5, adapted_at: None }
    }
}

impl Threshold {
    fn adapt(&mut self, modified: f64, clock: f64) {
        const OFFSET_MAX: f64 = 15.0;
        const PASSED_MAX: f64 = 100.0;
        let passed = (clock - self.adapted_at.unwrap_or(clock)).min(PASSED_MAX);
        self.adapted_at = Some(clock);
        let distance = modified.abs() - self.value;
        // A spike is no noise.
        if distance <= OFFSET_MAX {
            let rate = if distance < 0.0 { 0.039 } else { 0.008_7 };
            self.value = (self.value + rate * distance * passed).clamp(6.0, 600.0);
        }
    }
}

/// Least squares; `None` where all points have one time.
fn slope(points: &VecDeque<(f64, f64)>) -> Option<f64> {
    let count = points.len() as f64;
    let sum = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    let mean = (sum.0 / count, sum.1 / count);
    let (mut numerator, mut denominator) = (0.0, 0.0);
    for (x, y) in points {
        numerator += (x - mean.0) * (y - mean.1);
        denominator += (x - mean.0).powi(2);
    }
    (denominator > 0.0).then(|| numerator / denominator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(deltas: impl IntoIterator<Item = f64>) -> Usage {
        let mut trendline = Trendline::default();
        for longer in deltas {
            trendline.on_delta(Delta { sent: 20.0, arrived: 20.0 + longer });
        }
        trendline.usage()
    }

    #[test]
    fn a_queue_that_grows_is_overuse_and_one_that_drains_underuse() {
        assert_eq!(after([0.0; 100]), Usage::Normal);
        assert_eq!(after((0..100).map(|index| if index < 70 { 0.0 } else { 2.0 })), Usage::Over);
        let drains = (0..100).map(|index| if index < 50 { 2.0 } else { -4.0 });
        assert_eq!(after(drains), Usage::Under);
    }

    #[test]
    fn jitter_is_neither() {
        let jitter = (0..300).map(|index| if index % 2 == 0 { 5.0 } else { -5.0 });
        assert_eq!(after(jitter), Usage::Normal);
    }

    #[test]
    fn packets_that_arrive_at_once_have_no_slope() {
        assert_eq!(slope(&[(1.0, 1.0), (1.0, 2.0)].into()), None);
    }
}
