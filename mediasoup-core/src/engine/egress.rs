//! What goes out to a viewer: how much of it, and how fast.

use std::time::{Duration, Instant};

use super::{
    congestion::{Bounds, Claim, Congestion, Pacer, Probation},
    keys::ConsumerKey,
    layer::Layer,
};

/// Between two looks at who gets what.
const SHARE_INTERVAL: Duration = Duration::from_millis(250);
/// Between two because of what a viewer said.
const SHARE_INTERVAL_MIN: Duration = Duration::from_millis(50);

/// More that becomes less again within this was too much.
const TOO_MUCH: Duration = Duration::from_secs(6);
/// Then nobody gets more for this long, longer each time.
const REST_MIN: Duration = Duration::from_secs(5);
const REST_MAX: Duration = Duration::from_secs(30);

/// How changes of layers went.
#[derive(Debug)]
struct Steps {
    raised_at: Option<Instant>,
    /// Until when nobody gets more, and the estimate then, bit/s.
    resting: Option<(Instant, u64)>,
    rest: Duration,
}

impl Default for Steps {
    fn default() -> Self {
        Self { raised_at: None, resting: None, rest: REST_MIN }
    }
}

/// The sending side of a transport.
#[derive(Debug)]
pub(crate) struct Egress {
    /// What goes out is limited; else the path is known to carry it.
    is_managed: bool,
    pub(crate) congestion: Congestion,
    pub(crate) pacer: Pacer,
    pub(crate) probation: Option<Probation>,
    pub(crate) costs: Costs,
    shared_at: Option<Instant>,
    /// bit/s, when it was shared last.
    shared: u64,
    steps: Steps,
}

impl Egress {
    pub(crate) fn new(now: Instant, bounds: Option<Bounds>) -> Self {
        Self {
            is_managed: bounds.is_some(),
            congestion: Congestion::new(bounds.unwrap_or(Bounds::NONE)),
            pacer: Pacer::new(now),
            probation: None,
            costs: Costs::default(),
            shared_at: None,
            shared: 0,
            steps: Steps::default(),
        }
    }

    /// Paces by what is known of the path.
    pub(crate) fn update_pace(&mut self, now: Instant) {
        let rate = self.congestion.pacing_rate().filter(|_| self.is_managed);
        self.pacer.set_rate(now, rate);
    }

    /// Bandwidth is to be shared anew.
    pub(crate) fn is_share_due(&self, now: Instant) -> bool {
        self.next_share().is_some_and(|at| at <= now)
    }

    /// There is video to share it among: from now on again and again.
    pub(crate) fn start_sharing(&mut self, now: Instant) {
        if !self.is_managed {
            return;
        }
        self.shared_at.get_or_insert(now);
    }

    pub(crate) fn stop_sharing(&mut self) {
        self.shared_at = None;
    }

    pub(crate) fn on_shared(&mut self, now: Instant) {
        self.shared_at = Some(now);
        self.shared = self.congestion.estimate();
    }

    /// Whether anybody may have more than now. Not soon after more was too much, unless the path carries clearly more since.
    pub(crate) fn may_raise(&self, now: Instant, estimate: u64) -> bool {
        self.steps.resting.is_none_or(|(until, at)| until <= now || 2 * estimate > 3 * at)
    }

    /// Takes note of who got more and who less.
    pub(crate) fn on_steps(&mut self, now: Instant, estimate: u64, claims: &[(ConsumerKey, Claim<Layer>)]) {
        let steps = &mut self.steps;
        if claims.iter().any(|(_, claim)| claim.gets < claim.has) {
            if let Some(at) = steps.raised_at.take()
                && now.saturating_duration_since(at) < TOO_MUCH
            {
                steps.resting = Some((now + steps.rest, estimate));
                steps.rest = (2 * steps.rest).min(REST_MAX);
            }
        } else if claims.iter().any(|(_, claim)| claim.gets > claim.has) {
            steps.raised_at = Some(now);
        } else if steps.raised_at.is_some_and(|at| now.saturating_duration_since(at) > REST_MAX) {
            *steps = Steps::default();
        }
    }

    /// When bandwidth is to be shared anew.
    pub(crate) fn next_share(&self) -> Option<Instant> {
        // Less than before is no matter to wait with.
        let has_less = self.congestion.estimate() < self.shared;
        self.shared_at.map(|at| at + if has_less { SHARE_INTERVAL_MIN } else { SHARE_INTERVAL })
    }

    /// When something is to go out.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        [self.pacer.next_due(), self.congestion.next_due()].into_iter().flatten().min()
    }
}

/// What layers cost, as an average: a key frame makes none dearer.
#[derive(Debug, Default)]
pub(crate) struct Costs(Vec<(ConsumerKey, Layer, f64)>);

impl Costs {
    /// Takes note of what a layer costs now, bit/s; gives what it costs on average.
    pub(crate) fn update(&mut self, consumer: ConsumerKey, layer: Layer, bitrate: u64) -> u64 {
        const WEIGHT: f64 = 0.1;
        let known = self.0.iter_mut().find(|(key, of, _)| *key == consumer && *of == layer);
        let sample = bitrate as f64;
        let average = match known {
            Some((.., average)) => {
                // What begins is not averaged with its silence.
                *average =
                    if *average < sample / 3.0 { sample } else { *average + WEIGHT * (sample - *average) };
                *average
            }
            None => {
                self.0.push((consumer, layer, sample));
                sample
            }
        };
        average as u64
    }

    pub(crate) fn forget(&mut self, consumer: ConsumerKey) {
        self.0.retain(|(key, ..)| *key != consumer);
    }
}
