//! Which packets were sent again lately: a viewer that asks twice within a round trip gets one.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Packets remembered.
const REMEMBERED_MAX: usize = 256;

/// The newest retransmissions, by the number they went out under.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resent(VecDeque<(u64, Instant)>);

impl Resent {
    /// Whether this packet may be sent again now; if so it counts as sent.
    pub(crate) fn may_resend(&mut self, now: Instant, output: u64, interval: Duration) -> bool {
        while self.0.front().is_some_and(|(_, at)| now.saturating_duration_since(*at) >= interval) {
            self.0.pop_front();
        }
        if self.0.iter().any(|(known, _)| *known == output) {
            return false;
        }
        if self.0.len() == REMEMBERED_MAX {
            self.0.pop_front();
        }
        self.0.push_back((output, now));
        true
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    #[test]
    fn once_a_round_trip() {
        let now = Instant::now();
        let interval = Duration::from_millis(50);
        let mut resent = Resent::default();
        assert!(resent.may_resend(now, 1, interval));
        assert!(!resent.may_resend(now + interval / 2, 1, interval));
        assert!(resent.may_resend(now + interval / 2, 2, interval));
        assert!(resent.may_resend(now + interval, 1, interval));
    }
}
