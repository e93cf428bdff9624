//! What could not be sent.

use std::time::{Duration, Instant};

use super::LOG_TARGET;

/// How often the log tells of it.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Counts what could not be sent, and tells the log now and then.
pub(super) struct Drops {
    what: &'static str,
    count: u64,
    next_log: Instant,
}

impl Drops {
    /// `what` is what the log says of them.
    pub(super) fn new(what: &'static str, now: Instant) -> Self {
        Self { what, count: 0, next_log: now }
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn add(&mut self, now: Instant, dropped: usize) {
        self.count += dropped as u64;
        if dropped > 0 && self.next_log <= now {
            tracing::warn!(target: LOG_TARGET, dropped = self.count, "{}", self.what);
            self.next_log = now + LOG_INTERVAL;
        }
    }
}
