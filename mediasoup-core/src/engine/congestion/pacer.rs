//! Video on its way out, spread over time: a picture must not fill the queue that sound stands in.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::engine::rtp::{RtpPacket, abs_send_time, stamp};

/// What may go out at once, as time at the pacing rate; and in bytes, whatever the rate.
const BURST: Duration = Duration::from_millis(5);
const BURST_MIN: f64 = 2_500.0;
/// What may wait: packets, bytes.
const PACKETS_MAX: usize = 1_000;
const BYTES_MAX: usize = 1 << 20;
/// What has waited longer is of no use to anybody: by then, the viewer does better to begin anew.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// Of the pacing rate, what repairs may take; and what they may take at once, bytes.
const REPAIR_SHARE: f64 = 0.15;
const REPAIR_CREDIT_MAX: f64 = 20_000.0;
/// Buffers kept for packets to come.
const SPARE_MAX: usize = 64;

/// What a packet is to the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outgoing {
    /// Only video waits.
    pub(crate) is_video: bool,
    /// It repairs another.
    pub(crate) is_rtx: bool,
    /// Ids of the extensions that say when it went out: its transport-wide number, and its absolute send time.
    pub(crate) wide_id: Option<u8>,
    pub(crate) send_time_id: Option<u8>,
}

/// A packet that waits, plain.
#[derive(Debug)]
pub(crate) struct Waiting {
    since: Instant,
    pub(crate) packet: Vec<u8>,
    pub(crate) outgoing: Outgoing,
}

impl Waiting {
    fn ssrc(&self) -> Option<u32> {
        RtpPacket::parse(&self.packet).map(|packet| packet.ssrc)
    }

    /// Writes what is known only now.
    pub(crate) fn stamp(&mut self, since_epoch: Duration, wide_sequence: u16) {
        if let Some(id) = self.outgoing.wide_id {
            stamp(&mut self.packet, id, &wide_sequence.to_be_bytes());
        }
        if let Some(id) = self.outgoing.send_time_id {
            stamp(&mut self.packet, id, &abs_send_time(since_epoch).to_be_bytes()[1..]);
        }
    }
}

/// The pacer of one transport. Repairs go before new pictures.
#[derive(Debug)]
pub(crate) struct Pacer {
    repairs: VecDeque<Waiting>,
    media: VecDeque<Waiting>,
    bytes: usize,
    spare: Vec<Vec<u8>>,
    /// Bytes sent ahead of the rate, at `counted_at`.
    debt: f64,
    counted_at: Instant,
    /// bit/s.
    rate: Option<f64>,
    /// Packets thrown away because too many waited.
    dropped: u64,
    /// Bytes of repairs that may go out now.
    repair_credit: f64,
}

impl Pacer {
    /// See [`Peer::touch`](crate::engine::peer::Peer::touch).
    pub(crate) fn touch(&self) -> u64 {
        self.bytes as u64 ^ u64::from(self.rate.is_some())
    }

    pub(crate) fn new(now: Instant) -> Self {
        Self {
            repairs: VecDeque::new(),
            media: VecDeque::new(),
            bytes: 0,
            spare: Vec::new(),
            debt: 0.0,
            counted_at: now,
            rate: None,
            dropped: 0,
            repair_credit: REPAIR_CREDIT_MAX,
        }
    }

    /// bit/s; `None`: packets go out as they come.
    pub(crate) fn set_rate(&mut self, now: Instant, rate: Option<f64>) {
        self.settle(now);
        self.rate = rate;
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Whether a packet may go out at once: none waits, and what went out lately is within the rate.
    pub(crate) fn is_open(&mut self, now: Instant) -> bool {
        if self.rate.is_none() && self.bytes == 0 {
            return true;
        }
        self.settle(now);
        self.bytes == 0 && self.debt <= 0.0
    }

    /// Whether a lost packet may be sent again: where the path is full, repairs of what it has dropped would fill it further.
    pub(crate) fn may_repair(&mut self, now: Instant) -> bool {
        self.settle(now);
        self.repair_credit > 0.0
    }

    /// Counts a repair.
    pub(crate) fn on_repair(&mut self, len: usize) {
        if self.rate.is_some() {
            self.repair_credit -= len as f64;
        }
    }

    /// Counts what went out.
    pub(crate) fn on_sent(&mut self, len: usize) {
        if self.rate.is_some() {
            self.debt += len as f64;
        }
    }

    fn settle(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.counted_at).as_secs_f64();
        self.counted_at = now;
        match self.rate {
            Some(rate) => {
                let burst = (rate / 8.0 * BURST.as_secs_f64()).max(BURST_MIN);
                self.debt = (self.debt - passed * rate / 8.0).max(-burst);
                let credit = self.repair_credit + REPAIR_SHARE * passed * rate / 8.0;
                self.repair_credit = credit.min(REPAIR_CREDIT_MAX);
            }
            None => (self.debt, self.repair_credit) = (0.0, REPAIR_CREDIT_MAX),
        }
    }

    /// Lets a packet wait that `write` writes, where it writes one.
    pub(crate) fn enqueue(
        &mut self,
        now: Instant,
        outgoing: Outgoing,
        write: impl FnOnce(&mut Vec<u8>) -> bool,
    ) {
        let mut packet = self.spare.pop().unwrap_or_default();
        packet.clear();
        if !write(&mut packet) {
            self.recycle(packet);
            return;
        }
        if self.repairs.len() + self.media.len() >= PACKETS_MAX || self.bytes + packet.len() > BYTES_MAX {
            self.dropped += 1;
            self.recycle(packet);
            return;
        }
        self.bytes += packet.len();
        let queue = if outgoing.is_rtx { &mut self.repairs } else { &mut self.media };
        queue.push_back(Waiting { since: now, packet, outgoing });
    }

