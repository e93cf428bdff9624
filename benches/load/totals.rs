//! What is counted.

use crate::histogram::Histogram;

/// Of one thread, or of all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// RTP packets that publishers sent.
    pub(crate) sent: u64,
    pub(crate) sent_bytes: u64,
    /// That the socket did not take.
    pub(crate) unsent: u64,
    /// RTP packets of streams that viewers watch.
    pub(crate) received: u64,
    pub(crate) received_bytes: u64,
    /// RTP packets of other streams: retransmissions and probes.
    pub(crate) other: u64,
    /// Of the streams, by their sequence numbers.
    pub(crate) expected: u64,
    pub(crate) lost: u64,
    /// That did not open, of those that were to be.
    pub(crate) unopened: u64,
    /// Messages of transport-wide congestion control that viewers sent.
    pub(crate) feedback: u64,
    /// Nanoseconds from a publisher's send to a viewer's socket.
    pub(crate) latency: Histogram,
    /// Nanoseconds from when a frame was due to when it was sent.
    pub(crate) lateness: Histogram,
    /// Nanoseconds from when a viewer began to connect to its first packet.
    pub(crate) first_rtp: Histogram,
}

impl Totals {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.sent += other.sent;
        self.sent_bytes += other.sent_bytes;
        self.unsent += other.unsent;
        self.received += other.received;
        self.received_bytes += other.received_bytes;
        self.other += other.other;
        self.expected += other.expected;
        self.lost += other.lost;
        self.unopened += other.unopened;
        self.feedback += other.feedback;
        self.latency.merge(&other.latency);
        self.lateness.merge(&other.lateness);
        self.first_rtp.merge(&other.first_rtp);
    }

    /// Begins anew, but for what is counted from the very beginning.
    pub(crate) fn restart(&mut self) {
        let first_rtp = std::mem::take(&mut self.first_rtp);
        *self = Self { first_rtp, ..Self::default() };
    }
}

/// Packets of streams, between two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Losses {
    pub(crate) expected: u64,
    pub(crate) lost: u64,
}

impl Losses {
    pub(crate) fn add(&mut self, more: Self) {
        self.expected += more.expected;
        self.lost += more.lost;
    }

    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            expected: self.expected.saturating_sub(earlier.expected),
            // What came late has made good what was lost before.
            lost: self.lost.saturating_sub(earlier.lost),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_beginning_keeps_the_first_packets() {
        let mut totals = Totals { sent: 1, ..Totals::default() };
        totals.first_rtp.record(5);
        totals.latency.record(5);
        totals.restart();
        assert_eq!((totals.sent, totals.latency.len(), totals.first_rtp.len()), (0, 0, 1));
    }

    #[test]
    fn losses_are_those_in_between() {
        let at = |expected, lost| Losses { expected, lost };
        assert_eq!(at(100, 7).since(at(40, 5)), at(60, 2));
        assert_eq!(at(100, 4).since(at(40, 5)), at(60, 0));
    }
}
