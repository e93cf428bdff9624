//! How much the path to a viewer carries (draft-ietf-rmcat-gcc-02, as libwebrtc has developed it).
//!
//! The best of what the viewer tells is used: arrival times of each packet (transport-wide congestion control), else its
//! own estimate (REMB), else its receiver reports. Which of them it is, shows when it comes: what a viewer negotiated and
//! never sends is no help.

mod aimd;
mod allocation;
mod arrival;
mod delay;
mod history;
mod loss;
mod pacer;
mod probation;
mod probing;
mod queue;
mod reports;
mod throughput;
mod trendline;

use std::time::{Duration, Instant};

pub(crate) use allocation::{Claim, Step, share};
use delay::{Change, DelayControl};
use history::SentPackets;
pub(crate) use pacer::{Outgoing, Pacer};
pub(crate) use probation::Probation;
use reports::ReportControl;

use super::rtcp::Arrivals;

/// No estimate is below this, bit/s.
pub(crate) const BITRATE_MIN: u32 = 30_000;
/// Video goes out so many times faster than the path is known to carry: faster would only move the queue to where sound
/// stands in it too.
const PACING_FACTOR: f64 = 1.1;
/// What a path loses by itself: above these it is repaired with more than one copy.
const LOSS_LOW: f64 = 0.007;
const LOSS_HIGH: f64 = 0.025;
/// A limit that was met is forgotten once the estimate is so far above.
const LIMIT_FORGOTTEN: f64 = 1.5;

/// Bounds of an estimate, bit/s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Before anything was heard.
    pub(crate) initial: u32,
    /// Until the path was seen to carry less.
    pub(crate) minimum: u32,
    /// Whatever the path carries; `None`: no limit.
    pub(crate) maximum: Option<u32>,
    /// However little the path carries; `None`: no limit.
    pub(crate) floor: Option<u32>,
}

impl Bounds {
    /// Of a path that nothing is known of and nothing is limited for.
    pub(crate) const NONE: Self = Self { initial: u32::MAX, minimum: u32::MAX, maximum: None, floor: None };
}

#[derive(Debug)]
enum Method {
    Reports(ReportControl),
    /// bit/s, as the viewer says.
    Remb(f64),
    WideCc(Box<DelayControl>),
}

/// The estimate of one path.
#[derive(Debug)]
pub(crate) struct Congestion {
    bounds: Bounds,
    method: Method,
    sent: SentPackets,
    /// Where the path has lately shown its limit, bit/s.
    limited_at: Option<f64>,
}

impl Congestion {
    /// See [`Peer::touch`](super::peer::Peer::touch).
    pub(crate) fn touch(&self) -> u64 {
        self.sent.touch() ^ u64::from(self.is_limited())
    }

    pub(crate) fn new(now: Instant, bounds: Bounds) -> Self {
        Self {
            bounds,
            method: Method::Reports(ReportControl::new(bounds.initial.into())),
            sent: SentPackets::new(now),
            limited_at: None,
        }
    }

