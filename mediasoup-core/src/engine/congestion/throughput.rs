//! What arrives at the viewer, bit/s: a Bayesian estimate from samples, as in libwebrtc.

use std::collections::VecDeque;

/// Length of a sample, ms; the first is longer.
const SAMPLE_MS: f64 = 150.0;
const FIRST_SAMPLE_MS: f64 = 500.0;

/// The peak is of so long a stretch, µs, among the packets of the last [`PEAK_AGE_US`].
const PEAK_US: i64 = 120_000;
const PEAK_AGE_US: i64 = 500_000;
/// Packets that the peak is looked for in.
const PEAK_PACKETS_MAX: usize = 512;

/// The estimator.
#[derive(Debug, Default)]
pub(super) struct Throughput {
    /// The newest packets: when they arrived (µs), and their bits.
    newest: VecDeque<(i64, f64)>,
    /// bit/s, with the variance of its error.
    estimate: Option<(f64, f64)>,
    sample_start_us: Option<i64>,
    newest_us: i64,
    bits: f64,
}

impl Throughput {
    /// bit/s; `None` before the first sample.
    pub(super) fn bitrate(&self) -> Option<f64> {
        self.estimate.map(|(bitrate, _)| bitrate)
    }

    /// The most that arrived at lately, bit/s: where a queue grew on the way, that is what the path carries, however little
    /// came before.
    pub(super) fn peak(&self) -> Option<f64> {
        let mut peak: Option<f64> = None;
        let (mut oldest, mut bits) = (0, 0.0);
        for (index, (arrived_us, len)) in self.newest.iter().enumerate() {
            bits += if index == 0 { 0.0 } else { *len };
            // The longest stretch counts that is no longer than it has to be.
            while oldest < index && arrived_us - self.newest[oldest + 1].0 >= PEAK_US {
                oldest += 1;
                bits -= self.newest[oldest].1;
            }
            let passed_us = arrived_us - self.newest[oldest].0;
            if passed_us >= PEAK_US {
                let rate = bits * 1e6 / passed_us as f64;
                peak = Some(peak.map_or(rate, |peak| peak.max(rate)));
            }
        }
        peak
    }

    fn remember(&mut self, arrived_us: i64, bits: f64) {
        self.newest.push_back((arrived_us, bits));
        let is_old = |oldest: &mut (i64, f64)| arrived_us - oldest.0 > PEAK_AGE_US;
        while self.newest.pop_front_if(is_old).is_some() {}
        if self.newest.len() > PEAK_PACKETS_MAX {
            self.newest.pop_front();
        }
    }

    /// A packet arrived; in the order of arrival.
    pub(super) fn on_packet(&mut self, arrived_us: i64, len: u16) {
        self.remember(arrived_us, 8.0 * f64::from(len));
        let start = *self.sample_start_us.get_or_insert(arrived_us);
        // Silence says nothing about the path.
        if arrived_us < start || arrived_us - self.newest_us.max(start) > 1_000_000 {
            self.sample_start_us = Some(arrived_us);
            self.bits = 0.0;
        }
        self.newest_us = arrived_us;
        let passed_ms = (arrived_us - self.sample_start_us.unwrap_or(arrived_us)) as f64 / 1_000.0;
        let wanted_ms = if self.estimate.is_none() { FIRST_SAMPLE_MS } else { SAMPLE_MS };
        if passed_ms >= wanted_ms {
            self.on_sample(self.bits * 1_000.0 / passed_ms);
            self.bits = 0.0;
            self.sample_start_us = Some(arrived_us);
        }
        self.bits += 8.0 * f64::from(len);
    }

    fn on_sample(&mut self, sample: f64) {
        const UNCERTAINTY: f64 = 10.0;
        let Some((bitrate, variance)) = self.estimate else {
            self.estimate = Some((sample, 50.0));
            return;
        };
        // Far from what is believed: uncertain, in kbit/s.
        let (sample, bitrate) = (sample / 1_000.0, bitrate / 1_000.0);
        let deviation = UNCERTAINTY * (bitrate - sample).abs() / (bitrate + sample.min(40.0)).max(1.0);
        let sample_variance = deviation.powi(2).max(0.01);
        let predicted = variance + 5.0;
        let mixed = (sample_variance * bitrate + predicted * sample) / (sample_variance + predicted);
        self.estimate = Some((mixed * 1_000.0, sample_variance * predicted / (sample_variance + predicted)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_what_a_full_path_carries() {
        let mut throughput = Throughput::default();
        assert_eq!(throughput.peak(), None);
        // Little, then a queue at 300 kbit/s: a packet of 1,200 bytes each 32 ms.
        for ms in [0, 200, 400, 432, 464, 496, 528, 560] {
            throughput.on_packet(ms * 1_000, 1_200);
        }
        let peak = throughput.peak().unwrap();
        assert!((299_000.0..301_000.0).contains(&peak), "{peak}");
    }

    #[test]
    fn follows_what_arrives() {
        let mut throughput = Throughput::default();
        for ms in (0..2_000).step_by(10) {
            throughput.on_packet(ms * 1_000, 1_250);
        }
        let bitrate = throughput.bitrate().unwrap();
        assert!((950_000.0..1_050_000.0).contains(&bitrate), "{bitrate}");
        for ms in (2_000..4_000).step_by(10) {
            throughput.on_packet(ms * 1_000, 312);
        }
        let bitrate = throughput.bitrate().unwrap();
        assert!((230_000.0..330_000.0).contains(&bitrate), "{bitrate}");
    }
}
