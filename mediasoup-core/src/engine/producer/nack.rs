//! Which packets of a stream are missing, and when to ask for them (RFC 4585).

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Most packets waited for at a time; with more missing a key frame is cheaper.
const MISSING_MAX: usize = 1_000;
/// A packet is asked for at most this often.
const REQUESTS_MAX: u8 = 10;
/// A packet this far behind the newest is given up.
const AGE_MAX: u64 = 10_000;
/// Never asks twice within less than this, however short the round trip.
const RETRY_MIN: Duration = Duration::from_millis(20);
/// Beyond a round trip: libwebrtc does not hear of a packet again within its round trip and 5 ms since it sent it last, and it may
/// have let that one wait for some ms.
const RETRY_MARGIN: Duration = Duration::from_millis(15);
/// So many requests come as soon as they can, lest the picture stops where several repairs in a row are lost; then their path may be
/// the matter, and each next one waits longer.
const PROMPT_REQUESTS: u8 = 3;

#[derive(Clone, Copy, Debug)]
struct Missing {
    since: Instant,
    next_request: Instant,
    requests: u8,
}

/// The packets of one stream that did not come.
#[derive(Clone, Debug, Default)]
pub(crate) struct NackGenerator {
    newest: Option<u64>,
    missing: BTreeMap<u64, Missing>,
}

/// What a packet meant for those that are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// In order, or the first.
    InOrder,
    /// It was missing; `asked` tells whether it had been asked for.
    Repaired { asked: bool },
    /// It opened a gap.
    Gap,
    /// So much is missing that only a key frame helps; nothing is waited for any more.
    GaveUp,
    /// So far ahead that it does not follow on what came before: the sender began anew.
    Jump,
    /// Older than the newest and not missed: given up before, or here twice.
    NotMissed,
}

impl NackGenerator {
    /// A packet came, with its number on the stream's line.
    pub(crate) fn on_packet(&mut self, now: Instant, sequence: u64) -> Outcome {
        let Some(newest) = self.newest else {
            self.newest = Some(sequence);
            return Outcome::InOrder;
        };
        if sequence <= newest {
            return match self.missing.remove(&sequence) {
                Some(missing) => Outcome::Repaired { asked: missing.requests > 0 },
                None => Outcome::NotMissed,
            };
        }
        self.newest = Some(sequence);
        self.forget_before(sequence.saturating_sub(AGE_MAX));
        let gap = newest + 1..sequence;
        if gap.is_empty() {
            return Outcome::InOrder;
        }
        let gap_len = gap.end - gap.start;
        if self.missing.len() as u64 + gap_len > MISSING_MAX as u64 {
            self.missing.clear();
            return if gap_len > MISSING_MAX as u64 { Outcome::Jump } else { Outcome::GaveUp };
        }
        self.missing.extend(gap.map(|lost| (lost, Missing { since: now, next_request: now, requests: 0 })));
        Outcome::Gap
    }

    /// The newest packet, on the stream's line.
    pub(crate) fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// Since when the packet is missing that is waited for longest.
    pub(crate) fn waiting_since(&self) -> Option<Instant> {
        self.missing.first_key_value().map(|(_, missing)| missing.since)
    }

    /// What came before a key frame need not be repaired any more.
    pub(crate) fn on_key_frame(&mut self, sequence: u64) {
        self.forget_before(sequence);
    }

    fn forget_before(&mut self, sequence: u64) {
        while let Some(entry) = self.missing.first_entry() {
            if *entry.key() >= sequence {
                break;
            }
            entry.remove();
        }
    }

    /// Puts the packets to be asked for now into `lost`, ascending. They are due again after a round trip, later after
    /// growing waits.
    pub(crate) fn take_due(&mut self, now: Instant, round_trip: Duration, lost: &mut Vec<u16>) {
        self.missing.retain(|sequence, missing| {
            if missing.next_request > now {
                return true;
            }
            if missing.requests == REQUESTS_MAX {
                return false;
            }
            missing.requests += 1;
            let late = missing.requests.saturating_sub(PROMPT_REQUESTS);
            let wait = round_trip.max(RETRY_MIN).mul_f32(1.0 + 0.25 * f32::from(late));
            missing.next_request = now + wait + RETRY_MARGIN;
            lost.push(*sequence as u16);
            true
        });
    }

    /// When the next packet is to be asked for.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.missing.values().map(|missing| missing.next_request).min()
    }

    /// Forgets everything: the stream was paused, or starts anew.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    const RTT: Duration = Duration::from_millis(50);

    fn due(generator: &mut NackGenerator, now: Instant) -> Vec<u16> {
        let mut lost = Vec::new();
        generator.take_due(now, RTT, &mut lost);
        lost
    }

    #[test]
    fn asks_at_once_then_after_a_round_trip_then_gives_up() {
        let start = Instant::now();
        let mut generator = NackGenerator::default();
        assert_eq!(generator.on_packet(start, 100), Outcome::InOrder);
        assert_eq!(generator.on_packet(start, 103), Outcome::Gap);
        assert_eq!(due(&mut generator, start), [101, 102]);
        let too_soon_for_libwebrtc = start + RTT + Duration::from_millis(10);
        assert_eq!(due(&mut generator, too_soon_for_libwebrtc), [] as [u16; 0]);
        assert_eq!(generator.on_packet(start, 101), Outcome::Repaired { asked: true });
        assert_eq!(generator.on_packet(start, 101), Outcome::NotMissed);
        let mut asked_at = vec![start];
        while let Some(next) = generator.next_due() {
            if !due(&mut generator, next).is_empty() {
                asked_at.push(next);
            }
        }
        let waits: Vec<_> = asked_at.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect();
        assert_eq!(waits, [65, 65, 65, 77, 90, 102, 115, 127, 140]);
    }

    #[test]
    fn reordering_is_repaired_without_having_been_asked_for() {
        let start = Instant::now();
        let mut generator = NackGenerator::default();
        generator.on_packet(start, 100);
        generator.on_packet(start, 102);
        assert_eq!(generator.on_packet(start, 101), Outcome::Repaired { asked: false });
        assert_eq!(generator.next_due(), None);
    }

    #[test]
    fn too_much_missing_wants_a_key_frame() {
        let start = Instant::now();
        let mut generator = NackGenerator::default();
        generator.on_packet(start, 100);
        assert_eq!(generator.on_packet(start, 101 + MISSING_MAX as u64), Outcome::Gap);
        assert_eq!(generator.on_packet(start, 103 + MISSING_MAX as u64), Outcome::GaveUp);
        assert_eq!(generator.next_due(), None);
        assert_eq!(generator.on_packet(start, 105 + 2 * MISSING_MAX as u64), Outcome::Jump);
        assert_eq!(generator.next_due(), None);
    }

    #[test]
    fn a_key_frame_makes_older_packets_unneeded() {
        let start = Instant::now();
        let mut generator = NackGenerator::default();
        generator.on_packet(start, 100);
        generator.on_packet(start, 105);
        generator.on_key_frame(105);
        assert_eq!(generator.next_due(), None);
    }
}
