//! Groups of packets that were sent together, and how much further apart they arrive than they were sent
//! (draft-ietf-rmcat-gcc-02 §5.2, §5.3).

use std::time::{Duration, Instant};

/// Packets sent within this are one group.
const BURST: Duration = Duration::from_millis(5);
/// Packets that waited somewhere and arrive at once are one group too, up to this.
const BURST_ARRIVAL_MAX_US: i64 = 100_000;

/// How one group followed on another, ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Delta {
    pub(super) sent: f64,
    pub(super) arrived: f64,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: Instant,
    last_sent: Instant,
    first_arrived_us: i64,
    last_arrived_us: i64,
}

/// The newest two groups.
#[derive(Debug, Default)]
pub(super) struct InterArrival {
    current: Option<Group>,
    previous: Option<Group>,
}

impl InterArrival {
    /// What comes next is not to be compared with what came before.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// A packet arrived. Gives how the last complete group followed on the one before, where this packet begins another.
    pub(super) fn on_packet(&mut self, sent: Instant, arrived_us: i64) -> Option<Delta> {
        let fresh = Group {
            first_sent: sent,
            last_sent: sent,
            first_arrived_us: arrived_us,
            last_arrived_us: arrived_us,
        };
        let Some(current) = &mut self.current else {
            self.current = Some(fresh);
            return None;
        };
        if sent < current.first_sent {
            return None; // reordered
        }
        if !current.ends_before(sent, arrived_us) {
            current.last_sent = current.last_sent.max(sent);
            current.last_arrived_us = arrived_us;
            return None;
        }
        let complete = std::mem::replace(current, fresh);
        let previous = self.previous.replace(complete)?;
        let arrived = (complete.last_arrived_us - previous.last_arrived_us) as f64 / 1_000.0;
        let sent = complete.last_sent.saturating_duration_since(previous.last_sent).as_secs_f64() * 1_000.0;
        Some(Delta { sent, arrived })
    }
}

impl Group {
    /// The packet is of another group.
    fn ends_before(&self, sent: Instant, arrived_us: i64) -> bool {
        let sent_after_us = sent.saturating_duration_since(self.last_sent).as_micros() as i64;
        let arrived_after_us = arrived_us - self.last_arrived_us;
        let waited = arrived_after_us < sent_after_us
            && arrived_after_us <= BURST.as_micros() as i64
            && arrived_us - self.first_arrived_us < BURST_ARRIVAL_MAX_US;
        sent_after_us > 0 && !waited && sent.saturating_duration_since(self.first_sent) > BURST
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    #[test]
    fn compares_groups_not_packets() {
        let start = Instant::now();
        let mut arrival = InterArrival::default();
        let mut deltas = Vec::new();
        // Three bursts of three, 20 ms apart; the last one takes 7 ms longer.
        for (sent_ms, arrived_ms) in
            [(0, 50), (1, 51), (2, 52), (20, 70), (21, 71), (22, 72), (40, 97), (41, 98), (60, 117)]
        {
            deltas.extend(arrival.on_packet(start + Duration::from_millis(sent_ms), arrived_ms * 1_000));
        }
        assert_eq!(deltas, [Delta { sent: 20.0, arrived: 20.0 }, Delta { sent: 19.0, arrived: 26.0 }]);
    }
}
