//! The surface: a manager of rooms, a room, and one participant's session in it.

use std::{num::NonZeroU8, sync::Arc};

use async_trait::async_trait;
use serde_json::Value;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use super::{
    error::RoomError,
    event::{CloseReason, LeaveReason, RoomEvent},
    info::{
        ConsumerInfo, ParticipantDetail, ParticipantInfo, ProducerInfo, RoomInfo, RoomOptions, RoomSummary,
        RoomsStats, TransportDirection,
    },
    operations::Started,
    state::{RoomCounts, SessionKey},
    task::{Command, RoomTask, Work, command},
};
use crate::{
    ids::{ConsumerId, ParticipantId, ProducerId, RoomId, TransportId},
    media::{
        Router,
        data::SctpOptions,
        event::ConsumerLayers,
        options::{ConsumerOptions, ProducerOptions},
        stats::{ConsumerReport, ProducerStats, TransportStats},
        transport::{DtlsParameters, IceParameters, TransportParameters},
    },
    recording::RosterEvent,
};

/// Makes rooms and finds them again.
#[async_trait]
pub trait RoomManager: std::fmt::Debug + Send + Sync + 'static {
    /// Opens a room. `host` is the participant that asked for it, where one did.
    ///
    /// # Errors
    /// The name is taken, an option makes no sense, the server stops.
    async fn create_room(
        &self,
        id: RoomId,
        options: RoomOptions,
        host: Option<ParticipantId>,
    ) -> Result<RoomInfo, RoomError>;
    /// The room of that name.
    ///
    /// # Errors
    /// [`RoomError::RoomNotFound`].
    fn room(&self, id: &RoomId) -> Result<Room, RoomError>;
    /// All rooms, in order of creation.
    async fn rooms(&self) -> Vec<RoomSummary>;
    /// Counts.
    fn stats(&self) -> RoomsStats;
    /// Closes a room and all it holds; when it returns, nothing of it is left.
    ///
    /// # Errors
    /// [`RoomError::RoomNotFound`].
    async fn close_room(&self, id: &RoomId, reason: CloseReason) -> Result<(), RoomError>;
    /// Closes all rooms and takes no new one.
    async fn close(&self, reason: CloseReason);
}

/// What of a room never changes.
#[derive(Clone, Debug)]
pub(super) struct RoomIdentity {
    pub(super) id: RoomId,
    pub(super) options: RoomOptions,
    pub(super) host: Option<ParticipantId>,
    /// ms since the epoch.
    pub(super) created_at: u64,
    pub(super) opened: Instant,
}

/// One room. A handle: cheap to clone; after the room's end its calls answer [`RoomError::RoomNotFound`].
///
/// Calls are carried out one after the other, and each to its end even where its future is dropped.
#[derive(Clone, Debug)]
pub struct Room {
    identity: Arc<RoomIdentity>,
    commands: mpsc::Sender<Command>,
    counts: watch::Receiver<RoomCounts>,
}

/// A session in a room: what was there at its start, and everything from then on.
#[derive(Debug)]
pub struct Joined {
    /// The room as it was the moment this participant came in, itself included.
    pub room: RoomInfo,
    /// Oneself.
    pub participant: Participant,
    /// Oneself, as the others see it.
    pub info: ParticipantInfo,
    /// All that happened after `room` was taken and that this participant is in the audience of. Ends with
    /// [`RoomEvent::Left`] or [`RoomEvent::RoomClosed`], which is always delivered, then with `None`.
    ///
    /// Bounded (1024 events): a session that reads too slowly is removed, and so is one whose receiver is dropped:
    /// a session lasts as long as somebody can read it. What a call of one's own did is in its answer and no event,
    /// but for what everyone is told ([`RoomEvent::ProducerClosed`], paused and resumed).
    pub events: mpsc::Receiver<RoomEvent>,
}

impl Room {
    pub(super) fn new(
        identity: Arc<RoomIdentity>,
        commands: mpsc::Sender<Command>,
        counts: watch::Receiver<RoomCounts>,
    ) -> Self {
        Self { identity, commands, counts }
    }

