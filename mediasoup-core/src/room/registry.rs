//! Which rooms there are, by name, and how many tasks serve them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::watch;

use super::{api::Room, error::RoomError};
use crate::ids::RoomId;

#[derive(Debug)]
struct Entry {
    /// Order of creation; tells a room from an earlier one of its name.
    serial: u64,
    room: Room,
}

#[derive(Debug, Default)]
struct Table {
    rooms: BTreeMap<RoomId, Entry>,
    registered: u64,
    closed: bool,
}

/// The names in use.
#[derive(Debug, Default)]
pub(super) struct Registry {
    table: Mutex<Table>,
    /// Rooms whose tasks have not ended. More than there are names, while rooms wind down.
    running: watch::Sender<usize>,
}

impl Registry {
    /// Nothing is left inconsistent by a panic between two of the table's operations: poison says nothing here.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a room's name.
    pub(super) fn register(self: &Arc<Self>, room: Room) -> Result<Registration, RoomError> {
        let mut table = self.table();
        if table.closed {
            return Err(RoomError::ShuttingDown);
        }
        let id = room.id().clone();
        if table.rooms.contains_key(&id) {
            return Err(RoomError::RoomExists(id));
        }
        table.registered += 1;
        let serial = table.registered;
        table.rooms.insert(id.clone(), Entry { serial, room });
        self.running.send_modify(|running| *running += 1);
        Ok(Registration { registry: Arc::downgrade(self), id, serial })
    }

    pub(super) fn room(&self, id: &RoomId) -> Option<Room> {
        self.table().rooms.get(id).map(|entry| entry.room.clone())
    }

    /// All rooms, in order of creation.
    pub(super) fn rooms(&self) -> Vec<Room> {
        let table = self.table();
        let mut entries: Vec<_> = table.rooms.values().collect();
        entries.sort_unstable_by_key(|entry| entry.serial);
        entries.into_iter().map(|entry| entry.room.clone()).collect()
    }

    /// Takes no further name.
    pub(super) fn close(&self) {
        self.table().closed = true;
    }

    /// Returns when no room's task runs.
    pub(super) async fn all_ended(&self) {
        // The sender is ours, so the only answer is the condition's.
        drop(self.running.subscribe().wait_for(|running| *running == 0).await);
    }
}

/// A name, held by the room's task. Dropped with it.
#[derive(Debug)]
pub(super) struct Registration {
    /// Weak: rooms that nobody can reach any more are to end.
    registry: Weak<Registry>,
    id: RoomId,
    serial: u64,
}

impl Registration {
    /// Gives the name back while the task winds down. Idempotent.
    pub(super) fn free_name(&self) {
        if let Some(registry) = self.registry.upgrade() {
            let mut table = registry.table();
            if table.rooms.get(&self.id).is_some_and(|entry| entry.serial == self.serial) {
                table.rooms.remove(&self.id);
            }
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.free_name();
        if let Some(registry) = self.registry.upgrade() {
            registry.running.send_modify(|running| *running -= 1);
        }
    }
}
