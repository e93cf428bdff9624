//! What request handlers share.

use std::sync::Arc;

use mediasoup_core::{media::WorkerManager, recording::RecordingManager, room::RoomManager};

use crate::{auth::Authenticator, config::Config, shutdown::Readiness};

/// Everything request handlers share; cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The domain.
    pub rooms: Arc<dyn RoomManager>,
    /// Recordings of the rooms, and their files.
    pub recordings: Arc<dyn RecordingManager>,
    /// Asked for counters only; rooms take their workers themselves.
    pub workers: Arc<dyn WorkerManager>,
    /// Who a token belongs to.
    pub auth: Arc<Authenticator>,
    /// As parsed at start.
    pub config: Arc<Config>,
    /// Whether new work is taken.
    pub readiness: Readiness,
}