    /// Has something done on the room's task.
    async fn ask<T, F>(&self, work: F) -> Result<T, RoomError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut RoomTask) -> Work<'a, Result<T, RoomError>> + Send + 'static,
    {
        let (command, answer) = command(work);
        self.commands.send(command).await.map_err(|_ended| RoomError::RoomNotFound)?;
        answer.await.map_err(|_ended| RoomError::RoomNotFound)?
    }

    /// It in a list; as of its last command.
    pub(super) fn summary(&self) -> RoomSummary {
        let RoomIdentity { id, options, created_at, opened, .. } = &*self.identity;
        let RoomCounts { participants, stats } = *self.counts.borrow();
        RoomSummary {
            id: id.clone(),
            participants,
            max_participants: options.max_participants,
            created_at: *created_at,
            uptime: u64::try_from(opened.elapsed().as_millis()).unwrap_or(u64::MAX),
            stats,
        }
    }

    pub(super) fn options(&self) -> &RoomOptions {
        &self.identity.options
    }

    /// See [`RecordedRoom::roster`](crate::recording::RecordedRoom::roster).
    pub(super) async fn follow(&self) -> Result<mpsc::Receiver<RosterEvent>, RoomError> {
        self.ask(|room| Box::pin(async { Ok(room.follow()) })).await
    }

    /// Asks it to close.
    pub(super) async fn close(&self, reason: CloseReason) {
        let closing = self.ask(move |room| {
            Box::pin(async move {
                room.close(reason);
                Ok(())
            })
        });
        // Where it has ended already there is nothing to do.
        drop(closing.await);
    }

    /// Returns when nothing is left of it.
    pub(super) async fn ended(&self) {
        let mut counts = self.counts.clone();
        while counts.changed().await.is_ok() {}
    }
}

#[allow(clippy::missing_errors_doc, reason = "RoomError's variants say it")]
impl Room {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> &RoomId {
        &self.identity.id
    }

    /// It, in full.
    pub async fn info(&self) -> Result<RoomInfo, RoomError> {
        self.ask(|room| Box::pin(async { Ok(room.info()) })).await
    }

    /// Who is in it.
    pub async fn participants(&self) -> Result<Vec<ParticipantDetail>, RoomError> {
        self.ask(|room| Box::pin(async { Ok(room.state.participants()) })).await
    }

    /// Its router. A recording takes the media from there.
    pub async fn router(&self) -> Result<Router, RoomError> {
        self.ask(|room| Box::pin(async { Ok(room.media.routers.home().clone()) })).await
    }

    /// Adds a participant without a session (REST); the first session of that id takes it over.
    ///
    /// It counts to `max_participants`. One that is there already stays as it is, and is the answer.
    pub async fn add_participant(
        &self,
        id: ParticipantId,
        data: Value,
    ) -> Result<ParticipantInfo, RoomError> {
        self.ask(move |room| Box::pin(room.add(id, data))).await
    }

    /// Starts a session. A session that the same id has already is replaced by it. `data` of `None` keeps what was
    /// said before, over REST or by the session replaced.
    ///
    /// The older session hears [`RoomEvent::Left`] (`replaced`). The others see its tracks go, then
    /// [`RoomEvent::ParticipantLeft`] (`replaced`), then [`RoomEvent::ParticipantJoined`]: whoever knows only going and
    /// coming is right all the time. A participant added over REST they have seen come already.
    pub async fn join(&self, id: ParticipantId, data: Option<Value>) -> Result<Joined, RoomError> {
        let Started { key, room, info, events } = self.ask(move |room| Box::pin(room.join(id, data))).await?;
        Ok(Joined { room, participant: Participant { room: self.clone(), key }, info, events })
    }

    /// Removes a participant and all it owns.
    pub async fn remove_participant(&self, id: &ParticipantId, reason: LeaveReason) -> Result<(), RoomError> {
        let id = id.clone();
        self.ask(move |room| Box::pin(async move { room.remove(&id, reason).await })).await
    }

    /// A host closes anyone's producer.
    pub async fn close_producer(&self, id: ProducerId) -> Result<(), RoomError> {
        self.ask(move |room| Box::pin(room.close_producer(id))).await
    }

    /// A host mutes anyone's producer, in a way its owner cannot undo, or takes that back (it stays paused).
    pub async fn lock_producer(&self, id: ProducerId, locked: bool) -> Result<(), RoomError> {
        self.ask(move |room| Box::pin(room.lock_producer(id, locked))).await
    }
}

/// One participant's session. Only what this participant owns can be reached through it.
///
/// A handle: cheap to clone, and dropping it ends nothing. After the session's end its calls answer
/// [`RoomError::ParticipantNotFound`].
#[derive(Clone, Debug)]
pub struct Participant {
    room: Room,
    key: SessionKey,
}

impl Participant {
    /// Has something done on the room's task, in this session's name.
    pub(super) async fn ask<T, F>(&self, work: F) -> Result<T, RoomError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut RoomTask, &'a SessionKey) -> Work<'a, Result<T, RoomError>>
            + Send
            + 'static,
    {
        let key = self.key.clone();
        self.room.ask(move |room| Box::pin(async move { work(room, &key).await })).await
    }
}

#[allow(clippy::missing_errors_doc, reason = "RoomError's variants say it")]
impl Participant {
    /// Who.
    #[must_use]
    pub fn id(&self) -> &ParticipantId {
        &self.key.participant
    }

    /// Opens a transport, with data channels where the rooms' transport options say so.
    pub async fn create_transport(
        &self,
        direction: TransportDirection,
    ) -> Result<TransportParameters, RoomError> {
        self.ask(move |room, who| {
            let sctp = room.transport_options.sctp;
            Box::pin(room.create_transport(who, direction, sctp))
        })
        .await
    }

