//! Scores of streams, 0 to 10, with mediasoup's formula.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// A received stream that is silent for longer counts as dead; one that is silent on purpose gets more time.
const INACTIVITY: Duration = Duration::from_millis(1_500);
const INACTIVITY_WITH_DTX: Duration = Duration::from_secs(5);
/// Intervals a score remembers.
const INTERVALS: usize = 24;

/// Counters of a stream, as they grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Of a received stream: packets that should have come. Of a sent one: packets that went out.
    pub(crate) packets: u64,
    /// Lost on the way, whether they were repaired later or not.
    pub(crate) lost: u64,
    /// Lost, then repaired.
    pub(crate) repaired: u64,
    /// Sent again, needed or not.
    pub(crate) retransmitted: u64,
}

impl Totals {
    fn since(self, earlier: Self) -> Self {
        Self {
            packets: self.packets.saturating_sub(earlier.packets),
            lost: self.lost.saturating_sub(earlier.lost),
            repaired: self.repaired.saturating_sub(earlier.repaired),
            retransmitted: self.retransmitted.saturating_sub(earlier.retransmitted),
        }
    }

    /// The fourth power of the share that was delivered. A repaired packet counts the less as delivered, the more there
    /// were of them and the more was sent again in vain.
    fn score(self) -> u8 {
        if self.packets == 0 {
            return 10;
        }
        let packets = self.packets as f64;
        let lost = self.lost.min(self.packets);
        let repaired = self.repaired.min(lost) as f64;
        let useful =
            if self.retransmitted == 0 { 1.0 } else { (repaired / self.retransmitted as f64).min(1.0) };
        let weight = (1.0 / (repaired / packets + 1.0)).powi(4) * useful;
        let delivered = (packets - lost as f64 + repaired * weight) / packets;
        (delivered.powi(4) * 10.0).round() as u8
    }
}

/// Scores of the last intervals; the newer one is, the more it counts.
#[derive(Clone, Debug, Default)]
struct History {
    scores: VecDeque<u8>,
    totals: Totals,
}

impl History {
    fn add(&mut self, totals: Totals) {
        if self.scores.len() == INTERVALS {
            self.scores.pop_front();
        }
        self.scores.push_back(totals.since(std::mem::replace(&mut self.totals, totals)).score());
    }

    /// Full where nothing is known.
    fn value(&self) -> u8 {
        let weighted = self.scores.iter().zip(1_u32..);
        let (sum, weights) = weighted.fold((0, 0), |(sum, weights), (score, weight)| {
            (sum + u32::from(*score) * weight, weights + weight)
        });
        if weights == 0 { 10 } else { ((sum + weights / 2) / weights) as u8 }
    }
}

/// How well a stream arrives.
#[derive(Clone, Debug)]
pub(crate) struct ReceiveScore {
    inactivity: Duration,
    /// `None`: dead, or not begun.
    history: Option<History>,
    last_packet: Option<Instant>,
}

impl ReceiveScore {
    /// `dtx`: whether the sender may fall silent on purpose.
    pub(crate) fn new(dtx: bool) -> Self {
        let inactivity = if dtx { INACTIVITY_WITH_DTX } else { INACTIVITY };
        Self { inactivity, history: None, last_packet: None }
    }

    /// 0: nothing arrives.
    pub(crate) fn value(&self) -> u8 {
        self.history.as_ref().map_or(0, History::value)
    }

    /// A packet came; the first one makes a full score. `totals` are those before it.
    pub(crate) fn on_packet(&mut self, now: Instant, totals: Totals) {
        self.history.get_or_insert_with(|| History { scores: VecDeque::new(), totals });
        self.last_packet = Some(now);
    }

    /// A reporting interval is over.
    pub(crate) fn on_report(&mut self, now: Instant, totals: Totals) {
        let is_alive =
            self.last_packet.is_some_and(|at| now.saturating_duration_since(at) <= self.inactivity);
        match &mut self.history {
            Some(history) if is_alive => history.add(totals),
            _ => self.history = None,
        }
    }
}

/// How well a stream reaches its viewer, by the viewer's reports.
#[derive(Clone, Debug, Default)]
pub(crate) struct SendScore(History);

impl SendScore {
    pub(crate) fn value(&self) -> u8 {
        self.0.value()
    }

    /// The viewer has reported.
    pub(crate) fn on_report(&mut self, totals: Totals) {
        self.0.add(totals);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    fn totals(packets: u64, lost: u64, repaired: u64, retransmitted: u64) -> Totals {
        Totals { packets, lost, repaired, retransmitted }
    }

    #[test]
    fn an_intervals_score_is_mediasoups() {
        for (interval, expected) in [
            (totals(0, 0, 0, 0), 10),
            (totals(100, 0, 0, 0), 10),
            (totals(100, 10, 0, 0), 7),
            (totals(100, 50, 0, 0), 1),
            (totals(100, 100, 0, 0), 0),
            (totals(100, 10, 10, 10), 9),   // all repaired, at a price
            (totals(100, 10, 10, 20), 8),   // twice as many sent as needed
            (totals(100, 10, 100, 100), 7), // claims more than there was to repair
            (totals(100, 200, 0, 0), 0),
        ] {
            assert_eq!(interval.score(), expected, "{interval:?}");
        }
    }

    #[test]
    fn newer_intervals_count_more_and_old_ones_are_forgotten() {
        let mut score = SendScore::default();
        assert_eq!(score.value(), 10);
        let mut sent = Totals::default();
        let mut interval = |score: &mut SendScore, lost| {
            sent = totals(sent.packets + 100, sent.lost + lost, 0, 0);
            score.on_report(sent);
            score.value()
        };
        assert_eq!(interval(&mut score, 100), 0);
        assert_eq!(interval(&mut score, 0), 7, "(0 * 1 + 10 * 2) / 3");
        assert_eq!((0..INTERVALS).map(|_| interval(&mut score, 0)).last(), Some(10));
    }

    #[test]
    fn a_silent_stream_dies_and_begins_anew() {
        let start = Instant::now();
        for (dtx, patience_ms) in [(false, 1_500), (true, 5_000)] {
            let mut score = ReceiveScore::new(dtx);
            assert_eq!(score.value(), 0);
            score.on_packet(start, Totals::default());
            assert_eq!(score.value(), 10);
            let at = |ms| start + Duration::from_millis(ms);
            score.on_report(at(patience_ms), totals(100, 100, 0, 0));
            score.on_packet(at(patience_ms), totals(100, 100, 0, 0));
            assert_eq!(score.value(), 0);
            score.on_report(at(2 * patience_ms + 1), totals(100, 100, 0, 0));
            score.on_packet(at(2 * patience_ms + 1), totals(100, 100, 0, 0));
            assert_eq!(score.value(), 10, "what was before counts no more");
        }
    }
}
