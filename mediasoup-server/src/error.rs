//! The one table of errors: code, HTTP status and text of everything that can be answered with a failure.

use axum::http::StatusCode;
use mediasoup_core::{
    recording::{InvalidOption, RecordingError},
    room::RoomError,
};
use serde_json::{Map, Value};

use crate::auth::AuthError;

/// What went wrong, for programs. Codes are stable: they may be added to, never renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// No such room.
    RoomNotFound,
    /// `maxParticipants` reached.
    RoomFull,
    /// The name is taken.
    RoomExists,
    /// Not in this room.
    ParticipantNotFound,
    /// No such transport, or another participant's.
    TransportNotFound,
    /// No such producer, or another participant's.
    ProducerNotFound,
    /// No such consumer, or another participant's.
    ConsumerNotFound,
    /// No such data producer, or another participant's.
    DataProducerNotFound,
    /// No such data consumer, or another participant's.
    DataConsumerNotFound,
    /// The room is being recorded.
    RecordingInProgress,
    /// The room is not being recorded.
    NoRecording,
    /// The room was created without recording.
    RecordingNotEnabled,
    /// No such file.
    FileNotFound,
    /// The file is being written.
    FileInUse,
    /// The disk of the recordings has no more than its reserve left.
    DiskFull,
    /// The request makes no sense; the text and `field` name what does not.
    InvalidRequest,
    /// Well-formed, but this server, or this peer, cannot do it.
    Unsupported,
    /// No token, or none that is valid.
    Unauthorized,
    /// A valid token that does not allow this.
    Forbidden,
    /// A bound of the configuration.
    LimitExceeded,
    /// The server is stopping.
    ShuttingDown,
    /// Ours to look into.
    Internal,
}

impl Code {
    /// All codes, in the order of the table.
    pub const ALL: [Self; 22] = [
        Self::RoomNotFound,
        Self::RoomFull,
        Self::RoomExists,
        Self::ParticipantNotFound,
        Self::TransportNotFound,
        Self::ProducerNotFound,
        Self::ConsumerNotFound,
        Self::DataProducerNotFound,
        Self::DataConsumerNotFound,
        Self::RecordingInProgress,
        Self::NoRecording,
        Self::RecordingNotEnabled,
        Self::FileNotFound,
        Self::FileInUse,
        Self::DiskFull,
        Self::InvalidRequest,
        Self::Unsupported,
        Self::Unauthorized,
        Self::Forbidden,
        Self::LimitExceeded,
        Self::ShuttingDown,
        Self::Internal,
    ];

    const fn row(self) -> (&'static str, StatusCode) {
        match self {
            Self::RoomNotFound => ("ROOM_NOT_FOUND", StatusCode::NOT_FOUND),
            Self::RoomFull => ("ROOM_FULL", StatusCode::CONFLICT),
            Self::RoomExists => ("ROOM_EXISTS", StatusCode::CONFLICT),
            Self::ParticipantNotFound => ("PARTICIPANT_NOT_FOUND", StatusCode::NOT_FOUND),
            Self::TransportNotFound => ("TRANSPORT_NOT_FOUND", StatusCode::NOT_FOUND),
            Self::ProducerNotFound => ("PRODUCER_NOT_FOUND", StatusCode::NOT_FOUND),
            Self::ConsumerNotFound => ("CONSUMER_NOT_FOUND", StatusCode::NOT_FOUND),
            Self::DataProducerNotFound => ("DATA_PRODUCER_NOT_FOUND", StatusCode::NOT_FOUND),
            Self::DataConsumerNotFound => ("DATA_CONSUMER_NOT_FOUND", StatusCode::NOT_FOUND),
            Self::RecordingInProgress => ("RECORDING_IN_PROGRESS", StatusCode::CONFLICT),
            Self::NoRecording => ("NO_RECORDING", StatusCode::CONFLICT),
            Self::RecordingNotEnabled => ("RECORDING_NOT_ENABLED", StatusCode::CONFLICT),
            Self::FileNotFound => ("FILE_NOT_FOUND", StatusCode::NOT_FOUND),
            Self::FileInUse => ("FILE_IN_USE", StatusCode::CONFLICT),
            Self::DiskFull => ("DISK_FULL", StatusCode::INSUFFICIENT_STORAGE),
            Self::InvalidRequest => ("INVALID_REQUEST", StatusCode::BAD_REQUEST),
            Self::Unsupported => ("UNSUPPORTED", StatusCode::NOT_IMPLEMENTED),
            Self::Unauthorized => ("UNAUTHORIZED", StatusCode::UNAUTHORIZED),
            Self::Forbidden => ("FORBIDDEN", StatusCode::FORBIDDEN),
            Self::LimitExceeded => ("LIMIT_EXCEEDED", StatusCode::TOO_MANY_REQUESTS),
            Self::ShuttingDown => ("SHUTTING_DOWN", StatusCode::SERVICE_UNAVAILABLE),
            Self::Internal => ("INTERNAL", StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// As clients read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status it is answered with.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().1
    }
}

/// A failure, as it is answered to a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct ApiError {
    /// For programs.
    pub code: Code,
    /// For people: the document's text where it has one.
    pub error: String,
    /// Path of the field that makes no sense, such as `options.timeout`.
    pub field: Option<String>,
    /// Where HTTP has a more telling status than the code's.
    status: Option<StatusCode>,
}

/// Longest text of an error, in bytes: some quote what the client sent.
const TEXT_LEN_MAX: usize = 300;

impl ApiError {
    /// A failure with this text.
    #[must_use]
    pub fn new(code: Code, error: impl Into<String>) -> Self {
        let mut error = error.into();
        if error.len() > TEXT_LEN_MAX {
            error.truncate(error.floor_char_boundary(TEXT_LEN_MAX));
            error.push('…');
        }
        Self { code, error, field: None, status: None }
    }

