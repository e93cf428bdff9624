//! RTP timestamps to the recording's timeline.

use std::time::Duration;

use super::{reports::ReportLine, sender_clock::SenderClock};

/// How far a packet's time may be off the time it was heard at. A timestamp that says more is not believed.
pub(super) const PLAUSIBLE: Duration = Duration::from_secs(1);

/// The clock of one stream.
///
/// Reports of its sender and the participant's clock say when a timestamp is due; before there are any, the quickest
/// arrivals do. From one to the other it is led over slowly.
#[derive(Clone, Debug)]
pub(super) struct StreamClock {
    clock_rate: f64,
    reports: ReportLine,
    /// The quickest arrivals.
    arrivals: Option<Anchor>,
    last: Option<Placed>,
}

/// A timestamp, and seconds of the recording's time.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    timestamp: u32,
    time: f64,
}

#[derive(Clone, Copy, Debug)]
struct Placed {
    anchor: Anchor,
    at: Duration,
}

impl StreamClock {
    /// What a listener does not hear, and sound can be stretched by.
    const SLEW_PER_SECOND: f64 = 0.005;
    /// Seconds; an error beyond it is more of a nuisance than a jump is.
    const JUMP: f64 = 0.06;
    /// How fast the line of quickest arrivals may rise: see [`SenderClock`].
    const RISE_PER_SECOND: f64 = 0.000_5;

    pub(super) fn new(clock_rate: u32) -> Self {
        let clock_rate = f64::from(clock_rate.max(1));
        Self { clock_rate, reports: ReportLine::new(clock_rate), arrivals: None, last: None }
    }

    /// A sender report came; `false` if it is not to be believed, yet.
    pub(super) fn report(&mut self, rtp: u32, ntp: u64) -> bool {
        self.reports.add(rtp, ntp)
    }

    /// A packet came. Told before [`StreamClock::place`], so that the quickest of the next second is known by then.
    pub(super) fn arrive(&mut self, timestamp: u32, arrival: Duration) {
        let arrival = arrival.as_secs_f64();
        let fresh = Anchor { timestamp, time: arrival };
        self.arrivals = Some(match self.arrivals {
            Some(known) => {
                let elapsed = self.seconds(timestamp, known.timestamp);
                let expected = known.time + elapsed;
                if !is_plausible(expected, arrival) {
                    fresh
                } else if elapsed <= 0.0 && arrival >= expected {
                    known
                } else {
                    let risen = expected + Self::RISE_PER_SECOND * elapsed.max(0.0);
                    Anchor { time: risen.min(arrival), ..fresh }
                }
            }
            None => fresh,
        });
    }

    /// When the packet with this timestamp, heard at `heard`, is due. Packets come in order, and so do the times; none
    /// is off `heard` by more than [`PLAUSIBLE`].
    pub(super) fn place(&mut self, timestamp: u32, heard: Duration, sender: &SenderClock) -> Duration {
        if let Some(last) = self.last
            && last.anchor.timestamp == timestamp
            && heard.saturating_sub(last.at) <= PLAUSIBLE
        {
            return last.at;
        }
        let time = self.led(timestamp, self.target(timestamp, heard.as_secs_f64(), sender));
        let at = Duration::try_from_secs_f64(time.max(0.0)).unwrap_or(heard);
        let at = at.clamp(heard.saturating_sub(PLAUSIBLE), heard.saturating_add(PLAUSIBLE));
        let at = self.last.map_or(at, |last| at.max(last.at));
        self.last = Some(Placed { anchor: Anchor { timestamp, time }, at });
        at
    }

    /// When it ought to be due: the best of what is known, as far as it can be believed.
    fn target(&self, timestamp: u32, heard: f64, sender: &SenderClock) -> f64 {
        let reported =
            self.reports.ntp_at(timestamp).and_then(|(ntp, ahead)| Some(sender.time(ntp)? + ahead));
        let after = |anchor: Anchor| anchor.time + self.seconds(timestamp, anchor.timestamp);
        [reported, self.arrivals.map(after), self.last.map(|last| after(last.anchor))]
            .into_iter()
            .flatten()
            .find(|time| is_plausible(*time, heard))
            .unwrap_or(heard)
    }

