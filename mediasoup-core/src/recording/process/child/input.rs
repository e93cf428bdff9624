//! The log, as the child gets it.

use std::{
    io::{self, BufReader, Read},
    os::unix::net::UnixStream,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{limits, reporter::Reporter};

/// The bytes of the log, from its start. Waits where there is no more yet; at its end where the log is complete.
#[derive(Debug)]
pub struct ChildInput {
    log: BufReader<UnixStream>,
    reporter: Reporter,
    parent: u32,
    read: u64,
}

impl ChildInput {
    pub(super) fn new(log: BufReader<UnixStream>, reporter: Reporter, parent: u32) -> Self {
        Self { log, reporter, parent, read: 0 }
    }

    pub(super) fn reporter(&self) -> Reporter {
        self.reporter.clone()
    }

    fn must_wait(&self) -> bool {
        let mut fds = [PollFd::new(self.log.get_ref(), PollFlags::IN)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        self.log.buffer().is_empty() && poll(&mut fds, Some(&now)).is_ok_and(|ready| ready == 0)
    }
}

impl Read for ChildInput {
    /// # Errors
    /// Also where the server has gone: what was read is not all of the log, then.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.must_wait() {
            self.reporter.idle();
        }
        let len = self.log.read(buffer)?;
        self.read += len as u64;
        if len > 0 {
            self.reporter.read(self.read);
        } else if !buffer.is_empty() {
            if limits::is_orphan(self.parent) {
                return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the server has gone"));
            }
            self.reporter.idle();
        }
        Ok(len)
    }
}
