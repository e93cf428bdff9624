//! When frames are due.

use std::time::{Duration, Instant};

const SECOND: u64 = 1_000_000_000;
/// Frames that are later than this are left out: a burst to catch up would be no load that exists.
const GIVEN_UP: Duration = Duration::from_millis(500);

/// Frames at a steady rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    start: Instant,
    per_second: u32,
    /// Number of the next frame.
    next: u64,
}

impl Schedule {
    pub(crate) fn new(start: Instant, per_second: u32) -> Self {
        Self { start, per_second, next: 0 }
    }

    /// When the next frame is due.
    pub(crate) fn due(&self) -> Instant {
        self.start + Duration::from_nanos(self.next * SECOND / u64::from(self.per_second))
    }

    /// The clock of the next frame, at this many ticks a second.
    pub(crate) fn timestamp(&self, clock_rate: u32) -> u32 {
        (self.next * u64::from(clock_rate) / u64::from(self.per_second)) as u32
    }

    /// Takes the next frame. Gives how late it is.
    pub(crate) fn take(&mut self, now: Instant) -> Duration {
        let late = now.saturating_duration_since(self.due());
        self.next += 1;
        if late > GIVEN_UP {
            let frames = late.as_nanos() * u128::from(self.per_second) / u128::from(SECOND);
            self.next += frames as u64;
        }
        late
    }
}

/// Where in the period of its frames the `number`th sender begins: spread out, without knowing how many there will be.
pub(crate) fn phase(number: usize, per_second: u32) -> Duration {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    Duration::from_secs_f64((number as f64 * GOLDEN).fract() / f64::from(per_second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_keep_to_the_rate_without_drift() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start, 30);
        for _ in 0..300 {
            assert_eq!(schedule.take(schedule.due()), Duration::ZERO);
        }
        assert_eq!(schedule.due(), start + Duration::from_secs(10));
        assert_eq!(schedule.timestamp(90_000), 900_000);
    }

    #[test]
    fn a_little_late_is_made_up_for_and_very_late_is_left_out() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start, 50);
        assert_eq!(schedule.take(start + Duration::from_millis(100)), Duration::from_millis(100));
        assert_eq!(schedule.due(), start + Duration::from_millis(20));
        let now = start + Duration::from_secs(5);
        schedule.take(now);
        assert!(
            schedule.due() > now - Duration::from_millis(20)
                && schedule.due() <= now + Duration::from_millis(20)
        );
    }

    #[test]
    fn senders_begin_at_different_times() {
        let phases: Vec<_> = (0..10).map(|number| phase(number, 30)).collect();
        for (index, phase) in phases.iter().enumerate() {
            assert!(*phase < Duration::from_secs(1) / 30);
            assert!(phases[..index].iter().all(|other| other.abs_diff(*phase) > Duration::from_millis(1)));
        }
    }
}
