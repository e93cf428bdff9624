//! What goes out to a viewer: how much of it, and how fast.

use std::time::{Duration, Instant};

use super::{
    congestion::{Bounds, Claim, Congestion, Pacer, Probation, share},
    keys::ConsumerKey,
    layer::Layer,
};

/// Between two looks at who gets what.
const SHARE_INTERVAL: Duration = Duration::from_millis(250);
/// The same, where nobody lacks anything and the path has shown no limit.
const SHARE_INTERVAL_MAX: Duration = Duration::from_millis(500);
/// Between two because of what a viewer said.
const SHARE_INTERVAL_MIN: Duration = Duration::from_millis(50);

/// More that becomes less again within this was too much.
const TOO_MUCH: Duration = Duration::from_secs(6);
/// Then nobody gets more for this long, longer each time.
const REST_MIN: Duration = Duration::from_secs(5);
const REST_MAX: Duration = Duration::from_secs(30);

/// A probe asks for a little more than the next step needs.
const PROBE_MARGIN: f64 = 1.1;

/// How a path was shared, bit/s.
pub(crate) struct Shares {
    /// What it carries.
    pub(crate) estimate: u64,
    /// What everybody would take, sound too, and what they get.
    pub(crate) desired: u64,
    pub(crate) used: u64,
    /// The path is known to carry no more.
    pub(crate) is_limited: bool,
    /// Somebody may get more than before.
    pub(crate) may_raise: bool,
}

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
    /// Then everybody got all there is.
    is_content: bool,
    steps: Steps,
}

impl Egress {
    pub(crate) fn new(now: Instant, bounds: Option<Bounds>) -> Self {
        Self {
            is_managed: bounds.is_some(),
            congestion: Congestion::new(now, bounds.unwrap_or(Bounds::NONE)),
            pacer: Pacer::new(now),
            probation: None,
            costs: Costs::default(),
            shared_at: None,
            shared: 0,
            is_content: false,
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

    /// Shares what the path carries beside `sound`, bit/s; asks for a probe where somebody wants more.
    pub(crate) fn share(
        &mut self,
        now: Instant,
        sound: u64,
        claims: &mut [(ConsumerKey, Claim<Layer>)],
    ) -> Shares {
        let sound = if self.congestion.is_of_video() { 0 } else { sound };
        let desired: u64 = claims.iter().map(|(_, claim)| claim.cost(claim.steps.len())).sum();
        let estimate = self.congestion.estimate();
        let is_limited = self.congestion.is_limited();
        let may_raise = self.may_raise(now, estimate);
        if !may_raise {
            claims.iter_mut().for_each(|(_, claim)| claim.steps.truncate(claim.has.max(1)));
        }
        let shared = share(estimate.saturating_sub(sound), is_limited, claims);
        // Where nothing limits, what is sent already tests the path.
        let wanted = shared.next.unwrap_or(shared.used).max(shared.used);
        let has_all = may_raise && shared.next.is_none() && shared.used + sound <= estimate;
        let wanted = if may_raise { ((wanted + sound) as f64 * PROBE_MARGIN) as u64 } else { 2 * estimate };
        self.congestion.want((!has_all && !claims.is_empty()).then_some(wanted));
        self.on_steps(now, estimate, claims);
        (self.shared_at, self.shared) = (Some(now), estimate);
        self.is_content = claims.iter().all(|(_, claim)| claim.gets == claim.steps.len());
        Shares { estimate, desired: desired + sound, used: shared.used + sound, is_limited, may_raise }
    }

    /// Whether anybody may have more than now. Not soon after more was too much, unless the path carries clearly more since.
    fn may_raise(&self, now: Instant, estimate: u64) -> bool {
        self.steps.resting.is_none_or(|(until, at)| until <= now || 2 * estimate > 3 * at)
    }

    /// Takes note of who got more and who less.
    fn on_steps(&mut self, now: Instant, estimate: u64, claims: &[(ConsumerKey, Claim<Layer>)]) {
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
        let interval = if self.congestion.estimate() < self.shared {
            // Less than before is no matter to wait with.
            SHARE_INTERVAL_MIN
        } else if self.is_content && !self.congestion.is_limited() {
            SHARE_INTERVAL_MAX
        } else {
            SHARE_INTERVAL
        };
        self.shared_at.map(|at| at + interval)
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
