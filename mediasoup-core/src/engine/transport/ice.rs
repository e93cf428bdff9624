//! The ICE-lite side of a session (RFC 8445 §2.5, RFC 7675), with the semantics of mediasoup's `IceServer`.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    SessionEvent,
    stun::{BindingRequest, Credentials, Nomination},
};
use crate::media::transport::{IceParameters, IceState, Tuple};

/// Tuples a session may have at a time.
const MAX_TUPLES: usize = 8;

/// Answers one peer's checks and knows which of its tuples to use.
pub(super) struct IceServer {
    credentials: Credentials,
    /// Those before the restart the peer has not followed yet.
    previous: Option<Box<Credentials>>,
    /// For their owner to collect after every call that can retire one.
    retired: VecDeque<String>,
    /// Validated, the longest unchecked first.
    tuples: Vec<Tuple>,
    consent_timeout: Option<Duration>,
    state: State,
}

enum State {
    New,
    Active(Path),
    Disconnected,
    Closed,
}

/// What is in use.
struct Path {
    /// One of the tuples.
    selected: Tuple,
    /// `None`: in use only because it came first.
    nomination: Nomination,
    /// When consent runs out unless a check comes.
    consent_expires: Option<Instant>,
}

impl Path {
    fn state(&self) -> IceState {
        match self.nomination {
            Nomination::None => IceState::Connected,
            Nomination::Plain | Nomination::Value(_) => IceState::Completed,
        }
    }

    fn nominate(&mut self, tuple: Tuple, nomination: Nomination) {
        let counts = match (nomination, self.nomination) {
            (Nomination::None, _) => false,
            (Nomination::Value(new), Nomination::Value(old)) => new > old,
            (Nomination::Plain | Nomination::Value(_), _) => true,
        };
        if counts {
            self.selected = tuple;
            self.nomination = nomination;
        }
    }
}

impl IceServer {
    pub(super) fn new(parameters: IceParameters, consent_timeout: Option<Duration>) -> Self {
        Self {
            credentials: Credentials::new(parameters),
            previous: None,
            retired: VecDeque::new(),
            tuples: Vec::new(),
            consent_timeout,
            state: State::New,
        }
    }

    pub(super) fn parameters(&self) -> &IceParameters {
        &self.credentials.parameters
    }

    pub(super) fn state(&self) -> IceState {
        match &self.state {
            State::New => IceState::New,
            State::Active(path) => path.state(),
            State::Disconnected => IceState::Disconnected,
            State::Closed => IceState::Closed,
        }
    }

    pub(super) fn selected(&self) -> Option<Tuple> {
        match &self.state {
            State::Active(path) => Some(path.selected),
            State::New | State::Disconnected | State::Closed => None,
        }
    }

