//! A socket's session: the rooms it is in, and the one task that answers its requests and forwards their events.

use std::{collections::BTreeMap, future::poll_fn, sync::Arc, task::Poll, time::Duration};

use mediasoup_core::{
    ids::{ConsumerId, ParticipantId, ProducerId, RoomId},
    recording::{Recording, RecordingError, RecordingEvent},
    room::{Joined, LeaveReason, Participant, Room, RoomError, RoomEvent},
};
use serde_json::{Map, Value, json};
use socketioxide::extract::SocketRef;
use tokio::{
    sync::{Notify, mpsc},
    task::JoinSet,
};

use super::{
    dispatch, events,
    news::{RecordingNews, Turn},
    recording,
    reply::{Lagging, Outcome, emit},
    request::Incoming,
};
use crate::{
    access,
    auth::Identity,
    error::{ApiError, Code},
    recording::RecordingView,
    shutdown::Phase,
    state::AppState,
};

/// Rooms one socket may be in at once.
const ROOMS_MAX: usize = 32;

/// What reaches a session from its socket.
pub(super) struct Inbox {
    /// In the order they came.
    pub(super) requests: mpsc::Receiver<Incoming>,
    /// The socket is disconnected.
    pub(super) gone: Arc<Notify>,
}

/// Being in one room.
struct Membership {
    participant: Participant,
    events: mpsc::Receiver<RoomEvent>,
    /// What each own consumer consumes: the reply to `close-consumer` says it.
    consumers: BTreeMap<ConsumerId, ProducerId>,
}

/// One socket, for as long as it is connected.
pub(super) struct Session {
    pub(super) state: AppState,
    pub(super) identity: Identity,
    /// Its id in every room.
    pub(super) participant: ParticipantId,
    /// Of all recordings: those of its rooms are passed on.
    pub(super) news: RecordingNews,
    socket: SocketRef,
    memberships: BTreeMap<RoomId, Membership>,
    /// Recordings being stopped for this client.
    stops: JoinSet<Stop>,
}

/// A request to stop a recording, and what came of it.
struct Stop {
    incoming: Incoming,
    room: RoomId,
    result: Result<Recording, RecordingError>,
}

impl Session {
    pub(super) fn new(
        state: AppState,
        socket: SocketRef,
        identity: Identity,
        participant: ParticipantId,
    ) -> Self {
        let news = RecordingNews::new(state.recordings.events());
        let (memberships, stops) = (BTreeMap::new(), JoinSet::new());
        Self { state, identity, participant, news, socket, memberships, stops }
    }

    /// Runs until the socket is gone, then leaves every room.
    pub(super) async fn run(mut self, mut inbox: Inbox) {
        let lagging = self.work(&mut inbox).await.is_err();
        for membership in std::mem::take(&mut self.memberships).into_values() {
            membership.participant.leave().await;
        }
        self.stops.detach_all();
        if lagging {
            tracing::warn!(target: "mediasoup::participant", participant = %self.participant,
                "disconnecting a client that does not read");
            drop(inbox.requests);
            disconnect(&self.socket, &inbox.gone).await;
        }
    }

    async fn work(&mut self, inbox: &mut Inbox) -> Result<(), Lagging> {
        let mut phase = self.state.readiness.subscribe();
        phase.mark_changed();
        loop {
            tokio::select! {
                () = inbox.gone.notified() => return Ok(()),
                Some(incoming) = inbox.requests.recv() => self.handle(incoming).await?,
                (room, event) = next_event(&mut self.memberships) => match event {
                    Some(event) => self.forward(&room, &event)?,
                    None => self.forward(&room, &RoomEvent::Left(LeaveReason::Removed))?,
                },
                news = self.news.next() => self.pass_on(&news)?,
                Some(Ok(stop)) = self.stops.join_next() => self.answer_stop(stop)?,
                Ok(()) = phase.changed() => {
                    let now = *phase.borrow_and_update();
                    if let Phase::Draining { deadline } = now {
                        emit(&self.socket, "mediasoup:server-draining", &object(json!({ "deadline": deadline })))?;
                    }
                }
            }
        }
    }

    /// Answers one request. A room tells everyone of what this request did, the caller too: for the caller
    /// the reply stands in the place of that event, among the events that came before and after it.
    async fn handle(&mut self, mut incoming: Incoming) -> Result<(), Lagging> {
        // What has happened to recordings so far is told to who was there: this may be somebody joining.
        while let Some(news) = self.news.ready() {
            self.pass_on(&news)?;
        }
        let outcome = dispatch::handle(self, &mut incoming.request).await;
        if let Some(recording) = outcome.as_ref().ok().and_then(|reply| reply.stopping.as_deref()) {
            self.stop(incoming, recording.clone());
            return Ok(());
        }
        let Some((room, echo)) = echo_of(&outcome) else { return incoming.answer(&outcome) };
        let mut unanswered = Some(incoming);
        while let Some(event) = self.memberships.get_mut(&room).and_then(|it| it.events.try_recv().ok()) {
            match unanswered.take_if(|_| event == echo) {
                Some(incoming) => {
                    incoming.answer(&outcome)?;
                    self.note(&room, &event)?;
                }
                None => self.forward(&room, &event)?,
            }
        }
        if let Some(incoming) = unanswered {
            incoming.answer(&outcome)?;
            self.note(&room, &echo)?;
        }
        Ok(())
    }

