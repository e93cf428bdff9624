//! `/rooms/{roomId}/participants`: add, list, remove.

use axum::http::StatusCode;
use mediasoup_core::{ids::ParticipantId, room::LeaveReason};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    envelope::{Failure, Message, Success},
    extract::{AdminRoom, JsonBody, ParticipantPath, ReadableRoom},
};
use crate::{
    error::ApiError,
    view::{AddedParticipantView, ParticipantDetailView},
};

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddParticipant {
    /// 1 to 128 of `A-Z a-z 0-9 . _ : -`.
    #[schema(value_type = String)]
    participant_id: ParticipantId,
    /// Whatever the others should know of it.
    #[schema(value_type = Option<Object>)]
    participant_data: Option<Map<String, Value>>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct AddedParticipantBody {
    participant: AddedParticipantView,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ParticipantsBody {
    participants: Vec<ParticipantDetailView>,
}

/// Add a participant; the first socket of that id takes it over.
#[utoipa::path(post, path = "/rooms/{roomId}/participants", tag = "participants",
    params(("roomId" = String, Path)), request_body = AddParticipant, responses(
    (status = 201, body = Success<AddedParticipantBody>), (status = 400, body = Failure),
    (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure),
    (status = 409, description = "The room is full", body = Failure),
))]
pub(super) async fn add(
    AdminRoom(room): AdminRoom,
    JsonBody(request): JsonBody<AddParticipant>,
) -> Result<(StatusCode, Success<AddedParticipantBody>), ApiError> {
    let data = Value::Object(request.participant_data.unwrap_or_default());
    let info = room.add_participant(request.participant_id, data).await?;
    let participant = AddedParticipantView::new(room.id().clone(), info);
    Ok((StatusCode::CREATED, Success::new(AddedParticipantBody { participant })))
}

/// List a room's participants with their tracks.
#[utoipa::path(get, path = "/rooms/{roomId}/participants", tag = "participants",
    params(("roomId" = String, Path)), responses(
    (status = 200, body = Success<ParticipantsBody>), (status = 400, body = Failure),
    (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure),
))]
pub(super) async fn list(ReadableRoom(room): ReadableRoom) -> Result<Success<ParticipantsBody>, ApiError> {
    let participants = room.participants().await?.into_iter().map(Into::into).collect();
    Ok(Success::new(ParticipantsBody { participants }))
}

/// Remove a participant and everything it owns.
#[utoipa::path(delete, path = "/rooms/{roomId}/participants/{participantId}", tag = "participants",
    params(("roomId" = String, Path), ("participantId" = String, Path)), responses(
    (status = 200, body = Success<Message>), (status = 400, body = Failure),
    (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure),
))]
pub(super) async fn remove(
    AdminRoom(room): AdminRoom,
    ParticipantPath(participant): ParticipantPath,
) -> Result<Success<Message>, ApiError> {
    room.remove_participant(&participant, LeaveReason::Removed).await?;
    Ok(Message::new(format!("Participant {participant} removed from room {}", room.id())))
}
