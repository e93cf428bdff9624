//! Asking a sender for a key frame, not more often than it can answer.

use std::time::{Duration, Instant};

/// Between two requests. An encoder that is asked more often spends all its bits on key frames.
const INTERVAL: Duration = Duration::from_secs(1);
/// Requests without an answer before the stream is left alone until somebody asks again.
const UNANSWERED_MAX: u8 = 5;

/// Key frame requests of one stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum KeyFrameRequests {
    /// Nobody wants one.
    #[default]
    Idle,
    /// One was asked for.
    Asked {
        /// The next request is possible then.
        until: Instant,
        /// What to do then.
        then: Then,
    },
}

/// What to do once the interval has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The key frame came.
    Rest,
    /// It came, but somebody wanted one since.
    AskAgain,
    /// It did not come.
    Repeat {
        /// Requests so far.
        unanswered: u8,
    },
}

impl KeyFrameRequests {
    /// Somebody wants a key frame. `true`: send a request now.
    pub(crate) fn request(&mut self, now: Instant) -> bool {
        match self {
            Self::Asked { until, then } if now < *until => {
                if *then == Then::Rest {
                    *then = Then::AskAgain;
                }
                false
            }
            _ => self.ask(now, 1),
        }
    }

    fn ask(&mut self, now: Instant, unanswered: u8) -> bool {
        *self = Self::Asked { until: now + INTERVAL, then: Then::Repeat { unanswered } };
        true
    }

    /// A key frame came.
    pub(crate) fn on_key_frame(&mut self) {
        if let Self::Asked { then, .. } = self {
            *then = Then::Rest;
        }
    }

    /// `true`: send a request now.
    pub(crate) fn on_timeout(&mut self, now: Instant) -> bool {
        let Self::Asked { until, then } = *self else { return false };
        if now < until {
            return false;
        }
        match then {
            Then::AskAgain => self.ask(now, 1),
            Then::Repeat { unanswered } if unanswered < UNANSWERED_MAX => self.ask(now, unanswered + 1),
            Then::Rest | Then::Repeat { .. } => {
                *self = Self::Idle;
                false
            }
        }
    }

    pub(crate) fn next_due(&self) -> Option<Instant> {
        match self {
            Self::Idle => None,
            Self::Asked { until, .. } => Some(*until),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    #[test]
    fn one_request_a_second_however_many_want_it() {
        let start = Instant::now();
        let mut requests = KeyFrameRequests::default();
        assert!(requests.request(start));
        assert!(!requests.request(start + INTERVAL / 2));
        requests.on_key_frame();
        assert!(!requests.on_timeout(start + INTERVAL));
        assert_eq!(requests.next_due(), None);
    }

    #[test]
    fn who_asks_after_the_key_frame_gets_another_one() {
        let start = Instant::now();
        let mut requests = KeyFrameRequests::default();
        requests.request(start);
        requests.on_key_frame();
        assert!(!requests.request(start + INTERVAL / 2));
        assert!(requests.on_timeout(start + INTERVAL));
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