    /// Stops a recording beside everything else this session does.
    fn stop(&mut self, incoming: Incoming, recording: Recording) {
        let recordings = Arc::clone(&self.state.recordings);
        self.news.hold(recording.room_id.clone());
        self.stops.spawn(async move {
            let result = recordings.stop_recording(&recording).await;
            Stop { incoming, room: recording.room_id, result }
        });
    }

    fn answer_stop(&mut self, stop: Stop) -> Result<(), Lagging> {
        let Stop { incoming, room, result } = stop;
        if let Ok(recording) = &result {
            self.news.told(recording.id, Turn::Stopped);
        }
        incoming.answer(&recording::stopped(result))?;
        self.news.release(&room).iter().try_for_each(|news| self.pass_on(news))
    }

    /// Passes news of a recording on, where this socket is in its room.
    fn pass_on(&self, news: &RecordingEvent) -> Result<(), Lagging> {
        match recording::to_client(news) {
            Some((room, name, body)) if self.memberships.contains_key(room) => {
                emit(&self.socket, name, &body)
            }
            _ => Ok(()),
        }
    }

    /// What somebody who joins is told of the room's recording: its start is no news any more.
    pub(super) fn recording_at_join(&mut self, room: &RoomId) -> RecordingView {
        let recording = self.state.recordings.recording_of(room);
        if let Some(recording) = &recording {
            self.news.told(recording.id, Turn::Started);
        }
        RecordingView::of(recording.as_ref())
    }

    fn forward(&mut self, room: &RoomId, event: &RoomEvent) -> Result<(), Lagging> {
        if let Some((name, body)) = events::to_client(room, event) {
            emit(&self.socket, name, &body)?;
        }
        self.note(room, event)
    }

    /// What an event that the client was told of means for the session itself.
    fn note(&mut self, room: &RoomId, event: &RoomEvent) -> Result<(), Lagging> {
        match event {
            RoomEvent::ConsumerClosed { consumer_id, .. } => {
                if let Some(membership) = self.memberships.get_mut(room) {
                    membership.consumers.remove(consumer_id);
                }
                Ok(())
            }
            RoomEvent::Left(_) => {
                self.memberships.remove(room);
                Ok(())
            }
            RoomEvent::RoomClosed(_) if self.memberships.remove(room).is_some() => {
                match events::to_client(room, &RoomEvent::Left(LeaveReason::RoomClosed)) {
                    Some((name, body)) => emit(&self.socket, name, &body),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// A room this token may enter.
    pub(super) fn room(&self, id: &RoomId) -> Result<Room, ApiError> {
        access::require_entry(&self.identity, id)?;
        Ok(self.state.rooms.room(id)?)
    }

    /// A room this socket rules: by its token, or because it created it.
    pub(super) async fn hosted_room(&self, id: &RoomId) -> Result<Room, ApiError> {
        let room = self.room(id)?;
        if self.identity.may_host(id) || room.info().await?.host.as_ref() == Some(&self.participant) {
            return Ok(room);
        }
        Err(ApiError::forbidden("Only a host of the room may do this"))
    }

    /// This socket, as a participant of a room it is in.
    pub(super) fn participant_in(&self, room: &RoomId) -> Result<Participant, ApiError> {
        if let Some(membership) = self.memberships.get(room) {
            return Ok(membership.participant.clone());
        }
        self.room(room)?;
        Err(RoomError::ParticipantNotFound.into())
    }

    /// Fails where this socket is in so many rooms that it may enter no other.
    pub(super) fn require_space_for(&self, room: &RoomId) -> Result<(), ApiError> {
        if self.memberships.len() < ROOMS_MAX || self.memberships.contains_key(room) {
            return Ok(());
        }
        Err(ApiError::new(Code::LimitExceeded, "Limit exceeded: rooms of one connection"))
    }

    /// Takes the room's events from now on; an older session of this socket in the same room ends unheard.
    pub(super) fn enter(&mut self, room: RoomId, joined: Joined) {
        let Joined { participant, events, .. } = joined;
        self.memberships.insert(room, Membership { participant, events, consumers: BTreeMap::new() });
    }

    /// Remembers what an own consumer consumes.
    pub(super) fn remember_consumer(&mut self, room: &RoomId, consumer: ConsumerId, producer: ProducerId) {
        if let Some(membership) = self.memberships.get_mut(room) {
            membership.consumers.insert(consumer, producer);
        }
    }

    /// What an own consumer consumes.
    pub(super) fn producer_of(&self, room: &RoomId, consumer: ConsumerId) -> Result<ProducerId, ApiError> {
        let producer = self.memberships.get(room).and_then(|it| it.consumers.get(&consumer));
        producer.copied().ok_or_else(|| RoomError::ConsumerNotFound.into())
    }
}

fn echo_of(outcome: &Outcome) -> Option<(RoomId, RoomEvent)> {
    outcome.as_ref().ok()?.echo.clone()
}

/// The next event of any room; `None` where a room has dropped the session without a word.
async fn next_event(memberships: &mut BTreeMap<RoomId, Membership>) -> (RoomId, Option<RoomEvent>) {
    poll_fn(|context| {
        for (room, membership) in memberships.iter_mut() {
            if let Poll::Ready(event) = membership.events.poll_recv(context) {
                return Poll::Ready((room.clone(), event));
            }
        }
        Poll::Pending
    })
    .await
}

/// Disconnects a socket whose outbox is full, as soon as there is space for saying so.
async fn disconnect(socket: &SocketRef, gone: &Notify) {
    while socket.connected() && socket.clone().disconnect().is_err() {
        tokio::select! {
            () = gone.notified() => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
