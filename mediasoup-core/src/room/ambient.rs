//! What the domain takes from the world: the wall clock and a task. Nothing else in `room/` does.
#![expect(clippy::disallowed_methods, reason = "the one place of room/ that asks the clock and starts tasks")]

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::task::JoinSet;

/// ms since the epoch; 0 on a machine whose clock stands before it.
pub(super) fn epoch_ms() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

/// Starts a room's task. Its end is awaited through the room's [`watch`](tokio::sync::watch) of counts, whose sender it owns.
pub(super) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

/// Starts a task that ends with the set it is in.
pub(super) fn spawn_in(tasks: &mut JoinSet<()>, task: impl Future<Output = ()> + Send + 'static) {
    tasks.spawn(task);
}
