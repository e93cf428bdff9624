//! A recording's work directory: its log, and files that are not finished.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};

use crate::ids::RecordingId;

/// Ends the name of a work directory that is of no use any more.
const DONE: &str = ".done";

/// Where work directories are.
pub(super) fn work_root(directory: &Path) -> PathBuf {
    directory.join(".recordings")
}

/// A work directory, locked: two processes may share the directory of recordings, as one server takes over from another.
#[derive(Debug)]
pub(super) struct WorkDirectory {
    path: PathBuf,
    _lock: File,
}

impl WorkDirectory {
    /// A new one.
    pub(super) fn create(root: &Path, id: RecordingId) -> io::Result<Self> {
        let path = root.join(id.to_string());
        fs::create_dir(&path)?;
        let lock = File::open(&path)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        fs::create_dir(path.join("files"))?;
        Ok(Self { path, _lock: lock })
    }

    /// One that is there. `None`: somebody works in it.
    pub(super) fn open(path: PathBuf) -> io::Result<Option<Self>> {
        let lock = File::open(&path)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { path, _lock: lock })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("media.log")
    }

    pub(super) fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }

    /// What the recorder may write to.
    pub(super) fn files(&self) -> PathBuf {
        self.path.join("files")
    }

    /// What is to become of finished files, while they are on their way.
    pub(super) fn plan(&self) -> PathBuf {
        self.path.join("publication.json")
    }

    /// Deletes it. A crash on the way leaves nothing that looks like work.
    pub(super) fn retire(&self) -> io::Result<()> {
        let done = done_path(&self.path);
        fs::rename(&self.path, &done)?;
        fs::remove_dir_all(done)
    }
}

fn done_path(path: &Path) -> PathBuf {
    let mut done = path.as_os_str().to_owned();
    done.push(DONE);
    done.into()
}

/// What is found where work directories are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Leftover {
    /// Of this recording, perhaps being worked in.
    Work(RecordingId),
    /// To be deleted.
    Done,
    /// Not ours.
    Unknown,
}

impl Leftover {
    pub(super) fn of(name: &str) -> Self {
        match name.strip_suffix(DONE) {
            Some(id) if id.parse::<RecordingId>().is_ok() => Self::Done,
            Some(_) => Self::Unknown,
            None => name.parse().map_or(Self::Unknown, Self::Work),
        }
    }
}

/// Makes names that were given in a directory last.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
