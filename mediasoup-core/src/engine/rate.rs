//! Bits per second over the last second.

use std::time::{Duration, Instant};

const BUCKETS: usize = 10;
const BUCKET: Duration = Duration::from_millis(100);

/// Bytes of the last second, in tenths of it.
#[derive(Clone, Debug)]
pub(crate) struct Rate {
    start: Instant,
    /// Number of the bucket written last, since `start`.
    newest: u64,
    bytes: [u32; BUCKETS],
}

impl Rate {
    pub(crate) fn new(now: Instant) -> Self {
        Self { start: now, newest: 0, bytes: [0; BUCKETS] }
    }

    pub(crate) fn add(&mut self, now: Instant, bytes: usize) {
        self.advance(now);
        let bucket = &mut self.bytes[self.newest as usize % BUCKETS];
        *bucket = bucket.saturating_add(bytes as u32);
    }

    /// bit/s.
    pub(crate) fn bitrate(&mut self, now: Instant) -> u64 {
        self.advance(now);
        8 * self.bytes.iter().map(|bytes| u64::from(*bytes)).sum::<u64>()
    }

    fn advance(&mut self, now: Instant) {
        let current = (now.saturating_duration_since(self.start).as_millis() / BUCKET.as_millis()) as u64;
        for passed in (self.newest + 1..=current).take(BUCKETS) {
            self.bytes[passed as usize % BUCKETS] = 0;
        }
        self.newest = self.newest.max(current);
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
