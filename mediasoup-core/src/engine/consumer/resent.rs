//! Which packets were sent again lately: a viewer that asks twice within a round trip gets one.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Packets remembered.
const REMEMBERED_MAX: usize = 256;

/// Whether a packet was sent again before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    First,
    Again,
}

/// The newest retransmissions, by the number they went out under, the latest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resent(VecDeque<(u64, Instant)>);

impl Resent {
    /// A packet is asked for. `None`: it was sent again within `interval`, and is not to be now; else it counts as sent.
    pub(crate) fn resend(&mut self, now: Instant, output: u64, interval: Duration) -> Option<Turn> {
        let known = self.0.iter().position(|(known, _)| *known == output);
        let turn = match known {
            Some(index) if now.saturating_duration_since(self.0[index].1) < interval => return None,
            Some(index) => {
                self.0.remove(index);
                Turn::Again
            }
            None => Turn::First,
        };
        if self.0.len() == REMEMBERED_MAX {
            self.0.pop_front();
        }
        self.0.push_back((output, now));
        Some(turn)
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
        assert_eq!(resent.resend(now, 1, interval), Some(Turn::First));
        assert_eq!(resent.resend(now + interval / 2, 1, interval), None);
        assert_eq!(resent.resend(now + interval / 2, 2, interval), Some(Turn::First));
        assert_eq!(resent.resend(now + interval, 1, interval), Some(Turn::Again));
        assert_eq!(resent.resend(now + interval, 1, interval), None);
        assert_eq!(resent.resend(now + 2 * interval, 1, interval), Some(Turn::Again));
    }
}
