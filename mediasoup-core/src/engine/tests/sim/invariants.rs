//! What must hold for every packet that a viewer is sent.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use super::{super::*, viewer::AUDIO_SSRC};
use crate::engine::rtp::Unwrapper;

/// Of the budget, over a second; and what a picture may be above it, bytes.
const OVERRUN: f64 = 1.25;
const PICTURE: f64 = 40_000.0;
/// So long the budget may be exceeded.
const EXCESS_MAX: Duration = Duration::from_secs(1);

/// What was sent under a number.
#[derive(Clone, Copy, Debug)]
struct Sent {
    timestamp: u32,
    picture_id: u16,
    size: u8,
    is_key: bool,
    at: Instant,
}

pub(super) struct Invariants {
    /// Nothing is lost on the way to the server: no number may be missing.
    is_whole: bool,
    line: Unwrapper,
    video: BTreeMap<u64, Sent>,
    repaired: BTreeSet<u64>,
    /// Numbers that went out with nothing under them: what was there is not of the viewer's layers.
    empty: BTreeSet<u64>,
    /// From when on no picture may be larger than this.
    pub(super) largest: Option<(Instant, u8)>,
    sounds: u64,
    sounds_lost: u64,
    /// Bytes of the last second, and when.
    recent: VecDeque<(Instant, usize)>,
    recent_bytes: usize,
    budget: VecDeque<(Instant, u64)>,
    exceeded_since: Option<Instant>,
    start: Instant,
}

impl Invariants {
    pub(super) fn new(start: Instant, is_whole: bool) -> Self {
        Self {
            is_whole,
            line: Unwrapper::default(),
            video: BTreeMap::new(),
            repaired: BTreeSet::new(),
            empty: BTreeSet::new(),
            largest: None,
            sounds: 0,
            sounds_lost: 0,
            recent: VecDeque::new(),
            recent_bytes: 0,
            budget: VecDeque::new(),
            exceeded_since: None,
            start,
        }
    }

    /// A packet goes out; `limit`: the budget, bit/s. Gives the size of the picture it is of.
    pub(super) fn on_sent(&mut self, now: Instant, bytes: &[u8], limit: Option<u64>) -> Option<u8> {
        let packet = RtpPacket::parse(bytes).expect("it is RTP");
        match packet.ssrc {
            AUDIO_SSRC => {
                self.sounds += 1;
                return None;
            }
            CONSUMER_SSRC => {}
            CONSUMER_RTX_SSRC | 1234 => {
                if packet.ssrc == CONSUMER_RTX_SSRC {
                    let number = u16::from_be_bytes(*packet.payload.first_chunk().expect("it repairs one"));
                    let newest = *self.video.last_key_value().expect("it was sent").0;
                    self.repaired.insert(Unwrapper::near(newest, number));
                }
                self.on_budget(now, bytes.len(), limit);
                return None;
            }
            other => panic!("nobody consumes {other}"),
        }
        self.on_budget(now, bytes.len(), limit);
        let sequence = self.line.unwrap(packet.sequence_number);
        if packet.payload.is_empty() {
            assert!(self.empty.insert(sequence), "{sequence} went out twice");
            return None;
        }
        let size = packet.payload[7];
        let picture_id = u16::from_be_bytes([packet.payload[2] & 0x7F, packet.payload[3]]);
        let is_key = packet.payload[6] == 0;
        let sent = Sent { timestamp: packet.timestamp, picture_id, size, is_key, at: now };
        if let Some((from, largest)) = self.largest.filter(|(from, _)| *from <= now) {
            assert!(size <= largest, "{sequence} is of size {size}, {:?} too late", now - from);
        }
        assert!(self.video.insert(sequence, sent).is_none(), "{sequence} went out twice");
        Some(size)
    }

    /// What became of a packet that went out.
    pub(super) fn on_fate(&mut self, bytes: &[u8], arrives: bool) {
        let is_sound = RtpPacket::parse(bytes).expect("it is RTP").ssrc == AUDIO_SSRC;
        self.sounds_lost += u64::from(is_sound && !arrives);
    }

    /// The budget is never exceeded for longer than a second.
    fn on_budget(&mut self, now: Instant, len: usize, limit: Option<u64>) {
        const WINDOW: Duration = Duration::from_secs(1);
        self.recent.push_back((now, len));
        self.recent_bytes += len;
        while let Some((_, len)) = self.recent.pop_front_if(|(at, _)| now - *at > WINDOW) {
            self.recent_bytes -= len;
        }
        self.budget.push_back((now, limit.unwrap_or(u64::MAX)));
        while self.budget.pop_front_if(|(at, _)| now - *at > WINDOW).is_some() {}
        let most = self.budget.iter().map(|(_, limit)| *limit).max().unwrap_or(u64::MAX);
        let is_exceeded = self.recent_bytes as f64 > OVERRUN * most as f64 / 8.0 + PICTURE;
        if !is_exceeded {
            self.exceeded_since = None;
            return;
        }
        let since = *self.exceeded_since.get_or_insert(now);
        assert!(
            now - since <= EXCESS_MAX,
            "{} bit/s of {most} for {:?}, {:?} after the start",
            8 * self.recent_bytes,
            now - since,
            now - self.start,
        );
    }

    /// What went out, in the order of its numbers, is one stream; sound that was sent has arrived.
    pub(super) fn at_the_end(&self, sounds: u64, sounds_in: u64) {
        /// What comes so late after the end of an encoding, is not sent on any more.
        const OVERTAKEN: Duration = Duration::from_millis(100);
        let all: Vec<_> = self.video.iter().collect();
        for (index, pair) in all.windows(2).enumerate() {
            let [(last_sequence, last), (next_sequence, next)] = pair else { unreachable!() };
            let end = all[index + 1..].iter().take_while(|(_, sent)| !sent.is_key).last();
            let ends_here = end.is_none_or(|(_, end)| end.at - last.at < OVERTAKEN);
            let is_next = **next_sequence == **last_sequence + 1;
            let is_late = all.last().is_some_and(|(_, sent)| sent.at - last.at < Duration::from_secs(2));
            let is_repaired = (*last_sequence + 1..**next_sequence)
                .all(|missing| self.repaired.contains(&missing) || self.empty.contains(&missing));
            assert!(
                is_next || is_repaired || is_late || ends_here || !self.is_whole,
                "a gap after {last_sequence}, {last:?}, then {next_sequence}"
            );
            assert!(
                next.size == last.size || next.is_key || !is_next,
                "{last_sequence} {last:?} then {next:?}"
            );
            let passed = next.timestamp.wrapping_sub(last.timestamp).cast_signed();
            assert!(passed >= 0, "time goes back: {last_sequence} {last:?} then {next:?}");
            let pictures = next.picture_id.wrapping_sub(last.picture_id) & 0x7FFF;
            if is_next {
                let is_same = passed == 0 && last.size == next.size;
                assert!(pictures == u16::from(!is_same), "{last_sequence} {last:?} then {next:?}");
            }
        }
        // The first ones may be turned round.
        assert!(self.sounds + 5 >= sounds_in, "{} of {sounds_in} sounds went on", self.sounds);
        assert!(sounds + self.sounds_lost + 50 >= self.sounds, "{sounds} of {} sounds", self.sounds);
    }
}
