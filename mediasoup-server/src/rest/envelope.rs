//! What every answer looks like: `{success: true, …}` or `{success: false, error, code}`.

use axum::{
    Json,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{ApiError, Code};

/// A success, with what was asked for beside `success: true`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Success<T> {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    #[serde(flatten)]
    body: T,
}

impl<T> Success<T> {
    pub(super) fn new(body: T) -> Self {
        Self { success: true, body }
    }
}

impl<T: Serialize> IntoResponse for Success<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// A sentence for people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Message {
    /// What was done.
    message: String,
}

impl Message {
    pub(super) fn new(message: String) -> Success<Self> {
        Success::new(Self { message })
    }
}

/// A failure, as the OpenAPI document describes it; [`ApiError::envelope`] writes it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Failure {
    /// Always false.
    #[schema(example = false)]
    success: bool,
    /// For people.
    #[schema(example = "Room not found")]
    error: String,
    /// For programs; stable.
    #[schema(example = "ROOM_NOT_FOUND")]
    code: String,
    /// Path of the field that makes no sense; with `INVALID_REQUEST` only.
    field: Option<String>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(self.envelope())).into_response();
        if self.code == Code::Unauthorized {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Any path nobody serves.
pub(super) async fn unknown_path(uri: Uri) -> ApiError {
    ApiError::malformed(format!("No such path: {}", uri.path())).with_status(StatusCode::NOT_FOUND)
}

/// A path that exists, but not with this method.
pub(super) async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    ApiError::malformed(format!("{} does not take {method}", uri.path()))
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
}
