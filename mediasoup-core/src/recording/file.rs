//! Recordings and their files: plain data, in the document's JSON shapes.

use std::path::PathBuf;

use serde::Serialize;

use super::options::RecordingOptions;
use crate::ids::{RecordingId, RoomId};

/// A recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    /// Which.
    pub id: RecordingId,
    /// Of which room.
    pub room_id: RoomId,
    /// What the names of its files begin with: `room_<roomId>_<UTC time>`.
    pub filename: String,
    /// ms since the epoch.
    pub started_at: u64,
    /// As given.
    pub options: RecordingOptions,
    /// Under the directory of recordings.
    pub files: RecordingFiles,
    /// How far it is.
    #[serde(flatten)]
    pub status: RecordingStatus,
}

/// How far a recording is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum RecordingStatus {
    /// It goes on.
    Recording,
    /// Stopped; its files are being made final.
    Processing {
        /// ms since the epoch.
        stopped_at: u64,
        /// ms.
        duration: u64,
        /// 0.0 to 1.0.
        progress: f64,
    },
    /// Stopped, and all its files are final.
    Ready {
        /// ms since the epoch.
        stopped_at: u64,
        /// ms.
        duration: u64,
    },
}

/// Files of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RecordingFiles {
    /// Everyone's sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<PathBuf>,
    /// Everyone's pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<PathBuf>,
    /// Both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub combined: Option<PathBuf>,
    /// Each participant's own, where asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<PathBuf>,
}

/// A final file of some recording. Times are ms since the epoch; the protocol's ISO 8601 is its adapter's to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedFile {
    /// Its name, without a directory.
    pub name: String,
    /// Its path.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// ms since the epoch.
    pub created: u64,
    /// ms since the epoch.
    pub modified: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stopped_recording_has_the_documents_shape() {
        let recording = Recording {
            id: RecordingId::from_u128(1),
            room_id: "room-123".parse().unwrap(),
            filename: "room_123".to_owned(),
            started_at: 1_704_110_400_000,
            options: RecordingOptions::default(),
            files: RecordingFiles { audio: Some("/recordings/a.opus".into()), ..RecordingFiles::default() },
            status: RecordingStatus::Ready { stopped_at: 1_704_112_200_000, duration: 1_800_000 },
        };
        assert_eq!(
            serde_json::to_value(recording).unwrap(),
            json!({
                "id": "00000000-0000-0000-0000-000000000001",
                "roomId": "room-123",
                "filename": "room_123",
                "startedAt": 1_704_110_400_000_u64,
                "stoppedAt": 1_704_112_200_000_u64,
                "duration": 1_800_000,
                "status": "ready",
                "options": {},
                "files": { "audio": "/recordings/a.opus" },
            })
        );
    }
}
