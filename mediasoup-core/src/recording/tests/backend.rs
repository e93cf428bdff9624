//! A backend whose files say what was in the log.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::{oneshot, watch};

use crate::recording::{
    Recorder, RecorderBackend, RecorderFiles, RecorderJob, RecordingError, Settings,
    log::{LogReader, LogSource, Record},
};

/// What was in a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) sequences: Vec<u64>,
    pub(crate) has_end: bool,
}

impl Summary {
    /// Waits until the log has ended.
    fn of(log: &LogSource, position: &watch::Sender<Duration>) -> Self {
        let mut reader = LogReader::new(log.open().unwrap());
        let mut summary = Self::default();
        while let Ok(Some(record)) = reader.next_record() {
            position.send_replace(record.at());
            match record {
                Record::Packet(packet) => summary.sequences.push(packet.sequence),
                Record::End { .. } => summary.has_end = true,
                _ => {}
            }
        }
        summary
    }
}

/// How its recorders do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Behaviour {
    #[default]
    Finish,
    /// Not to be had.
    FailToStart,
    /// At once.
    Fail,
    /// When it is told to [`go_on`](FakeBackend::go_on).
    Wait,
}

#[derive(Debug)]
pub(crate) struct FakeBackend {
    behaviour: watch::Sender<Behaviour>,
    /// What recorders say they have made.
    pub(crate) files: Mutex<RecorderFiles>,
    pub(crate) running: Arc<AtomicUsize>,
}

impl FakeBackend {
    pub(crate) fn new(behaviour: Behaviour) -> Arc<Self> {
        let files = RecorderFiles {
            audio: Some("audio.opus".to_owned()),
            combined: Some("combined.mp4".to_owned()),
            ..RecorderFiles::default()
        };
        Arc::new(Self {
            behaviour: watch::Sender::new(behaviour),
            files: Mutex::new(files),
            running: Arc::default(),
        })
    }

    /// What waits, finishes.
    pub(crate) fn go_on(&self) {
        self.behaviour.send_replace(Behaviour::Finish);
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl RecorderBackend for FakeBackend {
    fn check(&self, settings: &Settings) -> Result<(), RecordingError> {
        let is_silent = settings.audio.bitrate < 8_000;
        if is_silent { Err(RecordingError::Unsupported("audio.bitrate".to_owned())) } else { Ok(()) }
    }

    async fn start(&self, job: RecorderJob) -> Result<Box<dyn Recorder>, RecordingError> {
        if *self.behaviour.borrow() == Behaviour::FailToStart {
            return Err(RecordingError::Backend("no such codec".into()));
        }
        let (progress, position) = watch::channel(Duration::ZERO);
        let (done, summary) = oneshot::channel();
        let log = job.log.clone();
        thread::Builder::new().spawn(move || done.send(Summary::of(&log, &progress))).unwrap();
        self.running.fetch_add(1, Ordering::SeqCst);
        let (behaviour, files) = (self.behaviour.subscribe(), self.files.lock().unwrap().clone());
        Ok(Box::new(FakeRecorder {
            job,
            position,
            summary,
            behaviour,
            files,
            running: Arc::clone(&self.running),
        }))
    }
}

#[derive(Debug)]
struct FakeRecorder {
    job: RecorderJob,
    position: watch::Receiver<Duration>,
    summary: oneshot::Receiver<Summary>,
    behaviour: watch::Receiver<Behaviour>,
    files: RecorderFiles,
    running: Arc<AtomicUsize>,
}

#[async_trait]
impl Recorder for FakeRecorder {
    fn position(&self) -> watch::Receiver<Duration> {
        self.position.clone()
    }

    async fn finished(&mut self) -> Result<RecorderFiles, RecordingError> {
        if *self.behaviour.borrow() == Behaviour::Fail {
            return Err(RecordingError::Backend("a codec broke".into()));
        }
        let summary = (&mut self.summary).await.unwrap();
        self.behaviour.wait_for(|behaviour| *behaviour == Behaviour::Finish).await.unwrap();
        let text = serde_json::to_vec(&summary).unwrap();
        for name in ["audio.opus", "combined.mp4"] {
            fs::write(self.job.directory.join(name), &text).unwrap();
        }
        Ok(self.files.clone())
    }
}

impl Drop for FakeRecorder {
    fn drop(&mut self) {
        self.running.fetch_sub(1, Ordering::SeqCst);
    }
}
