//! What was sent lately under transport-wide numbers, until the viewer tells what became of it.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::engine::{rtcp::Arrivals, rtp::Unwrapper};

/// Packets remembered: at 10 Mbit/s more than 5 s.
const PACKETS_MAX: usize = 8_192;
/// What has not been told of within this is forgotten.
const AGE_MAX: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Unknown,
    Lost,
    Arrived,
}

/// Small: there is one for each packet of some seconds, to each viewer.
#[derive(Clone, Copy, Debug)]
struct Sent {
    /// µs since [`SentPackets::since`], wrapping.
    at_us: u32,
    len: u16,
    cluster: u8,
    fate: Fate,
}

impl Sent {
    /// `now_us`: by the same clock.
    fn age(self, now_us: u64) -> Duration {
        Duration::from_micros((now_us as u32).wrapping_sub(self.at_us).into())
    }
}

/// A packet that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delivered {
    pub(super) sent: Instant,
    /// µs by the viewer's clock.
    pub(super) arrived_us: i64,
    /// Bytes.
    pub(super) len: u16,
    /// The probe it was part of; 0: none.
    pub(super) cluster: u8,
}

/// What one message of feedback tells.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// In the order of arrival.
    pub(super) delivered: Vec<Delivered>,
    /// Missing for the first time.
    pub(super) lost: u32,
    /// Counted as lost before, and now here.
    pub(super) found: u32,
}

/// Numbers of packets, and the packets that went out under them.
#[derive(Debug)]
pub(super) struct SentPackets {
    since: Instant,
    /// The number of the next packet, on a line that does not wrap.
    next: u64,
    packets: VecDeque<Sent>,
    /// The reference time of the newest feedback, on a line that does not wrap, units of 64 ms.
    reference: Option<i64>,
}

