//! What handlers take from a request: who asks, which room, what body. Each failure is an envelope.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, RawPathParams, Request},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts},
    response::IntoResponse,
};
use mediasoup_core::{
    ids::{ParticipantId, RoomId},
    recording::RecordingError,
    room::Room,
};
use serde::de::DeserializeOwned;

use crate::{
    access,
    auth::Identity,
    error::{ApiError, Code},
    input,
    state::AppState,
};

/// Somebody with a valid token; anyone, where no key is configured.
pub(super) struct Caller(pub(super) Identity);

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Ok(Self(state.auth.authenticate(access::bearer(&parts.headers))?))
    }
}

impl OptionalFromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    /// `None` without a valid token.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>, ApiError> {
        Ok(<Self as FromRequestParts<AppState>>::from_request_parts(parts, state).await.ok())
    }
}

/// Somebody that may do everything.
pub(super) struct Admin;

impl FromRequestParts<AppState> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Caller(identity) =
            <Caller as FromRequestParts<AppState>>::from_request_parts(parts, state).await?;
        access::require_admin(&identity)?;
        Ok(Self)
    }
}

/// The `{roomId}` of the path.
pub(super) struct RoomPath(pub(super) RoomId);

impl FromRequestParts<AppState> for RoomPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        param(parts, state, "roomId").await.map(Self)
    }
}

/// The `{participantId}` of the path.
pub(super) struct ParticipantPath(pub(super) ParticipantId);

impl FromRequestParts<AppState> for ParticipantPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        param(parts, state, "participantId").await.map(Self)
    }
}

/// The `{filename}` of the path: a plain name. What could lead elsewhere names no file.
pub(super) struct FilePath(pub(super) String);

impl FromRequestParts<AppState> for FilePath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let name: String = param(parts, state, "filename").await?;
        let leads_elsewhere = name.starts_with('.') || name.contains(['/', '\\', '\0']);
        if leads_elsewhere { Err(RecordingError::FileNotFound.into()) } else { Ok(Self(name)) }
    }
}

async fn param<T>(parts: &mut Parts, state: &AppState, name: &str) -> Result<T, ApiError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let params = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|error| ApiError::invalid(name, error.body_text()))?;
    let value = params.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
    input::name(name, value)
}

/// The room of the path, for somebody that may enter it.
pub(super) struct ReadableRoom(pub(super) Room);

impl FromRequestParts<AppState> for ReadableRoom {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Caller(identity) =
            <Caller as FromRequestParts<AppState>>::from_request_parts(parts, state).await?;
        let RoomPath(id) = RoomPath::from_request_parts(parts, state).await?;
        access::require_entry(&identity, &id)?;
        Ok(Self(state.rooms.room(&id)?))
    }
}

/// The room of the path, for an admin.
pub(super) struct AdminRoom(pub(super) Room);

impl FromRequestParts<AppState> for AdminRoom {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Admin::from_request_parts(parts, state).await?;
        let RoomPath(id) = RoomPath::from_request_parts(parts, state).await?;
        Ok(Self(state.rooms.room(&id)?))
    }
}

/// A JSON object. No body at all counts as an empty one.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<AppState> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let json = is_json(request.headers());
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            let status = rejection.status();
            match status {
                StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(Code::LimitExceeded, "Request body too large"),
                _ => ApiError::malformed(rejection.body_text()),
            }
            .with_status(rejection.into_response().status())
        })?;
        if body.is_empty() {
            return input::parse(None).map(Self);
        }
        if !json {
            return Err(ApiError::malformed("Content-Type must be application/json")
                .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let value = serde_json::from_slice(&body)
            .map_err(|error| ApiError::malformed(format!("malformed JSON: {error}")))?;
        input::parse(Some(value)).map(Self)
    }
}

/// Absent counts as JSON: there is nothing else it could be.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(CONTENT_TYPE) else { return true };
    let essence = content_type.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
        || (essence.len() > 5
            && essence.is_char_boundary(essence.len() - 5)
            && essence[essence.len() - 5..].eq_ignore_ascii_case("+json"))
}
