//! Rate control by loss (draft-ietf-rmcat-gcc-02 §6): down where more is lost than the path loses anyway.
//!
//! A path that loses packets however little is sent (radio) is not relieved by sending less. What it loses by itself is
//! learnt, and only loss beyond it counts.

use std::time::{Duration, Instant};

/// Loss is judged over at least so long, and so many packets.
const WINDOW: Duration = Duration::from_millis(600);
const PACKETS_MIN: u32 = 40;
/// Unless that takes longer than this.
const WINDOW_MAX: Duration = Duration::from_secs(3);
/// Loss beyond the path's own: below the first it grows, above the second it falls.
const GROWS_BELOW: f64 = 0.02;
const FALLS_ABOVE: f64 = 0.10;
const INCREASE_A_SECOND: f64 = 1.08;
/// What a path may be believed to lose by itself.
const INHERENT_MAX: f64 = 0.15;

/// What became of the packets of a message of feedback.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Losses {
    pub(super) arrived: u32,
    pub(super) lost: u32,
    /// They stood in a queue.
    pub(super) is_queued: bool,
}

/// The rate controller.
#[derive(Debug, Default)]
pub(super) struct LossControl {
    /// bit/s; `None`: loss sets no limit.
    limit: Option<f64>,
    /// What the path loses by itself, 0 to 1.
    inherent: f64,
    since: Option<Instant>,
    sent: u32,
    lost: u32,
    is_queued: bool,
}

impl LossControl {
    /// bit/s.
    pub(super) fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// What the path loses by itself, 0 to 1.
    pub(super) fn inherent(&self) -> f64 {
        self.inherent
    }

    /// A probe has shown that the path carries this.
    pub(super) fn on_proven(&mut self, bitrate: f64) {
        self.limit = self.limit.filter(|limit| *limit > bitrate).or(self.limit.map(|_| bitrate));
    }

    /// There is news of packets, at this estimate by delay and this rate at the viewer, bit/s. Gives
    /// whether the limit was cut.
    pub(super) fn on_packets(&mut self, now: Instant, seen: Losses, estimate: f64, arriving: f64) -> bool {
        let since = *self.since.get_or_insert(now);
        self.sent += seen.arrived + seen.lost;
        self.lost += seen.lost;
        self.is_queued |= seen.is_queued;
        let passed = now.saturating_duration_since(since);
        let is_complete =
            passed >= WINDOW && self.sent >= PACKETS_MIN || passed >= WINDOW_MAX && self.sent >= 10;
        if !is_complete {
            return false;
        }
        let sent = f64::from(self.sent);
        let loss = f64::from(self.lost) / sent;
        (self.since, self.sent, self.lost) = (Some(now), 0, 0);
        let beyond = loss - self.inherent;
        // Of few packets a few more may be lost by chance.
        let chance = (loss * (1.0 - loss) / sent).sqrt();
        // What a full queue drops is not what the path loses by itself.
        if !std::mem::take(&mut self.is_queued) {
            let learns = if loss < self.inherent { 0.2 } else { 0.1 };
            self.inherent = (self.inherent + learns * (loss - self.inherent)).min(INHERENT_MAX);
        }
        if beyond - chance > FALLS_ABOVE {
            let from = self.limit.unwrap_or(estimate).min(estimate).min(arriving / (1.0 - loss).max(0.1));
            self.limit = Some(from * (1.0 - 0.5 * loss));
            return true;
        }
        if beyond - chance < GROWS_BELOW {
            let grown =
                self.limit.map(|limit| limit * INCREASE_A_SECOND.powf(passed.as_secs_f64()) + 1_000.0);
            self.limit = grown.filter(|grown| *grown < 1.2 * estimate);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    fn after(seconds: u32, loss: impl Fn(u32) -> u32, control: &mut LossControl) -> Option<f64> {
        let start = Instant::now();
        for tenth in 0..10 * seconds {
            let lost = loss(tenth);
            let seen = Losses { arrived: 20 - lost, lost, is_queued: false };
            control.on_packets(start + Duration::from_millis(100) * tenth, seen, 1e6, 9e5);
        }
        control.limit()
    }

    #[test]
    fn a_path_that_always_loses_a_little_is_no_limit() {
        assert_eq!(after(60, |_| 1, &mut LossControl::default()), None);
        assert_eq!(after(60, |tenth| 3 * u32::from(tenth % 3 == 0), &mut LossControl::default()), None);
    }

    #[test]
    fn much_loss_is_and_it_passes() {
        let mut control = LossControl::default();
        let limit = after(2, |_| 6, &mut control).unwrap();
        assert!(limit < 900_000.0, "{limit}");
        assert_eq!(after(30, |_| 0, &mut control), None);
    }
}
