//! What recordings are made with.

use std::{path::PathBuf, time::Duration};

use crate::recording::settings::Settings;

/// What recordings are made with, all of them.
#[derive(Clone, Debug)]
pub struct RecordingsOptions {
    /// Where finished files are. Unfinished work is in `.recordings` there. Made when missing.
    pub directory: PathBuf,
    /// For what a recording's own options do not say.
    pub defaults: Settings,
    /// Bytes of free disk space under which a recording is neither started nor gone on with; what making the files of
    /// those that go on will take comes on top. 0: they go on until nothing can be written.
    pub disk_reserve: u64,
    /// Finished files are deleted when they are older.
    pub max_age: Option<Duration>,
    /// Bytes that finished files may have together; beyond, the oldest are deleted.
    pub max_total_size: Option<u64>,
    /// How many recordings have their files made at a time; more wait for their turn. 0: none, and only logs are kept,
    /// for a start with more.
    pub composers: usize,
    /// How long stopping a recording waits for its files.
    pub stop_wait: Duration,
}

impl RecordingsOptions {
    /// Recordings in `directory`: a reserve of 1 GiB, nothing deleted by itself, two composers, and 2.5 s to stop.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            defaults: Settings::default(),
            disk_reserve: 1 << 30,
            max_age: None,
            max_total_size: None,
            composers: 2,
            stop_wait: Duration::from_millis(2500),
        }
    }
}
