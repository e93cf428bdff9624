//! The manager of recordings this server is made with.

use std::{fs, io, path::Path, sync::Arc};

use mediasoup_core::recording::RecordingManager;

use super::StartError;
use crate::config::{self, Config};

/// Recordings as configured, in a directory that is there and can be written to.
///
/// The one place that names a manager and a backend: everything else knows the trait.
#[cfg(all(feature = "gstreamer", target_os = "linux"))]
pub(super) async fn recordings(config: &Config) -> Result<Arc<dyn RecordingManager>, StartError> {
    use mediasoup_core::recording::Recordings;

    let directory = &config.recording.output_dir;
    prepare_directory(&config.recording)?;
    let options = (&config.recording).into();
    let recordings = Recordings::open(options, Arc::new(crate::recorder::backend())).await;
    recordings.map(|recordings| Arc::new(recordings) as _).map_err(|error| StartError::RecordingDirectory {
        directory: directory.clone(),
        source: io::Error::other(error),
    })
}

/// The same, without a backend: no recording can be started.
#[cfg(not(all(feature = "gstreamer", target_os = "linux")))]
pub(super) async fn recordings(config: &Config) -> Result<Arc<dyn RecordingManager>, StartError> {
    prepare_directory(&config.recording)?;
    Ok(Arc::new(super::no_recordings::NoRecordings::default()))
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
