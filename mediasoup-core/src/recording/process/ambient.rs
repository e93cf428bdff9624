//! What recorders in processes take from the world: the clock and threads. Nothing else in `process/` does.
#![expect(clippy::disallowed_methods, reason = "the one place of process/ that asks the clock")]

use std::{
    io,
    thread::{Builder, JoinHandle},
    time::Instant,
};

pub(super) fn now() -> Instant {
    Instant::now()
}

/// Starts a thread. Linux shows the first 15 bytes of its name.
pub(super) fn spawn<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(run)
}
