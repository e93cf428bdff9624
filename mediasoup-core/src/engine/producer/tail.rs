//! The end of a picture that was lost: nothing shows that it is missing until the next picture comes, and asked for then
//! it is late. On a path that loses packets what should have come by now is asked for unseen.

use std::time::{Duration, Instant};

/// Packets of one picture follow each other faster than this.
const WITHIN_PICTURE: Duration = Duration::from_millis(15);
/// So much longer than usual a picture may take, before its first packet is taken for lost.
const LATE: f64 = 1.4;
/// Between pictures, at least and at most.
const INTERVAL: std::ops::RangeInclusive<f64> = 0.01..=0.2;
const SMOOTHING: f64 = 0.1;
/// So long after two losses more are expected.
const LOSSY: Duration = Duration::from_secs(5);

/// Watches one stream of pictures.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TailProbe {
    /// The last two losses.
    lost_at: [Option<Instant>; 2],
    /// When the last picture ended, and seconds between two.
    ended_at: Option<Instant>,
    interval: f64,
    due: Option<Instant>,
}

impl TailProbe {
    /// Packets were lost.
    pub(crate) fn on_loss(&mut self, now: Instant) {
        self.lost_at = [self.lost_at[1], Some(now)];
    }

    /// The newest packet came.
    pub(crate) fn on_packet(&mut self, now: Instant, ends_picture: bool) {
        if ends_picture && let Some(before) = self.ended_at.replace(now) {
            let sample = now.saturating_duration_since(before).as_secs_f64();
            let sample = sample.clamp(*INTERVAL.start(), *INTERVAL.end());
            let known = if self.interval > 0.0 { self.interval } else { sample };
            self.interval = known + SMOOTHING * (sample - known);
        }
        // One loss is an accident.
        let is_lossy = self.lost_at[0].is_some_and(|at| now.saturating_duration_since(at) < LOSSY);
        let wait = match ends_picture {
            false => Some(WITHIN_PICTURE),
            true if self.interval > 0.0 => Some(Duration::from_secs_f64(LATE * self.interval)),
            true => None,
        };
        self.due = wait.filter(|_| is_lossy).map(|wait| now + wait);
    }

    /// Whether the packet after the newest is to be asked for now: once.
    pub(crate) fn take_due(&mut self, now: Instant) -> bool {
        self.due.take_if(|due| *due <= now).is_some()
    }

    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    const FRAME: Duration = Duration::from_millis(50);

    #[test]
    fn what_is_overdue_on_a_lossy_path_is_asked_for_once() {
        let start = Instant::now();
        let mut probe = TailProbe::default();
        for frame in 0..20 {
            probe.on_packet(start + FRAME * frame, true);
        }
        assert_eq!(probe.next_due(), None, "nothing was lost");
        let now = start + FRAME * 20;
        probe.on_loss(now);
        probe.on_packet(now, false);
        assert_eq!(probe.next_due(), None, "once is an accident");
        probe.on_loss(now);
        probe.on_packet(now, false);
        assert_eq!(probe.next_due(), Some(now + WITHIN_PICTURE));
        probe.on_packet(now, true);
        assert!(!probe.take_due(now + FRAME));
        assert!(probe.take_due(now + FRAME.mul_f64(1.5)));
        assert!(!probe.take_due(now + FRAME * 2), "once");
        probe.on_packet(now + LOSSY, true);
        assert_eq!(probe.next_due(), None, "long ago");
    }
}
