//! `/rooms/{roomId}/recording` and `/recordings`. Recording is not supported by this build; callers learn
//! that only after they have shown that they may ask.

use super::{
    envelope::Failure,
    extract::{Admin, AdminRoom, ReadableRoom},
};
use crate::error::ApiError;

fn unsupported() -> ApiError {
    ApiError::unsupported("Recording")
}

/// Start recording a room.
#[utoipa::path(post, path = "/rooms/{roomId}/recording/start", tag = "recordings",
    params(("roomId" = String, Path)), responses((status = 501, body = Failure)))]
pub(super) async fn start(_: AdminRoom) -> ApiError {
    unsupported()
}

/// Stop recording a room.
#[utoipa::path(post, path = "/rooms/{roomId}/recording/stop", tag = "recordings",
    params(("roomId" = String, Path)), responses((status = 501, body = Failure)))]
pub(super) async fn stop(_: AdminRoom) -> ApiError {
    unsupported()
}

/// Whether a room is being recorded.
#[utoipa::path(get, path = "/rooms/{roomId}/recording/status", tag = "recordings",
    params(("roomId" = String, Path)), responses((status = 501, body = Failure)))]
pub(super) async fn status(_: ReadableRoom) -> ApiError {
    unsupported()
}

/// List the recorded files.
#[utoipa::path(get, path = "/recordings", tag = "recordings", responses((status = 501, body = Failure)))]
pub(super) async fn list(_: Admin) -> ApiError {
    unsupported()
}

/// Download a recorded file.
#[utoipa::path(get, path = "/recordings/{filename}", tag = "recordings",
    params(("filename" = String, Path)), responses((status = 501, body = Failure)))]
pub(super) async fn download(_: Admin) -> ApiError {
    unsupported()
}

/// Delete a recorded file.
#[utoipa::path(delete, path = "/recordings/{filename}", tag = "recordings",
    params(("filename" = String, Path)), responses((status = 501, body = Failure)))]
pub(super) async fn delete(_: Admin) -> ApiError {
    unsupported()
}
