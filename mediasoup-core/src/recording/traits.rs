//! The surface: a manager of recordings, and what it needs of a room.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use serde::Serialize;
use tokio::sync::{broadcast, mpsc};

use super::{
    error::RecordingError,
    file::{RecordedFile, Recording},
    options::RecordingOptions,
    roster::RosterEvent,
};
use crate::{ids::RoomId, media::Router};

/// What a recording needs of a room. A room implements it, so that recordings know nothing of rooms.
#[async_trait]
pub trait RecordedRoom: fmt::Debug + Send + Sync {
    /// Its name.
    fn id(&self) -> &RoomId;
    /// Whether it may be recorded.
    fn allows_recording(&self) -> bool;
    /// Where its media is.
    ///
    /// # Errors
    /// [`RecordingError::RoomNotFound`]: it has closed.
    async fn router(&self) -> Result<Router, RecordingError>;
    /// Who is there: first everyone and everything that is, then what changes. Ends when the room closes.
    ///
    /// # Errors
    /// [`RecordingError::RoomNotFound`]: it has closed.
    async fn roster(&self) -> Result<mpsc::Receiver<RosterEvent>, RecordingError>;
}

/// Something that happened to a recording.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RecordingEvent {
    /// It goes on from now.
    Started(Recording),
    /// It was stopped, or its room closed, or the disk is full.
    Stopped(Recording),
    /// All its files are final: at once after [`RecordingEvent::Stopped`] where that says so already.
    Ready(Recording),
    /// It cannot be gone on with, or its files cannot be made. What was written so far stays.
    Failed {
        /// Which.
        recording: Recording,
        /// What to tell people.
        error: String,
    },
}

/// All recordings together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordingStats {
    /// Recordings that go on.
    pub active_recordings: usize,
    /// Those, and those whose files are being made.
    pub recordings: Vec<RecordingProgress>,
    /// Bytes that may still be written to the disk of the recordings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_free: Option<u64>,
    /// Bytes under which a recording is neither started nor gone on with.
    pub disk_reserve: u64,
}

/// How far one recording is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordingProgress {
    /// It.
    #[serde(flatten)]
    pub recording: Recording,
    /// ms heard so far.
    pub recorded: u64,
    /// ms of which files are made so far.
    pub composed: u64,
    /// Bytes heard so far.
    pub bytes: u64,
    /// Packets that came faster than they could be written.
    pub packets_missed: u64,
}

/// Starts and stops recordings, and keeps their files.
#[async_trait]
pub trait RecordingManager: fmt::Debug + Send + Sync + 'static {
    /// Starts to record a room.
    ///
    /// # Errors
    /// It is being recorded, it has closed, the options cannot be had, the disk is too full.
    async fn start_recording(
        &self,
        room: &dyn RecordedRoom,
        options: RecordingOptions,
    ) -> Result<Recording, RecordingError>;

    /// Stops a recording. Waits a moment for its files: the answer's status says whether they are final.
    ///
    /// # Errors
    /// [`RecordingError::NoRecording`]: it was stopped before.
    async fn stop_recording(&self, recording: &Recording) -> Result<Recording, RecordingError>;

    /// The recording of a room that goes on now.
    fn recording_of(&self, room: &RoomId) -> Option<Recording>;

    /// All final files, newest first.
    ///
    /// # Errors
    /// The directory cannot be read.
    async fn list_recorded_files(&self) -> Result<Vec<RecordedFile>, RecordingError>;

    /// A final file. The name never leads out of the directory of recordings.
    ///
    /// # Errors
    /// [`RecordingError::FileNotFound`].
    async fn recorded_file(&self, name: &str) -> Result<RecordedFile, RecordingError>;

    /// Deletes a final file. The name never leads out of the directory of recordings.
    ///
    /// # Errors
    /// No such file, or it is being written.
    async fn delete_recorded_file(&self, name: &str) -> Result<(), RecordingError>;

    /// What happens from now on.
    fn events(&self) -> broadcast::Receiver<RecordingEvent>;

    /// All recordings together.
    async fn stats(&self) -> RecordingStats;

    /// Stops all recordings and waits, at most `patience`, for their files; what is not done then is completed at the
    /// next start. Starts no new one from now on.
    async fn close(&self, patience: Duration);
}
