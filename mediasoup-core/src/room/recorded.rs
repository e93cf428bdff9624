//! A room, as recordings know it.

use async_trait::async_trait;

use super::Room;
use crate::{
    ids::RoomId,
    media::Router,
    recording::{RecordedRoom, RecordingError},
};

#[async_trait]
impl RecordedRoom for Room {
    fn id(&self) -> &RoomId {
        self.id()
    }

    async fn router(&self) -> Result<Router, RecordingError> {
        self.router().await.map_err(|_closed| RecordingError::RoomNotFound)
    }
}