    /// `target`, approached from where the last packet was.
    fn led(&self, timestamp: u32, target: f64) -> f64 {
        let Some(Placed { anchor: last, .. }) = self.last else { return target };
        let elapsed = self.seconds(timestamp, last.timestamp);
        let expected = last.time + elapsed;
        let error = target - expected;
        if error.abs() > Self::JUMP {
            return target;
        }
        let slew = Self::SLEW_PER_SECOND * elapsed.max(0.0);
        expected + error.clamp(-slew, slew)
    }

    /// Of two timestamps less than half a cycle (hours) apart.
    fn seconds(&self, timestamp: u32, since: u32) -> f64 {
        f64::from(timestamp.wrapping_sub(since) as i32) / self.clock_rate
    }
}

fn is_plausible(time: f64, heard: f64) -> bool {
    (time - heard).abs() <= PLAUSIBLE.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ntp(seconds: f64) -> u64 {
        (seconds * 4_294_967_296.0) as u64
    }

    fn time(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn is_led_slowly_from_arrivals_to_reports() {
        let (mut clock, mut sender) = (StreamClock::new(90_000), SenderClock::default());
        let mut previous: Option<f64> = None;
        let mut error = 0.0;
        for frame in 0..900_u32 {
            let sent = f64::from(frame) / 30.0;
            let heard = sent + 0.1;
            if frame == 60 {
                // The participant's other stream is 40 ms quicker.
                sender.hear(time(sent + 0.06), ntp(700.0 + sent));
                assert!(clock.report(frame * 3000, ntp(700.0 + sent)));
            }
            clock.arrive(frame * 3000, time(heard));
            let at = clock.place(frame * 3000, time(heard), &sender).as_secs_f64();
            if let Some(previous) = previous {
                assert!((at - previous - 1.0 / 30.0).abs() < 0.000_2);
            }
            previous = Some(at);
            error = at - (sent + 0.06);
        }
        assert!(error.abs() < 0.001, "{error}");
    }

    #[test]
    fn does_not_believe_reports_that_are_out_of_this_world() {
        let (mut clock, mut sender) = (StreamClock::new(48_000), SenderClock::default());
        sender.hear(time(0.5), ntp(700.0));
        assert!(clock.report(3_000_000, ntp(700.0)));
        for packet in 0..100_u32 {
            let heard = time(f64::from(packet) * 0.02);
            clock.arrive(packet * 960, heard);
            let at = clock.place(packet * 960, heard, &sender);
            assert!(at.abs_diff(heard) < Duration::from_millis(1));
        }
    }

    #[test]
    fn frozen_timestamps_follow_arrivals_in_steps() {
        let (mut clock, sender) = (StreamClock::new(48_000), SenderClock::default());
        for packet in 0..500_u32 {
            let heard = time(f64::from(packet) * 0.02);
            clock.arrive(7, heard);
            assert!(clock.place(7, heard, &sender).abs_diff(heard) <= PLAUSIBLE);
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_times_are_in_order_and_plausible(
            rate: u32,
            packets in prop::collection::vec((any::<u32>(), 0_u64..3000, any::<Option<(u32, u64)>>()), 1..100),
        ) {
            let (mut clock, mut sender) = (StreamClock::new(rate), SenderClock::default());
            let (mut heard, mut previous) = (Duration::ZERO, Duration::ZERO);
            for (timestamp, elapsed, report) in packets {
                heard += Duration::from_millis(elapsed);
                if let Some((rtp, ntp)) = report && clock.report(rtp, ntp) {
                    sender.hear(heard, ntp);
                }
                clock.arrive(timestamp, heard);
                let at = clock.place(timestamp, heard, &sender);
                prop_assert!(at >= previous);
                prop_assert!(at.abs_diff(heard) <= PLAUSIBLE);
                previous = at;
            }
        }
    }
}