    /// Media has waited for too long.
    pub(crate) fn is_stale(&self, now: Instant) -> bool {
        self.media.front().is_some_and(|first| first.since + WAIT_MAX <= now)
    }

    /// Throws away what waits of a stream's media. Gives how many packets that was.
    pub(crate) fn discard(&mut self, ssrc: u32) -> usize {
        let Self { media, bytes, spare, .. } = self;
        let before = media.len();
        media.retain_mut(|waiting| {
            let keeps = waiting.ssrc() != Some(ssrc);
            if !keeps {
                *bytes -= waiting.packet.len();
                recycle(spare, std::mem::take(&mut waiting.packet));
            }
            keeps
        });
        before - media.len()
    }

    /// The same, because nothing else was to be done: counted.
    pub(crate) fn drop_stream(&mut self, ssrc: u32) -> usize {
        let dropped = self.discard(ssrc);
        self.dropped += dropped as u64;
        dropped
    }

    /// The packet to send now. It is to be given back by [`Pacer::recycle`].
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Waiting> {
        self.settle(now);
        if self.debt > 0.0 {
            return None;
        }
        let waiting = self.repairs.pop_front().or_else(|| self.media.pop_front())?;
        self.bytes -= waiting.packet.len();
        Some(waiting)
    }

    pub(crate) fn recycle(&mut self, packet: Vec<u8>) {
        recycle(&mut self.spare, packet);
    }

    /// When the next packet is to go out.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        if self.repairs.is_empty() && self.media.is_empty() {
            return None;
        }
        let wait = self.rate.map_or(0.0, |rate| (self.debt.max(0.0) * 8.0 / rate).min(1.0));
        Some(self.counted_at + Duration::from_secs_f64(wait))
    }
}

fn recycle(spare: &mut Vec<Vec<u8>>, packet: Vec<u8>) {
    if spare.len() < SPARE_MAX {
        spare.push(packet);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;
    use crate::engine::rtp::{Header, write_packet};

    fn push(pacer: &mut Pacer, tag: u8, is_rtx: bool) {
        pacer.enqueue(
            pacer.counted_at,
            Outgoing { is_video: true, is_rtx, ..Outgoing::default() },
            |buffer| {
                buffer.resize(1_000, tag);
                true
            },
        );
    }

    #[test]
    fn without_a_rate_nothing_waits() {
        let now = Instant::now();
        let mut pacer = Pacer::new(now);
        for _ in 0..1_000 {
            assert!(pacer.is_open(now));
            pacer.on_sent(1_200);
        }
        assert_eq!(pacer.next_due(), None);
    }

    #[test]
    fn spreads_a_burst_and_sends_repairs_first() {
        let mut now = Instant::now();
        let start = now;
        let mut pacer = Pacer::new(now);
        pacer.set_rate(now, Some(1e6));
        let mut at_once = 0;
        while pacer.is_open(now) {
            pacer.on_sent(1_000);
            at_once += 1;
        }
        assert!((1..=4).contains(&at_once), "{at_once}");
        for tag in 0..10 {
            push(&mut pacer, tag, tag >= 8);
        }
        let mut order = Vec::new();
        while let Some(due) = pacer.next_due() {
            now = now.max(due);
            if let Some(waiting) = pacer.pop_due(now) {
                order.push(waiting.packet[0]);
                pacer.on_sent(waiting.packet.len());
                pacer.recycle(waiting.packet);
            }
            now += Duration::from_millis(1);
        }
        assert_eq!(order, [8, 9, 0, 1, 2, 3, 4, 5, 6, 7]);
        let took = now - start;
        assert!((70..110).contains(&took.as_millis()), "{took:?}");
    }

    #[test]
    fn what_something_else_took_the_place_of_is_thrown_away() {
        let now = Instant::now();
        let mut pacer = Pacer::new(now);
        pacer.set_rate(now, Some(1e5));
        for ssrc in [1, 2, 1] {
            pacer.enqueue(now, Outgoing { is_video: true, ..Outgoing::default() }, |buffer| {
                let header =
                    Header { marker: false, payload_type: 96, sequence_number: 1, timestamp: 1, ssrc };
                write_packet(buffer, &header, &[], &[b"picture"]);
                true
            });
        }
        assert!(!pacer.is_stale(now + WAIT_MAX - Duration::from_millis(1)));
        assert!(pacer.is_stale(now + WAIT_MAX));
        assert_eq!(pacer.discard(1), 2);
        assert_eq!(pacer.pop_due(now).and_then(|waiting| waiting.ssrc()), Some(2));
        assert_eq!((pacer.bytes, pacer.next_due()), (0, None));
    }

    #[test]
    fn what_waits_is_bounded_and_what_is_dropped_counted() {
        let now = Instant::now();
        let mut pacer = Pacer::new(now);
        pacer.set_rate(now, Some(1e5));
        for _ in 0..PACKETS_MAX + 5 {
            push(&mut pacer, 0, false);
        }
        assert_eq!(pacer.dropped(), 5);
    }
}
