//! Rate control by delay: up while nothing queues, down to what arrives where something does
//! (draft-ietf-rmcat-gcc-02 §5.5).

use std::time::{Duration, Instant};

use super::trendline::Usage;

/// Of what arrives, after overuse.
const DECREASE: f64 = 0.85;
/// A second, where the path's capacity is not known.
const INCREASE_A_SECOND: f64 = 1.08;
/// An estimate grows by itself no further than this above what arrives: what was not sent was not tested.
const REACH: f64 = 1.5;
const REACH_OFFSET: f64 = 10_000.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Hold,
    Increase,
}

/// The rate controller.
#[derive(Debug)]
pub(super) struct Aimd {
    /// bit/s.
    bitrate: f64,
    state: State,
    changed_at: Option<Instant>,
    decreased_at: Option<Instant>,
    capacity: Capacity,
}

impl Aimd {
    pub(super) fn new(bitrate: f64) -> Self {
        Self {
            bitrate,
            state: State::Hold,
            changed_at: None,
            decreased_at: None,
            capacity: Capacity::default(),
        }
    }

    /// bit/s.
    pub(super) fn bitrate(&self) -> f64 {
        self.bitrate
    }

    /// A probe has shown what the path carries.
    pub(super) fn set(&mut self, now: Instant, bitrate: f64) {
        if bitrate > self.bitrate {
            self.capacity = Capacity::default();
        }
        self.bitrate = bitrate;
        self.changed_at = Some(now);
    }

    /// There is news of the path. `arriving`: bit/s at the viewer, where known. Gives whether the rate was cut.
    pub(super) fn on_usage(
        &mut self,
        now: Instant,
        usage: Usage,
        arriving: Option<f64>,
        round_trip: Duration,
    ) -> bool {
        match usage {
            // What is queued has to drain first.
            Usage::Under => self.state = State::Hold,
            Usage::Normal if self.state == State::Hold => {
                self.state = State::Increase;
                self.changed_at = Some(now);
            }
            Usage::Normal => self.increase(now, arriving, round_trip),
            Usage::Over => return self.decrease(now, arriving, round_trip),
        }
        false
    }

    fn increase(&mut self, now: Instant, arriving: Option<f64>, round_trip: Duration) {
        let passed =
            self.changed_at.replace(now).map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        let passed = passed.min(1.0);
        if let Some(arriving) = arriving
            && self.capacity.is_exceeded_by(arriving)
        {
            self.capacity = Capacity::default();
        }
        let increased = if self.capacity.is_known() {
            self.bitrate + passed * self.packet_a_response(round_trip)
        } else {
            self.bitrate * INCREASE_A_SECOND.powf(passed) + 1_000.0 * passed
        };
        let reach = arriving.map_or(self.bitrate, |arriving| REACH * arriving + REACH_OFFSET);
        self.bitrate = increased.min(reach.max(self.bitrate));
    }

    /// bit/s a second: near the capacity one packet more in each response time.
    fn packet_a_response(&self, round_trip: Duration) -> f64 {
        const FRAMES_A_SECOND: f64 = 30.0;
        const PACKET_BITS: f64 = 8.0 * 1_200.0;
        let frame = self.bitrate / FRAMES_A_SECOND;
        let packet = frame / (frame / PACKET_BITS).ceil().max(1.0);
        let response = (round_trip + Duration::from_millis(100)).as_secs_f64();
        (packet / response).max(4_000.0)
    }

    fn decrease(&mut self, now: Instant, arriving: Option<f64>, round_trip: Duration) -> bool {
        // What was sent before the last decrease is still on its way.
        let settling = round_trip.clamp(Duration::from_millis(100), Duration::from_millis(400));
        let is_settling = self.decreased_at.is_some_and(|at| now.saturating_duration_since(at) < settling);
        let Some(arriving) = arriving else { return false };
        if is_settling && arriving > 0.5 * self.bitrate {
            return false;
        }
        let mut decreased = DECREASE * arriving;
        if decreased > self.bitrate
            && let Some(capacity) = self.capacity.bitrate()
        {
            decreased = DECREASE * capacity;
        }
        self.capacity.on_overuse(arriving);
        self.state = State::Hold;
        self.changed_at = Some(now);
        self.decreased_at = Some(now);
        let is_cut = decreased < self.bitrate;
        self.bitrate = self.bitrate.min(decreased);
        is_cut
    }
}

/// What arrived when the path was full, kbit/s, and how far that varies.
#[derive(Clone, Copy, Debug, Default)]
struct Capacity(Option<(f64, f64)>);

impl Capacity {
    fn is_known(self) -> bool {
        self.0.is_some()
    }

    fn bitrate(self) -> Option<f64> {
        self.0.map(|(kbps, _)| 1_000.0 * kbps)
    }

    fn on_overuse(&mut self, arriving: f64) {
        const WEIGHT: f64 = 0.05;
        let sample = arriving / 1_000.0;
        let (estimate, deviation) = self.0.unwrap_or((sample, 0.4));
        let known = (1.0 - WEIGHT) * estimate + WEIGHT * sample;
        let error = (known - sample).powi(2) / known.max(1.0);
        self.0 = Some((known, ((1.0 - WEIGHT) * deviation + WEIGHT * error).clamp(0.4, 2.5)));
        if (sample - known).abs() > 3.0 * self.spread() {
            self.0 = Some((sample, 0.4));
        }
    }

    fn spread(self) -> f64 {
        self.0.map_or(0.0, |(estimate, deviation)| (deviation * estimate).sqrt())
    }

    fn is_exceeded_by(self, arriving: f64) -> bool {
        self.0.is_some_and(|(estimate, _)| arriving / 1_000.0 > estimate + 3.0 * self.spread())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(60);

    #[test]
    fn grows_no_further_than_what_was_sent_can_tell() {
        let mut now = Instant::now();
        let mut aimd = Aimd::new(500_000.0);
        for _ in 0..600 {
            now += Duration::from_millis(100);
            aimd.on_usage(now, Usage::Normal, Some(600_000.0), ROUND_TRIP);
        }
        assert!((905_000.0..=910_001.0).contains(&aimd.bitrate()), "{}", aimd.bitrate());
    }

    #[test]
    fn overuse_cuts_once_a_round_trip_to_below_what_arrives() {
        let mut now = Instant::now();
        let mut aimd = Aimd::new(1_000_000.0);
        assert!(aimd.on_usage(now, Usage::Over, Some(600_000.0), ROUND_TRIP));
        assert!((aimd.bitrate() - 510_000.0).abs() < 1.0);
        now += Duration::from_millis(50);
        assert!(!aimd.on_usage(now, Usage::Over, Some(500_000.0), ROUND_TRIP));
        now += Duration::from_millis(100);
        assert!(aimd.on_usage(now, Usage::Over, Some(500_000.0), ROUND_TRIP));
        let before = aimd.bitrate();
        aimd.on_usage(now, Usage::Under, Some(500_000.0), ROUND_TRIP);
        assert!((aimd.bitrate() - before).abs() < 1.0, "holds while it drains");
    }

    #[test]
    fn near_the_capacity_it_grows_slowly() {
        let mut now = Instant::now();
        let mut aimd = Aimd::new(600_000.0);
        aimd.on_usage(now, Usage::Over, Some(600_000.0), ROUND_TRIP);
        for _ in 0..21 {
            now += Duration::from_millis(100);
            aimd.on_usage(now, Usage::Normal, Some(550_000.0), ROUND_TRIP);
        }
        assert!((520_000.0..680_000.0).contains(&aimd.bitrate()), "{}", aimd.bitrate());
    }
}
