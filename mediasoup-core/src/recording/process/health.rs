//! Whether a child hangs: pure. Told what it reported and what it was seen to do; never asks.
//!
//! A recorder has the lowest priority: when calls need the machine it may get no CPU for long, and is healthy. So
//! silence alone says nothing. A child hangs when it owes a report and either wants no CPU (it is blocked, stopped,
//! deadlocked) or has used plenty without saying what for (it spins). One that waits for input owes nothing.

use std::time::{Duration, Instant};

use super::{
    protocol::{Progress, REPORT_INTERVAL_MAX},
    usage::Usage,
};

/// How often a child is looked at.
pub(super) const CHECK_INTERVAL: Duration = Duration::from_millis(200);
/// More than this between two looks says that the one who looks was held up, not the child.
const STEP_MAX: Duration = Duration::from_millis(400);

/// What a child is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It prepares, and has not reported yet: libraries are loaded, perhaps registries written.
    Starting,
    /// It has input before it.
    Working,
    /// It has read all there is so far, and waits for more.
    Idle,
    /// It has read the whole log and makes the files final: steps may be single long calls into a muxer.
    Finishing,
}

impl Stage {
    /// Of a child that was `fed` so many bytes, the last of the log among them or not, and has reported so much.
    pub(super) fn of(reported: Option<Progress>, fed: u64, is_all: bool) -> Self {
        match reported {
            None => Self::Starting,
            Some(progress) if progress.read < fed => Self::Working,
            Some(_) if is_all => Self::Finishing,
            Some(_) => Self::Idle,
        }
    }

    /// How long a child may want no CPU, and how much it may use, from when its report is overdue.
    fn patience(self) -> Option<(Duration, Duration)> {
        match self {
            Self::Idle => None,
            Self::Working => Some((Duration::from_secs(1), Duration::from_millis(1500))),
            Self::Starting | Self::Finishing => Some((Duration::from_secs(10), Duration::from_secs(20))),
        }
    }
}

/// Why a child is taken for dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Hang {
    #[error("it hung: it did nothing though there was something to do")]
    Blocked,
    #[error("it hung: it was busy without getting any further")]
    Spinning,
}

/// The watch over one child.
#[derive(Debug)]
pub(super) struct Health {
    last_report: Instant,
    overdue: Option<Overdue>,
}

/// A report is overdue: what was seen since.
#[derive(Debug)]
struct Overdue {
    cpu_before: Duration,
    blocked: Duration,
    last_look: Instant,
}

impl Health {
    /// Of a child that was started now.
    pub(super) fn new(now: Instant) -> Self {
        Self { last_report: now, overdue: None }
    }

    /// It reported that it came further.
    pub(super) fn reported(&mut self, now: Instant) {
        self.last_report = now;
        self.overdue = None;
    }

