//! Errors of recordings. Their texts are the protocol's.

use super::options::InvalidOption;

/// Why something could not be done to a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// A room has one recording at a time.
    #[error("Recording already in progress")]
    InProgress,
    /// Nothing to stop.
    #[error("No recording in progress")]
    NoRecording,
    /// The room's options, or the server's, do not allow it.
    #[error("Recording is not enabled")]
    NotEnabled,
    /// No such file among the recorded ones.
    #[error("File not found")]
    FileNotFound,
    /// The file is being written.
    #[error("File is in use")]
    FileInUse,
    /// The disk has less than its reserve left.
    #[error("Not enough free disk space")]
    DiskFull,
    /// No recording is started any more.
    #[error("Server is shutting down")]
    ShuttingDown,
    /// The room has closed.
    #[error("Room not found")]
    RoomNotFound,
    /// The text names the option.
    #[error(transparent)]
    Invalid(#[from] InvalidOption),
    /// Well-formed, but this backend cannot do it.
    #[error("{0}")]
    Unsupported(String),
    /// The directory of recordings.
    #[error("Internal error")]
    Io(#[from] std::io::Error),
    /// The backend's own; the source says more.
    #[error("Internal error")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}
