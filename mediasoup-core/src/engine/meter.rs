//! Bytes of a flow: in all, and bits per second over the last second.

use std::time::{Duration, Instant};

const BUCKETS: usize = 10;
const BUCKET: Duration = Duration::from_millis(100);

/// Counts bytes. What is needed for each packet stands together, at the front.
#[derive(Clone, Debug)]
#[repr(C)]
pub(crate) struct Meter {
    total: u64,
    /// When the next tenth of a second begins.
    bucket_ends: Instant,
    /// Place of the bucket that lasts.
    newest: usize,
    /// The total when each of the last tenths of a second began, wrapping.
    begins: [u32; BUCKETS],
}

impl Meter {
    /// See [`Peer::touch`](super::peer::Peer::touch).
    pub(crate) fn touch(&self) -> u64 {
        self.total
    }

    pub(crate) fn new(now: Instant) -> Self {
        Self { total: 0, bucket_ends: now + BUCKET, newest: 0, begins: [0; BUCKETS] }
    }

    pub(crate) fn add(&mut self, now: Instant, bytes: usize) {
        self.advance(now);
        self.total += bytes as u64;
    }

    /// Bytes, in all.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// bit/s.
    pub(crate) fn bitrate(&mut self, now: Instant) -> u64 {
        self.advance(now);
        let oldest = self.begins[(self.newest + 1) % BUCKETS];
        8 * u64::from((self.total as u32).wrapping_sub(oldest))
    }

    fn advance(&mut self, now: Instant) {
        // Nearly always: this is called for each packet.
        if now < self.bucket_ends {
            return;
        }
        let passed = 1 + now.saturating_duration_since(self.bucket_ends).as_millis() / BUCKET.as_millis();
        for _ in 0..passed.min(BUCKETS as u128) {
            self.newest = (self.newest + 1) % BUCKETS;
            self.begins[self.newest] = self.total as u32;
        }
        self.bucket_ends += BUCKET * u32::try_from(passed).unwrap_or(u32::MAX);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    #[test]
    fn counts_the_last_second() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        for ms in (0..3_000).step_by(10) {
            meter.add(start + Duration::from_millis(ms), 125);
        }
        assert_eq!(meter.bitrate(start + Duration::from_millis(2_999)), 100_000);
        assert_eq!(meter.bitrate(start + Duration::from_millis(3_499)), 50_000);
        assert_eq!(meter.bitrate(start + Duration::from_secs(60)), 0);
        assert_eq!(meter.total(), 300 * 125);
    }
}