    /// Opens a transport with these data channels, or none.
    pub async fn create_transport_with(
        &self,
        direction: TransportDirection,
        sctp: Option<SctpOptions>,
    ) -> Result<TransportParameters, RoomError> {
        self.ask(move |room, who| Box::pin(room.create_transport(who, direction, sctp))).await
    }

    /// Gives a transport the client's certificate.
    pub async fn connect_transport(&self, id: TransportId, remote: DtlsParameters) -> Result<(), RoomError> {
        self.ask(move |room, who| Box::pin(room.connect_transport(who, id, remote))).await
    }

    /// New ICE credentials.
    pub async fn restart_ice(&self, id: TransportId) -> Result<IceParameters, RoomError> {
        self.ask(move |room, who| Box::pin(room.restart_ice(who, id))).await
    }

    /// Closes a transport with all it carries. Of the consumers that go with it the owner hears by
    /// [`RoomEvent::ConsumerClosed`] (`transport-closed`).
    pub async fn close_transport(&self, id: TransportId) -> Result<(), RoomError> {
        self.ask(move |room, who| Box::pin(room.close_transport(who, id))).await
    }

    /// Publishes a track over a `send` transport; the others are told.
    pub async fn produce(
        &self,
        transport: TransportId,
        options: ProducerOptions,
    ) -> Result<ProducerInfo, RoomError> {
        self.ask(move |room, who| Box::pin(room.produce(who, transport, options))).await
    }

    /// Pauses or resumes an own producer. Idempotent: everyone is told of changes only.
    pub async fn pause_producer(&self, id: ProducerId, paused: bool) -> Result<ProducerInfo, RoomError> {
        self.ask(move |room, who| Box::pin(room.pause_producer(who, id, paused))).await
    }

    /// Closes an own producer.
    pub async fn close_producer(&self, id: ProducerId) -> Result<(), RoomError> {
        self.ask(move |room, who| Box::pin(room.close_own_producer(who, id))).await
    }

    /// Watches or hears a track over a `recv` transport. One's own tracks too.
    pub async fn consume(
        &self,
        transport: TransportId,
        options: ConsumerOptions,
    ) -> Result<ConsumerInfo, RoomError> {
        self.ask(move |room, who| Box::pin(room.consume(who, transport, options))).await
    }

    /// Pauses or resumes an own consumer. Idempotent.
    pub async fn pause_consumer(&self, id: ConsumerId, paused: bool) -> Result<(), RoomError> {
        self.ask(move |room, who| Box::pin(room.pause_consumer(who, id, paused))).await
    }

    /// Wants no layer above these of a producer with several; gives what that comes to.
    pub async fn set_preferred_layers(
        &self,
        id: ConsumerId,
        layers: ConsumerLayers,
    ) -> Result<ConsumerLayers, RoomError> {
        self.ask(move |room, who| Box::pin(room.set_preferred_layers(who, id, layers))).await
    }

    /// Where there is not room for all own consumers of a transport, those of a higher priority come first; 1 at first.
    pub async fn set_consumer_priority(&self, id: ConsumerId, priority: NonZeroU8) -> Result<(), RoomError> {
        self.ask(move |room, who| Box::pin(room.set_consumer_priority(who, id, priority))).await
    }

    /// Asks for a key frame.
    pub async fn request_key_frame(&self, id: ConsumerId) -> Result<(), RoomError> {
        self.ask(move |room, who| Box::pin(room.request_key_frame(who, id))).await
    }

    /// Closes an own consumer. No event tells of it: this answer does.
    pub async fn close_consumer(&self, id: ConsumerId) -> Result<(), RoomError> {
        self.ask(move |room, who| Box::pin(room.close_consumer(who, id))).await
    }

    /// Counters of an own transport.
    pub async fn transport_stats(&self, id: TransportId) -> Result<TransportStats, RoomError> {
        self.ask(move |room, who| Box::pin(room.transport_stats(who, id))).await
    }

    /// Counters of an own producer.
    pub async fn producer_stats(&self, id: ProducerId) -> Result<Vec<ProducerStats>, RoomError> {
        self.ask(move |room, who| Box::pin(room.producer_stats(who, id))).await
    }

    /// Counters of an own consumer.
    pub async fn consumer_stats(&self, id: ConsumerId) -> Result<ConsumerReport, RoomError> {
        self.ask(move |room, who| Box::pin(room.consumer_stats(who, id))).await
    }

    /// Ends this session and closes all it owns. Idempotent; does nothing to a newer session of the same id.
    pub async fn leave(&self) {
        let leaving = self.ask(|room, who| {
            Box::pin(async {
                room.leave(who).await;
                Ok(())
            })
        });
        // A room that has ended has nobody in it.
        drop(leaving.await);
    }
}