    /// Is called every [`CHECK_INTERVAL`]; asks for a look at the child only where it has been silent.
    pub(super) fn check(
        &mut self,
        stage: Stage,
        now: Instant,
        look: impl FnOnce() -> Option<Usage>,
    ) -> Option<Hang> {
        let Some((blocked_max, cpu_max)) = stage.patience() else {
            self.reported(now);
            return None;
        };
        if now.duration_since(self.last_report) < REPORT_INTERVAL_MAX {
            return None;
        }
        // It has just died, then; its end will be seen.
        let usage = look()?;
        let Some(overdue) = &mut self.overdue else {
            self.overdue = Some(Overdue { cpu_before: usage.cpu, blocked: Duration::ZERO, last_look: now });
            return None;
        };
        let step = now.duration_since(overdue.last_look).min(STEP_MAX);
        overdue.last_look = now;
        overdue.blocked = if usage.busy { Duration::ZERO } else { overdue.blocked + step };
        if overdue.blocked >= blocked_max {
            return Some(Hang::Blocked);
        }
        (usage.cpu.saturating_sub(overdue.cpu_before) >= cpu_max).then_some(Hang::Spinning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::process::ambient;

    /// Looks every interval at a child in `stage` that last reported at the start, and used this much CPU at each.
    fn noticed_after(stage: Stage, busy: bool, cpu_per_look: Duration) -> Option<(Duration, Hang)> {
        let start = ambient::now();
        let mut health = Health::new(start);
        (1..1000).find_map(|look| {
            let passed = CHECK_INTERVAL * look;
            let usage = Usage { cpu: cpu_per_look * look, busy };
            health.check(stage, start + passed, || Some(usage)).map(|hang| (passed, hang))
        })
    }

    const MS_2000: Duration = Duration::from_secs(2);

    #[test]
    fn a_child_that_is_blocked_is_noticed_in_2_s() {
        let (after, hang) = noticed_after(Stage::Working, false, Duration::ZERO).unwrap();
        assert!(hang == Hang::Blocked && after < MS_2000, "{hang:?} after {after:?}");
    }

    #[test]
    fn a_child_that_spins_is_noticed_once_it_has_used_2_s() {
        let (after, hang) = noticed_after(Stage::Working, true, CHECK_INTERVAL).unwrap();
        assert!(hang == Hang::Spinning && after <= MS_2000 + CHECK_INTERVAL, "{hang:?} after {after:?}");
        let (after, hang) = noticed_after(Stage::Working, true, CHECK_INTERVAL / 10).unwrap();
        assert!(hang == Hang::Spinning && after > Duration::from_secs(10), "{hang:?} after {after:?}");
    }

    #[test]
    fn a_child_that_gets_no_cpu_is_healthy() {
        assert_eq!(noticed_after(Stage::Working, true, Duration::ZERO), None);
    }

    #[test]
    fn a_child_that_gets_little_cpu_and_reports_now_and_then_is_healthy() {
        let start = ambient::now();
        let mut health = Health::new(start);
        for look in 1..1000 {
            let now = start + CHECK_INTERVAL * look;
            let usage = Usage { cpu: CHECK_INTERVAL / 10 * look, busy: true };
            if look % 50 == 0 {
                health.reported(now);
            }
            assert_eq!(health.check(Stage::Working, now, || Some(usage)), None);
        }
    }

    #[test]
    fn one_look_that_sees_it_wait_is_not_a_hang() {
        let start = ambient::now();
        let mut health = Health::new(start);
        for look in 1..1000 {
            let usage = Usage { cpu: Duration::ZERO, busy: look % 5 == 0 };
            assert_eq!(health.check(Stage::Working, start + CHECK_INTERVAL * look, || Some(usage)), None);
        }
    }

    #[test]
    fn a_child_without_input_may_wait() {
        assert_eq!(noticed_after(Stage::Idle, false, Duration::ZERO), None);
    }

    #[test]
    fn silence_counts_from_when_there_was_input() {
        let start = ambient::now();
        let mut health = Health::new(start);
        let look = || Some(Usage { cpu: Duration::ZERO, busy: false });
        let fed = start + Duration::from_secs(60);
        assert_eq!(health.check(Stage::Idle, fed, look), None);
        assert_eq!(health.check(Stage::Working, fed + CHECK_INTERVAL, look), None);
        assert_eq!(health.check(Stage::Working, fed + CHECK_INTERVAL * 3, look), None);
    }

    #[test]
    fn to_start_and_to_finish_may_take_longer() {
        for stage in [Stage::Starting, Stage::Finishing] {
            let (after, _) = noticed_after(stage, false, Duration::ZERO).unwrap();
            assert!(Duration::from_secs(10) < after && after < Duration::from_secs(12), "{after:?}");
        }
    }

    #[test]
    fn a_server_that_was_held_up_does_not_blame_the_child() {
        let start = ambient::now();
        let mut health = Health::new(start);
        let look = || Some(Usage { cpu: Duration::ZERO, busy: false });
        assert_eq!(health.check(Stage::Working, start + Duration::from_secs(100), look), None);
        assert_eq!(health.check(Stage::Working, start + Duration::from_secs(200), look), None);
    }

    #[test]
    fn stages_follow_from_what_was_fed_and_read() {
        let read = |read| Some(Progress { position: 0, read });
        assert_eq!(Stage::of(None, 0, false), Stage::Starting);
        assert_eq!(Stage::of(read(3), 4, false), Stage::Working);
        assert_eq!(Stage::of(read(3), 4, true), Stage::Working);
        assert_eq!(Stage::of(read(4), 4, false), Stage::Idle);
        assert_eq!(Stage::of(read(4), 4, true), Stage::Finishing);
    }
}
