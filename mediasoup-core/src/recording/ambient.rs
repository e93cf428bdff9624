//! What recordings take from the world: the wall clock, tasks and threads. Nothing else in `capture/` and `manager/`
//! does.
#![expect(clippy::disallowed_methods, reason = "the one place of capture/ and manager/ that does")]

use std::{
    io, thread,
    time::{SystemTime, UNIX_EPOCH},
};

/// ms since the epoch; 0 on a machine whose clock stands before it.
pub(super) fn epoch_ms() -> u64 {
    ms_since_epoch(SystemTime::now())
}

/// ms since the epoch; 0 before it.
pub(super) fn ms_since_epoch(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

/// Starts a task.
pub(super) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

/// Starts a thread that ends by itself.
pub(super) fn spawn_thread(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map(drop)
}

/// Runs what may wait for a disk where no task has to wait with it.
pub(super) async fn blocking<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(run).await.map_err(io::Error::other)
}