    /// Whether datagrams from `tuple` are this session's.
    pub(super) fn is_valid(&self, tuple: Tuple) -> bool {
        self.selected() == Some(tuple) || self.tuples.contains(&tuple)
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Active(path) => path.consent_expires,
            State::New | State::Disconnected | State::Closed => None,
        }
    }

    pub(super) fn poll_retired(&mut self) -> Option<String> {
        self.retired.pop_front()
    }

    pub(super) fn restart(&mut self, parameters: IceParameters) {
        let current = std::mem::replace(&mut self.credentials, Credentials::new(parameters));
        let forgotten = self.previous.replace(Box::new(current));
        self.retired.extend(forgotten.map(|credentials| credentials.parameters.username_fragment));
        if let State::Active(path) = &mut self.state
            && path.nomination != Nomination::None
        {
            // The peer counts its nominations anew.
            path.nomination = Nomination::Plain;
        }
    }

    /// Gives the answer, if the request deserves one. What is not authentic is not answered at all.
    pub(super) fn handle_request(
        &mut self,
        now: Instant,
        tuple: Tuple,
        datagram: &[u8],
        events: &mut VecDeque<SessionEvent>,
    ) -> Option<Vec<u8>> {
        if matches!(self.state, State::Closed) {
            return None;
        }
        let request = BindingRequest::parse(datagram)?;
        let credentials = self.authenticate(&request)?;
        let nomination = match request.check() {
            Ok(nomination) => nomination,
            Err(refusal) => return request.refuse(credentials, &refusal),
        };
        let answer = request.accept(credentials, tuple.remote)?;
        self.retire_unless(request.username_fragment()?);
        self.handle_check(now, tuple, nomination, events);
        Some(answer)
    }

    /// The peer's own choice, seen by what it sends authentic media on. A peer that nominates every pair (as
    /// Firefox does with a lite server) uses one of them only, not always the one it nominated last.
    pub(super) fn follow(&mut self, tuple: Tuple) {
        if let State::Active(path) = &mut self.state
            && !matches!(path.nomination, Nomination::Value(_))
        {
            path.selected = tuple;
        }
    }

    pub(super) fn remove(&mut self, tuple: Tuple, events: &mut VecDeque<SessionEvent>) {
        let Some(position) = self.tuples.iter().position(|known| *known == tuple) else { return };
        self.tuples.remove(position);
        events.push_back(SessionEvent::TupleRemoved(tuple));
        let State::Active(path) = &mut self.state else { return };
        if path.selected == tuple {
            match self.tuples.last() {
                Some(next) => path.selected = *next,
                None => self.enter(State::Disconnected, events),
            }
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant, events: &mut VecDeque<SessionEvent>) {
        if self.poll_timeout().is_some_and(|expires| expires <= now) {
            self.forget_tuples(events);
            self.enter(State::Disconnected, events);
        }
    }

    /// Nothing is answered from now on: its credentials are retired.
    pub(super) fn close(&mut self, events: &mut VecDeque<SessionEvent>) {
        let known = std::iter::once(&self.credentials).chain(self.previous.as_deref());
        self.retired.extend(known.map(|credentials| credentials.parameters.username_fragment.clone()));
        self.forget_tuples(events);
        self.enter(State::Closed, events);
    }

    fn authenticate(&self, request: &BindingRequest) -> Option<&Credentials> {
        let fragment = request.username_fragment()?;
        std::iter::once(&self.credentials)
            .chain(self.previous.as_deref())
            .find(|credentials| credentials.parameters.username_fragment == fragment)
            .filter(|credentials| request.is_signed_with(credentials))
    }

    /// A request with the new credentials ends the old ones.
    fn retire_unless(&mut self, used: &str) {
        if used == self.credentials.parameters.username_fragment
            && let Some(previous) = self.previous.take()
        {
            self.retired.push_back(previous.parameters.username_fragment);
        }
    }

    fn handle_check(
        &mut self,
        now: Instant,
        tuple: Tuple,
        nomination: Nomination,
        events: &mut VecDeque<SessionEvent>,
    ) {
        self.touch(tuple, events);
        let consent_expires = self.consent_timeout.map(|timeout| now + timeout);
        if let State::Active(path) = &mut self.state {
            let before = path.state();
            path.nominate(tuple, nomination);
            path.consent_expires = consent_expires;
            if path.state() != before {
                events.push_back(SessionEvent::Ice(path.state()));
            }
        } else {
            self.enter(State::Active(Path { selected: tuple, nomination, consent_expires }), events);
        }
    }

    /// Makes a tuple the latest, and room for it.
    fn touch(&mut self, tuple: Tuple, events: &mut VecDeque<SessionEvent>) {
        if let Some(position) = self.tuples.iter().position(|known| *known == tuple) {
            self.tuples[position..].rotate_left(1);
            return;
        }
        if self.tuples.len() >= MAX_TUPLES {
            let selected = self.selected();
            let oldest = self.tuples.iter().copied().find(|known| Some(*known) != selected);
            if let Some(oldest) = oldest {
                self.remove(oldest, events);
            }
        }
        self.tuples.push(tuple);
        events.push_back(SessionEvent::TupleAdded(tuple));
    }

    fn forget_tuples(&mut self, events: &mut VecDeque<SessionEvent>) {
        events.extend(self.tuples.drain(..).map(SessionEvent::TupleRemoved));
    }

    fn enter(&mut self, state: State, events: &mut VecDeque<SessionEvent>) {
        let before = self.state();
        self.state = state;
        if self.state() != before {
            events.push_back(SessionEvent::Ice(self.state()));
        }
    }
}
