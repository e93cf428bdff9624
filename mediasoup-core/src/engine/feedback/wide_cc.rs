//! Arrival times of a sender's packets, for its own bandwidth estimation.

use std::time::{Duration, Instant};

use crate::engine::{
    loss_share::LossShare,
    rtcp::{Arrival, write_transport_cc},
    rtp::Unwrapper,
};

/// Between two messages.
const INTERVAL: Duration = Duration::from_millis(100);
/// Arrivals that are told at once rather than waited with.
const ARRIVALS_MAX: usize = 256;

/// The receiving side of transport-wide congestion control, of one transport.
#[derive(Debug, Default)]
pub(crate) struct WideCcReceiver {
    line: Unwrapper,
    /// Ascending by sequence.
    arrivals: Vec<Arrival>,
    /// The first number that was not told of.
    base: Option<u64>,
    feedback_count: u8,
    media_ssrc: u32,
    due: Option<Instant>,
    loss: Loss,
}

/// Share of numbered packets that did not come, lately.
#[derive(Debug, Default)]
struct Loss {
    /// The last number that was counted.
    counted: Option<u64>,
    share: LossShare,
}

impl Loss {
    /// A message tells of `received` packets, the last of them with this number.
    fn on_message(&mut self, last: u64, received: usize) {
        let Some(counted) = self.counted.replace(self.counted.unwrap_or(last).max(last)) else { return };
        // Nothing was expected of stragglers.
        self.share.on_message(last.saturating_sub(counted), received);
    }
}

impl WideCcReceiver {
    /// A packet with a transport-wide number came.
    pub(crate) fn on_packet(&mut self, now: Instant, since_epoch: Duration, sequence_number: u16, ssrc: u32) {
        let sequence = self.line.unwrap(sequence_number);
        let arrival = Arrival { sequence, at: since_epoch };
        match self.arrivals.binary_search_by_key(&sequence, |known| known.sequence) {
            Ok(_) => return,
            Err(index) => self.arrivals.insert(index, arrival),
        }
        self.media_ssrc = ssrc;
        let at = if self.arrivals.len() >= ARRIVALS_MAX { now } else { now + INTERVAL };
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// 0.0 (none) to 1.0 (all), over the last second; `None` without numbered packets.
    pub(crate) fn packet_loss(&self) -> Option<f64> {
        self.loss.share.get()
    }

    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.due
    }

    /// Appends the messages that are due; each becomes a datagram of its own by `message`.
    pub(crate) fn write_due(&mut self, now: Instant, mut message: impl FnMut(&mut dyn FnMut(&mut Vec<u8>))) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        self.due = None;
        if let Some(last) = self.arrivals.last() {
            self.loss.on_message(last.sequence, self.arrivals.len());
        }
        let mut rest = &self.arrivals[..];
        while let Some(first) = rest.first() {
            // A late packet is told of again from where it is.
            let base = self.base.unwrap_or(first.sequence).min(first.sequence);
            let mut covered = 0;
            message(&mut |buffer| {
                covered = write_transport_cc(buffer, self.media_ssrc, self.feedback_count, base, rest);
            });
            if covered == 0 {
                break; // nothing was taken: the transport cannot send
            }
            self.feedback_count = self.feedback_count.wrapping_add(1);
            self.base = Some(rest[covered - 1].sequence + 1);
            rest = &rest[covered..];
        }
        self.arrivals.clear();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    fn messages(receiver: &mut WideCcReceiver, now: Instant) -> Vec<(u16, u16, u8)> {
        let mut found = Vec::new();
        receiver.write_due(now, |write| {
            let mut buffer = Vec::new();
            write(&mut buffer);
            let half = |index: usize| u16::from_be_bytes([buffer[index], buffer[index + 1]]);
            found.push((half(12), half(14), buffer[19]));
        });
        found
    }

    #[test]
    fn tells_every_tenth_of_a_second_without_a_gap_between_messages() {
        let start = Instant::now();
        let mut receiver = WideCcReceiver::default();
        assert_eq!(receiver.next_due(), None);
        for (sequence_number, ms) in [(65_534, 0), (65_535, 10), (1, 20)] {
            let after = Duration::from_millis(ms);
            receiver.on_packet(start + after, after, sequence_number, 7);
        }
        assert_eq!(receiver.next_due(), Some(start + INTERVAL));
        assert_eq!(messages(&mut receiver, start + INTERVAL / 2), []);
        assert_eq!(messages(&mut receiver, start + INTERVAL), [(65_534, 4, 0)]);
        let after = Duration::from_millis(150);
        receiver.on_packet(start + after, after, 4, 7);
        assert_eq!(messages(&mut receiver, start + 3 * INTERVAL), [(2, 3, 1)], "2 and 3 are lost");
    }

    #[test]
    fn many_arrivals_do_not_wait() {
        let start = Instant::now();
        let mut receiver = WideCcReceiver::default();
        for sequence_number in 0..ARRIVALS_MAX as u16 {
            receiver.on_packet(start, Duration::ZERO, sequence_number, 7);
        }
        assert_eq!(receiver.next_due(), Some(start));
        assert_eq!(messages(&mut receiver, start), [(0, 256, 0)]);
    }

    #[test]
    fn loss_is_of_numbers_that_did_not_come() {
        let start = Instant::now();
        let mut receiver = WideCcReceiver::default();
        let mut now = start;
        for number in 0..1_000_u16 {
            now += Duration::from_millis(10);
            if number % 4 != 0 {
                receiver.on_packet(now, now - start, number, 1);
            }
            messages(&mut receiver, now);
        }
        let loss = receiver.packet_loss().unwrap();
        assert!((loss - 0.25).abs() < 0.03, "{loss}");
    }
}
