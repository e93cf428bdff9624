//! Rate control for viewers that tell nothing but receiver reports: by loss, and by a round trip that grows.

use std::time::{Duration, Instant};

/// Between two changes.
const INTERVAL: Duration = Duration::from_millis(900);
const LOSS_HIGH: f64 = 0.10;
const LOSS_LOW: f64 = 0.03;
const INCREASE: f64 = 1.08;
/// A round trip this much above the shortest is a queue.
const QUEUE_MAX: Duration = Duration::from_millis(150);

/// The rate controller.
#[derive(Debug)]
pub(super) struct ReportControl {
    bitrate: f64,
    shortest: Option<Duration>,
    changed_at: Option<Instant>,
    /// The worst since the last change.
    loss: f64,
}

impl ReportControl {
    pub(super) fn new(bitrate: f64) -> Self {
        Self { bitrate, shortest: None, changed_at: None, loss: 0.0 }
    }

    /// bit/s.
    pub(super) fn bitrate(&self) -> f64 {
        self.bitrate
    }

    /// A viewer has reported on one stream; `sending`: bit/s of all of them. Gives whether the rate was cut.
    pub(super) fn on_report(
        &mut self,
        now: Instant,
        loss: f64,
        round_trip: Option<Duration>,
        sending: f64,
    ) -> bool {
        self.loss = self.loss.max(loss);
        if self.changed_at.is_some_and(|at| now.saturating_duration_since(at) < INTERVAL) {
            return false;
        }
        let loss = std::mem::take(&mut self.loss);
        self.changed_at = Some(now);
        let queue = round_trip.map(|round_trip| {
            let shortest = self.shortest.map_or(round_trip, |shortest| shortest.min(round_trip));
            self.shortest = Some(shortest);
            round_trip - shortest
        });
        let has_queue = queue.is_some_and(|queue| queue > QUEUE_MAX);
        if loss > LOSS_HIGH || has_queue {
            let kept = (1.0 - 0.5 * loss).min(if has_queue { 0.85 } else { 1.0 });
            self.bitrate = self.bitrate.min(sending) * kept;
            return true;
        }
        // Without a way to probe, more is found out by sending more.
        if loss < LOSS_LOW {
            self.bitrate = (self.bitrate * INCREASE).min(1e9);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    #[test]
    fn falls_with_loss_and_queues_and_grows_again() {
        let mut now = Instant::now();
        let mut control = ReportControl::new(1e6);
        let mut report = |loss, ms, control: &mut ReportControl| {
            now += Duration::from_secs(1);
            control.on_report(now, loss, Some(Duration::from_millis(ms)), 9e5)
        };
        assert!(!report(0.0, 50, &mut control));
        assert!(control.bitrate() > 1e6);
        assert!(report(0.3, 50, &mut control));
        assert!((control.bitrate() - 765_000.0).abs() < 1.0, "{}", control.bitrate());
        assert!(report(0.0, 400, &mut control));
        let low = control.bitrate();
        assert!(!report(0.05, 60, &mut control));
        assert!((control.bitrate() - low).abs() < 1.0);
        assert!(!report(0.0, 60, &mut control));
        assert!(control.bitrate() > low);
    }
}
