//! The most a sender may send (draft-alvestrand-rmcat-remb): a limit set by the application, and for senders without
//! transport-wide congestion control an estimate from what arrives and what is lost.

use std::time::{Duration, Instant};

/// Between two messages.
const INTERVAL: Duration = Duration::from_secs(1);
/// Messages that lift a limit: each may be lost.
const LIFTS: u8 = 4;
/// Told when a limit is lifted.
const UNLIMITED: u64 = 1_000_000_000;

/// What a sender is told.
#[derive(Clone, Copy, Debug)]
enum Limit {
    None,
    /// bit/s.
    Of(u32),
    /// Was lifted; still to be told so often.
    Lifted(u8),
}

/// Bitrate limit of one transport's sender.
#[derive(Debug)]
pub(crate) struct Remb {
    limit: Limit,
    /// bit/s, for senders that rely on it.
    estimate: Option<u64>,
    due: Option<Instant>,
}

impl Remb {
    /// An estimate starts here, and never goes below [`Remb::ESTIMATE_MIN`].
    const ESTIMATE_START: u64 = 1_000_000;
    const ESTIMATE_MIN: u64 = 100_000;

    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self { limit: limit.map_or(Limit::None, Limit::Of), estimate: None, due: None }
    }

    pub(crate) fn limit(&self) -> Option<u32> {
        match self.limit {
            Limit::Of(bitrate) => Some(bitrate),
            Limit::None | Limit::Lifted(_) => None,
        }
    }

    /// bit/s that the path from the sender is thought to carry, where the server estimates it.
    pub(crate) fn estimate(&self) -> Option<u64> {
        self.estimate
    }

    pub(crate) fn set_limit(&mut self, now: Instant, limit: Option<u32>) {
        self.limit = match (limit, self.limit) {
            (Some(bitrate), _) => Limit::Of(bitrate),
            (None, Limit::Of(_)) => Limit::Lifted(LIFTS),
            (None, unchanged) => unchanged,
        };
        self.due = Some(now);
    }

    /// The transport can send; `estimates`: its sender has no other way to learn its bitrate.
    pub(crate) fn start(&mut self, now: Instant, estimates: bool) {
        if estimates {
            self.estimate.get_or_insert(Self::ESTIMATE_START);
        }
        self.due.get_or_insert(now);
    }

    pub(crate) fn next_due(&self) -> Option<Instant> {
        let has_something = self.estimate.is_some() || !matches!(self.limit, Limit::None);
        self.due.filter(|_| has_something)
    }

    /// The bitrate to tell now, bit/s. `incoming` is what arrives, bit/s; `fraction_lost` the worst stream's, in 1/256.
    pub(crate) fn take_due(&mut self, now: Instant, incoming: u64, fraction_lost: u8) -> Option<u64> {
        if self.next_due().is_none_or(|due| due > now) {
            return None;
        }
        self.due = Some(now + INTERVAL);
        let estimate = self.estimate.as_mut().map(|estimate| {
            *estimate = Self::updated(*estimate, incoming, fraction_lost);
            *estimate
        });
        match &mut self.limit {
            Limit::None => estimate,
            Limit::Of(bitrate) => Some(estimate.map_or(u64::from(*bitrate), |e| e.min(u64::from(*bitrate)))),
            Limit::Lifted(left) => {
                *left -= 1;
                if *left == 0 {
                    self.limit = Limit::None;
                }
                Some(estimate.unwrap_or(UNLIMITED))
            }
        }
    }

    /// Loss-based control of Google congestion control (draft-ietf-rmcat-gcc §6), kept within reach of what arrives.
    fn updated(estimate: u64, incoming: u64, fraction_lost: u8) -> u64 {
        let lost_percent = u64::from(fraction_lost) * 100 / 256;
        let next = match lost_percent {
            0..2 => estimate + estimate * 8 / 100,
            2..=10 => estimate,
            _ => estimate.min(incoming.max(Self::ESTIMATE_MIN)) * (200 - lost_percent) / 200,
        };
        let reach = (2 * incoming).max(Self::ESTIMATE_START);
        next.min(reach).max(Self::ESTIMATE_MIN)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    #[test]
    fn nothing_to_tell_where_nobody_asked() {
        let now = Instant::now();
        let mut remb = Remb::new(None);
        remb.start(now, false);
        assert_eq!(remb.next_due(), None);
    }

    #[test]
    fn a_limit_is_repeated_and_its_end_told_four_times() {
        let mut now = Instant::now();
        let mut remb = Remb::new(Some(300_000));
        remb.start(now, false);
        assert_eq!(remb.take_due(now, 0, 0), Some(300_000));
        assert_eq!(remb.take_due(now, 0, 0), None);
        now += INTERVAL;
        assert_eq!(remb.take_due(now, 0, 0), Some(300_000));
        remb.set_limit(now, None);
        let mut lifted = 0;
        while let Some(due) = remb.next_due() {
            lifted += u32::from(remb.take_due(due, 0, 0) == Some(UNLIMITED));
        }
        assert_eq!(lifted, u32::from(LIFTS));
    }

    #[test]
    fn an_estimate_grows_with_what_arrives_and_falls_with_loss() {
        let mut now = Instant::now();
        let mut remb = Remb::new(None);
        remb.start(now, true);
        let mut estimate = 0;
        for _ in 0..30 {
            estimate = remb.take_due(now, estimate, 0).unwrap();
            now += INTERVAL;
        }
        assert!(estimate > 5_000_000, "{estimate}");
        let fallen = remb.take_due(now, 3_000_000, 64).unwrap();
        assert!((2_000_000..3_000_000).contains(&fallen), "{fallen}");
    }
}
