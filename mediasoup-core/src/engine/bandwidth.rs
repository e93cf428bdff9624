//! Bandwidth of viewers: what they tell of their path, who gets how much of it, and what waits for its turn.

use std::time::Instant;

use super::{
    Engine,
    congestion::{Claim, Step},
    consumer::Allowance,
    egress::Shares,
    keys::{ConsumerKey, TransportKey},
    layer::Layer,
};
use crate::media::trace::{TraceDirection, TraceInfo};

/// What costs so many times what the path carries, is stopped before what comes instead has begun.
const HOLD: f64 = 1.3;

impl Engine {
    /// A viewer told something of its path.
    pub(super) fn after_path_news(&mut self, now: Instant, key: TransportKey) {
        let egress = &mut self.peers[key.0].egress;
        egress.update_pace(now);
        if egress.is_share_due(now) {
            self.share_bandwidth(now, key);
        }
        let egress = &self.peers[key.0].egress;
        let routine = egress.next_share().map(|at| self.at_leisure(at));
        if let Some(due) = [egress.next_due(), routine].into_iter().flatten().min() {
            self.deadlines.sooner(key, due);
        }
    }

    /// Sends what has waited long enough, and padding where the path is to be probed.
    pub(super) fn send_due_video(&mut self, now: Instant, key: TransportKey) {
        if !self.peers[key.0].is_connected() {
            return;
        }
        if self.peers[key.0].egress.is_share_due(now) {
            self.peers[key.0].egress.congestion.on_tick(now);
            self.share_bandwidth(now, key);
        }
        if self.peers[key.0].egress.pacer.is_stale(now) {
            self.drop_stale_video(now, key);
        }
        let moment = self.moment(now);
        let probed = self.peers[key.0].send_due_video(moment, &mut self.outbox);
        if probed > 0 {
            self.tell_transport_trace(now, key, TraceDirection::Out, TraceInfo::Probation { size: probed });
        }
    }

    /// The path carries so much less than it was thought to that what waits would be seen far too late: throws it away, and
    /// begins anew with key frames.
    fn drop_stale_video(&mut self, now: Instant, key: TransportKey) {
        for consumer in self.peers[key.0].consumers.clone() {
            let ssrc = self.consumers[consumer.0].ssrc;
            if self.peers[key.0].egress.pacer.drop_stream(ssrc) > 0 {
                self.consumers[consumer.0].await_key_frame();
                self.ask_for_key_frame(now, consumer);
            }
        }
    }

    /// Shares what the path carries among the viewer's video; sound is never limited.
    fn share_bandwidth(&mut self, now: Instant, key: TransportKey) {
        let (mut claims, sound) = self.claims(now, key);
        let shares = self.peers[key.0].egress.share(now, sound, &mut claims);
        let each = shares.estimate / claims.len().max(1) as u64;
        for (consumer, claim) in claims {
            self.grant(now, consumer, &claim, &shares, each);
        }
        let info = TraceInfo::Bwe {
            desired_bitrate: shares.desired,
            effective_desired_bitrate: shares.used,
            available_bitrate: shares.estimate,
        };
        self.tell_transport_trace(now, key, TraceDirection::Out, info);
    }

    /// What a viewer's video could have, and what its sound takes, bit/s.
    fn claims(&mut self, now: Instant, key: TransportKey) -> (Vec<(ConsumerKey, Claim<Layer>)>, u64) {
        let (mut claims, mut sound) = (Vec::new(), 0);
        for index in 0..self.peers[key.0].consumers.len() {
            let consumer = self.peers[key.0].consumers[index];
            if !self.consumers[consumer.0].is_video() {
                sound += self.consumers[consumer.0].bitrate(now);
            } else if let Some(claim) = self.claim(now, key, consumer) {
                claims.push((consumer, claim));
            }
        }
        (claims, sound)
    }

    /// Lets a consumer have what it got. `each`: what everybody would have if all had the same, bit/s.
    fn grant(
        &mut self,
        now: Instant,
        consumer: ConsumerKey,
        claim: &Claim<Layer>,
        shares: &Shares,
        each: u64,
    ) {
        let allowance = match claim.gets.checked_sub(1) {
            None => Allowance::Nothing,
            Some(_) if shares.may_raise && claim.gets == claim.steps.len() => Allowance::All,
            Some(index) => Allowance::UpTo(claim.steps[index].layer),
        };
        self.allow_layers(now, consumer, allowance);
        // Far too much is a queue at once: better fewer pictures for a moment, or none, than no sound.
        let is_far_above = shares.is_limited && claim.cost(claim.has) as f64 > HOLD * shares.estimate as f64;
        let meanwhile = if is_far_above {
            self.rates_within(now, consumer, each.max(claim.cost(claim.gets)))
        } else {
            Allowance::All
        };
        self.consumers[consumer.0].allow_meanwhile(meanwhile);
    }

    /// How many of the pictures that a consumer has now take no more than `room`, bit/s.
    fn rates_within(&mut self, now: Instant, key: ConsumerKey, room: u64) -> Allowance {
        let consumer = &self.consumers[key.0];
        let (producer, encoding) = (consumer.producer, consumer.encoding());
        let mut bitrates = Vec::new();
        self.producers[producer.0].bitrates(now, Layer::ALL, &mut bitrates);
        let layering = self.producers[producer.0].layering;
        let fits = |(layer, bitrate): &&(Layer, u64)| {
            layering.encoding_of(layer.spatial) == encoding && *bitrate <= room
        };
        bitrates.iter().rev().find(fits).map_or(Allowance::Nothing, |(layer, _)| {
            Allowance::UpTo(Layer { spatial: Layer::ALL.spatial, ..*layer })
        })
    }

    /// What a consumer could have; `None` where it wants nothing, or nothing comes.
    fn claim(&mut self, now: Instant, key: TransportKey, consumer: ConsumerKey) -> Option<Claim<Layer>> {
        let entry = &self.consumers[consumer.0];
        if entry.is_paused() || self.producers[entry.producer.0].paused {
            return None;
        }
        let priority = entry.priority.get();
        let target = entry.layers.target();
        let mut bitrates = Vec::new();
        self.layer_bitrates(now, consumer, &mut bitrates);
        let costs = &mut self.peers[key.0].egress.costs;
        let mut steps: Vec<Step<Layer>> = Vec::with_capacity(bitrates.len());
        let lowest = bitrates.first()?.0.spatial;
        let most = bitrates.iter().map(|(layer, _)| layer.temporal).max()?;
        for (layer, bitrate) in bitrates {
            let average = costs.update(consumer, layer, bitrate);
            // Larger pictures are no gain where they come less often.
            if layer.spatial > lowest && layer.temporal < most {
                continue;
            }
            let bitrate = average.max(steps.last().map_or(0, |step| step.bitrate));
            steps.push(Step { layer, bitrate });
        }
        let has = steps.iter().filter(|step| target.is_some_and(|target| step.layer <= target)).count();
        Some(Claim { priority, steps, has, gets: 0 })
    }
}
