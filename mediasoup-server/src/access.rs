//! Who is asking, and whether it may.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use mediasoup_core::{ids::RoomId, room::RoomError};

use crate::{auth::Identity, error::ApiError, shutdown::Phase, state::AppState};

/// The token of an `Authorization: Bearer` header (RFC 6750 §2.1).
#[must_use]
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// # Errors
/// [`FORBIDDEN`](crate::error::Code::Forbidden), unless it is admin.
pub(crate) fn require_admin(identity: &Identity) -> Result<(), ApiError> {
    identity.is_admin().then_some(()).ok_or_else(|| ApiError::forbidden("Only an admin may do this"))
}

/// # Errors
/// [`FORBIDDEN`](crate::error::Code::Forbidden), unless its token lets it into the room.
pub(crate) fn require_entry(identity: &Identity, room: &RoomId) -> Result<(), ApiError> {
    identity.may_enter(room).then_some(()).ok_or_else(|| ApiError::forbidden("Token does not name this room"))
}

/// # Errors
/// [`SHUTTING_DOWN`](crate::error::Code::ShuttingDown) once the server drains.
pub(crate) fn require_open(state: &AppState) -> Result<(), ApiError> {
    match state.readiness.phase() {
        Phase::Starting | Phase::Ready => Ok(()),
        Phase::Draining { .. } => Err(RoomError::ShuttingDown.into()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_bearer_tokens_are_read() {
        let rows = [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("abc", None),
            ("", None),
        ];
        for (header, token) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(header));
            assert_eq!(bearer(&headers), token, "{header:?}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
