//! Feeds a child the log.

use std::{
    io::{self, Read as _, Write as _},
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use super::ambient;
use crate::recording::log::{LogInput, LogSource, LogStop};

/// Bytes read and written at once.
const PIECE_LEN: usize = 1 << 16;

/// How far the feeding is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fed {
    /// Bytes of the log the child was sent.
    pub(super) bytes: u64,
    pub(super) end: FeedEnd,
}

/// Whether more is to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FeedEnd {
    /// Perhaps.
    Open,
    /// The child was sent the whole log.
    Complete,
    /// It takes no more: it has ended.
    Refused,
    /// The log cannot be read. The child must not take what it has for the whole.
    Unreadable(String),
}

/// A thread that copies the log into a child's socket. It waits there and for the log; nobody waits for it. Dropped, it
/// ends, and so does the socket.
#[derive(Debug)]
pub(super) struct Feeder {
    fed: Arc<Mutex<Fed>>,
    socket: UnixStream,
    stop: LogStop,
    thread: Option<JoinHandle<()>>,
}

impl Feeder {
    /// Sends `greeting`, then all of `log`.
    ///
    /// # Errors
    /// The log cannot be opened, or there is no thread for it.
    pub(super) fn start(greeting: Vec<u8>, log: &LogSource, socket: UnixStream) -> io::Result<Self> {
        let input = log.open()?;
        let stop = input.stop();
        let fed = Arc::new(Mutex::new(Fed { bytes: 0, end: FeedEnd::Open }));
        let (shared, sink) = (fed.clone(), socket.try_clone()?);
        let run = move || {
            let end = feed(&greeting, input, &sink, &shared);
            shared.lock().unwrap_or_else(PoisonError::into_inner).end = end;
        };
        let thread = Some(ambient::spawn("recorder-feed", run)?);
        Ok(Self { fed, socket, stop, thread })
    }

    pub(super) fn fed(&self) -> Fed {
        self.fed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.stop.stop();
        // Fails where the child has gone already; then the thread does not wait either.
        let _ = self.socket.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn feed(greeting: &[u8], mut log: LogInput, mut socket: &UnixStream, fed: &Mutex<Fed>) -> FeedEnd {
    if socket.write_all(greeting).is_err() {
        return FeedEnd::Refused;
    }
    let mut piece = vec![0; PIECE_LEN];
    loop {
        match log.read(&mut piece) {
            Ok(0) => {
                let _ = socket.shutdown(Shutdown::Write);
                return FeedEnd::Complete;
            }
            Ok(len) => {
                // Before they are written, so that what the child has read is never more.
                fed.lock().unwrap_or_else(PoisonError::into_inner).bytes += len as u64;
                if socket.write_all(&piece[..len]).is_err() {
                    return FeedEnd::Refused;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return FeedEnd::Unreadable(error.to_string()),
        }
    }
}
