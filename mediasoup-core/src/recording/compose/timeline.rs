//! Frames, samples and moments.

use std::time::Duration;

use super::studio::SAMPLE_RATE;

/// What could not be decoded is not tried again before.
pub(super) const RETRY: Duration = Duration::from_secs(1);

/// The sample nearest to a moment.
pub(super) fn samples_at(at: Duration) -> u64 {
    nearest(at, SAMPLE_RATE)
}

fn nearest(at: Duration, per_second: u32) -> u64 {
    let nanos = at.as_nanos() * u128::from(per_second) + 500_000_000;
    u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX)
}

/// Frames at a steady rate.
#[derive(Clone, Copy, Debug)]
pub(in crate::recording) struct FrameRate(u32);

impl FrameRate {
    pub(in crate::recording) fn new(per_second: u8) -> Self {
        Self(u32::from(per_second.max(1)))
    }

    /// When the frame is shown.
    pub(in crate::recording) fn time(self, frame: u64) -> Duration {
        let (seconds, rest) = (frame / u64::from(self.0), frame % u64::from(self.0));
        Duration::new(seconds, (rest * 1_000_000_000 / u64::from(self.0)) as u32)
    }

    /// The moment between the frame and the next: what is nearer to the next is not shown yet.
    pub(super) fn middle(self, frame: u64) -> Duration {
        self.time(frame) + Duration::from_secs(1) / (2 * self.0)
    }

    /// The frame nearest to a moment; how many frames so much time has.
    pub(in crate::recording) fn nearest(self, at: Duration) -> u64 {
        nearest(at, self.0)
    }

    /// The first sample that is heard with the frame.
    pub(super) fn first_sample(self, frame: u64) -> u64 {
        (u128::from(frame) * u128::from(SAMPLE_RATE) / u128::from(self.0)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_samples_keep_together_for_hours() {
        for per_second in [1, 7, 24, 30, 60] {
            let rate = FrameRate::new(per_second);
            let hours = Duration::from_secs(36_000);
            assert_eq!(rate.time(rate.nearest(hours)), hours);
            assert_eq!(rate.first_sample(rate.nearest(hours)), samples_at(hours));
            for frame in 0..100 {
                assert_eq!(rate.nearest(rate.time(frame)), frame);
                assert_eq!(rate.nearest(Duration::from_micros(rate.time(frame).as_micros() as u64)), frame);
            }
        }
    }
}
