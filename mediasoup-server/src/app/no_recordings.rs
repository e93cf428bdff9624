//! Recordings of a server that cannot record.

use std::time::Duration;

use async_trait::async_trait;
use mediasoup_core::{
    ids::RoomId,
    recording::{
        RecordedFile, RecordedRoom, Recording, RecordingError, RecordingEvent, RecordingManager,
        RecordingOptions, RecordingStats,
    },
};
use tokio::sync::broadcast;

/// No recording can be started, and there are no files.
#[derive(Debug)]
pub(super) struct NoRecordings {
    /// Nothing is ever sent.
    events: broadcast::Sender<RecordingEvent>,
}

impl Default for NoRecordings {
    fn default() -> Self {
        Self { events: broadcast::Sender::new(1) }
    }
}

#[async_trait]
impl RecordingManager for NoRecordings {
    async fn start_recording(
        &self,
        room: &dyn RecordedRoom,
        _: RecordingOptions,
    ) -> Result<Recording, RecordingError> {
        if !room.allows_recording() {
            return Err(RecordingError::NotEnabled);
        }
        Err(RecordingError::Unsupported("Recording is not supported".to_owned()))
    }

    async fn stop_recording(&self, _: &Recording) -> Result<Recording, RecordingError> {
        Err(RecordingError::NoRecording)
    }

    fn recording_of(&self, _: &RoomId) -> Option<Recording> {
        None
    }

    async fn list_recorded_files(&self) -> Result<Vec<RecordedFile>, RecordingError> {
        Ok(Vec::new())
    }

    async fn recorded_file(&self, _: &str) -> Result<RecordedFile, RecordingError> {
        Err(RecordingError::FileNotFound)
    }

    async fn delete_recorded_file(&self, _: &str) -> Result<(), RecordingError> {
        Err(RecordingError::FileNotFound)
    }

    fn events(&self) -> broadcast::Receiver<RecordingEvent> {
        self.events.subscribe()
    }

    async fn stats(&self) -> RecordingStats {
        RecordingStats::default()
    }

    async fn close(&self, _: Duration) {}
}
