//! When a worker has been woken so often that it does better to wait a little: to be woken takes longer than to send a packet on,
//! and what comes meanwhile goes out with fewer calls.

use std::time::{Duration, Instant};

/// How long it waits then. Packets are late by half of that on average.
const GAP: Duration = Duration::from_micros(150);
/// It does once it was woken this often within [`WINDOW`]...
const ROUNDS: u32 = 32;
const WINDOW: Duration = Duration::from_millis(8);
/// ...and until so few datagrams come in a gap that there is nothing to be gained.
const DATAGRAMS_MIN: usize = 2;

/// Watches how often a worker is woken.
#[derive(Debug)]
pub(super) struct Spacing {
    since: Instant,
    rounds: u32,
    is_on: bool,
}

impl Spacing {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, rounds: 0, is_on: false }
    }

    /// A round is done, in which so many datagrams came.
    pub(super) fn on_round(&mut self, now: Instant, datagrams: usize) {
        if self.is_on {
            self.is_on = datagrams >= DATAGRAMS_MIN;
            (self.since, self.rounds) = (now, 0);
            return;
        }
        self.rounds += 1;
        if self.rounds >= ROUNDS {
            self.is_on = now.saturating_duration_since(self.since) < WINDOW;
            (self.since, self.rounds) = (now, 0);
        }
    }

    /// How long to wait before the next round.
    pub(super) fn gap(&self) -> Option<Duration> {
        self.is_on.then_some(GAP)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    /// Whether it waits after rounds this far apart, with so many datagrams each.
    fn waits(spacing: &mut Spacing, now: &mut Instant, micros: u64, datagrams: usize) -> bool {
        for _ in 0..2 * ROUNDS {
            *now += Duration::from_micros(micros);
            spacing.on_round(*now, datagrams);
        }
        spacing.gap().is_some()
    }

    #[test]
    fn it_waits_while_much_comes_one_by_one() {
        let mut now = Instant::now();
        let mut spacing = Spacing::new(now);
        assert!(!waits(&mut spacing, &mut now, 1_000, 1));
        assert!(!waits(&mut spacing, &mut now, 1_000, 100));
        spacing = Spacing::new(now);
        for _ in 0..ROUNDS {
            now += Duration::from_micros(40);
            spacing.on_round(now, 1);
        }
        assert_eq!(spacing.gap(), Some(GAP));
        assert!(waits(&mut spacing, &mut now, 200, 5), "it goes on");
        spacing.on_round(now, 1);
        assert_eq!(spacing.gap(), None);
    }
}
