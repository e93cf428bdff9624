//! A recording that is not over, as everyone but its own task sees it.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use tokio::sync::{mpsc, oneshot, watch};

use super::lifecycle::Lifecycle;
use crate::{
    ids::{RecordingId, RoomId},
    recording::{capture::Gauges, file::Recording, settings::Settings, traits::RecordingProgress},
};

/// What a recording's task is told.
#[derive(Debug)]
pub(super) enum Command {
    /// Stop, and say how it is then. Dropped: it was stopped before.
    Stop(oneshot::Sender<Recording>),
    /// The disk has no more than its reserve.
    DiskFull,
}

/// A recording that is not over.
#[derive(Debug)]
pub(super) struct Live {
    id: RecordingId,
    room: RoomId,
    filename: String,
    lifecycle: Mutex<Lifecycle>,
    settings: OnceLock<Settings>,
    gauges: OnceLock<Arc<Gauges>>,
    position: OnceLock<watch::Receiver<Duration>>,
    commands: mpsc::Sender<Command>,
}

impl Live {
    /// With the queue its task reads.
    pub(super) fn new(lifecycle: Lifecycle) -> (Arc<Self>, mpsc::Receiver<Command>) {
        let (commands, queue) = mpsc::channel(8);
        let Recording { id, room_id, filename, .. } = lifecycle.recording(Duration::ZERO);
        let live = Self {
            id,
            room: room_id,
            filename,
            lifecycle: Mutex::new(lifecycle),
            settings: OnceLock::new(),
            gauges: OnceLock::new(),
            position: OnceLock::new(),
            commands,
        };
        (Arc::new(live), queue)
    }

    pub(super) fn id(&self) -> RecordingId {
        self.id
    }

    pub(super) fn room(&self) -> &RoomId {
        &self.room
    }

    pub(super) fn filename(&self) -> &str {
        &self.filename
    }

    /// Never held across an await.
    pub(super) fn lifecycle(&self) -> MutexGuard<'_, Lifecycle> {
        // No code that holds it can panic half-way through a change.
        self.lifecycle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_on(&self) -> bool {
        self.lifecycle().is_on()
    }

    pub(super) fn commands(&self) -> &mpsc::Sender<Command> {
        &self.commands
    }

    /// What its files are to be like.
    pub(super) fn made_with(&self, settings: Settings) {
        let _ = self.settings.set(settings);
    }

    /// Bytes that making its files final would take now.
    pub(super) fn finishing_space(&self) -> u64 {
        let heard = self.gauges.get().map_or(0, |gauges| gauges.heard_ms());
        self.settings.get().map_or(0, |settings| settings.finishing_space(Duration::from_millis(heard)))
    }

    /// How far its capture is.
    pub(super) fn measured_by(&self, gauges: Arc<Gauges>) {
        drop(self.gauges.set(gauges));
    }

    /// How far its recorder is.
    pub(super) fn composed_by(&self, position: watch::Receiver<Duration>) {
        drop(self.position.set(position));
    }

    pub(super) fn position(&self) -> Duration {
        self.position.get().map_or(Duration::ZERO, |position| *position.borrow())
    }

    pub(super) fn recording(&self) -> Recording {
        self.lifecycle().recording(self.position())
    }

    pub(super) fn progress(&self) -> RecordingProgress {
        let gauge = |read: fn(&Gauges) -> u64| self.gauges.get().map_or(0, |gauges| read(gauges));
        RecordingProgress {
            recording: self.recording(),
            recorded: gauge(Gauges::heard_ms),
            composed: self.position().as_millis() as u64,
            bytes: gauge(Gauges::bytes),
            packets_missed: gauge(Gauges::missed),
        }
    }
}
