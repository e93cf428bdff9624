//! Asking a sender for a key frame, not more often than does good.

use std::time::{Duration, Instant};

/// A request that is not answered is repeated first after this: browsers pass over a request that comes within 300 ms of
/// their last key frame.
const FIRST_REPEAT: Duration = Duration::from_millis(400);
/// And then after this.
const REPEAT: Duration = Duration::from_secs(1);
/// Requests without an answer before the stream is left alone until somebody asks again.
const UNANSWERED_MAX: u8 = 5;
/// One request a second in the long run: an encoder that is asked more often spends all its bits on key frames.
const REFILL: Duration = Duration::from_secs(1);
/// But so many at once: who joins right after somebody else need not wait.
const BURST: u32 = 3;

/// Key frame requests of one stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeyFrameRequests {
    state: State,
    budget: Budget,
    /// The sender's owner wants no request sooner than this after the last.
    delay: Duration,
    asked_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Nobody wants one.
    #[default]
    Idle,
    /// One was asked for and has not come.
    Asked { repeat_at: Instant, unanswered: u8 },
    /// One is wanted, but may not be asked for yet.
    Deferred { until: Instant },
}

impl KeyFrameRequests {
    pub(crate) fn new(delay: Duration) -> Self {
        Self { delay, ..Self::default() }
    }

    /// Somebody wants a key frame. `true`: send a request now.
    pub(crate) fn request(&mut self, now: Instant) -> bool {
        match self.state {
            // The one that is on its way serves everybody.
            State::Asked { .. } | State::Deferred { .. } => false,
            State::Idle => self.ask(now),
        }
    }

    fn ask(&mut self, now: Instant) -> bool {
        let held_until = self.asked_at.map(|at| at + self.delay).filter(|until| *until > now);
        match held_until.map_or_else(|| self.budget.take(now), Err) {
            Ok(()) => {
                self.asked_at = Some(now);
                self.state = State::Asked { repeat_at: now + FIRST_REPEAT.max(self.delay), unanswered: 1 };
                true
            }
            Err(until) => {
                self.state = State::Deferred { until };
                false
            }
        }
    }

    /// A key frame came.
    pub(crate) fn on_key_frame(&mut self) {
        self.state = State::Idle;
    }

    /// `true`: send a request now.
    pub(crate) fn on_timeout(&mut self, now: Instant) -> bool {
        match self.state {
            State::Deferred { until } if until <= now => self.ask(now),
            State::Asked { repeat_at, unanswered } if repeat_at <= now => {
                let again = unanswered < UNANSWERED_MAX;
                self.state = if again {
                    State::Asked { repeat_at: now + REPEAT, unanswered: unanswered + 1 }
                } else {
                    State::Idle
                };
                again
            }
            _ => false,
        }
    }

    pub(crate) fn next_due(&self) -> Option<Instant> {
        match self.state {
            State::Idle => None,
            State::Asked { repeat_at, .. } => Some(repeat_at),
            State::Deferred { until } => Some(until),
        }
    }
}

/// A bucket of [`BURST`] requests that fills by one each [`REFILL`].
#[derive(Clone, Copy, Debug, Default)]
struct Budget {
    /// When the bucket will be full again; `None`: it is.
    full_at: Option<Instant>,
}

impl Budget {
    /// Takes one, or tells when there will be one.
    fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        let available_at = full_at.checked_sub(REFILL * (BURST - 1)).unwrap_or(now);
        if available_at > now {
            return Err(available_at);
        }
        self.full_at = Some(full_at + REFILL);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    #[test]
    fn one_request_serves_all_who_want_one() {
        let start = Instant::now();
        let mut requests = KeyFrameRequests::default();
        assert!(requests.request(start));
        assert!(!requests.request(start + FIRST_REPEAT / 2));
        requests.on_key_frame();
        assert_eq!(requests.next_due(), None);
        assert!(requests.request(start + FIRST_REPEAT / 2), "who comes later gets another");
    }

    #[test]
    fn the_owners_delay_is_kept() {
        let start = Instant::now();
        let delay = Duration::from_secs(3);
        let mut requests = KeyFrameRequests::new(delay);
        assert!(requests.request(start));
        requests.on_key_frame();
        assert!(!requests.request(start + Duration::from_secs(1)));
        assert_eq!(requests.next_due(), Some(start + delay));
        assert!(requests.on_timeout(start + delay));
        assert_eq!(requests.next_due(), Some(start + 2 * delay), "it did not come");
    }

    #[test]
    fn one_a_second_in_the_long_run() {
        let start = Instant::now();
        let mut requests = KeyFrameRequests::default();
        let mut sent = 0;
        for ms in 0..10_000 {
            let now = start + Duration::from_millis(ms);
            sent += u32::from(requests.request(now)) + u32::from(requests.on_timeout(now));
            requests.on_key_frame();
        }
        assert_eq!(sent, BURST + 9);
    }

    #[test]
    fn a_deferred_request_goes_out_when_it_may() {
        let start = Instant::now();
        let mut requests = KeyFrameRequests::default();
        for _ in 0..BURST {
            assert!(requests.request(start));
            requests.on_key_frame();
        }
        assert!(!requests.request(start));
        let due = requests.next_due().unwrap();
        assert!(!requests.on_timeout(due - Duration::from_millis(1)));
        assert!(requests.on_timeout(due));
    }

    #[test]
    fn repeats_until_it_comes_but_not_for_ever() {
        let start = Instant::now();
        let mut requests = KeyFrameRequests::default();
        let mut sent = u8::from(requests.request(start));
        while let Some(due) = requests.next_due() {
            sent += u8::from(requests.on_timeout(due));
        }
        assert_eq!(sent, UNANSWERED_MAX);
    }
}
