//! The clock of a participant: what its sender reports say the time is, against the recording's.
//!
//! All its tracks share it, so whatever the error of the shift is, sound and picture share that, too.

use std::time::Duration;

/// A participant's NTP clock against the recording's.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SenderClock(Option<Shift>);

#[derive(Clone, Copy, Debug)]
struct Shift {
    /// A moment of theirs...
    ntp: u64,
    /// ... and of ours, in seconds.
    ours: f64,
    /// When the last report came.
    heard: f64,
}

impl SenderClock {
    /// Seconds; a jump of their clock by more starts anew.
    const JUMP: f64 = 5.0;
    /// How fast the shift may grow: more than any clock drifts, less than would let one late report move it much.
    const RISE_PER_SECOND: f64 = 0.000_5;

    /// A report came at `arrival` that was sent at `ntp`.
    pub(super) fn hear(&mut self, arrival: Duration, ntp: u64) {
        let arrival = arrival.as_secs_f64();
        let fresh = Shift { ntp, ours: arrival, heard: arrival };
        self.0 = Some(match self.0 {
            Some(shift) => {
                let known = shift.ours + ntp_seconds(ntp, shift.ntp);
                let risen = known + Self::RISE_PER_SECOND * (arrival - shift.heard).max(0.0);
                if (arrival - known).abs() > Self::JUMP {
                    fresh
                } else {
                    // The least delay is nearest to the truth.
                    Shift { ours: risen.min(arrival), ..fresh }
                }
            }
            None => fresh,
        });
    }

    /// Their moment on the recording's timeline, in seconds.
    pub(super) fn time(&self, ntp: u64) -> Option<f64> {
        self.0.map(|shift| shift.ours + ntp_seconds(ntp, shift.ntp))
    }
}

/// Seconds from `since` to `ntp`, whichever is later.
pub(super) fn ntp_seconds(ntp: u64, since: u64) -> f64 {
    ntp.wrapping_sub(since) as i64 as f64 / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ntp(seconds: f64) -> u64 {
        (seconds * 4_294_967_296.0) as u64
    }

    #[test]
    fn takes_the_least_delay_and_follows_a_slow_drift() {
        let mut clock = SenderClock::default();
        for second in 0..1200 {
            let theirs = f64::from(second);
            let delay = if second % 7 == 3 { 0.02 } else { 0.05 };
            let ours = theirs * 1.000_1 + delay;
            clock.hear(Duration::from_secs_f64(ours), ntp(5000.0 + theirs));
            if second > 20 {
                let error = clock.time(ntp(5000.0 + theirs)).unwrap() - (theirs * 1.000_1 + 0.02);
                assert!((-0.001..0.005).contains(&error), "{error} at {second}");
            }
        }
    }

    #[test]
    fn starts_anew_after_a_jump() {
        let mut clock = SenderClock::default();
        clock.hear(Duration::from_secs(1), ntp(1000.0));
        clock.hear(Duration::from_secs(2), ntp(5.0));
        assert!((clock.time(ntp(5.5)).unwrap() - 2.5).abs() < 1e-6);
    }
}
