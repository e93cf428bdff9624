//! What can be wrong with a configuration. Every text names the key and the reason.

use std::{io, path::PathBuf};

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file given with `--config`, or `.env`.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is malformed.
    #[error("{path}: {reason}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where, and what was expected.
        reason: String,
    },
    /// `--set` without `=`.
    #[error("--set {0}: expected key=value, such as room.maxParticipants=4")]
    Assignment(String),
    /// No such key.
    #[error("{origin}: unknown key {key}; did you mean {nearest}?")]
    UnknownKey {
        /// Where it was set.
        origin: String,
        /// As it was written.
        key: String,
        /// The known one most like it.
        nearest: String,
    },
    /// The value is of the wrong type, or out of its range.
    #[error("{key}: {reason} (set by {origin})")]
    Value {
        /// Which.
        key: String,
        /// Why.
        reason: String,
        /// Where it was set.
        origin: String,
    },
    /// Valid alone, but not beside the rest.
    #[error("{key}: {reason}")]
    Invalid {
        /// Which.
        key: &'static str,
        /// Why.
        reason: String,
    },
}
