//! The sessions' event queues: bounded, and with a place kept for the last word.

use std::collections::BTreeMap;

use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};

use super::{
    event::{Audience, LeaveReason, RoomEvent},
    limits::SESSION_QUEUE_LEN,
    state::SessionKey,
};
use crate::ids::ParticipantId;

#[derive(Debug)]
struct Session {
    key: SessionKey,
    events: mpsc::Sender<RoomEvent>,
    /// The place of its last event, which is thus heard however far behind the session is.
    last: mpsc::OwnedPermit<RoomEvent>,
    /// Waits for the receiver to be dropped.
    watch: AbortHandle,
}

impl Session {
    fn end(self, event: RoomEvent) {
        self.watch.abort();
        self.last.send(event);
    }
}

/// Who listens.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    sessions: BTreeMap<ParticipantId, Session>,
    watches: JoinSet<SessionKey>,
}

impl Sessions {
    /// A session that hears everything from now on. There must be none of that participant.
    pub(super) fn start(&mut self, key: SessionKey) -> mpsc::Receiver<RoomEvent> {
        let (events, receiver) = mpsc::channel(SESSION_QUEUE_LEN + 1);
        let last = events.clone().try_reserve_owned().expect("a new queue has room");
        let (watched, watched_key) = (events.clone(), key.clone());
        let watch = self.watches.spawn(async move {
            watched.closed().await;
            watched_key
        });
        self.sessions.insert(key.participant.clone(), Session { key, events, last, watch });
        receiver
    }

    /// Tells an audience. Answers with the sessions too far behind to hear it: they have ended.
    pub(super) fn tell(&mut self, audience: &Audience, event: &RoomEvent) -> Vec<SessionKey> {
        let is_behind = |session: &Session| {
            matches!(session.events.try_send(event.clone()), Err(mpsc::error::TrySendError::Full(_)))
        };
        let behind: Vec<_> = match audience {
            Audience::Only(id) => {
                self.sessions.get(id).filter(|session| is_behind(session)).into_iter().collect()
            }
            Audience::Everyone => self.sessions.values().filter(|session| is_behind(session)).collect(),
            Audience::Except(id) => self
                .sessions
                .values()
                .filter(|session| session.key.participant != *id && is_behind(session))
                .collect(),
        };
        let behind: Vec<_> = behind.into_iter().map(|session| session.key.clone()).collect();
        for key in &behind {
            self.end(&key.participant, RoomEvent::Left(LeaveReason::Left));
        }
        behind
    }

    /// Tells a session its last event.
    pub(super) fn end(&mut self, id: &ParticipantId, event: RoomEvent) {
        if let Some(session) = self.sessions.remove(id) {
            session.end(event);
        }
    }

    /// The next session whose receiver was dropped; pending for ever where there is none.
    pub(super) async fn abandoned(&mut self) -> SessionKey {
        loop {
            match self.watches.join_next().await {
                Some(Ok(key)) => return key,
                Some(Err(_aborted)) => {}
                None => std::future::pending().await,
            }
        }
    }
}
