//! What has to be looked after now and then: the room on the disk, and files that are kept no longer.

use std::{
    io,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, info, warn};

use super::{
    Shared, library,
    live::{Command, Live},
    names,
};
use crate::recording::ambient;

const DISK_INTERVAL: Duration = Duration::from_secs(1);
/// Looks at the disk between two looks at old files.
const LOOKS_PER_RETENTION: u64 = 60;

/// Until nobody has the recordings any more, or they are closed.
pub(super) async fn keep_house(shared: Weak<Shared>) {
    let mut look = interval(DISK_INTERVAL);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0_u64.. {
        let Some(book) = shared.upgrade().map(|shared| shared.book.clone()) else { return };
        tokio::select! {
            _ = look.tick() => {}
            () = book.closing() => return,
        }
        let Some(shared) = shared.upgrade() else { return };
        shared.look_at_disk().await;
        if number % LOOKS_PER_RETENTION == 0 {
            shared.retain().await;
        }
    }
}

impl Shared {
    /// Bytes left. Does not wait for a slow disk on the runtime.
    pub(super) async fn disk_free(self: &Arc<Self>) -> io::Result<u64> {
        let shared = Arc::clone(self);
        ambient::blocking(move || shared.space.free(&shared.options.directory)).await?
    }

    /// Stops what goes on when there is no more than the reserve beside what the files still need. Without a reserve
    /// recordings go on until nothing can be written.
    async fn look_at_disk(self: &Arc<Self>) {
        let on: Vec<_> = self.book.all().into_iter().filter(|live| live.is_on()).collect();
        if on.is_empty() {
            return;
        }
        let reserve = self.options.disk_reserve;
        let needed: u64 = on.iter().map(|live| live.finishing_space()).sum();
        match self.disk_free().await {
            Ok(free) if reserve > 0 && free < reserve.saturating_add(needed) => {
                warn!(target: "mediasoup::recording", free, "disk full: recordings are stopped");
                // One whose queue is full is being stopped.
                on.iter().for_each(|live| drop(live.commands().try_send(Command::DiskFull)));
            }
            Ok(_) => {}
            Err(error) => debug!(target: "mediasoup::recording", %error, "free space unknown"),
        }
    }

    /// Deletes what is kept no longer.
    pub(super) async fn retain(self: &Arc<Self>) {
        if !self.retention.is_limited() {
            return;
        }
        let shared = Arc::clone(self);
        if let Ok(Err(error)) | Err(error) = ambient::blocking(move || shared.delete_expired()).await {
            warn!(target: "mediasoup::recording", %error, "old files not deleted");
        }
    }

    fn delete_expired(&self) -> io::Result<()> {
        let files = library::list(&self.options.directory)?;
        for file in self.retention.expired(&files, ambient::epoch_ms()) {
            if self.is_in_use(&file.name) {
                continue;
            }
            match library::delete(&self.options.directory, &file.name) {
                Ok(()) => info!(target: "mediasoup::recording", file = file.name, "deleted: kept no longer"),
                Err(error) => warn!(target: "mediasoup::recording", file = file.name, %error, "not deleted"),
            }
        }
        Ok(())
    }

    /// Whether it is, or is to be, a file of a recording that is not over.
    pub(super) fn is_in_use(&self, name: &str) -> bool {
        let uses = |live: &Live| names::is_of(live.filename(), name) && !live.lifecycle().is_over();
        self.book.all().iter().any(|live| uses(live))
    }
}
