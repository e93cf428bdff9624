//! Whether a recorder that died is started once more: pure.

use std::time::Duration;

/// Deaths in a row, none of which came further than the one before, after which nothing helps.
pub(super) const DEATHS_MAX: u32 = 5;
/// The first restart is at once; from the second in place on there is this much, doubled each time.
const PAUSE: Duration = Duration::from_millis(100);

/// What to do after a death.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Start again, after this.
    Restart(Duration),
    /// It will not get any further.
    GiveUp,
}

/// The deaths of one recorder.
#[derive(Debug, Default)]
pub(super) struct Restarts {
    in_place: u32,
    furthest: Duration,
}

impl Restarts {
    /// It died, at the recording's time `position`.
    pub(super) fn died(&mut self, position: Duration) -> Next {
        if position > self.furthest {
            self.furthest = position;
            self.in_place = 0;
        }
        self.in_place += 1;
        match self.in_place {
            1 => Next::Restart(Duration::ZERO),
            deaths if deaths < DEATHS_MAX => Next::Restart(PAUSE * (1 << (deaths - 2))),
            _ => Next::GiveUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_fifth_death_in_one_place_is_the_last() {
        let mut restarts = Restarts::default();
        let pauses = [0, 100, 200, 400].map(|pause| Next::Restart(Duration::from_millis(pause)));
        for pause in pauses {
            assert_eq!(restarts.died(Duration::ZERO), pause);
        }
        assert_eq!(restarts.died(Duration::ZERO), Next::GiveUp);
    }

    #[test]
    fn who_gets_further_may_die_on() {
        let mut restarts = Restarts::default();
        for second in 1..100 {
            assert_eq!(restarts.died(at(second)), Next::Restart(Duration::ZERO));
            assert_ne!(restarts.died(at(second)), Next::GiveUp);
        }
    }

    #[test]
    fn to_have_been_there_before_is_no_progress() {
        let mut restarts = Restarts::default();
        for position in [9, 3, 5, 9] {
            assert_ne!(restarts.died(at(position)), Next::GiveUp);
        }
        assert_eq!(restarts.died(at(8)), Next::GiveUp);
    }
}
