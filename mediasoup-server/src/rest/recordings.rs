//! `/rooms/{roomId}/recording` and `/recordings`.

use axum::{
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    response::Response,
};
use mediasoup_core::{
    recording::{Recording, RecordingError},
    room::Room,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    download,
    envelope::{Failure, Message, Success},
    extract::{Admin, AdminRoom, FilePath, JsonBody, ReadableRoom},
};
use crate::{
    error::ApiError,
    input::Object,
    recording::{self, RecordedFileView, RecordingOptionsRequest, RecordingStatusView},
    state::AppState,
};

#[derive(Deserialize, ToSchema)]
pub(super) struct StartRecording {
    #[schema(value_type = Option<RecordingOptionsRequest>)]
    options: Option<Object<RecordingOptionsRequest>>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RecordingBody {
    /// `id`, `roomId`, `filename`, `startedAt`, `options`, `files` and `status`; once stopped, `stoppedAt` and
    /// `duration`, too.
    #[schema(value_type = Object)]
    recording: Recording,
}

#[derive(Serialize, ToSchema)]
pub(super) struct StatusBody {
    recording: RecordingStatusView,
}

#[derive(Serialize, ToSchema)]
pub(super) struct FilesBody {
    files: Vec<RecordedFileView>,
}

/// Start recording a room.
#[utoipa::path(post, path = "/rooms/{roomId}/recording/start", tag = "recordings",
    params(("roomId" = String, Path)), request_body = StartRecording, responses(
    (status = 201, body = Success<RecordingBody>), (status = 400, body = Failure), (status = 401, body = Failure),
    (status = 403, body = Failure), (status = 404, body = Failure),
    (status = 409, description = "It is being recorded already, or must not be", body = Failure),
    (status = 501, description = "These options cannot be had together, or not here", body = Failure),
    (status = 503, description = "The server is stopping", body = Failure),
    (status = 507, description = "The disk is too full", body = Failure),
))]
pub(super) async fn start(
    AdminRoom(room): AdminRoom,
    State(state): State<AppState>,
    JsonBody(request): JsonBody<StartRecording>,
) -> Result<(StatusCode, Success<RecordingBody>), ApiError> {
    let recording = recording::start(&state, &room, request.options).await?;
    Ok((StatusCode::CREATED, Success::new(RecordingBody { recording })))
}

/// Stop recording a room.
#[utoipa::path(post, path = "/rooms/{roomId}/recording/stop", tag = "recordings",
    params(("roomId" = String, Path)), responses(
    (status = 200, body = Success<RecordingBody>), (status = 400, body = Failure), (status = 401, body = Failure),
    (status = 403, body = Failure), (status = 404, body = Failure),
    (status = 409, description = "It is not being recorded", body = Failure),
))]
pub(super) async fn stop(
    AdminRoom(room): AdminRoom,
    State(state): State<AppState>,
) -> Result<Success<RecordingBody>, ApiError> {
    let active = state.recordings.recording_of(Room::id(&room)).ok_or(RecordingError::NoRecording)?;
    Ok(Success::new(RecordingBody { recording: state.recordings.stop_recording(&active).await? }))
}

/// Whether a room is being recorded.
#[utoipa::path(get, path = "/rooms/{roomId}/recording/status", tag = "recordings",
    params(("roomId" = String, Path)), responses(
    (status = 200, body = Success<StatusBody>), (status = 400, body = Failure), (status = 401, body = Failure),
    (status = 403, body = Failure), (status = 404, body = Failure),
))]
pub(super) async fn status(
    ReadableRoom(room): ReadableRoom,
    State(state): State<AppState>,
) -> Success<StatusBody> {
    Success::new(StatusBody { recording: state.recordings.recording_of(Room::id(&room)).into() })
}

/// List the recorded files, newest first. Only finished files are listed.
#[utoipa::path(get, path = "/recordings", tag = "recordings", responses(
    (status = 200, body = Success<FilesBody>), (status = 401, body = Failure), (status = 403, body = Failure),
))]
pub(super) async fn list(_: Admin, State(state): State<AppState>) -> Result<Success<FilesBody>, ApiError> {
    let files = state.recordings.list_recorded_files().await?;
    Ok(Success::new(FilesBody { files: files.into_iter().map(Into::into).collect() }))
}

/// Download a recorded file, whole or in ranges (RFC 9110 section 14).
#[utoipa::path(get, path = "/recordings/{filename}", tag = "recordings", params(("filename" = String, Path)),
    responses(
    (status = 200, description = "The file", content_type = "application/octet-stream"),
    (status = 206, description = "A range of it", content_type = "application/octet-stream"),
    (status = 400, body = Failure), (status = 401, body = Failure), (status = 403, body = Failure),
    (status = 404, body = Failure), (status = 416, description = "No such range", body = Failure),
))]
pub(super) async fn download(
    _: Admin,
    FilePath(name): FilePath,
    State(state): State<AppState>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let file = state.recordings.recorded_file(&name).await?;
    download::send(&file, method, headers).await
}

/// Delete a recorded file.
#[utoipa::path(delete, path = "/recordings/{filename}", tag = "recordings", params(("filename" = String, Path)),
    responses(
    (status = 200, body = Success<Message>), (status = 400, body = Failure), (status = 401, body = Failure),
    (status = 403, body = Failure), (status = 404, body = Failure),
    (status = 409, description = "It is being written", body = Failure),
))]
pub(super) async fn delete(
    _: Admin,
    FilePath(name): FilePath,
    State(state): State<AppState>,
) -> Result<Success<Message>, ApiError> {
    state.recordings.delete_recorded_file(&name).await?;
    Ok(Message::new(format!("File {name} deleted successfully")))
}
