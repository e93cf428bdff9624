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
    /// Tells it, or finds it too far behind. One whose receiver was dropped is not behind: its watch tells of it.
    fn misses(&self, event: &RoomEvent) -> bool {
        matches!(self.events.try_send(event.clone()), Err(mpsc::error::TrySendError::Full(_)))
    }

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
        let behind: Vec<_> = self
            .audience(audience)
            .filter(|session| session.misses(event))
            .map(|session| session.key.clone())
            .collect();
        for key in &behind {
            self.end(&key.participant, RoomEvent::Left(LeaveReason::Left));
        }
        behind
    }

    fn audience(&self, audience: &Audience) -> Box<dyn Iterator<Item = &Session> + '_> {
        match audience.clone() {
            Audience::Everyone => Box::new(self.sessions.values()),
            Audience::Except(id) => {
                Box::new(self.sessions.values().filter(move |session| session.key.participant != id))
            }
            Audience::Only(id) => Box::new(self.sessions.get(&id).into_iter()),
        }
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
