//! The manager of recordings.
//!
//! A recording is a task ([`session`]) around a pure state machine ([`lifecycle`]); those that are not over are in
//! the [`book`]. Finished files are in a directory of their own, where they come by renaming ([`publish`]); all other
//! files are in work directories ([`work`]), which a crash leaves for the next start ([`recover`]).

mod book;
mod compose;
mod housekeeping;
mod library;
mod lifecycle;
mod live;
mod names;
mod options;
mod publish;
mod recover;
mod retention;
mod session;
mod space;
#[cfg(test)]
mod tests;
mod work;

use std::{fs, io, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{
    sync::{Semaphore, broadcast, mpsc, oneshot},
    time::timeout,
};
use tracing::{info, warn};

pub use self::options::RecordingsOptions;
use self::{
    book::{Book, Entered},
    compose::Material,
    lifecycle::{Composing, Lifecycle},
    live::{Command, Live},
    retention::Retention,
    session::Session,
    space::{Disk, Space},
    work::{WorkDirectory, sync_directory, work_root},
};
use super::{
    ambient,
    backend::RecorderBackend,
    capture::{Capture, Listening, LogFile},
    error::RecordingError,
    file::{RecordedFile, Recording, RecordingFiles, RecordingStatus},
    log::LogHeader,
    options::RecordingOptions,
    settings::Settings,
    traits::{RecordedRoom, RecordingEvent, RecordingManager, RecordingStats},
};
use crate::ids::{RecordingId, RoomId};

/// Events a reader may be behind by.
const EVENTS_MAX: usize = 256;

/// The recordings of this process, in a directory of their own. Cheap to clone.
///
/// A recording goes on until it is stopped or its room closes, whether or not there is a handle left.
/// Another process may have the same directory, as when one server takes over from another.
#[derive(Clone, Debug)]
pub struct Recordings {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: RecordingsOptions,
    retention: Retention,
    backend: Arc<dyn RecorderBackend>,
    space: Arc<dyn Space>,
    book: Book,
    /// Turns at making files, first come, first served.
    composers: Semaphore,
    events: broadcast::Sender<RecordingEvent>,
}

impl Shared {
    fn tell(&self, event: RecordingEvent) {
        match &event {
            RecordingEvent::Started(recording) => {
                info!(target: "mediasoup::recording", recording = %recording.id, room = %recording.room_id, "started");
            }
            RecordingEvent::Stopped(recording) => {
                info!(target: "mediasoup::recording", recording = %recording.id, "stopped");
            }
            RecordingEvent::Ready(recording) => {
                info!(target: "mediasoup::recording", recording = %recording.id, "ready");
            }
            RecordingEvent::Failed { recording, error } => {
                warn!(target: "mediasoup::recording", recording = %recording.id, error, "failed");
            }
        }
        // Nobody has to listen.
        drop(self.events.send(event));
    }
}

impl Recordings {
    /// Recordings in `options.directory`, which is made where it is missing. What earlier processes have left unfinished
    /// there is finished in the background.
    ///
    /// # Errors
    /// The directory cannot be written to, or the defaults make no sense.
    pub async fn open(
        options: RecordingsOptions,
        backend: Arc<dyn RecorderBackend>,
    ) -> Result<Self, RecordingError> {
        Self::open_on(options, backend, Arc::new(Disk)).await
    }

    async fn open_on(
        mut options: RecordingsOptions,
        backend: Arc<dyn RecorderBackend>,
        space: Arc<dyn Space>,
    ) -> Result<Self, RecordingError> {
        options.defaults = options.defaults.with(&RecordingOptions::default());
        options.defaults.check()?;
        let root = work_root(&options.directory);
        ambient::blocking(move || fs::create_dir_all(root)).await??;
        let RecordingsOptions { max_age, max_total_size, composers, .. } = options;
        let shared = Arc::new(Shared {
            options,
            retention: Retention { max_age, max_total_size },
            backend,
            space,
            book: Book::default(),
            composers: Semaphore::new(composers.min(Semaphore::MAX_PERMITS)),
            events: broadcast::Sender::new(EVENTS_MAX),
        });
        if composers > 0 {
            ambient::spawn(recover::recover(Arc::clone(&shared)));
        }
        ambient::spawn(housekeeping::keep_house(Arc::downgrade(&shared)));
        Ok(Self { shared })
    }

    fn settings(&self, options: &RecordingOptions) -> Result<Settings, RecordingError> {
        let settings = self.shared.options.defaults.with(options);
        settings.check()?;
        self.shared.backend.check(&settings)?;
        Ok(settings)
    }

    /// Takes the room's name among recordings.
    fn enter(
        &self,
        room: &RoomId,
        options: RecordingOptions,
    ) -> Result<(Entered, mpsc::Receiver<Command>), RecordingError> {
        let started_at = self.shared.book.next_start(ambient::epoch_ms());
        let recording = Recording {
            id: RecordingId::random(),
            room_id: room.clone(),
            filename: names::filename(room, started_at),
            started_at,
            options,
            files: RecordingFiles::default(),
            status: RecordingStatus::Recording,
        };
        let composing = if self.shared.options.composers == 0 { Composing::Off } else { Composing::Goes };
        let (live, commands) = Live::new(Lifecycle::starting(recording, composing));
        Ok((self.shared.book.enter(live)?, commands))
    }

    /// A room that does not answer is not waited for longer than others.
    async fn listen(&self, room: &dyn RecordedRoom) -> Result<Listening, RecordingError> {
        tokio::select! {
            listening = Listening::to(room) => listening,
            () = self.shared.book.abandoned() => Err(RecordingError::ShuttingDown),
        }
    }

    async fn create_work(&self, id: RecordingId) -> Result<(WorkDirectory, LogFile), RecordingError> {
        if self.shared.disk_free().await? < self.shared.options.disk_reserve {
            return Err(RecordingError::DiskFull);
        }
        let directory = self.shared.options.directory.clone();
        ambient::blocking(move || create_work(&directory, id)).await?
    }
}

fn header(recording: &Recording, settings: Settings) -> LogHeader {
    let Recording { id, room_id, filename, started_at, options, .. } = recording.clone();
    LogHeader { id, room_id, filename, started_at, options, settings }
}

/// The directory and the log; neither on errors.
fn create_work(directory: &Path, id: RecordingId) -> Result<(WorkDirectory, LogFile), RecordingError> {
    let work = WorkDirectory::create(&work_root(directory), id)?;
    let create = || -> io::Result<LogFile> {
        let file = LogFile::create(work.log(), work.ballast())?;
        sync_directory(work.path())?;
        sync_directory(&work_root(directory))?;
        Ok(file)
    };
    match create() {
        Ok(file) => Ok((work, file)),
        Err(error) => {
            work.retire()?;
            let is_full = error.kind() == io::ErrorKind::StorageFull;
            Err(if is_full { RecordingError::DiskFull } else { error.into() })
        }
    }
}

#[async_trait]
impl RecordingManager for Recordings {
    async fn start_recording(
        &self,
        room: &dyn RecordedRoom,
        options: RecordingOptions,
    ) -> Result<Recording, RecordingError> {
        if !room.allows_recording() {
            return Err(RecordingError::NotEnabled);
        }
        let settings = self.settings(&options)?;
        // Until the task has it, the room's name is free again when this call fails or is given up.
        let (entered, commands) = self.enter(room.id(), options)?;
        let recording = entered.live().recording();
        let (work, file) = self.create_work(recording.id).await?;
        let listening = match self.listen(room).await {
            Ok(listening) => listening,
            Err(error) => {
                ambient::blocking(move || (drop(file), work.retire()).1).await??;
                return Err(error);
            }
        };
        let (capture, written) = Capture::start(listening, file, header(&recording, settings))?;
        let material = Material { work: Arc::new(work), log: capture.log().clone(), written: Some(written) };
        let live = Arc::clone(entered.live());
        live.made_with(settings);
        live.measured_by(Arc::clone(capture.gauges()));
        let begun = live.lifecycle().begun();
        begun.into_iter().for_each(|event| self.shared.tell(event));
        let session = Session::new(Arc::clone(&self.shared), entered, commands, Some(capture), material);
        ambient::spawn(session.run());
        Ok(recording)
    }

    async fn stop_recording(&self, recording: &Recording) -> Result<Recording, RecordingError> {
        let live = self.shared.book.get(recording.id).ok_or(RecordingError::NoRecording)?;
        let (stopper, stopped) = oneshot::channel();
        let told = live.commands().send(Command::Stop(stopper)).await;
        drop(live);
        told.map_err(|_over| RecordingError::NoRecording)?;
        stopped.await.map_err(|_stopped_before| RecordingError::NoRecording)
    }

    fn recording_of(&self, room: &RoomId) -> Option<Recording> {
        self.shared.book.of_room(room).map(|live| live.recording())
    }

    async fn list_recorded_files(&self) -> Result<Vec<RecordedFile>, RecordingError> {
        let directory = self.shared.options.directory.clone();
        Ok(ambient::blocking(move || library::list(&directory)).await??)
    }

    async fn recorded_file(&self, name: &str) -> Result<RecordedFile, RecordingError> {
        let (directory, name) = (self.shared.options.directory.clone(), name.to_owned());
        ambient::blocking(move || library::find(&directory, &name)).await?
    }

    async fn delete_recorded_file(&self, name: &str) -> Result<(), RecordingError> {
        if names::is_file_name(name) && self.shared.is_in_use(name) {
            return Err(RecordingError::FileInUse);
        }
        let (directory, name) = (self.shared.options.directory.clone(), name.to_owned());
        ambient::blocking(move || library::delete(&directory, &name)).await?
    }

    fn events(&self) -> broadcast::Receiver<RecordingEvent> {
        self.shared.events.subscribe()
    }

    async fn stats(&self) -> RecordingStats {
        let mut live = self.shared.book.all();
        live.retain(|live| !live.lifecycle().is_over());
        RecordingStats {
            active_recordings: live.iter().filter(|live| live.is_on()).count(),
            recordings: live.iter().map(|live| live.progress()).collect(),
            disk_free: self.shared.disk_free().await.ok(),
            disk_reserve: self.shared.options.disk_reserve,
        }
    }

    async fn close(&self, patience: Duration) {
        let book = &self.shared.book;
        book.close();
        for live in book.all() {
            let (stopper, _) = oneshot::channel();
            // One that is over, or whose queue is full, is being stopped.
            drop(live.commands().try_send(Command::Stop(stopper)));
        }
        if timeout(patience, book.empty()).await.is_err() {
            book.abandon();
            book.empty().await;
        }
    }
}
