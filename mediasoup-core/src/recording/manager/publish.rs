//! Finished files get their final names.
//!
//! All of them or, after a crash, the rest: which file is to have which name is written down before the first one
//! moves. No name that is taken is taken away.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};
use serde::{Deserialize, Serialize};

use super::{
    names::is_file_name,
    work::{WorkDirectory, sync_directory},
};
use crate::recording::{backend::RecorderFiles, file::RecordingFiles};

/// What final names begin with, and the files.
#[derive(Debug, Serialize, Deserialize)]
struct Plan {
    filename: String,
    files: RecorderFiles,
}

/// Moves a recorder's files. Blocks.
pub(super) fn publish(
    work: &WorkDirectory,
    directory: &Path,
    filename: &str,
    files: RecorderFiles,
) -> io::Result<RecordingFiles> {
    for name in names(&files) {
        check(&work.files(), name)?;
    }
    let filename = free_filename(directory, filename, &files)?;
    let plan = Plan { filename, files };
    write_plan(work, &plan)?;
    carry_out(work, directory, plan)
}

/// Goes on with what a crash has interrupted. `None`: nothing was begun. Blocks.
pub(super) fn resume(work: &WorkDirectory, directory: &Path) -> io::Result<Option<RecordingFiles>> {
    match fs::read(work.plan()) {
        Ok(plan) => carry_out(work, directory, serde_json::from_slice(&plan)?).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn names(files: &RecorderFiles) -> impl Iterator<Item = &String> {
    let RecorderFiles { audio, video, combined, tracks } = files;
    [audio, video, combined].into_iter().flatten().chain(tracks)
}

/// The recorder decodes what strangers send: its word on names is not taken.
fn check(files: &Path, name: &str) -> io::Result<()> {
    let is_file = is_file_name(name) && files.join(name).symlink_metadata()?.is_file();
    if is_file { Ok(()) } else { Err(io::Error::new(io::ErrorKind::InvalidData, "no such finished file")) }
}

/// A clock that was set back gives the same name twice.
fn free_filename(directory: &Path, filename: &str, files: &RecorderFiles) -> io::Result<String> {
    let is_free = |filename: &String| {
        names(files).all(|name| directory.join(final_name(filename, name)).symlink_metadata().is_err())
    };
    let numbered = (2..100).map(|number| format!("{filename}-{number}"));
    let found = std::iter::once(filename.to_owned()).chain(numbered).find(is_free);
    found.ok_or_else(|| io::ErrorKind::AlreadyExists.into())
}

fn final_name(filename: &str, name: &str) -> String {
    format!("{filename}_{name}")
}

fn write_plan(work: &WorkDirectory, plan: &Plan) -> io::Result<()> {
    let draft = work.plan().with_extension("draft");
    let mut file = File::create(&draft)?;
    file.write_all(&serde_json::to_vec(plan)?)?;
    file.sync_all()?;
    fs::rename(draft, work.plan())?;
    sync_directory(work.path())
}

fn carry_out(work: &WorkDirectory, directory: &Path, plan: Plan) -> io::Result<RecordingFiles> {
    let Plan { filename, files } = plan;
    let place = |name: String| -> io::Result<PathBuf> {
        let (from, to) = (work.files().join(&name), directory.join(final_name(&filename, &name)));
        if from.symlink_metadata().is_ok() {
            File::open(&from)?.sync_all()?;
            rename_new(&from, &to)?;
        }
        Ok(to)
    };
    let placed = RecordingFiles {
        audio: files.audio.map(place).transpose()?,
        video: files.video.map(place).transpose()?,
        combined: files.combined.map(place).transpose()?,
        tracks: files.tracks.into_iter().map(place).collect::<io::Result<_>>()?,
    };
    sync_directory(directory)?;
    Ok(placed)
}

/// Renames in one step, and never over another file.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // A file system that cannot: a second name, then no first one.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            fs::hard_link(from, to)?;
            fs::remove_file(from)
        }
        renamed => Ok(renamed?),
    }
}