    /// A request that makes no sense as a whole.
    #[must_use]
    pub fn malformed(error: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest, error)
    }

    /// A field that makes no sense, and why.
    #[must_use]
    pub fn invalid(field: impl Into<String>, why: impl std::fmt::Display) -> Self {
        let field = field.into();
        Self { field: Some(field.clone()), ..Self::malformed(format!("{field}: {why}")) }
    }

    /// Something this server does not do.
    #[must_use]
    pub fn unsupported(what: &str) -> Self {
        Self::new(Code::Unsupported, format!("{what} is not supported"))
    }

    /// A token that does not allow what was asked.
    #[must_use]
    pub fn forbidden(error: &str) -> Self {
        Self::new(Code::Forbidden, error)
    }

    /// A failure of ours.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(Code::Internal, "Internal error")
    }

    /// The same failure under another HTTP status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status: Some(status), ..self }
    }

    /// The HTTP status to answer with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status.unwrap_or_else(|| self.code.status())
    }

    /// The envelope: `{success: false, error, code, field?}`.
    #[must_use]
    pub fn envelope(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("success".to_owned(), Value::Bool(false));
        body.insert("error".to_owned(), Value::from(self.error.as_str()));
        body.insert("code".to_owned(), Value::from(self.code.as_str()));
        if let Some(field) = &self.field {
            body.insert("field".to_owned(), Value::from(field.as_str()));
        }
        body
    }
}

impl From<RoomError> for ApiError {
    fn from(error: RoomError) -> Self {
        let code = match &error {
            RoomError::RoomNotFound => Code::RoomNotFound,
            RoomError::RoomExists(_) => Code::RoomExists,
            RoomError::RoomFull => Code::RoomFull,
            RoomError::ParticipantNotFound => Code::ParticipantNotFound,
            RoomError::TransportNotFound => Code::TransportNotFound,
            RoomError::ProducerNotFound => Code::ProducerNotFound,
            RoomError::ConsumerNotFound => Code::ConsumerNotFound,
            RoomError::DataProducerNotFound => Code::DataProducerNotFound,
            RoomError::DataConsumerNotFound => Code::DataConsumerNotFound,
            RoomError::ProducerLocked => Code::Forbidden,
            RoomError::LimitExceeded(_) => Code::LimitExceeded,
            RoomError::Invalid(_) => Code::InvalidRequest,
            RoomError::Unsupported(_) => Code::Unsupported,
            RoomError::ShuttingDown => Code::ShuttingDown,
            RoomError::Internal(source) => {
                tracing::error!(source = source.as_ref() as &dyn std::error::Error, "request failed");
                Code::Internal
            }
            _ => Code::Internal,
        };
        Self::new(code, error.to_string())
    }
}

