//! Managers without media: rooms that can be created, listed and closed, but not entered.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use mediasoup_core::{
    ids::{ParticipantId, RoomId, WorkerId},
    media::{
        Worker, WorkerManager,
        error::WorkerError,
        rtp::RtpCapabilities,
        stats::{ResourceUsage, WorkerStats},
    },
    room::{
        CloseReason, Room, RoomError, RoomInfo, RoomManager, RoomOptions, RoomStats, RoomSummary, RoomsStats,
    },
};

/// ms since the epoch, of every room.
const CREATED_AT: u64 = 1_704_110_400_000;

#[derive(Debug, Default)]
pub(crate) struct FakeRooms(Mutex<BTreeMap<RoomId, RoomOptions>>);

impl FakeRooms {
    fn rooms(&self) -> MutexGuard<'_, BTreeMap<RoomId, RoomOptions>> {
        self.0.lock().expect("no test panics while it holds this")
    }
}

#[async_trait]
impl RoomManager for FakeRooms {
    async fn create_room(
        &self,
        id: RoomId,
        options: RoomOptions,
        host: Option<ParticipantId>,
    ) -> Result<RoomInfo, RoomError> {
        // A slow start: what a client sends right behind has every chance to overtake it.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let mut rooms = self.rooms();
        if rooms.contains_key(&id) {
            return Err(RoomError::RoomExists(id));
        }
        rooms.insert(id.clone(), options.clone());
        Ok(RoomInfo {
            id,
            rtp_capabilities: RtpCapabilities::default(),
            participants: Vec::new(),
            producers: Vec::new(),
            options,
            stats: RoomStats::default(),
            created_at: CREATED_AT,
            host,
        })
    }

    fn room(&self, _: &RoomId) -> Result<Room, RoomError> {
        Err(RoomError::RoomNotFound)
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        let summary = |(id, options): (&RoomId, &RoomOptions)| RoomSummary {
            id: id.clone(),
            participants: 0,
            max_participants: options.max_participants,
            created_at: CREATED_AT,
            uptime: 1000,
            stats: RoomStats::default(),
        };
        Self::rooms(self).iter().map(summary).collect()
    }

    fn stats(&self) -> RoomsStats {
        RoomsStats { total_rooms: Self::rooms(self).len(), total_participants: 0 }
    }

    async fn close_room(&self, id: &RoomId, _: CloseReason) -> Result<(), RoomError> {
        Self::rooms(self).remove(id).map(drop).ok_or(RoomError::RoomNotFound)
    }

    async fn close(&self, _: CloseReason) {
        Self::rooms(self).clear();
    }
}

#[derive(Debug)]
pub(crate) struct FakeWorkers;

#[async_trait]
impl WorkerManager for FakeWorkers {
    async fn initialize(&self, _: usize) -> Result<(), WorkerError> {
        Ok(())
    }

    fn next_worker(&self) -> Result<Worker, WorkerError> {
        Err(WorkerError::NoWorker)
    }

    async fn stats(&self) -> Vec<WorkerStats> {
        vec![WorkerStats {
            index: 0,
            id: WorkerId::from_u128(1),
            pid: 12345,
            tid: 12346,
            resource_usage: ResourceUsage { cpu: 0.5, memory: 512 },
            routers: 0,
            transports: 0,
            producers: 0,
            consumers: 0,
        }]
    }

    async fn close(&self) {}
}
