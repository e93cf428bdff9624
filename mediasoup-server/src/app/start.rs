//! The parts this server is made of.

use std::sync::Arc;

use mediasoup_core::{driver::LocalWorkerManager, recording::RecordingManager, room::Rooms};

use super::{RunningServer, StartError, network, recordings::recordings, serve};
use crate::{auth::Authenticator, config::Config, shutdown::Readiness, state::AppState};

/// Starts workers, rooms, recordings and listeners.
///
/// # Errors
/// [`StartError`]; then nothing is left running.
pub async fn start(config: Config) -> Result<RunningServer, StartError> {
    let recordings = recordings(&config).await?;
    start_with(config, recordings).await
}

/// Starts workers, rooms and listeners around a manager of recordings of one's own.
///
/// # Errors
/// [`StartError`]; then nothing is left running.
pub async fn start_with(
    mut config: Config,
    recordings: Arc<dyn RecordingManager>,
) -> Result<RunningServer, StartError> {
    let auth = Authenticator::from_config(&config.auth)?;
    network::announce_own_addresses(&mut config)?;
    let workers = Arc::new(LocalWorkerManager::new(config.worker_options()));
    let rooms = Rooms::new(workers.clone(), (&config.router).into(), (&config.web_rtc_transport).into());
    let state = AppState {
        rooms: Arc::new(rooms),
        recordings,
        workers,
        auth: Arc::new(auth),
        config: Arc::new(config),
        readiness: Readiness::default(),
    };
    serve(state).await
}