impl SentPackets {
    /// See [`Peer::touch`](crate::engine::peer::Peer::touch).
    pub(super) fn touch(&self) -> u64 {
        self.next ^ self.packets.back().map_or(0, |sent| sent.len as u64)
    }

    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, next: 0, packets: VecDeque::new(), reference: None }
    }

    /// µs since [`SentPackets::since`].
    fn clock_us(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.since).as_micros() as u64
    }

    pub(super) fn next_number(&self) -> u16 {
        self.next as u16
    }

    /// The packet with [`SentPackets::next_number`] went out.
    pub(super) fn push(&mut self, now: Instant, len: usize, cluster: u8) {
        if self.packets.len() == PACKETS_MAX {
            self.packets.pop_front();
        }
        let len = u16::try_from(len).unwrap_or(u16::MAX);
        let at_us = self.clock_us(now) as u32;
        self.packets.push_back(Sent { at_us, len, cluster, fate: Fate::Unknown });
        self.next += 1;
    }

    /// What went out in the last second, bit/s.
    pub(super) fn bitrate(&self, now: Instant) -> f64 {
        const WINDOW: Duration = Duration::from_secs(1);
        let now_us = self.clock_us(now);
        let recent = self.packets.iter().rev();
        let recent = recent.take_while(|sent| sent.age(now_us) <= WINDOW);
        recent.map(|sent| 8.0 * f64::from(sent.len)).sum()
    }

    /// How long ago the oldest packet went out of which nothing is known.
    pub(super) fn oldest_unknown(&self, now: Instant) -> Option<Duration> {
        let now_us = self.clock_us(now);
        let oldest = self.packets.iter().find(|sent| sent.fate == Fate::Unknown);
        oldest.map(|sent| sent.age(now_us))
    }

    /// Takes a message's news into `outcome`, whose buffer is used again.
    pub(super) fn on_feedback(&mut self, now: Instant, arrivals: Arrivals<'_>, outcome: &mut Outcome) {
        outcome.delivered.clear();
        (outcome.lost, outcome.found) = (0, 0);
        let now_us = self.clock_us(now);
        let now_since = Duration::from_micros(now_us);
        while self.packets.front().is_some_and(|sent| sent.age(now_us) > AGE_MAX) {
            self.packets.pop_front();
        }
        let turns_us = self.unwrap_reference(arrivals.reference) * 64_000;
        let first = self.next - self.packets.len() as u64;
        // Beyond what was sent nothing is believed, and no work is done for it.
        for (number, arrived) in arrivals.packets().take(PACKETS_MAX) {
            let sequence = Unwrapper::near(self.next, number);
            let Some(sent) = sequence
                .checked_sub(first)
                .and_then(|index| self.packets.get_mut(usize::try_from(index).ok()?))
            else {
                continue;
            };
            match (arrived, sent.fate) {
                (Some(arrived), Fate::Unknown | Fate::Lost) => {
                    outcome.found += u32::from(sent.fate == Fate::Lost);
                    sent.fate = Fate::Arrived;
                    outcome.delivered.push(Delivered {
                        sent: self.since + now_since.saturating_sub(sent.age(now_us)),
                        arrived_us: turns_us + arrived,
                        len: sent.len,
                        cluster: sent.cluster,
                    });
                }
                (None, Fate::Unknown) => {
                    sent.fate = Fate::Lost;
                    outcome.lost += 1;
                }
                _ => {}
            }
        }
        outcome.delivered.sort_unstable_by_key(|packet| packet.arrived_us);
    }

    /// Whole turns of the 24 bits of reference times, in their units, that a message's times are to be moved by.
    fn unwrap_reference(&mut self, reference: u32) -> i64 {
        let reference = i64::from(reference);
        let known = self.reference.unwrap_or(reference);
        let step = (reference - known) & 0x00FF_FFFF;
        let step = if step >= 1 << 23 { step - (1 << 24) } else { step };
        let unwrapped = known + step;
        self.reference = Some(unwrapped);
        unwrapped - reference
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;
    use crate::engine::rtcp::{Arrival, Packet, packets, write_transport_cc};

    fn feedback(
        sent: &mut SentPackets,
        now: Instant,
        base: u64,
        arrivals: &[(u64, u64)],
    ) -> (Vec<i64>, u32, u32) {
        let arrivals: Vec<_> = arrivals
            .iter()
            .map(|(sequence, ms)| Arrival { sequence: *sequence, at: Duration::from_millis(*ms) })
            .collect();
        let mut buffer = Vec::new();
        write_transport_cc(&mut buffer, 1, 0, base, &arrivals);
        let mut outcome = Outcome::default();
        packets(&buffer, |packet| {
            if let Packet::TransportCc(arrivals) = packet {
                sent.on_feedback(now, arrivals, &mut outcome);
            }
        });
        (
            outcome.delivered.iter().map(|packet| packet.arrived_us / 1_000).collect(),
            outcome.lost,
            outcome.found,
        )
    }

    #[test]
    fn each_packet_counts_once() {
        let now = Instant::now();
        let mut sent = SentPackets::new(now);
        for _ in 0..10 {
            sent.push(now, 1_000, 0);
        }
        assert_eq!(feedback(&mut sent, now, 0, &[(0, 100), (1, 105), (3, 103)]), (vec![100, 103, 105], 1, 0));
        assert_eq!(feedback(&mut sent, now, 1, &[(1, 105), (2, 110), (4, 112)]), (vec![110, 112], 0, 1));
        assert_eq!(feedback(&mut sent, now, 4, &[(20, 200)]), (vec![], 5, 0), "not sent, not believed");
    }

    #[test]
    fn times_go_on_where_the_reference_wraps() {
        let now = Instant::now();
        let mut sent = SentPackets::new(now);
        sent.push(now, 1_000, 0);
        sent.push(now, 1_000, 0);
        let turn_ms = 64 << 24;
        assert_eq!(feedback(&mut sent, now, 0, &[(0, turn_ms - 64)]).0, [(turn_ms - 64) as i64]);
        assert_eq!(feedback(&mut sent, now, 1, &[(1, turn_ms + 64)]).0, [(turn_ms + 64) as i64]);
    }
}
