//! Google congestion control on the feedback of one viewer: by delay, by loss, by probes.

use std::time::{Duration, Instant};

use super::{
    aimd::Aimd,
    arrival::InterArrival,
    history::{Outcome, SentPackets},
    loss::{LossControl, Losses},
    probing::Prober,
    queue::StandingQueue,
    throughput::Throughput,
    trendline::{Trendline, Usage},
};
use crate::engine::{loss_share::LossShare, rtcp::Arrivals};

/// Feedback that is missing for this long, and each time again, is a path that does not get through.
const SILENCE_MAX: Duration = Duration::from_millis(1_000);
const SILENCE_CUT: f64 = 0.7;

/// Of the estimate: below this the path is used lightly.
const LIGHT: f64 = 0.65;

/// What a message of feedback has changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Change {
    None,
    /// Above this the path queues or loses, bit/s.
    Limited(f64),
}

/// The controller.
#[derive(Debug)]
pub(super) struct DelayControl {
    groups: InterArrival,
    trendline: Trendline,
    queue: StandingQueue,
    aimd: Aimd,
    loss: LossControl,
    loss_share: LossShare,
    throughput: Throughput,
    pub(super) prober: Prober,
    round_trip: Duration,
    start: Instant,
    heard_at: Instant,
    outcome: Outcome,
}

impl DelayControl {
    pub(super) fn new(now: Instant, bitrate: f64) -> Self {
        Self {
            groups: InterArrival::default(),
            trendline: Trendline::default(),
            queue: StandingQueue::default(),
            aimd: Aimd::new(bitrate),
            loss: LossControl::default(),
            loss_share: LossShare::default(),
            throughput: Throughput::default(),
            prober: Prober::default(),
            round_trip: Duration::from_millis(100),
            start: now,
            heard_at: now,
            outcome: Outcome::default(),
        }
    }

    /// bit/s.
    pub(super) fn bitrate(&self) -> f64 {
        self.loss.limit().map_or(self.aimd.bitrate(), |limit| limit.min(self.aimd.bitrate()))
    }

    /// What the path loses by itself, 0 to 1.
    pub(super) fn inherent_loss(&self) -> f64 {
        self.loss.inherent()
    }

    /// Share of packets that the viewer has missed, lately.
    pub(super) fn loss_share(&self) -> Option<f64> {
        self.loss_share.get()
    }

    pub(super) fn on_feedback(
        &mut self,
        now: Instant,
        arrivals: Arrivals<'_>,
        sent: &mut SentPackets,
    ) -> Change {
        self.heard_at = now;
        let mut outcome = std::mem::take(&mut self.outcome);
        sent.on_feedback(now, arrivals, &mut outcome);
        // What was missing before and is found makes up for what is missing now.
        let told = outcome.delivered.len() as u64 + u64::from(outcome.lost) - u64::from(outcome.found);
        self.loss_share.on_message(told, outcome.delivered.len());
        let mut usage = None;
        let mut stands = false;
        for packet in &outcome.delivered {
            self.throughput.on_packet(packet.arrived_us, packet.len);
            self.prober.on_delivered(packet);
            if packet.cluster != 0 {
                // A probe is meant to queue: it is judged by itself.
                self.groups.reset();
                continue;
            }
            if let Some(delta) = self.groups.on_packet(packet.sent, packet.arrived_us) {
                self.trendline.on_delta(delta);
                // Overuse anywhere in the message counts.
                if usage != Some(Usage::Over) {
                    usage = Some(self.trendline.usage());
                }
            }
        }
        if let Some(newest) = outcome.delivered.last() {
            let round_trip = now.saturating_duration_since(newest.sent);
            self.round_trip = (7 * self.round_trip + round_trip) / 8;
            let travels =
                outcome.delivered.iter().map(|packet| packet.arrived_us - self.since_start_us(packet.sent));
            let fastest = travels.min().unwrap_or(0);
            stands = self.queue.on_packets(newest.arrived_us, fastest, outcome.lost > 0);
        }
        let usage = if stands { Some(Usage::Over) } else { usage };
        let carried = match usage {
            Some(Usage::Over) => self.carried(stands, sent.bitrate(now)),
            _ => self.throughput.bitrate(),
        };
        let change = self.control(now, usage, carried, &outcome);
        self.outcome = outcome;
        change
    }

    fn since_start_us(&self, at: Instant) -> i64 {
        let [after, before] =
            [at.saturating_duration_since(self.start), self.start.saturating_duration_since(at)];
        after.as_micros() as i64 - before.as_micros() as i64
    }

    /// What the path carries, bit/s, where a queue has grown on it; `sending`: bit/s.
    fn carried(&mut self, stands: bool, sending: f64) -> Option<f64> {
        let arriving = self.throughput.bitrate()?;
        if stands {
            // It was full for long enough.
            self.queue.on_cut();
            return Some(arriving);
        }
        let carried = self.throughput.peak().map_or(arriving, |peak| peak.max(arriving));
        // Little was sent, some of it at once: that little arrived says nothing of what would.
        let is_light = sending < LIGHT * self.bitrate();
        Some(if is_light { carried.max(self.aimd.bitrate()) } else { carried })
    }

    fn control(
        &mut self,
        now: Instant,
        usage: Option<Usage>,
        carried: Option<f64>,
        outcome: &Outcome,
    ) -> Change {
        let before = self.bitrate();
        let mut is_cut = false;
        if let Some(shown) = self.prober.take_result(now, before) {
            // A probe that finds less than is known is a probe that was disturbed.
            if shown.bitrate > before {
                self.aimd.set(now, shown.bitrate);
                self.loss.on_proven(shown.bitrate);
            }
            is_cut = shown.is_all;
        } else if let Some(usage) = usage {
            is_cut = self.aimd.on_usage(now, usage, carried, self.round_trip);
        }
        let arrived = outcome.delivered.len() as u32 - outcome.found.min(outcome.delivered.len() as u32);
        let known = self.aimd.bitrate();
        let seen = Losses { arrived, lost: outcome.lost, is_queued: self.queue.is_slow() };
        let arriving = self.throughput.bitrate().unwrap_or(known);
        is_cut |= self.loss.on_packets(now, seen, known, arriving);
        if is_cut { Change::Limited(self.bitrate()) } else { Change::None }
    }

    /// Looks whether feedback keeps coming.
    pub(super) fn on_tick(&mut self, now: Instant, sent: &SentPackets) -> Change {
        let is_silent = now.saturating_duration_since(self.heard_at) > SILENCE_MAX
            && sent.oldest_unknown(now).is_some_and(|age| age > SILENCE_MAX);
        if !is_silent {
            return Change::None;
        }
        self.heard_at = now;
        self.aimd.set(now, SILENCE_CUT * self.bitrate());
        Change::Limited(self.bitrate())
    }
}
