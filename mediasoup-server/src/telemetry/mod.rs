//! Logs and metrics.

mod filter;
mod logs;
mod metrics;
mod recordings;

use std::io::{self, IsTerminal as _};

pub use logs::change_logs;
pub use metrics::metrics_text;
pub use recordings::RecordingCounters;
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{Config, LogFormat};

/// Why logs could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// `log.filter` is malformed.
    #[error("log.filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The process has a subscriber already.
    #[error("cannot start logging: {0}")]
    Installed(#[from] tracing_subscriber::util::TryInitError),
    /// Logs are somebody else's: [`init`] was not called.
    #[error("logs were not started by this server")]
    NotStarted,
}

/// Starts logging to standard error, until [`change_logs`] as the configuration says. Once a process.
///
/// # Errors
/// [`TelemetryError`].
pub fn init(config: &Config) -> Result<(), TelemetryError> {
    let (logs, filter) = logs::Logs::new(config)?;
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    match config.log.format {
        LogFormat::Text => registry.with(layer.with_ansi(io::stderr().is_terminal())).try_init()?,
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init()?,
    }
    logs.keep();
    Ok(())
}