    pub(crate) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Bounds what is estimated from now on.
    pub(crate) fn set_bounds(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// Share of packets that the viewer has missed lately, 0.0 to 1.0, where it tells of each.
    pub(crate) fn loss_share(&self) -> Option<f64> {
        match &self.method {
            Method::WideCc(control) => control.loss_share(),
            Method::Reports(_) | Method::Remb(_) => None,
        }
    }

    /// bit/s.
    pub(crate) fn estimate(&self) -> u64 {
        let bitrate = match &self.method {
            Method::Reports(control) => control.bitrate(),
            Method::Remb(bitrate) => *bitrate,
            Method::WideCc(control) => control.bitrate(),
        };
        let minimum = if self.is_limited() { BITRATE_MIN.into() } else { self.bounds.minimum.into() };
        let maximum = self.bounds.maximum.map_or(f64::INFINITY, f64::from).max(BITRATE_MIN.into());
        let floor = self.bounds.floor.map_or(0.0, f64::from);
        bitrate.max(minimum).max(floor).min(maximum) as u64
    }

    /// The path has shown that it carries no more than about the estimate. Else the estimate may just be low because
    /// little was sent.
    pub(crate) fn is_limited(&self) -> bool {
        self.limited_at.is_some()
    }

    /// The estimate is of packets with transport-wide numbers only: sound, which has none, comes on top.
    pub(crate) fn is_of_video(&self) -> bool {
        matches!(self.method, Method::WideCc(_))
    }

    /// The path loses so much by itself that even repairs get lost again and again.
    pub(crate) fn is_lossy(&self) -> bool {
        matches!(&self.method, Method::WideCc(control) if control.inherent_loss() > LOSS_HIGH)
    }

    /// How often a packet that was lost is sent again at once: a path that loses packets loses repairs too, and each round
    /// trip more is a picture that stands still. `sending`: bit/s.
    pub(crate) fn repair_copies(&self, sending: u64) -> usize {
        let Method::WideCc(control) = &self.method else { return 1 };
        let has_room = !self.is_limited() || 2 * sending < self.estimate();
        match control.inherent_loss() {
            _ if !has_room => 1,
            LOSS_HIGH.. => 3,
            LOSS_LOW.. => 2,
            _ => 1,
        }
    }

    /// How fast video may go out, bit/s; `None`: as it comes.
    pub(crate) fn pacing_rate(&self) -> Option<f64> {
        self.is_limited().then(|| PACING_FACTOR * self.estimate() as f64)
    }

    /// The transport-wide number of the next packet; taken only where one goes out.
    pub(crate) fn next_number(&self) -> u16 {
        self.sent.next_number()
    }

    /// A packet went out under [`Congestion::next_number`].
    pub(crate) fn on_sent(&mut self, now: Instant, len: usize) {
        let mut cluster = 0;
        if let Method::WideCc(control) = &mut self.method {
            cluster = control.prober.cluster();
            control.prober.on_sent(len);
        }
        self.sent.push(now, len, cluster);
    }

    pub(crate) fn on_arrivals(&mut self, now: Instant, arrivals: Arrivals<'_>) {
        let known = self.estimate() as f64;
        let Self { method, sent, .. } = self;
        if !matches!(method, Method::WideCc(_)) {
            *method = Method::WideCc(Box::new(DelayControl::new(now, known)));
        }
        if let Method::WideCc(control) = method {
            let change = control.on_feedback(now, arrivals, sent);
            self.on_change(change);
        }
    }

    /// The viewer's own estimate, bit/s.
    pub(crate) fn on_remb(&mut self, bitrate: u64) {
        if matches!(self.method, Method::WideCc(_)) {
            return;
        }
        let bitrate = bitrate as f64;
        let is_lower = bitrate < self.estimate() as f64;
        self.method = Method::Remb(bitrate);
        self.on_change(if is_lower { Change::Limited(bitrate) } else { Change::None });
    }

    /// The viewer reported on a stream; `loss`: 0 to 1, `sending`: bit/s of all streams.
    pub(crate) fn on_report(&mut self, now: Instant, loss: f64, round_trip: Option<Duration>, sending: u64) {
        if let Method::Reports(control) = &mut self.method {
            let is_cut = control.on_report(now, loss, round_trip, sending as f64);
            let bitrate = control.bitrate();
            self.on_change(if is_cut { Change::Limited(bitrate) } else { Change::None });
        }
    }

    fn on_change(&mut self, change: Change) {
        match (change, self.limited_at) {
            (Change::Limited(bitrate), _) => self.limited_at = Some(bitrate),
            (Change::None, Some(at)) => {
                let forgotten = (LIMIT_FORGOTTEN * at).max(self.bounds.minimum.into());
                if self.estimate() as f64 > forgotten {
                    self.limited_at = None;
                }
            }
            (Change::None, None) => {}
        }
    }

    /// With this much, bit/s, more could be shown than now; `None`: there is enough.
    pub(crate) fn want(&mut self, bitrate: Option<u64>) {
        let maximum = self.bounds.maximum.map_or(u64::MAX, u64::from);
        if let Method::WideCc(control) = &mut self.method {
            control.prober.want(bitrate.map(|bitrate| bitrate.min(maximum) as f64));
        }
    }

    pub(crate) fn next_due(&self) -> Option<Instant> {
        match &self.method {
            Method::WideCc(control) => control.prober.next_due(),
            _ => None,
        }
    }

    /// Length of the padding packet that is to go out now.
    pub(crate) fn poll_probe(&mut self, now: Instant) -> Option<usize> {
        let estimate = self.estimate() as f64;
        match &mut self.method {
            Method::WideCc(control) => control.prober.poll(now, estimate),
            _ => None,
        }
    }

    /// To be called a few times a second.
    pub(crate) fn on_tick(&mut self, now: Instant) {
        if let Method::WideCc(control) = &mut self.method {
            let change = control.on_tick(now, &self.sent);
            self.on_change(change);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    const BOUNDS: Bounds =
        Bounds { initial: 1_000_000, minimum: 600_000, maximum: Some(2_000_000), floor: None };

    #[test]
    fn the_viewers_own_estimate_is_taken_where_it_has_nothing_better() {
        let mut congestion = Congestion::new(Instant::now(), BOUNDS);
        assert_eq!((congestion.estimate(), congestion.is_limited()), (1_000_000, false));
        congestion.on_remb(300_000);
        assert_eq!((congestion.estimate(), congestion.is_limited()), (300_000, true));
        assert!(congestion.pacing_rate().is_some_and(|rate| rate < 400_000.0));
        congestion.on_remb(350_000);
        assert!(congestion.is_limited(), "a little more");
        congestion.on_remb(5_000_000);
        assert_eq!(
            (congestion.estimate(), congestion.is_limited()),
            (2_000_000, false),
            "no more than is allowed"
        );
        congestion.on_remb(400_000);
        congestion.on_report(Instant::now(), 0.9, None, 400_000);
        assert_eq!(congestion.estimate(), 400_000, "reports say less than that");
    }

    #[test]
    fn limits_that_are_set_hold_however_it_goes() {
        let mut congestion = Congestion::new(Instant::now(), BOUNDS);
        congestion.set_bounds(Bounds { maximum: Some(700_000), floor: Some(650_000), ..BOUNDS });
        assert_eq!(congestion.estimate(), 700_000, "less than it began with");
        congestion.on_remb(200_000);
        assert_eq!((congestion.estimate(), congestion.is_limited()), (650_000, true));
        congestion.set_bounds(BOUNDS);
        assert_eq!(congestion.estimate(), 200_000, "the path is what it was");
    }

    #[test]
    fn reports_are_enough_where_there_is_nothing_else() {
        let mut congestion = Congestion::new(Instant::now(), BOUNDS);
        let mut now = Instant::now();
        for _ in 0..10 {
            now += Duration::from_secs(1);
            congestion.on_report(now, 0.4, None, 900_000);
        }
        assert!(congestion.is_limited() && congestion.estimate() < 500_000, "{}", congestion.estimate());
    }
}
