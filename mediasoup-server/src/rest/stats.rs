//! `GET /stats`: counts of everything.

use std::time::SystemTime;

use axum::extract::State;
use mediasoup_core::{media::stats::WorkerStats, recording::RecordingStats};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    envelope::{Failure, Success},
    extract::Admin,
};
use crate::{state::AppState, timestamp::iso8601};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Workers {
    total_workers: usize,
    /// Each with `index`, `pid`, `resourceUsage {cpu, memory}` and what it carries.
    #[schema(value_type = Vec<Object>)]
    workers: Vec<WorkerStats>,
}

impl Workers {
    pub(super) async fn now(state: &AppState) -> Self {
        let workers = state.workers.stats().await;
        Self { total_workers: workers.len(), workers }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.workers.is_empty()
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoomTotals {
    total_rooms: usize,
    total_participants: usize,
}

impl RoomTotals {
    pub(super) fn now(state: &AppState) -> Self {
        let stats = state.rooms.stats();
        Self { total_rooms: stats.total_rooms, total_participants: stats.total_participants }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Stats {
    workers: Workers,
    rooms: RoomTotals,
    /// `activeRecordings`, `recordings` (those that go on, and those whose files are being made, with how far they
    /// are), `diskFree` and `diskReserve` in bytes.
    #[schema(value_type = Object)]
    recordings: RecordingStats,
    /// ISO 8601, UTC.
    timestamp: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct StatsBody {
    stats: Stats,
}

/// Counts of workers, rooms and recordings.
#[utoipa::path(get, path = "/stats", tag = "health", responses(
    (status = 200, body = Success<StatsBody>),
    (status = 401, body = Failure), (status = 403, body = Failure),
))]
pub(super) async fn stats(_: Admin, State(state): State<AppState>) -> Success<StatsBody> {
    let stats = Stats {
        workers: Workers::now(&state).await,
        rooms: RoomTotals::now(&state),
        recordings: state.recordings.stats().await,
        timestamp: iso8601(SystemTime::now()),
    };
    Success::new(StatsBody { stats })
}
