//! How much room a disk has.

use std::{fmt, io, path::Path};

/// A disk, or a test's.
pub(super) trait Space: fmt::Debug + Send + Sync {
    /// Bytes that may still be written to the disk of `directory`. Blocks.
    fn free(&self, directory: &Path) -> io::Result<u64>;
}

#[derive(Debug)]
pub(super) struct Disk;

impl Space for Disk {
    fn free(&self, directory: &Path) -> io::Result<u64> {
        let status = rustix::fs::statvfs(directory)?;
        // What is kept for the superuser is not counted.
        Ok(status.f_bavail.saturating_mul(status.f_frsize))
    }
}
