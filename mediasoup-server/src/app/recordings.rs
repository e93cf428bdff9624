//! The manager of recordings this server is made with.

use std::{fs, io, path::Path, sync::Arc};

use mediasoup_core::recording::RecordingManager;

use super::{StartError, no_recordings::NoRecordings};
use crate::config::{self, Config};

/// Recordings as configured, in a directory that is there and can be written to.
///
/// The one place that names a manager and a backend: everything else knows the trait.
pub(super) async fn recordings(config: &Config) -> Result<Arc<dyn RecordingManager>, StartError> {
    prepare_directory(&config.recording)?;
    Ok(Arc::new(NoRecordings::default()))
}

fn prepare_directory(config: &config::Recording) -> Result<(), StartError> {
    let directory = config.output_dir.as_path();
    write_to(directory)
        .map_err(|source| StartError::RecordingDirectory { directory: directory.to_owned(), source })
}

/// Creates the directory and, for a moment, a file in it: permissions, quotas and read-only mounts all show.
fn write_to(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let probe = directory.join(format!(".write-test-{}", std::process::id()));
    fs::write(&probe, b"mediasoup-server")?;
    fs::remove_file(probe)
}
