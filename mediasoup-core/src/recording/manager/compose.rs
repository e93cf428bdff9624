//! Having a recording's files made, from its turn to their final names.

use std::{error::Error, io, sync::Arc};

use super::{Shared, live::Live, publish, work::WorkDirectory};
use crate::recording::{
    ambient, backend::RecorderJob, capture::Written, error::RecordingError, file::RecordingFiles,
    log::LogSource,
};

/// What files are made from.
#[derive(Debug)]
pub(super) struct Material {
    pub(super) work: Arc<WorkDirectory>,
    pub(super) log: LogSource,
    /// `None`: the log was finished by an earlier process.
    pub(super) written: Option<Written>,
}

/// Waits its turn, makes the files, and gives them their final names. The work directory stays on errors.
pub(super) async fn compose(
    shared: Arc<Shared>,
    live: Arc<Live>,
    material: Material,
) -> Result<RecordingFiles, RecordingError> {
    let Material { work, log, written } = material;
    let _turn = shared.composers.acquire().await.map_err(|closed| RecordingError::Backend(closed.into()))?;
    let growth = log.growth().clone();
    let mut recorder = shared.backend.start(RecorderJob { log, directory: work.files() }).await?;
    live.composed_by(recorder.position());
    let files = recorder.finished().await?;
    drop(recorder);
    if !growth.has_ended() {
        return Err(RecordingError::Backend("the recorder ended before the recording".into()));
    }
    if let Some(written) = written {
        written.wait().await;
    }
    let (directory, filename) = (shared.options.directory.clone(), live.filename().to_owned());
    finish(work, move |work| publish::publish(work, &directory, &filename, files).map(Some))
        .await?
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound).into())
}

/// Goes on where a crash has interrupted the giving of names. `None`: it had not come to that.
pub(super) async fn resume(
    shared: &Shared,
    work: Arc<WorkDirectory>,
) -> Result<Option<RecordingFiles>, RecordingError> {
    let directory = shared.options.directory.clone();
    finish(work, move |work| publish::resume(work, &directory)).await
}

/// Publishes; then nothing of the work directory is needed.
async fn finish(
    work: Arc<WorkDirectory>,
    publish: impl FnOnce(&WorkDirectory) -> io::Result<Option<RecordingFiles>> + Send + 'static,
) -> Result<Option<RecordingFiles>, RecordingError> {
    let finish = move || {
        let files = publish(&work)?;
        if files.is_some() {
            work.retire()?;
        }
        Ok(files)
    };
    ambient::blocking(finish).await?
}

/// What people are told of an error: the backend's own words where it has some.
pub(super) fn text_of(error: &RecordingError) -> String {
    match error {
        RecordingError::Backend(_) | RecordingError::Io(_) => {
            error.source().map_or_else(|| error.to_string(), ToString::to_string)
        }
        other => other.to_string(),
    }
}
