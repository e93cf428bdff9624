//! The rooms of this process.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};
use tracing::{info, warn};

use super::{
    ambient,
    api::{Room, RoomIdentity, RoomManager},
    error::RoomError,
    event::CloseReason,
    handles::Handles,
    info::{RoomInfo, RoomOptions, RoomSummary, RoomsStats},
    limits::COMMAND_QUEUE_LEN,
    observers::Observers,
    registry::Registry,
    routers::Routers,
    state::{RoomCounts, RoomState},
    task::{RoomTask, Wiring},
};
use crate::{
    ids::{ParticipantId, RoomId},
    media::{
        WorkerManager,
        options::{RouterOptions, WebRtcTransportOptions},
    },
};

/// The rooms of this process: a task for each.
///
/// Cheap to clone. Rooms that nothing can reach any more (the last `Rooms` and the last handle are dropped) close
/// by themselves; to wait for their end, call [`close`](RoomManager::close).
#[derive(Clone, Debug)]
pub struct Rooms {
    media: Arc<MediaSetup>,
    registry: Arc<Registry>,
}

/// What rooms are made on and with.
#[derive(Debug)]
struct MediaSetup {
    workers: Arc<dyn WorkerManager>,
    router: RouterOptions,
    transport: WebRtcTransportOptions,
}

impl Rooms {
    /// Rooms on these workers. Every room gets a router with `router`'s codecs, every transport `transport`'s options.
    #[must_use]
    pub fn new(
        workers: Arc<dyn WorkerManager>,
        router: RouterOptions,
        transport: WebRtcTransportOptions,
    ) -> Self {
        Self { media: Arc::new(MediaSetup { workers, router, transport }), registry: Arc::default() }
    }
}

#[async_trait]
impl RoomManager for Rooms {
    async fn create_room(
        &self,
        id: RoomId,
        options: RoomOptions,
        host: Option<ParticipantId>,
    ) -> Result<RoomInfo, RoomError> {
        if options.max_participants == 0 {
            return Err(RoomError::Invalid("maxParticipants must be at least 1".to_owned()));
        }
        let (created_at, opened) = (ambient::epoch_ms(), Instant::now());
        let identity = Arc::new(RoomIdentity { id, options, host, created_at, opened });
        let (commands, command_queue) = mpsc::channel(COMMAND_QUEUE_LEN);
        let (counts, counts_reader) = watch::channel(RoomCounts::default());
        let registration =
            self.registry.register(Room::new(Arc::clone(&identity), commands, counts_reader))?;
        let wiring = Wiring { commands: command_queue, registration, counts };
        let (reply, answer) = oneshot::channel();
        // On its task from the start: a caller that goes away now leaves a room or none, never a part of one.
        ambient::spawn(serve(Arc::clone(&self.media), identity, wiring, reply));
        answer.await.map_err(|died| RoomError::Internal(died.into()))?
    }

    fn room(&self, id: &RoomId) -> Result<Room, RoomError> {
        self.registry.room(id).ok_or(RoomError::RoomNotFound)
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        self.registry.rooms().iter().map(Room::summary).collect()
    }

    fn stats(&self) -> RoomsStats {
        let rooms = self.registry.rooms();
        RoomsStats {
            total_rooms: rooms.len(),
            total_participants: rooms.iter().map(|room| room.summary().participants).sum(),
        }
    }

    async fn close_room(&self, id: &RoomId, reason: CloseReason) -> Result<(), RoomError> {
        let room = self.room(id)?;
        room.close(reason).await;
        room.ended().await;
        Ok(())
    }

    async fn close(&self, reason: CloseReason) {
        self.registry.close();
        for room in self.registry.rooms() {
            room.close(reason).await;
        }
        self.registry.all_ended().await;
    }
}

/// A room's whole life, on its own task.
async fn serve(
    media: Arc<MediaSetup>,
    identity: Arc<RoomIdentity>,
    wiring: Wiring,
    reply: oneshot::Sender<Result<RoomInfo, RoomError>>,
) {
    match open(&media, &identity, wiring).await {
        Ok(room) => {
            info!(target: "mediasoup::room", room = %identity.id, router = %room.media.routers.home().id(), "room created");
            // A caller that has gone has its room all the same.
            drop(reply.send(Ok(room.info())));
            room.run().await;
        }
        Err(error) => {
            warn!(target: "mediasoup::room", room = %identity.id, %error, "room not created");
            drop(reply.send(Err(error)));
        }
    }
}

/// On failure, the name is free again when this returns.
async fn open(media: &MediaSetup, identity: &RoomIdentity, wiring: Wiring) -> Result<RoomTask, RoomError> {
    let routers = Routers::open(Arc::clone(&media.workers), media.router.clone()).await?;
    let observers = match Observers::open(routers.home()).await {
        Ok(observers) => observers,
        Err(error) => {
            routers.close().await;
            return Err(error.into());
        }
    };
    let RoomIdentity { id, options, host, created_at, .. } = identity.clone();
    let state = RoomState::new(id, options, host, routers.home().rtp_capabilities().clone(), created_at);
    Ok(RoomTask::new(identity, state, Handles::new(routers, observers), media.transport.clone(), wiring))
}
