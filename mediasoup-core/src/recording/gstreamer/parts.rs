//! Parts: what one recorder after the other has encoded of a recording. Each is whole up to where it was cut off.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::demuxer::{self, Stream};
use crate::recording::compose::StudioError;

const PREFIX: &str = "part-";
const SUFFIX: &str = ".mkv";

/// A part, named by where in the recording it begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) start: Duration,
    pub(super) path: PathBuf,
}

impl Part {
    pub(super) fn new(directory: &Path, start: Duration) -> Self {
        let path = directory.join(format!("{PREFIX}{:012}{SUFFIX}", start.as_micros()));
        Self { start, path }
    }

    fn at(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let micros = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()?;
        Some(Self { start: Duration::from_micros(micros), path })
    }
}

/// The parts of a directory, in order.
pub(super) fn in_directory(directory: &Path) -> io::Result<Vec<Part>> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(directory)? {
        parts.extend(Part::at(entry?.path()));
    }
    parts.sort();
    Ok(parts)
}

/// Where a new part has to begin, so that it follows on those that are there: at the last key frame up to which there is
/// sound as well. Parts that give nothing before it are removed.
pub(super) fn resume(directory: &Path) -> Result<Duration, StudioError> {
    let mut parts = in_directory(directory)?;
    while let Some(last) = parts.pop() {
        let (mut key_frames, mut sound_end) = (Vec::new(), Duration::ZERO);
        // However it ends: that it was cut off is why it is looked at.
        let _ = demuxer::read(&last.path, |packet| {
            match packet.stream {
                Stream::Video if packet.is_key_frame => key_frames.push(packet.at),
                Stream::Video => {}
                Stream::Audio => sound_end = sound_end.max(packet.at),
            }
            Ok(())
        });
        if let Some(at) = key_frames.into_iter().rfind(|at| !at.is_zero() && *at <= sound_end) {
            return Ok(last.start + at);
        }
        fs::remove_file(&last.path)?;
        if parts.is_empty() || !last.start.is_zero() {
            return Ok(last.start);
        }
    }
    Ok(Duration::ZERO)
}
