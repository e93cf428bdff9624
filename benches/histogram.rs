//! Percentiles of many values in little memory.

/// Of each power of two: a value is at most 1/64 more than what its bucket says.
const BUCKETS_EACH: u64 = 64;

/// Counts of nanoseconds, or of anything else.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    /// Counts a value.
    pub fn record(&mut self, value: u64) {
        let bucket = bucket(value);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
        self.max = self.max.max(value);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.total
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The greatest of them.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The least value that this part of all values (0.0 to 1.0) do not exceed; 0 where there are none.
    #[must_use]
    pub fn percentile(&self, part: f64) -> u64 {
        let wanted = ((self.total as f64 * part).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return lowest(bucket as u64);
            }
        }
        self.max
    }

    /// Counts all of another, too.
    pub fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }
}

/// Values below [`BUCKETS_EACH`] have a bucket each; above, each power of two has that many.
fn bucket(value: u64) -> usize {
    if value < BUCKETS_EACH {
        return value as usize;
    }
    let shift = value.ilog2() - BUCKETS_EACH.ilog2();
    ((u64::from(shift) * BUCKETS_EACH) + (value >> shift)) as usize
}

/// The least value of a bucket.
fn lowest(bucket: u64) -> u64 {
    if bucket < 2 * BUCKETS_EACH {
        return bucket;
    }
    let shift = bucket / BUCKETS_EACH - 1;
    (bucket - shift * BUCKETS_EACH) << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_its_bucket() {
        for exponent in 0..40 {
            for value in [1_u64 << exponent, (1 << exponent) + 1, (1 << exponent) * 3 / 2] {
                let low = lowest(bucket(value) as u64);
                assert!(low <= value && value - low <= value / BUCKETS_EACH, "{value}: {low}");
                assert!(lowest(bucket(value) as u64 + 1) > value, "{value}");
            }
        }
    }

    #[test]
    fn percentiles_are_of_all_values() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile(0.5), 0);
        for value in 1..=1000 {
            histogram.record(value * 1000);
        }
        for (part, exact) in [(0.5, 500_000.0), (0.99, 990_000.0), (0.999, 999_000.0), (1.0, 1_000_000.0)] {
            let percentile = histogram.percentile(part) as f64;
            assert!((exact - percentile) / exact < 1.0 / 64.0 && percentile <= exact, "{part}: {percentile}");
        }
        assert_eq!((histogram.len(), histogram.max()), (1000, 1_000_000));
    }

    #[test]
    fn merged_counts_are_of_both() {
        let (mut low, mut high) = (Histogram::default(), Histogram::default());
        low.record(1);
        high.record(1_000_000);
        low.merge(&high);
        assert_eq!((low.len(), low.percentile(0.5), low.max()), (2, 1, 1_000_000));
    }
}
