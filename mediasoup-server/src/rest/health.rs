//! `GET /health`: whether the service is well, for anyone.

use std::time::SystemTime;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    envelope::Success,
    extract::Caller,
    stats::{RoomTotals, Workers},
};
use crate::{shutdown::Phase, state::AppState, timestamp::iso8601, view::RoomEntryView};

#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// `healthy`, `draining` (no new rooms), or `unhealthy` (no worker is left; HTTP 503).
    #[schema(example = "healthy")]
    status: &'static str,
    /// ISO 8601, UTC.
    timestamp: String,
    workers: Workers,
    rooms: Rooms,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Rooms {
    #[serde(flatten)]
    totals: RoomTotals,
    /// Those the token may enter; none without a token.
    rooms: Vec<RoomEntryView>,
}

/// Health of the service.
#[utoipa::path(get, path = "/health", tag = "health", responses(
    (status = 200, body = Success<Health>), (status = 503, description = "No worker is left", body = Success<Health>),
))]
pub(super) async fn health(State(state): State<AppState>, caller: Option<Caller>) -> Response {
    let workers = Workers::now(&state).await;
    let status = match state.readiness.phase() {
        _ if workers.is_empty() => "unhealthy",
        Phase::Draining { .. } => "draining",
        Phase::Starting | Phase::Ready => "healthy",
    };
    let rooms = match caller {
        None => Vec::new(),
        Some(Caller(identity)) => super::rooms::visible_to(&state, &identity).await,
    };
    let code = if workers.is_empty() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let rooms = Rooms { totals: RoomTotals::now(&state), rooms };
    let health = Health { status, timestamp: iso8601(SystemTime::now()), workers, rooms };
    (code, Success::new(health)).into_response()
}
