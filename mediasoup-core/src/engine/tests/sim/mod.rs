//! Calls over bad networks, simulated: virtual time, no sockets, everything from a seed.
//!
//! `SIM_SEED=17 cargo test --workspace --lib engine::tests::sim` runs one seed again.

mod invariants;
mod link;
mod sender;
mod viewer;

use std::{collections::BTreeSet, panic::catch_unwind, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::*;
use crate::{ids::ConsumerId, media::event::ConsumerLayers};
use invariants::Invariants;
use link::{Conditions, Link};
use sender::Sender;
use viewer::{Tells, Viewer};

/// What a call goes over.
#[derive(Clone, Debug)]
struct Scenario {
    seed: u64,
    up: Conditions,
    /// To the viewer: from when on it is how.
    down: Vec<(Duration, Conditions)>,
    tells: Tells,
    /// At some time the viewer wants no more than this size.
    prefers: Option<(Duration, u8)>,
    lasts: Duration,
}

/// What came of it.
#[derive(Debug)]
struct Seen {
    /// Of each second: bits through the bottleneck, packets dropped at it, and the estimate.
    seconds: Vec<(u64, u64, u64)>,
    /// The largest size forwarded in each second.
    sizes: Vec<Option<u8>>,
}

struct Call {
    scenario: Scenario,
    world: World,
    sending: Tuple,
    viewing: Tuple,
    sender: Sender,
    viewer: Viewer,
    up: Link<Vec<u8>>,
    down: Link<Vec<u8>>,
    /// Feedback of the viewer, and of the server to the sender.
    back: Link<Vec<u8>>,
    asks: Link<Vec<u8>>,
    invariants: Invariants,
    largest: Option<u8>,
    /// Sound that reached the server, each once.
    sounds: BTreeSet<[u8; 2]>,
}

impl Call {
    fn new(scenario: Scenario) -> Self {
        let mut world = World::starting_at(start(), None);
        let (sending, viewing) = (world.client(1), world.client(2));
        world.produce(sending, sender::video());
        world.produce(sending, sender::audio());
        world.consume(viewing, viewer::video(scenario.tells));
        world.consume(viewing, viewer::audio());
        let (now, seed) = (world.now, scenario.seed);
        let lossless = Conditions { loss: 0.0, duplicate: 0.0, ..scenario.up };
        let back = Conditions { rate: 1e9, ..scenario.down[0].1 };
        Self {
            sender: Sender::new(now),
            viewer: Viewer::new(now, scenario.tells),
            up: Link::new(now, seed, scenario.up),
            down: Link::new(now, seed + 1, scenario.down[0].1),
            back: Link::new(now, seed + 2, back),
            asks: Link::new(now, seed + 3, lossless),
            invariants: Invariants::new(now, scenario.up.loss == 0.0),
            largest: None,
            sounds: BTreeSet::new(),
            world,
            sending,
            viewing,
            scenario,
        }
    }

    fn run(mut self) -> Seen {
        let start = self.world.now;
        let mut seen = Seen { seconds: vec![], sizes: vec![] };
        let mut counted = (0, 0);
        while self.world.now < start + self.scenario.lasts {
            let passed = self.world.now - start;
            if let Some((_, conditions)) = self.scenario.down.iter().rev().find(|(from, _)| *from <= passed) {
                self.down.conditions = *conditions;
            }
            self.prefer(passed);
            self.step();
            if passed.as_millis().is_multiple_of(1_000) && !passed.is_zero() {
                let (bytes, dropped) = (self.down.bytes, self.down.dropped);
                seen.seconds.push((8 * (bytes - counted.0), dropped - counted.1, self.estimate()));
                seen.sizes.push(self.largest.take());
                counted = (bytes, dropped);
            }
            self.world.now += Duration::from_millis(1);
        }
        self.invariants.at_the_end(self.viewer.sounds, self.sounds.len() as u64);
        seen
    }

    fn estimate(&mut self) -> u64 {
        let id = self.world.id(self.viewing);
        self.world.engine.transport_stats(self.world.now, id).unwrap().available_outgoing_bitrate
    }

    fn prefer(&mut self, passed: Duration) {
        const PATIENCE: Duration = Duration::from_secs(4);
        let Some((_, size)) = self.scenario.prefers.take_if(|(at, _)| *at <= passed) else { return };
        let layers = ConsumerLayers { spatial_layer: size, temporal_layer: None };
        let now = self.world.now;
        self.world.engine.set_preferred_layers(now, ConsumerId::from_u128(20), layers).unwrap();
        self.invariants.largest = Some((now + PATIENCE, size));
    }

    /// A millisecond.
    fn step(&mut self) {
        let now = self.world.now;
        self.sender.run(now);
        for packet in std::mem::take(&mut self.sender.rtp) {
            let sealed = self.world.at(self.sending).client.browser.seal_rtp(packet);
            self.up.send(now, sealed.len(), sealed);
        }
        for packet in std::mem::take(&mut self.sender.rtcp) {
            let sealed = self.world.at(self.sending).client.browser.seal_rtcp(packet);
            self.world.receive(self.sending, sealed);
        }
        if self.world.engine.poll_timeout().is_some_and(|due| due <= now) {
            self.world.engine.handle_timeout(now);
        }
        self.drain();
        while let Some(datagram) = self.up.receive(now) {
            if datagram[8..12] == sender::AUDIO_SSRC.to_be_bytes() {
                self.sounds.insert([datagram[2], datagram[3]]);
            }
            self.world.receive(self.sending, datagram);
            self.drain();
        }
        while let Some(packet) = self.down.receive(now) {
            self.viewer.on_rtp(now, &packet);
        }
        self.viewer.run(now);
        for compound in std::mem::take(&mut self.viewer.rtcp) {
            self.back.send(now, compound.len(), compound);
        }
        while let Some(compound) = self.back.receive(now) {
            let sealed = self.world.at(self.viewing).client.browser.seal_rtcp(compound);
            self.world.receive(self.viewing, sealed);
            self.drain();
        }
        while let Some(compound) = self.asks.receive(now) {
            self.sender.on_rtcp(&compound);
        }
    }

    /// What the engine sends goes onto the network.
    fn drain(&mut self) {
        let now = self.world.now;
        let sent = self.world.engine.take_datagrams();
        while self.world.engine.poll_event().is_some() {}
        let is_rtcp = |datagram: &[u8]| matches!(demux::kind(datagram), Some(Kind::Rtcp));
        for (tuple, datagram) in sent {
            let len = datagram.len();
            match (tuple == self.viewing, is_rtcp(&datagram)) {
                (true, false) => {
                    let plain = self.world.at(tuple).client.browser.open_rtp(datagram);
                    let limited = self.world.engine.limited_estimate(self.viewing);
                    if let Some(size) = self.invariants.on_sent(now, &plain, limited) {
                        self.largest = self.largest.max(Some(size));
                    }
                    let arrives = self.down.send(now, len, plain.clone());
                    self.invariants.on_fate(&plain, arrives);
                }
                (true, true) => drop(self.world.at(tuple).client.browser.open_rtcp(datagram)),
                (false, _) => {
                    let plain = self.world.at(tuple).client.browser.open_rtcp(datagram);
                    self.asks.send(now, len, plain);
                }
            }
        }
    }
}

impl Engine {
    /// The budget of the transport, bit/s, where its path has shown its limit.
    fn limited_estimate(&self, tuple: Tuple) -> Option<u64> {
        let congestion = &self.peers[self.tuples[&tuple].0].egress.congestion;
        congestion.is_limited().then(|| congestion.estimate())
    }
}

fn random_scenario(seed: u64) -> Scenario {
    let mut rng = StdRng::seed_from_u64(seed);
    let ms = |rng: &mut StdRng, most: u64| Duration::from_millis(rng.random_range(0..=most));
    let sometimes = |rng: &mut StdRng, most: f64| {
        if rng.random_bool(0.5) { rng.random_range(0.0..most) } else { 0.0 }
    };
    let path = |rng: &mut StdRng, rate: f64| Conditions {
        loss: sometimes(rng, 0.1),
        burst: rng.random_range(0.0..0.7),
        duplicate: sometimes(rng, 0.05),
        reorder: sometimes(rng, 0.05),
        delay: ms(rng, 120),
        jitter: ms(rng, 30),
        rate,
        queue: Duration::from_millis(rng.random_range(50..600)),
    };
    let rate = |rng: &mut StdRng| 10_f64.powf(rng.random_range(5.2..6.8));
    let up = path(&mut rng, 1e8);
    let first = rate(&mut rng);
    let mut down = vec![(Duration::ZERO, path(&mut rng, first))];
    if rng.random_bool(0.5) {
        let (from, rate) = (Duration::from_millis(rng.random_range(1_000..5_000)), rate(&mut rng));
        let before = down[0].1;
        down.push((from, Conditions { rate, ..before }));
    }
    let tells = if rng.random_bool(0.8) { Tells::Arrivals } else { Tells::Reports };
    let at = Duration::from_millis(rng.random_range(1_000..2_500));
    let prefers = rng.random_bool(0.3).then(|| (at, rng.random_range(0..3)));
    Scenario { seed, up, down, tells, prefers, lasts: Duration::from_secs(7) }
}

/// The invariants hold, whatever the network does.
fn run_seeds(seeds: std::ops::Range<u64>) {
    let only = std::env::var("SIM_SEED").ok().map(|seed| seed.parse::<u64>().unwrap());
    let seeds = seeds.filter(|seed| only.is_none_or(|only| only == *seed));
    let failed: Vec<_> =
        seeds.filter(|seed| catch_unwind(|| Call::new(random_scenario(*seed)).run()).is_err()).collect();
    assert!(
        failed.is_empty(),
        "seeds {failed:?} failed; again: SIM_SEED={} cargo test --workspace --lib engine::tests::sim",
        failed[0]
    );
}

// Four, so that they share the machine's cores.
#[test]
fn a_thousand_networks_first_quarter() {
    run_seeds(0..250);
}

#[test]
fn a_thousand_networks_second_quarter() {
    run_seeds(250..500);
}

#[test]
fn a_thousand_networks_third_quarter() {
    run_seeds(500..750);
}

#[test]
fn a_thousand_networks_fourth_quarter() {
    run_seeds(750..1_000);
}

fn behind(rates: &[(u64, f64)], lasts: u64) -> Seen {
    let delay = Duration::from_millis(30);
    let path = |rate| Conditions { delay, rate, queue: Duration::from_millis(300), ..Conditions::PERFECT };
    let down = rates.iter().map(|(from, rate)| (Duration::from_secs(*from), path(*rate))).collect();
    let lasts = Duration::from_secs(lasts);
    Call::new(Scenario {
        seed: 1,
        up: Conditions::PERFECT,
        down,
        tells: Tells::Arrivals,
        prefers: None,
        lasts,
    })
    .run()
}

#[test]
fn a_narrow_path_is_used_and_not_filled() {
    // The middle size, and twice the largest: there is no more.
    for (rate, least) in [(400e3, 300e3), (1e6, 800e3), (2e6, 800e3)] {
        let seen = behind(&[(0, rate)], 30);
        let settled = &seen.seconds[5..];
        let used = settled.iter().map(|(bits, ..)| bits).sum::<u64>() as f64 / settled.len() as f64;
        let dropped = settled.iter().map(|(_, dropped, _)| dropped).sum::<u64>();
        assert!(used >= least, "{used} of {rate}");
        assert_eq!(dropped, 0);
    }
}

#[test]
fn the_largest_size_is_back_after_a_bottleneck() {
    let seen = behind(&[(0, 2e6), (10, 300e3), (30, 2e6)], 40);
    assert_eq!(seen.sizes[8], Some(2));
    assert!(seen.sizes[16..29].iter().all(|size| *size <= Some(1)));
    assert!(seen.sizes[30..37].contains(&Some(2)), "{:?}", seen.sizes);
}
