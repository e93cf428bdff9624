//! The plug: whatever makes files out of a recording's log.

use std::{fmt, path::PathBuf, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::{error::RecordingError, log::LogSource, settings::Settings};

/// Files to be made.
#[derive(Clone, Debug)]
pub struct RecorderJob {
    /// What was heard, and the settings. It may still grow.
    pub log: LogSource,
    /// A directory of the job's own, on the disk the files are to be on. What an earlier recorder of the same log has
    /// left there may be used, and is overwritten otherwise.
    pub directory: PathBuf,
}

/// Makes recorders.
#[async_trait]
pub trait RecorderBackend: fmt::Debug + Send + Sync + 'static {
    /// Whether such files can be made.
    ///
    /// # Errors
    /// [`RecordingError::Unsupported`], whose text names what cannot be had.
    fn check(&self, settings: &Settings) -> Result<(), RecordingError>;

    /// Starts to make the files of a log, following it while it grows.
    ///
    /// # Errors
    /// It cannot be started.
    async fn start(&self, job: RecorderJob) -> Result<Box<dyn Recorder>, RecordingError>;
}

/// Files being made. Dropped, it ends at once; what it has left in its directory helps the next one.
#[async_trait]
pub trait Recorder: fmt::Debug + Send {
    /// How far it is, in the recording's time; 0 before it has begun.
    fn position(&self) -> watch::Receiver<Duration>;

    /// Waits until all files are made: soon after the log has ended. The files are in the job's directory, whole and on
    /// disk.
    ///
    /// # Errors
    /// They cannot be made. The log stays.
    async fn finished(&mut self) -> Result<RecorderFiles, RecordingError>;
}

/// Names, in the job's directory, of finished files; each ends as its final name is to end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecorderFiles {
    /// Everyone's sound: `audio.opus`, `audio.aac`.
    pub audio: Option<String>,
    /// Everyone's pictures: `video.h264`, `video.webm`.
    pub video: Option<String>,
    /// Both: `combined.mp4`, `.mkv`, `.webm`.
    pub combined: Option<String>,
    /// Each participant's own: `track_<participant>_<audio|video|screen>_<n>.mkv`.
    #[serde(default)]
    pub tracks: Vec<String>,
}
