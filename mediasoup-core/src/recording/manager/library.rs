//! The finished files. Everything here blocks.

use std::{fs, io, path::Path};

use super::names::is_file_name;
use crate::recording::{ambient::ms_since_epoch, error::RecordingError, file::RecordedFile};

/// All finished files, newest first.
pub(super) fn list(directory: &Path) -> io::Result<Vec<RecordedFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        if let Some(name) = entry?.file_name().to_str().filter(|name| is_file_name(name)) {
            files.extend(look_up(directory, name)?);
        }
    }
    files.sort_unstable_by(|a, b| (b.modified, &b.name).cmp(&(a.modified, &a.name)));
    Ok(files)
}

/// A finished file.
pub(super) fn find(directory: &Path, name: &str) -> Result<RecordedFile, RecordingError> {
    let found = if is_file_name(name) { look_up(directory, name)? } else { None };
    found.ok_or(RecordingError::FileNotFound)
}

/// Deletes a finished file.
pub(super) fn delete(directory: &Path, name: &str) -> Result<(), RecordingError> {
    match fs::remove_file(find(directory, name)?.path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(RecordingError::FileNotFound),
        deleted => Ok(deleted?),
    }
}

/// `None`: no such file, or it is something else. Links are not followed.
fn look_up(directory: &Path, name: &str) -> io::Result<Option<RecordedFile>> {
    let path = directory.join(name);
    let metadata = match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => metadata,
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let modified = metadata.modified()?;
    // Not every file system knows when a file was made.
    let created = metadata.created().unwrap_or(modified).min(modified);
    Ok(Some(RecordedFile {
        name: name.to_owned(),
        path,
        size: metadata.len(),
        created: ms_since_epoch(created),
        modified: ms_since_epoch(modified),
    }))
}
