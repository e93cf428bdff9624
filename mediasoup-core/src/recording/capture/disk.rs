//! The thread that writes a log, and what it does when there is no room.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
};

use rustix::fs::{FallocateFlags, fallocate};
use tokio::sync::watch;
use tracing::warn;

use super::Written;
use crate::recording::{
    ambient,
    log::{LogGrowth, LogSource},
};

/// Enough for the last seconds of a log and for the end of what is composed from it.
const BALLAST_LEN: u64 = 8 << 20;
/// There are ten batches a second.
const BATCHES_PER_SYNC: usize = 10;

/// A log's file, new and empty.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: File,
    ballast: Ballast,
    growth: Growing,
    is_full: Arc<AtomicBool>,
}

impl LogFile {
    /// Blocks. The ballast stands beside the log.
    pub(crate) fn create(path: PathBuf, ballast: PathBuf) -> io::Result<Self> {
        let file = File::create_new(&path)?;
        let ballast = Ballast::create(ballast)?;
        Ok(Self { path, file, ballast, growth: Growing::default(), is_full: Arc::default() })
    }

    pub(super) fn source(&self) -> LogSource {
        LogSource::growing(self.path.clone(), self.growth.0.clone())
    }

    /// Set when the disk is full: writing goes on for a moment, on what the ballast has held.
    pub(super) fn is_full(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_full)
    }

    /// Starts the thread. It ends when the queue does.
    pub(super) fn start(mut self) -> io::Result<(Batches, Written)> {
        let (sender, batches) = mpsc::channel();
        let (done, written) = watch::channel(());
        ambient::spawn_thread("recording", move || {
            if let Err(error) = self.write_all(&batches) {
                warn!(target: "mediasoup::recording", log = %self.path.display(), %error, "log not written");
            }
            drop((self, done));
        })?;
        Ok((Batches(sender), Written(written)))
    }

    fn write_all(&mut self, batches: &mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
        for (number, batch) in batches.iter().enumerate() {
            self.append(&batch).inspect_err(|error| self.note_full(error))?;
            if number % BATCHES_PER_SYNC == BATCHES_PER_SYNC - 1 {
                self.file.sync_data().inspect_err(|error| self.note_full(error))?;
            }
        }
        self.file.sync_data()
    }

    /// All of it or nothing: what is written is always whole records.
    fn append(&mut self, batch: &[u8]) -> io::Result<()> {
        let before = self.growth.0.written();
        let mut rest = batch;
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(len @ 1..) => rest = &rest[len..],
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_disk_full(&error) && self.ballast.release() => self.note_full(&error),
                Err(error) => {
                    self.file.set_len(before)?;
                    return Err(error);
                }
            }
        }
        self.growth.0.advance(before + batch.len() as u64);
        Ok(())
    }

    fn note_full(&self, error: &io::Error) {
        if is_disk_full(error) {
            self.is_full.store(true, Ordering::Relaxed);
        }
    }
}

fn is_disk_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Tells readers of the end, however it comes.
#[derive(Debug, Default)]
struct Growing(LogGrowth);

impl Drop for Growing {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Room on the disk, to be given up when there is no other. Given up at the log's end, too.
#[derive(Debug)]
struct Ballast(Option<PathBuf>);

impl Ballast {
    fn create(path: PathBuf) -> io::Result<Self> {
        let file = File::create_new(&path)?;
        match fallocate(&file, FallocateFlags::empty(), 0, BALLAST_LEN) {
            Ok(()) => Ok(Self(Some(path))),
            // A file system that cannot promise room.
            Err(rustix::io::Errno::OPNOTSUPP) => fs::remove_file(path).map(|()| Self(None)),
            Err(error) => Err(error.into()),
        }
    }

    /// `false`: there is none left.
    fn release(&mut self) -> bool {
        self.0.take().is_some_and(|path| remove(&path))
    }
}

fn remove(path: &Path) -> bool {
    fs::remove_file(path)
        .inspect_err(|error| warn!(target: "mediasoup::recording", %error, "ballast"))
        .is_ok()
}

impl Drop for Ballast {
    fn drop(&mut self) {
        self.release();
    }
}

/// The queue to the thread. Never waits; who fills it looks how far the log is.
#[derive(Debug)]
pub(super) struct Batches(mpsc::Sender<Vec<u8>>);

impl Write for Batches {
    fn write(&mut self, records: &[u8]) -> io::Result<usize> {
        match self.0.send(records.to_vec()) {
            Ok(()) => Ok(records.len()),
            Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
