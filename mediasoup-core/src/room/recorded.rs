//! A room, as recordings know it.

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::Room;
use crate::{
    ids::RoomId,
    media::Router,
    recording::{RecordedRoom, RecordingError, RosterEvent},
};

#[async_trait]
impl RecordedRoom for Room {
    fn id(&self) -> &RoomId {
        self.id()
    }

    fn allows_recording(&self) -> bool {
        self.options().enable_recording
    }

    async fn router(&self) -> Result<Router, RecordingError> {
        self.router().await.map_err(|_closed| RecordingError::RoomNotFound)
    }

    async fn roster(&self) -> Result<mpsc::Receiver<RosterEvent>, RecordingError> {
        self.follow().await.map_err(|_closed| RecordingError::RoomNotFound)
    }
}
