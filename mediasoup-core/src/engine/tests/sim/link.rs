//! One direction of a network: what is lost, held up, turned round, doubled, and what waits at a bottleneck.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng, rngs::StdRng};

/// What a link is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditions {
    /// Share of packets that begin a burst of losses; how likely each is followed by another.
    pub(super) loss: f64,
    pub(super) burst: f64,
    /// Shares of packets that come twice, or are overtaken.
    pub(super) duplicate: f64,
    pub(super) reorder: f64,
    pub(super) delay: Duration,
    /// Added at most; packets stay in order.
    pub(super) jitter: Duration,
    /// bit/s of the bottleneck, and how long packets wait for it at most.
    pub(super) rate: f64,
    pub(super) queue: Duration,
}

impl Conditions {
    pub(super) const PERFECT: Self = Self {
        loss: 0.0,
        burst: 0.0,
        duplicate: 0.0,
        reorder: 0.0,
        delay: Duration::from_millis(1),
        jitter: Duration::ZERO,
        rate: 1e9,
        queue: Duration::from_secs(1),
    };
}

/// A link that carries whatever it is given.
#[derive(Debug)]
pub(super) struct Link<T> {
    pub(super) conditions: Conditions,
    rng: StdRng,
    in_burst: bool,
    free_at: Instant,
    newest: Instant,
    sent: u64,
    travelling: BTreeMap<(Instant, u64), T>,
    /// Packets that went in, and those that were dropped at the bottleneck.
    pub(super) offered: u64,
    pub(super) dropped: u64,
    /// Bytes that came through the bottleneck.
    pub(super) bytes: u64,
}

impl<T: Clone> Link<T> {
    pub(super) fn new(now: Instant, seed: u64, conditions: Conditions) -> Self {
        Self {
            conditions,
            rng: StdRng::seed_from_u64(seed),
            in_burst: false,
            free_at: now,
            newest: now,
            sent: 0,
            travelling: BTreeMap::new(),
            offered: 0,
            dropped: 0,
            bytes: 0,
        }
    }

    /// Gives whether it will arrive.
    pub(super) fn send(&mut self, now: Instant, len: usize, item: T) -> bool {
        let Conditions { loss, burst, duplicate, reorder, delay, jitter, rate, queue } = self.conditions;
        self.offered += 1;
        self.in_burst = self.rng.random_bool(if self.in_burst { burst } else { loss });
        if self.in_burst {
            return false;
        }
        let starts = self.free_at.max(now);
        if starts - now > queue {
            self.dropped += 1;
            return false;
        }
        self.bytes += len as u64;
        self.free_at = starts + Duration::from_secs_f64(8.0 * len as f64 / rate);
        let mut at = self.free_at + delay + jitter.mul_f64(self.rng.random_range(0.0..=1.0));
        if self.rng.random_bool(reorder) {
            at += Duration::from_millis(self.rng.random_range(1..20));
        } else {
            at = at.max(self.newest);
            self.newest = at;
        }
        self.travel(at, item.clone());
        if self.rng.random_bool(duplicate) {
            self.travel(at + Duration::from_millis(1), item);
        }
        true
    }

    fn travel(&mut self, at: Instant, item: T) {
        self.sent += 1;
        self.travelling.insert((at, self.sent), item);
    }

    pub(super) fn receive(&mut self, now: Instant) -> Option<T> {
        let entry = self.travelling.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }
}
