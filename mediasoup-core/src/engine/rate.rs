//! Bits per second over the last second.

use std::time::{Duration, Instant};

const BUCKETS: usize = 10;
const BUCKET: Duration = Duration::from_millis(100);

/// Bytes of the last second, in tenths of it.
#[derive(Clone, Debug)]
pub(crate) struct Rate {
    /// Place of the bucket that is written, and when the next begins.
    newest: usize,
    newest_ends: Instant,
    bytes: [u32; BUCKETS],
}

impl Rate {
    pub(crate) fn new(now: Instant) -> Self {
        Self { newest: 0, newest_ends: now + BUCKET, bytes: [0; BUCKETS] }
    }

    pub(crate) fn add(&mut self, now: Instant, bytes: usize) {
        self.advance(now);
        let bucket = &mut self.bytes[self.newest];
        *bucket = bucket.saturating_add(bytes as u32);
    }

    /// bit/s.
    pub(crate) fn bitrate(&mut self, now: Instant) -> u64 {
        self.advance(now);
        8 * self.bytes.iter().map(|bytes| u64::from(*bytes)).sum::<u64>()
    }

    fn advance(&mut self, now: Instant) {
        // Nearly always: this is called for each packet.
        if now < self.newest_ends {
            return;
        }
        let passed = 1 + now.saturating_duration_since(self.newest_ends).as_millis() / BUCKET.as_millis();
        for _ in 0..passed.min(BUCKETS as u128) {
            self.newest = (self.newest + 1) % BUCKETS;
            self.bytes[self.newest] = 0;
        }
        self.newest_ends += BUCKET * u32::try_from(passed).unwrap_or(u32::MAX);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    #[test]
    fn counts_the_last_second() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        for ms in (0..3_000).step_by(10) {
            rate.add(start + Duration::from_millis(ms), 125);
        }
        assert_eq!(rate.bitrate(start + Duration::from_millis(2_999)), 100_000);
        assert_eq!(rate.bitrate(start + Duration::from_millis(3_499)), 50_000);
        assert_eq!(rate.bitrate(start + Duration::from_secs(60)), 0);
    }
}
