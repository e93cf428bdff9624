//! The plugs: a manager of recordings, and the backend that makes them.

use std::{fmt, path::Path};

use async_trait::async_trait;

use super::{
    error::RecordingError,
    file::{RecordedFile, Recording, RecordingFiles},
    options::RecordingOptions,
};
use crate::{ids::RoomId, media::Router};

/// What a recording needs of a room. A room implements it, so that recordings know nothing of rooms.
#[async_trait]
pub trait RecordedRoom: fmt::Debug + Send + Sync {
    /// Its name.
    fn id(&self) -> &RoomId;
    /// Where its media is.
    ///
    /// # Errors
    /// [`RecordingError::RoomNotFound`]: it has closed.
    async fn router(&self) -> Result<Router, RecordingError>;
}

/// Starts and stops recordings, and keeps their files.
#[async_trait]
pub trait RecordingManager: fmt::Debug + Send + Sync + 'static {
    /// Starts to record a room.
    ///
    /// # Errors
    /// It is being recorded, it has closed, or the options cannot be had.
    async fn start_recording(
        &self,
        room: &dyn RecordedRoom,
        options: RecordingOptions,
    ) -> Result<Recording, RecordingError>;
    /// Stops a recording. What it answers with says whether its files are final.
    ///
    /// # Errors
    /// [`RecordingError::NoRecording`]: it was stopped before.
    async fn stop_recording(&self, recording: &Recording) -> Result<Recording, RecordingError>;
    /// All final files.
    ///
    /// # Errors
    /// The directory cannot be read.
    async fn list_recorded_files(&self) -> Result<Vec<RecordedFile>, RecordingError>;
    /// Deletes a final file. The name never leads out of the directory of recordings.
    ///
    /// # Errors
    /// No such file, or it is being written.
    async fn delete_recorded_file(&self, name: &str) -> Result<(), RecordingError>;
}

/// Makes recorders: the plug for whatever encodes and writes.
#[async_trait]
pub trait RecorderBackend: fmt::Debug + Send + Sync + 'static {
    /// Starts to record what `router` carries into files under `directory` whose names begin with `filename`.
    ///
    /// # Errors
    /// The options cannot be had, or nothing can be written.
    async fn start(
        &self,
        router: Router,
        options: &RecordingOptions,
        directory: &Path,
        filename: &str,
    ) -> Result<Box<dyn Recorder>, RecordingError>;
}

/// A recording under way.
#[async_trait]
pub trait Recorder: fmt::Debug + Send + Sync {
    /// Ends it and makes its files final.
    ///
    /// # Errors
    /// A file could not be made final; what was written stays.
    async fn stop(self: Box<Self>) -> Result<RecordingFiles, RecordingError>;
}
