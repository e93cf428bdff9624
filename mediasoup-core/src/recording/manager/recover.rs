//! What earlier processes have left behind is finished, one after another, while the server runs.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tracing::{info, warn};

use super::{
    Shared,
    compose::{Material, resume},
    lifecycle::Lifecycle,
    live::Live,
    session::Session,
    work::{Leftover, WorkDirectory, work_root},
};
use crate::recording::{
    ambient,
    capture::Gauges,
    error::RecordingError,
    file::{Recording, RecordingFiles, RecordingStatus},
    log::{LogHeader, LogSource, repair},
};

/// A recording that was cut off, its log whole again.
struct CutOff {
    work: Arc<WorkDirectory>,
    header: LogHeader,
    length: Duration,
    log: LogSource,
}

/// All of it. One at a time: recordings that go on now are to have their turn at the composers.
pub(super) async fn recover(shared: Arc<Shared>) {
    let root = work_root(&shared.options.directory);
    let leftovers = match ambient::blocking(move || leftovers(&root)).await {
        Ok(Ok(leftovers)) => leftovers,
        Ok(Err(error)) | Err(error) => {
            warn!(target: "mediasoup::recording", %error, "cannot look for unfinished recordings");
            return;
        }
    };
    for path in leftovers {
        if !shared.book.is_open() {
            return;
        }
        let name = path.display().to_string();
        if let Err(error) = recover_one(&shared, path).await {
            warn!(target: "mediasoup::recording", directory = name, %error, "unfinished recording not recovered");
        }
    }
}

async fn recover_one(shared: &Arc<Shared>, path: PathBuf) -> Result<(), RecordingError> {
    let Some(CutOff { work, header, length, log }) = ambient::blocking(move || cut_off(path)).await?? else {
        return Ok(());
    };
    info!(target: "mediasoup::recording", recording = %header.id, room = %header.room_id, "recovering");
    let lifecycle = Lifecycle::recovered(recording_of(header), length);
    let (live, commands) = Live::new(lifecycle);
    let gauges = Gauges::default();
    gauges.set(length, log.growth().written(), 0);
    live.measured_by(Arc::new(gauges));
    let entered = shared.book.enter(live)?;
    match resume(shared, Arc::clone(&work)).await? {
        Some(files) => {
            let events = entered.live().lifecycle().composed(files);
            events.into_iter().for_each(|event| shared.tell(event));
        }
        None => {
            let material = Material { work, log, written: None };
            Session::new(Arc::clone(shared), entered, commands, None, material).run().await;
        }
    }
    Ok(())
}

fn recording_of(header: LogHeader) -> Recording {
    let LogHeader { id, room_id, filename, started_at, options, .. } = header;
    let (files, status) = (RecordingFiles::default(), RecordingStatus::Recording);
    Recording { id, room_id, filename, started_at, options, files, status }
}

/// Work directories, oldest first. What is of no use is deleted.
fn leftovers(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        match Leftover::of(&entry.file_name().to_string_lossy()) {
            Leftover::Work(_) => found.push((entry.metadata()?.modified()?, entry.path())),
            Leftover::Done => {
                if let Err(error) = fs::remove_dir_all(entry.path()) {
                    warn!(target: "mediasoup::recording", path = %entry.path().display(), %error, "not deleted");
                }
            }
            Leftover::Unknown => {
                warn!(target: "mediasoup::recording", path = %entry.path().display(), "not a recording's");
            }
        }
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// `None`: it is somebody else's, or there is nothing in it to recover.
fn cut_off(path: PathBuf) -> io::Result<Option<CutOff>> {
    let Some(work) = WorkDirectory::open(path)? else { return Ok(None) };
    remove_if_there(&work.ballast())?;
    let log = work.log();
    let repaired = if log.symlink_metadata().is_ok() { repair(&log)? } else { None };
    let Some((header, length)) = repaired else {
        if is_empty(&work)? {
            work.retire()?;
        } else {
            warn!(target: "mediasoup::recording", path = %work.path().display(), "a log that says nothing: left as it is");
        }
        return Ok(None);
    };
    let log = LogSource::complete(log)?;
    Ok(Some(CutOff { work: Arc::new(work), header, length, log }))
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// No file with anything in it, but for a log of less than a header.
fn is_empty(work: &WorkDirectory) -> io::Result<bool> {
    let has_files = work.files().is_dir() && fs::read_dir(work.files())?.next().is_some();
    let log_len = work.log().symlink_metadata().map_or(0, |metadata| metadata.len());
    Ok(!has_files && log_len < HEADER_LEN_MIN)
}

/// Of a log's first record: less is what a crash in its first moment leaves.
const HEADER_LEN_MIN: u64 = 64;
