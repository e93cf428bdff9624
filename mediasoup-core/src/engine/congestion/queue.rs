//! A queue that stands on the way: full from the first on, it shows no trend, only packets that take longer than they
//! once did.

use std::{collections::VecDeque, time::Duration};

/// Packets that take so much longer than the fastest stand in a queue.
const QUEUE_MAX: Duration = Duration::from_millis(100);
/// One that is there for so long does not drain by itself.
const STANDS: Duration = Duration::from_millis(300);
/// The fastest is looked for among packets of so long.
const MEMORY_US: i64 = 20_000_000;
/// Parts of the memory: the fastest of each is kept.
const PART_US: i64 = 1_000_000;
/// A queue that is as long as before after so many cuts, and loses nothing, is no queue: the way has become longer.
const CUTS_WHOLE_MAX: u32 = 3;
/// Even if packets are lost: not by the queue then.
const CUTS_MAX: u32 = 12;

/// The detector. A packet's travel is the time between its departure by our clock and its arrival by the viewer's:
/// only differences mean something.
#[derive(Debug, Default)]
pub(super) struct StandingQueue {
    /// When each part of the memory began, and the fastest travel in it, µs; oldest first.
    fastest: VecDeque<(i64, i64)>,
    /// How much longer than the fastest packets take now, µs, where that is slow.
    excess_us: Option<i64>,
    /// Since when, by the viewer's clock, they are slow, or less was sent because of it.
    slow_since_us: Option<i64>,
    cuts: u32,
    /// Of before the first cut.
    first_excess_us: i64,
    has_lost: bool,
}

impl StandingQueue {
    /// The packets of one message of feedback: when the newest arrived, the travel of the fastest, µs, and whether any was lost.
    /// Gives whether a queue stands.
    pub(super) fn on_packets(&mut self, arrived_us: i64, travel_us: i64, has_lost: bool) -> bool {
        self.remember(arrived_us, travel_us);
        let fastest = self.fastest.iter().map(|(_, travel)| *travel).min().unwrap_or(travel_us);
        let excess = travel_us - fastest;
        self.excess_us = Some(excess).filter(|excess| *excess > QUEUE_MAX.as_micros() as i64);
        if self.excess_us.is_none() {
            (self.slow_since_us, self.cuts, self.has_lost) = (None, 0, false);
            return false;
        }
        self.has_lost |= has_lost;
        let since = *self.slow_since_us.get_or_insert(arrived_us);
        arrived_us - since > STANDS.as_micros() as i64
    }

    /// Packets are slow now.
    pub(super) fn is_slow(&self) -> bool {
        self.excess_us.is_some()
    }

    /// Less is sent because of it: what is on its way already is still slow.
    pub(super) fn on_cut(&mut self) {
        let excess = self.excess_us.unwrap_or(0);
        if self.cuts == 0 {
            self.first_excess_us = excess;
        }
        self.slow_since_us = None;
        self.cuts += 1;
        let is_no_shorter = 10 * excess > 9 * self.first_excess_us;
        let cuts_max = if is_no_shorter && !self.has_lost { CUTS_WHOLE_MAX } else { CUTS_MAX };
        if self.cuts > cuts_max {
            *self = Self::default();
        }
    }

    fn remember(&mut self, arrived_us: i64, travel_us: i64) {
        match self.fastest.back_mut() {
            Some((began, fastest)) if arrived_us - *began < PART_US => *fastest = travel_us.min(*fastest),
            _ => self.fastest.push_back((arrived_us, travel_us)),
        }
        while self.fastest.front().is_some_and(|(began, _)| arrived_us - began > MEMORY_US) {
            self.fastest.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages each 100 ms, with how long their packets took; gives when a queue stood.
    fn stood(queue: &mut StandingQueue, travels_ms: impl IntoIterator<Item = i64>) -> Vec<usize> {
        let messages = travels_ms.into_iter().enumerate();
        messages
            .filter(|(index, ms)| queue.on_packets(*index as i64 * 100_000, ms * 1_000 - 77_000_000, false))
            .map(|(index, _)| index)
            .collect()
    }

    #[test]
    fn a_queue_stands_that_does_not_drain() {
        let spikes = (0..100).map(|index| if index % 4 == 0 { 30 } else { 300 });
        assert!(stood(&mut StandingQueue::default(), spikes).is_empty());
        let stands = (0..20).map(|index| if index < 10 { 30 } else { 300 });
        assert_eq!(stood(&mut StandingQueue::default(), stands).first(), Some(&14));
    }

    #[test]
    fn a_way_that_has_become_longer_is_no_queue_for_long() {
        for (has_lost, most) in [(false, CUTS_WHOLE_MAX), (true, CUTS_MAX)] {
            let mut queue = StandingQueue::default();
            queue.on_packets(0, 30_000, false);
            let mut cuts = 0;
            for tenth in 1..200 {
                if queue.on_packets(tenth * 100_000, 300_000, has_lost) {
                    queue.on_cut();
                    cuts += 1;
                }
            }
            assert_eq!(cuts, most + 1);
        }
    }
}
