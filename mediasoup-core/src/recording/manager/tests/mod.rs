//! Recordings of a room in memory, by a backend that only tells what it has read.

mod disk;
mod files;
mod lives;
mod recovery;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;
use tokio::{sync::broadcast, time::timeout};

use super::{Recordings, RecordingsOptions, space::Space, work::work_root};
use crate::recording::{
    Recording, RecordingError, RecordingEvent, RecordingManager, RecordingOptions, RecordingStatus,
    tests::{
        FakeBackend, FakeRoom, Summary,
        backend::Behaviour::{self, Finish},
    },
};

/// For what is to happen: much more than it takes.
const LONG: Duration = Duration::from_secs(20);
const GIB: u64 = 1 << 30;

/// A disk as large as it is said to be.
#[derive(Debug)]
struct FakeSpace(AtomicU64);

impl Space for FakeSpace {
    fn free(&self, _: &Path) -> io::Result<u64> {
        Ok(self.0.load(Ordering::Relaxed))
    }
}

/// Recordings in a directory of their own.
struct World {
    directory: Arc<TempDir>,
    space: Arc<FakeSpace>,
    backend: Arc<FakeBackend>,
    recordings: Recordings,
    events: broadcast::Receiver<RecordingEvent>,
}

impl World {
    async fn new(behaviour: Behaviour) -> Self {
        Self::with(behaviour, |_| {}).await
    }

    async fn with(behaviour: Behaviour, change: impl FnOnce(&mut RecordingsOptions)) -> Self {
        Self::open(Arc::new(tempfile::tempdir().unwrap()), behaviour, change).await
    }

    /// What a server does that starts over a directory that is there.
    async fn open(
        directory: Arc<TempDir>,
        behaviour: Behaviour,
        change: impl FnOnce(&mut RecordingsOptions),
    ) -> Self {
        let mut options = RecordingsOptions::new(directory.path().to_owned());
        options.stop_wait = LONG;
        change(&mut options);
        let (space, backend) = (Arc::new(FakeSpace(AtomicU64::new(2 * GIB))), FakeBackend::new(behaviour));
        let recordings =
            Recordings::open_on(options, Arc::clone(&backend) as _, Arc::clone(&space) as _).await.unwrap();
        // No task has run yet: nothing has been told.
        let events = recordings.events();
        Self { directory, space, backend, recordings, events }
    }

    async fn start(&self, room: &FakeRoom) -> Result<Recording, RecordingError> {
        self.recordings.start_recording(room, RecordingOptions::default()).await
    }

    async fn stop(&self, recording: &Recording) -> Result<Recording, RecordingError> {
        timeout(LONG, self.recordings.stop_recording(recording)).await.unwrap()
    }

    async fn event(&mut self) -> RecordingEvent {
        timeout(LONG, self.events.recv()).await.unwrap().unwrap()
    }

    /// The next event's kind.
    async fn told(&mut self) -> &'static str {
        match self.event().await {
            RecordingEvent::Started(_) => "started",
            RecordingEvent::Stopped(_) => "stopped",
            RecordingEvent::Ready(_) => "ready",
            RecordingEvent::Failed { .. } => "failed",
        }
    }

    /// What is in the work directory.
    fn work(&self) -> Vec<PathBuf> {
        entries(&work_root(self.directory.path()))
    }

    async fn names(&self) -> Vec<String> {
        let files = self.recordings.list_recorded_files().await.unwrap();
        files.into_iter().map(|file| file.name).collect()
    }

    /// Returns when no recording is live.
    async fn settled(&self) {
        timeout(LONG, self.recordings.shared.book.empty()).await.unwrap();
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn summary(recording: &Recording) -> Summary {
    serde_json::from_slice(&fs::read(recording.files.combined.as_ref().unwrap()).unwrap()).unwrap()
}

fn is_ready(recording: &Recording) -> bool {
    matches!(recording.status, RecordingStatus::Ready { .. })
}
