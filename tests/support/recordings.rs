//! A manager of recordings that records nothing: real answers, events and files, without media.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use mediasoup_core::{
    ids::{RecordingId, RoomId},
    recording::{
        RecordedFile, RecordedRoom, Recording, RecordingError, RecordingEvent, RecordingFiles,
        RecordingManager, RecordingOptions, RecordingProgress, RecordingStats, RecordingStatus, Settings,
    },
};
use tempfile::TempDir;
use tokio::sync::broadcast;

/// What is in every file.
pub const CONTENT: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Free bytes, and the reserve, as `/stats` tells them.
pub const DISK: (u64, u64) = (1 << 40, 1 << 30);

/// The fake; cheap to clone.
#[derive(Clone, Debug)]
pub struct FakeRecordings(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Goes with the last clone.
    directory: TempDir,
    events: broadcast::Sender<RecordingEvent>,
    table: Mutex<Table>,
    disk_is_full: AtomicBool,
    composing_is_slow: AtomicBool,
    gate: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Table {
    active: BTreeMap<RoomId, Recording>,
    processing: Vec<Recording>,
    started: usize,
    in_use: BTreeSet<String>,
    closed: bool,
}

impl FakeRecordings {
    /// With a directory of its own, that goes with it.
    ///
    /// # Errors
    /// There is no place for temporary files.
    pub fn new() -> io::Result<Self> {
        Ok(Self(Arc::new(Shared {
            directory: TempDir::new()?,
            events: broadcast::Sender::new(64),
            table: Mutex::default(),
            disk_is_full: AtomicBool::new(false),
            composing_is_slow: AtomicBool::new(false),
            gate: tokio::sync::Mutex::new(()),
        })))
    }

    /// Where the files are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.0.directory.path()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the disk is too full to start.
    pub fn fill_disk(&self) {
        self.0.disk_is_full.store(true, Ordering::Relaxed);
    }

    /// From now on a stop does not wait for files: [`complete`](Self::complete) makes them.
    pub fn slow_down(&self) {
        self.0.composing_is_slow.store(true, Ordering::Relaxed);
    }

    /// As long as the answer is held, stops do not return.
    pub async fn hold_stops(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.gate.lock().await
    }

    /// A file that is being written.
    pub fn use_file(&self, name: &str) {
        self.table().in_use.insert(name.to_owned());
    }

    /// Makes the files of what was stopped.
    ///
    /// # Errors
    /// The directory's.
    pub fn complete(&self) -> io::Result<()> {
        let processing = std::mem::take(&mut self.table().processing);
        for recording in processing {
            let ready = self.ready(recording)?;
            self.tell(RecordingEvent::Ready(ready));
        }
        Ok(())
    }

    /// Says that a room's recording has failed.
    pub fn fail(&self, room: &RoomId, error: &str) {
        if let Some(recording) = self.recording_of(room) {
            self.tell(RecordingEvent::Failed { recording, error: error.to_owned() });
        }
    }

    fn tell(&self, event: RecordingEvent) {
        // Nobody may be listening.
        drop(self.0.events.send(event));
    }

    fn ready(&self, mut recording: Recording) -> io::Result<Recording> {
        let make = |suffix: &str| -> io::Result<Option<PathBuf>> {
            let path = self.directory().join(format!("{}_{suffix}", recording.filename));
            fs::write(&path, CONTENT)?;
            Ok(Some(path))
        };
        recording.files = RecordingFiles {
            audio: make("audio.opus")?,
            video: make("video.h264")?,
            combined: make("combined.mp4")?,
            tracks: Vec::new(),
        };
        if let RecordingStatus::Processing { stopped_at, duration, .. } = recording.status {
            recording.status = RecordingStatus::Ready { stopped_at, duration };
        }
        Ok(recording)
    }

    fn take(&self, recording: &Recording) -> Result<Recording, RecordingError> {
        let mut table = self.table();
        if table.active.get(&recording.room_id).is_none_or(|active| active.id != recording.id) {
            return Err(RecordingError::NoRecording);
        }
        let mut stopped = table.active.remove(&recording.room_id).ok_or(RecordingError::NoRecording)?;
        let stopped_at = now();
        let duration = stopped_at.saturating_sub(stopped.started_at);
        stopped.status = RecordingStatus::Processing { stopped_at, duration, progress: 0.25 };
        if self.0.composing_is_slow.load(Ordering::Relaxed) {
            table.processing.push(stopped.clone());
        }
        Ok(stopped)
    }

    fn file(&self, path: &Path) -> io::Result<RecordedFile> {
        let metadata = path.metadata()?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let modified = epoch_ms(metadata.modified()?);
        Ok(RecordedFile { name, path: path.to_owned(), size: metadata.len(), created: modified, modified })
    }
}

fn now() -> u64 {
    epoch_ms(SystemTime::now())
}

fn epoch_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[async_trait]
impl RecordingManager for FakeRecordings {
    async fn start_recording(
        &self,
        room: &dyn RecordedRoom,
        options: RecordingOptions,
    ) -> Result<Recording, RecordingError> {
        if !room.allows_recording() {
            return Err(RecordingError::NotEnabled);
        }
        if self.0.disk_is_full.load(Ordering::Relaxed) {
            return Err(RecordingError::DiskFull);
        }
        Settings::default().with(&options).check()?;
        let mut roster = room.roster().await?;
        let recording = {
            let mut table = self.table();
            if table.closed {
                return Err(RecordingError::ShuttingDown);
            }
            if table.active.contains_key(room.id()) {
                return Err(RecordingError::InProgress);
            }
            let filename = format!("room_{}_2024-01-01T12-00-00-{:03}Z", room.id(), table.started);
            table.started += 1;
            let recording = Recording {
                id: RecordingId::random(),
                room_id: room.id().clone(),
                filename,
                started_at: now(),
                options,
                files: RecordingFiles::default(),
                status: RecordingStatus::Recording,
            };
            table.active.insert(room.id().clone(), recording.clone());
            recording
        };
        self.tell(RecordingEvent::Started(recording.clone()));
        let (manager, ended) = (self.clone(), recording.clone());
        tokio::spawn(async move {
            while roster.recv().await.is_some() {}
            // Where it was stopped before there is nothing to do.
            drop(manager.stop_recording(&ended).await);
        });
        Ok(recording)
    }

    async fn stop_recording(&self, recording: &Recording) -> Result<Recording, RecordingError> {
        let stopped = self.take(recording)?;
        drop(self.0.gate.lock().await);
        if self.0.composing_is_slow.load(Ordering::Relaxed) {
            self.tell(RecordingEvent::Stopped(stopped.clone()));
            return Ok(stopped);
        }
        let ready = self.ready(stopped)?;
        self.tell(RecordingEvent::Stopped(ready.clone()));
        self.tell(RecordingEvent::Ready(ready.clone()));
        Ok(ready)
    }

    fn recording_of(&self, room: &RoomId) -> Option<Recording> {
        self.table().active.get(room).cloned()
    }

    async fn list_recorded_files(&self) -> Result<Vec<RecordedFile>, RecordingError> {
        let mut files = Vec::new();
        for entry in fs::read_dir(self.directory())? {
            files.push(self.file(&entry?.path())?);
        }
        files.sort_by(|a, b| b.name.cmp(&a.name));
        Ok(files)
    }

    async fn recorded_file(&self, name: &str) -> Result<RecordedFile, RecordingError> {
        self.file(&self.directory().join(name)).map_err(|_missing| RecordingError::FileNotFound)
    }

    async fn delete_recorded_file(&self, name: &str) -> Result<(), RecordingError> {
        let file = self.recorded_file(name).await?;
        if self.table().in_use.contains(name) {
            return Err(RecordingError::FileInUse);
        }
        Ok(fs::remove_file(file.path)?)
    }

    fn events(&self) -> broadcast::Receiver<RecordingEvent> {
        self.0.events.subscribe()
    }

    async fn stats(&self) -> RecordingStats {
        let table = self.table();
        let progress = |recording: &Recording| RecordingProgress {
            recording: recording.clone(),
            recorded: 3000,
            composed: 1000,
            bytes: CONTENT.len() as u64,
            packets_missed: 0,
        };
        RecordingStats {
            active_recordings: table.active.len(),
            recordings: table.active.values().chain(&table.processing).map(progress).collect(),
            disk_free: Some(DISK.0),
            disk_reserve: DISK.1,
        }
    }

    async fn close(&self, _: Duration) {
        self.table().closed = true;
        let active: Vec<_> = self.table().active.values().cloned().collect();
        for recording in active {
            // One that ended meanwhile is as good.
            drop(self.stop_recording(&recording).await);
        }
    }
}
