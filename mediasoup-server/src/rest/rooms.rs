//! `/rooms`: create, list, read, close.

use axum::{extract::State, http::StatusCode};
use mediasoup_core::{
    ids::RoomId,
    room::{CloseReason, Room, RoomSummary},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    envelope::{Failure, Message, Success},
    extract::{Admin, Caller, JsonBody, ReadableRoom, RoomPath},
};
use crate::{
    access,
    auth::Identity,
    error::ApiError,
    input::Object,
    recording::RecordingView,
    state::AppState,
    view::{CreatedRoomView, RoomEntryView, RoomOptionsRequest, RoomView},
};

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateRoom {
    /// 1 to 128 of `A-Z a-z 0-9 . _ : -`. Absent: an id nobody can guess.
    #[schema(value_type = Option<String>)]
    room_id: Option<RoomId>,
    #[schema(value_type = Option<RoomOptionsRequest>)]
    options: Option<Object<RoomOptionsRequest>>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct CreatedRoomBody {
    room: CreatedRoomView,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RoomBody {
    room: RoomView,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RoomsBody {
    rooms: Vec<RoomEntryView>,
}

/// Rooms somebody may enter, in order of creation.
pub(super) async fn visible_to(state: &AppState, identity: &Identity) -> Vec<RoomEntryView> {
    let rooms = state.rooms.rooms().await.into_iter();
    let view = |room: RoomSummary| {
        let recording = RecordingView::of_room(&*state.recordings, &room.id);
        RoomEntryView::new(room, recording)
    };
    rooms.filter(|room| identity.may_enter(&room.id)).map(view).collect()
}

/// Create a room.
#[utoipa::path(post, path = "/rooms", tag = "rooms", request_body = CreateRoom, responses(
    (status = 201, body = Success<CreatedRoomBody>), (status = 400, body = Failure),
    (status = 401, body = Failure), (status = 403, body = Failure),
    (status = 409, description = "The name is taken", body = Failure),
    (status = 503, description = "The server is stopping", body = Failure),
))]
pub(super) async fn create(
    _: Admin,
    State(state): State<AppState>,
    JsonBody(request): JsonBody<CreateRoom>,
) -> Result<(StatusCode, Success<CreatedRoomBody>), ApiError> {
    access::require_open(&state)?;
    let id = request.room_id.map_or_else(random_id, Ok)?;
    let Object(options) = request.options.unwrap_or_default();
    let room = state.rooms.create_room(id, options.or(&state.config.room), None).await?;
    Ok((StatusCode::CREATED, Success::new(CreatedRoomBody { room: room.into() })))
}

fn random_id() -> Result<RoomId, ApiError> {
    crate::input::name("roomId", &uuid::Uuid::new_v4().to_string())
}

/// List the rooms: all for an admin, otherwise those the token may enter.
#[utoipa::path(get, path = "/rooms", tag = "rooms", responses(
    (status = 200, body = Success<RoomsBody>), (status = 401, body = Failure),
))]
pub(super) async fn list(Caller(identity): Caller, State(state): State<AppState>) -> Success<RoomsBody> {
    Success::new(RoomsBody { rooms: visible_to(&state, &identity).await })
}

/// Read a room.
#[utoipa::path(get, path = "/rooms/{roomId}", tag = "rooms", params(("roomId" = String, Path)), responses(
    (status = 200, body = Success<RoomBody>), (status = 400, body = Failure),
    (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure),
))]
pub(super) async fn read(
    ReadableRoom(room): ReadableRoom,
    State(state): State<AppState>,
) -> Result<Success<RoomBody>, ApiError> {
    let info = Room::info(&room).await?;
    let recording = RecordingView::of_room(&*state.recordings, room.id());
    Ok(Success::new(RoomBody { room: RoomView::new(info, recording) }))
}

/// Close a room.
#[utoipa::path(delete, path = "/rooms/{roomId}", tag = "rooms", params(("roomId" = String, Path)), responses(
    (status = 200, body = Success<Message>), (status = 400, body = Failure),
    (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure),
))]
pub(super) async fn close(
    _: Admin,
    State(state): State<AppState>,
    RoomPath(id): RoomPath,
) -> Result<Success<Message>, ApiError> {
    state.rooms.close_room(&id, CloseReason::Closed).await?;
    Ok(Message::new(format!("Room {id} closed successfully")))
}
