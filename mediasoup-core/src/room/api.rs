//! The surface: a manager of rooms, a room, and one participant's session in it.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use tokio::sync::mpsc;

use super::{
    error::RoomError,
    event::{CloseReason, LeaveReason, RoomEvent},
    info::{
        ConsumerInfo, ParticipantDetail, ParticipantInfo, ProducerInfo, RoomInfo, RoomOptions, RoomSummary,
        RoomsStats, TransportDirection,
    },
};
use crate::{
    ids::{ConsumerId, ParticipantId, ProducerId, RoomId, TransportId},
    media::{
        WorkerManager,
        options::{ConsumerOptions, ProducerOptions, RouterOptions, WebRtcTransportOptions},
        rtp::{MediaKind, RtpCapabilities, RtpParameters},
        stats::{ConsumerStats, ProducerStats, TransportStats},
        transport::{DtlsParameters, IceParameters, TransportParameters},
    },
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

/// The rooms of this process.
#[derive(Clone, Debug)]
pub struct Rooms {}

impl Rooms {
    /// Rooms on these workers. Every room gets a router with `router`'s codecs, every transport `transport`'s options.
    #[must_use]
    pub fn new(
        workers: Arc<dyn WorkerManager>,
        router: RouterOptions,
        transport: WebRtcTransportOptions,
    ) -> Self {
        todo!("{workers:?} {router:?} {transport:?}")
    }
}

/// One room.
#[derive(Clone, Debug)]
pub struct Room {}

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
    /// [`RoomEvent::Left`] or [`RoomEvent::RoomClosed`]. Bounded: a session that reads too slowly is removed.
    pub events: mpsc::Receiver<RoomEvent>,
}

#[allow(clippy::missing_errors_doc, reason = "RoomError's variants say it")]
impl Room {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> &RoomId {
        todo!()
    }
    /// It, in full.
    pub async fn info(&self) -> Result<RoomInfo, RoomError> {
        todo!()
    }
    /// Who is in it.
    pub async fn participants(&self) -> Result<Vec<ParticipantDetail>, RoomError> {
        todo!()
    }
    /// Adds a participant without a session (REST); the first session of that id takes it over.
    pub async fn add_participant(
        &self,
        id: ParticipantId,
        data: Value,
    ) -> Result<ParticipantInfo, RoomError> {
        todo!("{id} {data}")
    }
    /// Starts a session. A session that the same id has already is replaced by it. `data` of `None` keeps what REST gave.
    pub async fn join(&self, id: ParticipantId, data: Option<Value>) -> Result<Joined, RoomError> {
        todo!("{id} {data:?}")
    }
    /// Removes a participant and all it owns.
    pub async fn remove_participant(&self, id: &ParticipantId, reason: LeaveReason) -> Result<(), RoomError> {
        todo!("{id} {reason:?}")
    }
    /// A host closes anyone's producer.
    pub async fn close_producer(&self, id: ProducerId) -> Result<(), RoomError> {
        todo!("{id}")
    }
    /// A host mutes anyone's producer, in a way its owner cannot undo, or takes that back (it stays paused).
    pub async fn lock_producer(&self, id: ProducerId, locked: bool) -> Result<(), RoomError> {
        todo!("{id} {locked}")
    }
}

/// One participant's session. Only what this participant owns can be reached through it.
#[derive(Clone, Debug)]
pub struct Participant {}

#[allow(clippy::missing_errors_doc, reason = "RoomError's variants say it")]
impl Participant {
    /// Who.
    #[must_use]
    pub fn id(&self) -> &ParticipantId {
        todo!()
    }
    /// Opens a transport.
    pub async fn create_transport(
        &self,
        direction: TransportDirection,
    ) -> Result<TransportParameters, RoomError> {
        todo!("{direction:?}")
    }
    /// Gives a transport the client's certificate.
    pub async fn connect_transport(&self, id: TransportId, remote: DtlsParameters) -> Result<(), RoomError> {
        todo!("{id} {remote:?}")
    }
    /// New ICE credentials.
    pub async fn restart_ice(&self, id: TransportId) -> Result<IceParameters, RoomError> {
        todo!("{id}")
    }
    /// Closes a transport with all it carries.
    pub async fn close_transport(&self, id: TransportId) -> Result<(), RoomError> {
        todo!("{id}")
    }
    /// Publishes a track; the others are told.
    pub async fn produce(
        &self,
        transport: TransportId,
        options: ProducerOptions,
    ) -> Result<ProducerInfo, RoomError> {
        todo!("{transport} {options:?}")
    }
    /// Pauses or resumes an own producer.
    pub async fn pause_producer(&self, id: ProducerId, paused: bool) -> Result<ProducerInfo, RoomError> {
        todo!("{id} {paused}")
    }
    /// Closes an own producer.
    pub async fn close_producer(&self, id: ProducerId) -> Result<(), RoomError> {
        todo!("{id}")
    }
    /// Watches or hears a track.
    pub async fn consume(
        &self,
        transport: TransportId,
        options: ConsumerOptions,
    ) -> Result<ConsumerInfo, RoomError> {
        todo!("{transport} {options:?}")
    }
    /// Pauses or resumes an own consumer. Idempotent.
    pub async fn pause_consumer(&self, id: ConsumerId, paused: bool) -> Result<(), RoomError> {
        todo!("{id} {paused}")
    }
    /// Asks for a key frame.
    pub async fn request_key_frame(&self, id: ConsumerId) -> Result<(), RoomError> {
        todo!("{id}")
    }
    /// Closes an own consumer.
    pub async fn close_consumer(&self, id: ConsumerId) -> Result<(), RoomError> {
        todo!("{id}")
    }
    /// Counters of an own transport.
    pub async fn transport_stats(&self, id: TransportId) -> Result<TransportStats, RoomError> {
        todo!("{id}")
    }
    /// Counters of an own producer.
    pub async fn producer_stats(&self, id: ProducerId) -> Result<Vec<ProducerStats>, RoomError> {
        todo!("{id}")
    }
    /// Counters of an own consumer.
    pub async fn consumer_stats(&self, id: ConsumerId) -> Result<ConsumerStats, RoomError> {
        todo!("{id}")
    }
    /// Ends this session and closes all it owns. Idempotent; does nothing to a newer session of the same id.
    pub async fn leave(&self) {
        todo!()
    }
}

const _: Option<(MediaKind, RtpCapabilities, RtpParameters)> = None;
