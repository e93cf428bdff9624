//! The line through a stream's sender reports: RTP timestamps to its sender's time.

use std::collections::VecDeque;

use super::sender_clock::ntp_seconds;

/// What one report says.
#[derive(Clone, Copy, Debug)]
struct Point {
    rtp: u32,
    ntp: u64,
}

/// The latest reports of one stream, and the line through them.
#[derive(Clone, Debug)]
pub(super) struct ReportLine {
    clock_rate: f64,
    points: VecDeque<Point>,
    /// A report that contradicts the others: one is an error, two that agree are a sender that began anew.
    suspect: Option<Point>,
    /// Seconds of NTP at the latest point, less its own NTP; and seconds of NTP per second of RTP.
    offset: f64,
    slope: f64,
}

impl ReportLine {
    const POINTS_MAX: usize = 20;
    /// Seconds a report may be off the line.
    const TOLERANCE: f64 = 0.1;
    /// Before this many seconds a slope would be noise.
    const SPAN_MIN: f64 = 5.0;
    /// No clock is further from its nominal rate.
    const SLOPE_ERROR_MAX: f64 = 0.002;

    pub(super) fn new(clock_rate: f64) -> Self {
        Self { clock_rate, points: VecDeque::new(), suspect: None, offset: 0.0, slope: 1.0 }
    }

    /// Adds a report; `false` if it is not to be believed, yet.
    pub(super) fn add(&mut self, rtp: u32, ntp: u64) -> bool {
        let point = Point { rtp, ntp };
        let agrees = |seconds: f64| seconds.abs() <= Self::TOLERANCE;
        if let Some((known, ahead)) = self.ntp_at(rtp)
            && !agrees(ntp_seconds(ntp, known) - ahead)
        {
            let confirmed = self.suspect.is_some_and(|suspect| {
                agrees(ntp_seconds(ntp, suspect.ntp) - self.rtp_seconds(rtp, suspect.rtp))
            });
            let Some(suspect) = self.suspect.replace(point).filter(|_| confirmed) else { return false };
            self.points.clear();
            self.points.push_back(suspect);
        }
        self.suspect = None;
        if self.points.len() == Self::POINTS_MAX {
            self.points.pop_front();
        }
        self.points.push_back(point);
        self.fit();
        true
    }

    /// The sender's time at an RTP timestamp: an NTP time, and seconds to be added to it.
    pub(super) fn ntp_at(&self, rtp: u32) -> Option<(u64, f64)> {
        let latest = self.points.back()?;
        Some((latest.ntp, self.offset + self.slope * self.rtp_seconds(rtp, latest.rtp)))
    }

    /// Of two timestamps less than half a cycle (hours) apart.
    fn rtp_seconds(&self, rtp: u32, since: u32) -> f64 {
        f64::from(rtp.wrapping_sub(since) as i32) / self.clock_rate
    }

    /// Least squares, relative to the latest point.
    fn fit(&mut self) {
        let Some(latest) = self.points.back() else { return };
        let relative =
            |point: &Point| (self.rtp_seconds(point.rtp, latest.rtp), ntp_seconds(point.ntp, latest.ntp));
        let count = self.points.len() as f64;
        let (sum_x, sum_y) =
            self.points.iter().map(relative).fold((0.0, 0.0), |(sx, sy), (x, y)| (sx + x, sy + y));
        let (mean_x, mean_y) = (sum_x / count, sum_y / count);
        let (variance, covariance) =
            self.points.iter().map(relative).fold((0.0, 0.0), |(variance, covariance), (x, y)| {
                (variance + (x - mean_x).powi(2), covariance + (x - mean_x) * (y - mean_y))
            });
        let span = self.points.front().map_or(0.0, |first| -relative(first).0);
        let slope = if span >= Self::SPAN_MIN && variance > 0.0 { covariance / variance } else { 1.0 };
        let slope = if (slope - 1.0).abs() <= Self::SLOPE_ERROR_MAX { slope } else { 1.0 };
        self.offset = mean_y - slope * mean_x;
        self.slope = slope;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ntp(seconds: f64) -> u64 {
        (seconds * 4_294_967_296.0) as u64
    }

    /// Seconds since NTP 1000.
    fn seconds(line: &ReportLine, rtp: u32) -> f64 {
        let (known, ahead) = line.ntp_at(rtp).unwrap();
        ntp_seconds(known, ntp(1000.0)) + ahead
    }

    #[test]
    fn follows_a_clock_that_is_off_through_noise_and_wraps() {
        let mut line = ReportLine::new(90_000.0);
        for second in 0..40_u32 {
            let noise = f64::from(second * 7 % 5) * 0.001 - 0.002;
            let rtp = (u32::MAX - 900_000).wrapping_add((f64::from(second) * 90_009.0) as u32);
            assert!(line.add(rtp, ntp(1000.0 + f64::from(second) + noise)));
        }
        let rtp = (u32::MAX - 900_000).wrapping_add((41.0 * 90_009.0) as u32);
        assert!((seconds(&line, rtp) - 41.0).abs() < 0.002);
    }

    #[test]
    fn believes_a_contradiction_when_it_is_confirmed() {
        let mut line = ReportLine::new(48_000.0);
        assert!(line.add(0, ntp(1000.0)));
        assert!(line.add(48_000, ntp(1001.0)));
        assert!(!line.add(77, ntp(9.0)));
        assert!(line.add(96_000, ntp(1002.0)));
        assert!((seconds(&line, 96_000) - 2.0).abs() < 1e-6);
        assert!(!line.add(5_000_000, ntp(1003.0)));
        assert!(line.add(5_048_000, ntp(1004.0)));
        assert!((seconds(&line, 5_048_000) - 4.0).abs() < 1e-6);
    }
}