impl From<RecordingError> for ApiError {
    fn from(error: RecordingError) -> Self {
        let code = match &error {
            RecordingError::InProgress => Code::RecordingInProgress,
            RecordingError::NoRecording => Code::NoRecording,
            RecordingError::NotEnabled => Code::RecordingNotEnabled,
            RecordingError::FileNotFound => Code::FileNotFound,
            RecordingError::FileInUse => Code::FileInUse,
            RecordingError::DiskFull => Code::DiskFull,
            RecordingError::ShuttingDown => Code::ShuttingDown,
            RecordingError::RoomNotFound => Code::RoomNotFound,
            RecordingError::Invalid(why) => return invalid_option(*why),
            RecordingError::Unsupported(_) => Code::Unsupported,
            RecordingError::Io(source) => {
                tracing::error!(source = source as &dyn std::error::Error, "recording failed");
                Code::Internal
            }
            RecordingError::Backend(source) => {
                tracing::error!(source = source.as_ref() as &dyn std::error::Error, "recording failed");
                Code::Internal
            }
            _ => Code::Internal,
        };
        Self::new(code, error.to_string())
    }
}

fn invalid_option(invalid: InvalidOption) -> ApiError {
    let field = invalid.field().map_or("options".to_owned(), |field| format!("options.{field}"));
    ApiError::invalid(field, invalid)
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        Self::new(Code::Unauthorized, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_distinct_and_upper_case() {
        let texts: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        assert!(texts.iter().all(|text| text.bytes().all(|c| c.is_ascii_uppercase() || c == b'_')));
    }

    #[test]
    fn texts_and_codes_of_rooms_are_the_documents() {
        let rows = [
            (RoomError::RoomNotFound, "ROOM_NOT_FOUND", 404, "Room not found"),
            (RoomError::RoomFull, "ROOM_FULL", 409, "Room is full"),
            (RoomError::ParticipantNotFound, "PARTICIPANT_NOT_FOUND", 404, "Participant not found"),
            (RoomError::TransportNotFound, "TRANSPORT_NOT_FOUND", 404, "Transport not found"),
            (RoomError::ProducerNotFound, "PRODUCER_NOT_FOUND", 404, "Producer not found"),
            (RoomError::ConsumerNotFound, "CONSUMER_NOT_FOUND", 404, "Consumer not found"),
            (RoomError::LimitExceeded("rooms"), "LIMIT_EXCEEDED", 429, "Limit exceeded: rooms"),
            (RoomError::ShuttingDown, "SHUTTING_DOWN", 503, "Server is shutting down"),
            (RoomError::Unsupported("no codec".to_owned()), "UNSUPPORTED", 501, "no codec"),
            (RoomError::Invalid("mid: too long".to_owned()), "INVALID_REQUEST", 400, "mid: too long"),
        ];
        for (error, code, status, text) in rows {
            let error = ApiError::from(error);
            assert_eq!(
                (error.code.as_str(), error.status().as_u16(), error.error.as_str()),
                (code, status, text)
            );
        }
    }

    #[test]
    fn texts_and_codes_of_recordings_are_the_documents() {
        let rows = [
            (RecordingError::InProgress, "RECORDING_IN_PROGRESS", 409, "Recording already in progress"),
            (RecordingError::NoRecording, "NO_RECORDING", 409, "No recording in progress"),
            (RecordingError::NotEnabled, "RECORDING_NOT_ENABLED", 409, "Recording is not enabled"),
            (RecordingError::FileNotFound, "FILE_NOT_FOUND", 404, "File not found"),
            (RecordingError::FileInUse, "FILE_IN_USE", 409, "File is in use"),
            (RecordingError::DiskFull, "DISK_FULL", 507, "Not enough free disk space"),
            (RecordingError::ShuttingDown, "SHUTTING_DOWN", 503, "Server is shutting down"),
            (RecordingError::RoomNotFound, "ROOM_NOT_FOUND", 404, "Room not found"),
            (
                RecordingError::Invalid(InvalidOption::Framerate),
                "INVALID_REQUEST",
                400,
                "options.video.framerate: video.framerate must be 1 to 60",
            ),
            (RecordingError::Unsupported("no encoder".to_owned()), "UNSUPPORTED", 501, "no encoder"),
            (RecordingError::Backend("secret".into()), "INTERNAL", 500, "Internal error"),
        ];
        for (error, code, status, text) in rows {
            let error = ApiError::from(error);
            assert_eq!(
                (error.code.as_str(), error.status().as_u16(), error.error.as_str()),
                (code, status, text)
            );
        }
    }

    #[test]
    fn what_is_quoted_of_a_client_is_bounded() {
        let error = ApiError::invalid("roomId", "ä".repeat(10_000));
        assert!(error.error.len() <= TEXT_LEN_MAX + '…'.len_utf8());
    }
}
