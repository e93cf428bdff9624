//! Composition: the parts of the server, put together, started and ended.

mod http;
mod layers;
mod network;
#[cfg(not(all(feature = "gstreamer", target_os = "linux")))]
mod no_recordings;
mod recordings;
mod start;
mod summary;
#[cfg(test)]
mod tests;

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use mediasoup_core::{media::error::WorkerError, room::CloseReason};
use socketioxide::SocketIo;
use tokio::net::TcpListener;

pub use start::{start, start_with};

use crate::{auth::KeyError, client, rest, signaling, state::AppState, telemetry};

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configured key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The address clients would be told.
    #[error(
        "webRtcTransport.listenIps: cannot find this machine's own address for {ip}: {source}; set announcedIp"
    )]
    OwnAddress {
        /// As configured.
        ip: std::net::IpAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// Where recordings are to go.
    #[error("recording.outputDir: cannot write to {directory}: {source}", directory = .directory.display())]
    RecordingDirectory {
        /// As configured.
        directory: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The media workers.
    #[error("media workers: {0}")]
    Workers(#[from] WorkerError),
    /// The HTTP listener.
    #[error("http: cannot listen on {address}: {source}")]
    Listen {
        /// What was to be bound.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
}

/// Starts the given parts.
///
/// # Errors
/// [`StartError`]; then nothing is left running.
pub async fn serve(state: AppState) -> Result<RunningServer, StartError> {
    let address = state.config.http_address();
    let listen_error = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen_error)?;
    let local_addr = listener.local_addr().map_err(listen_error)?;
    state.workers.initialize(state.config.worker.num_workers.get().into()).await?;

    let (socket_layer, sockets) = signaling::layer(state.clone());
    let rest = layers::inner(rest::router(state.clone()).merge(client::router()), &state.config.http);
    let router = layers::outer(rest.layer(socket_layer), &state.config.http);
    let http = http::Server::start(listener, router, &state.config.http);
    let recording_counters = telemetry::RecordingCounters::start(state.recordings.events());
    state.readiness.set_ready();
    Ok(RunningServer { state, local_addr, sockets, http, _recording_counters: recording_counters })
}

/// A server that takes work. Dropped without [`shutdown`](Self::shutdown), it stops listening and leaves the rest
/// to the end of the process.
#[derive(Debug)]
pub struct RunningServer {
    state: AppState,
    local_addr: SocketAddr,
    sockets: SocketIo,
    http: http::Server,
    _recording_counters: telemetry::RecordingCounters,
}

/// Time for sockets to send what the end of their rooms made, before they are closed.
const FLUSH: Duration = Duration::from_millis(200);
/// Of the drain timeout, what is not for recordings.
const REST_OF_DRAIN: Duration = Duration::from_secs(1);

impl RunningServer {
    /// What its handlers share.
    #[must_use]
    pub const fn state(&self) -> &AppState {
        &self.state
    }

    /// Where HTTP listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Ends everything within the drain timeout: no new work is taken, sockets are told, rooms close, their recordings
    /// are completed as far as time allows, sockets close, workers end. Answers whether all of it was done in time.
    pub async fn shutdown(self) -> bool {
        let drain = Duration::from_millis(self.state.config.shutdown.drain_timeout.get().into());
        self.state.readiness.set_draining(drain);
        let done = tokio::time::timeout(drain, self.drain(drain)).await.is_ok();
        if !done {
            tracing::warn!("the drain timeout has passed: what is still open is dropped");
        }
        done
    }

    async fn drain(mut self, time: Duration) {
        self.http.stop_accepting();
        self.state.rooms.close(CloseReason::Shutdown).await;
        // What the rest takes is short; what recordings do not get done is completed at the next start.
        let patience = time.saturating_sub(REST_OF_DRAIN).max(time / 2);
        let recordings = self.state.recordings.clone();
        let end_connections = async {
            tokio::time::sleep(FLUSH).await;
            self.sockets.close().await;
            self.http.finish().await;
        };
        tokio::join!(recordings.close(patience), end_connections);
        self.state.workers.close().await;
    }
}
