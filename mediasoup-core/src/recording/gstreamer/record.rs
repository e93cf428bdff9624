//! From a log to files.

use std::{fs, io::Read, path::Path, time::Duration};

use super::{init, parts, parts::Part, remuxer, studio::GstStudio, track_files::TrackFiles};
use crate::recording::{
    RecorderFiles,
    compose::{Composer, StudioError},
    log::{LogHeader, LogReader, ReadError, Record},
    settings::Settings,
};

/// Why there are no files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// GStreamer is not installed as it should be.
    #[error("GStreamer: {0}")]
    Init(String),
    /// The log has no header, or cannot be read.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// It does not begin with its header.
    #[error("the log has no header")]
    NoHeader,
    /// Encoding, or the disk.
    #[error(transparent)]
    Studio(#[from] StudioError),
}

/// Makes the files of a log in `directory`, following `input` until it ends: with [`Record::End`], or where it was cut
/// off. Goes on where an earlier call in the same directory ended. `report` is told how far it is several times a second
/// while there is something to do.
///
/// Blocks. Uses the calling thread and some of GStreamer's.
///
/// # Errors
/// [`RecordError`]; what was made so far stays for the next call.
pub fn record(
    input: impl Read,
    directory: &Path,
    report: &mut dyn FnMut(Duration),
) -> Result<RecorderFiles, RecordError> {
    init().map_err(RecordError::Init)?;
    let mut log = LogReader::new(input);
    let Some(Record::Header(header)) = log.next_record()? else { return Err(RecordError::NoHeader) };
    let LogHeader { settings, .. } = *header;
    let mut tracks = settings.tracks.then(|| TrackFiles::new(directory));
    let end = compose(&mut log, directory, &settings, &mut tracks, report)?;
    let mut files = remuxer::finish(directory, &settings, || report(end))?;
    files.tracks =
        tracks.map_or_else(|| Ok(Vec::new()), |tracks| tracks.finish(end)).map_err(StudioError::from)?;
    for part in parts::in_directory(directory).map_err(StudioError::from)? {
        fs::remove_file(part.path).map_err(StudioError::from)?;
    }
    Ok(files)
}

fn compose(
    log: &mut LogReader<impl Read>,
    directory: &Path,
    settings: &Settings,
    tracks: &mut Option<TrackFiles>,
    report: &mut dyn FnMut(Duration),
) -> Result<Duration, RecordError> {
    let start = parts::resume(directory)?;
    let studio = GstStudio::new(settings, &Part::new(directory, start).path)?;
    let mut composer = Composer::new(studio, settings, start);
    let mut end = Duration::ZERO;
    loop {
        let record = match log.next_record() {
            Ok(Some(record)) => record,
            Ok(None) | Err(ReadError::Torn) => break,
            Err(error) => return Err(error.into()),
        };
        end = end.max(record.at());
        let is_last = matches!(record, Record::End { .. });
        if let Some(tracks) = tracks {
            tracks.take(&record);
        }
        let before = composer.position();
        composer.take(record)?;
        if composer.position() != before {
            report(composer.position());
        }
        if is_last {
            break;
        }
    }
    composer.finish(end)?.finish(|| report(end))?;
    Ok(end)
}
