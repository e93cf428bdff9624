//! A log that is still being written, as its readers see it.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// A log on disk, and how far it is written. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LogSource {
    path: PathBuf,
    growth: LogGrowth,
}

impl LogSource {
    /// A log that is being written: `growth` is told by its writer.
    #[must_use]
    pub fn growing(path: PathBuf, growth: LogGrowth) -> Self {
        Self { path, growth }
    }

    /// A log that nobody writes any more.
    ///
    /// # Errors
    /// There is no such file.
    pub fn complete(path: PathBuf) -> io::Result<Self> {
        let growth = LogGrowth::default();
        growth.advance(path.metadata()?.len());
        growth.end();
        Ok(Self { path, growth })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How far it is written.
    #[must_use]
    pub fn growth(&self) -> &LogGrowth {
        &self.growth
    }

    /// Reads it from the start; waits (blocking its thread) where the writer is not as far yet.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(&self) -> io::Result<LogInput> {
        Ok(LogInput {
            file: File::open(&self.path)?,
            growth: self.growth.clone(),
            position: 0,
            stopped: Arc::default(),
        })
    }
}

/// How far a log is written: told by its writer, waited for by its readers.
#[derive(Clone, Debug, Default)]
pub struct LogGrowth(Arc<(Mutex<Growth>, Condvar)>);

#[derive(Clone, Copy, Debug, Default)]
struct Growth {
    written: u64,
    ended: bool,
}

impl LogGrowth {
    fn state(&self) -> MutexGuard<'_, Growth> {
        // No code that holds it can panic half-way through a change.
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.state().written
    }

    /// Whether nothing more will be written.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.state().ended
    }

    /// The log is `written` bytes long now.
    pub fn advance(&self, written: u64) {
        self.state().written = written;
        self.0.1.notify_all();
    }

    /// Nothing more will be written.
    pub fn end(&self) {
        self.state().ended = true;
        self.0.1.notify_all();
    }

    /// Waits until more than `position` is written, nothing more will be, or `stopped`. Gives how much is.
    fn wait_beyond(&self, position: u64, stopped: &AtomicBool) -> u64 {
        let waiting = |growth: &mut Growth| {
            growth.written <= position && !growth.ended && !stopped.load(Ordering::Relaxed)
        };
        self.0.1.wait_while(self.state(), waiting).unwrap_or_else(PoisonError::into_inner).written
    }
}

/// Ends the waiting of one reader, from another thread.
#[derive(Clone, Debug)]
pub struct LogStop {
    stopped: Arc<AtomicBool>,
    growth: LogGrowth,
}

impl LogStop {
    /// From now on the reader reads nothing but [`io::ErrorKind::BrokenPipe`].
    pub fn stop(&self) {
        // Under the lock: a reader is either before its look at this, or waits already and is woken.
        let _state = self.growth.state();
        self.stopped.store(true, Ordering::Relaxed);
        self.growth.0.1.notify_all();
    }
}

/// A reader of a log that grows. At its end when the log has ended.
#[derive(Debug)]
pub struct LogInput {
    file: File,
    growth: LogGrowth,
    position: u64,
    stopped: Arc<AtomicBool>,
}

impl LogInput {
    /// Bytes read so far.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// What ends its waiting.
    #[must_use]
    pub fn stop(&self) -> LogStop {
        LogStop { stopped: self.stopped.clone(), growth: self.growth.clone() }
    }
}

impl Read for LogInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let written = self.growth.wait_beyond(self.position, &self.stopped);
        if self.stopped.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let there = usize::try_from(written - self.position.min(written)).unwrap_or(usize::MAX);
        let len = buffer.len().min(there);
        let len = self.file.read(&mut buffer[..len])?;
        self.position += len as u64;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a reader waits, so it needs a thread")]
    fn a_reader_that_waits_can_be_stopped() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let source = LogSource::growing(file.path().to_owned(), LogGrowth::default());
        let mut input = source.open().unwrap();
        let stop = input.stop();
        let reader = std::thread::spawn(move || input.read(&mut [0; 8]));
        stop.stop();
        assert_eq!(reader.join().unwrap().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
