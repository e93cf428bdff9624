//! Every track of a recording in a file of its own, on the recording's timeline.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::track_file::TrackFile;
use crate::{
    ids::ProducerId,
    media::rtp::MediaKind,
    recording::{
        compose::{LOOK_AHEAD, OrderedTracks},
        log::{Record, TrackIndex},
        roster::{RosterEvent, Track},
    },
};

/// The files of all tracks. They are written anew whenever the log is read anew.
#[derive(Debug)]
pub(super) struct TrackFiles {
    directory: PathBuf,
    packets: OrderedTracks,
    /// By [`TrackIndex`].
    outputs: Vec<Output>,
    /// How many tracks there were of each beginning of a name.
    counts: BTreeMap<String, u32>,
}

#[derive(Debug)]
struct Output {
    producer: ProducerId,
    name: String,
    /// When the track went.
    removed: Option<Duration>,
    /// `None`: it cannot be written, or not any further.
    file: Option<TrackFile>,
}

impl Output {
    /// What is written of a file that cannot be completed can be played nonetheless.
    fn close(&mut self) {
        drop(self.file.take().map(TrackFile::finish));
    }
}

impl TrackFiles {
    pub(super) fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            packets: OrderedTracks::default(),
            outputs: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Takes the next record of the log. One track that cannot be kept is no reason to lose the others.
    pub(super) fn take(&mut self, record: &Record) {
        if let Record::Roster { event: RosterEvent::TrackAdded(track), .. } = record {
            let name = self.name_of(track);
            let file = TrackFile::new(&track.codec, &self.directory.join(&name));
            self.outputs.push(Output { producer: track.producer_id, name, removed: None, file });
        }
        if let Record::Roster { at, event: RosterEvent::TrackRemoved { producer_id } } = record {
            let removed = self.outputs.iter_mut().find(|output| output.producer == *producer_id);
            removed.into_iter().for_each(|output| output.removed = Some(*at));
        }
        self.packets.take(record);
        if let Record::Tick { at } = record {
            self.write(at.saturating_sub(LOOK_AHEAD));
            self.close(at.saturating_sub(2 * LOOK_AHEAD));
        }
    }

    /// Completes the files of tracks that went before `due`: tracks may come and go all day.
    fn close(&mut self, due: Duration) {
        for output in self.outputs.iter_mut().filter(|output| output.removed.is_some_and(|at| at < due)) {
            output.close();
        }
    }

    fn write(&mut self, due: Duration) {
        let outputs = &mut self.outputs;
        self.packets.pop(due, |track: TrackIndex, encoding, packet| {
            let Some(output) = outputs.get_mut(track as usize) else { return };
            let Some(file) = &mut output.file else { return };
            if file.take(encoding, &packet).is_err() {
                output.file = None;
            }
        });
    }

    fn name_of(&mut self, track: &Track) -> String {
        let participant: String = track.participant_id.to_string();
        let participant: String = participant
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .collect();
        let kind = match track.kind {
            MediaKind::Audio => "audio",
            MediaKind::Video if track.is_screen => "screen",
            MediaKind::Video => "video",
        };
        let beginning = format!("track_{participant}_{kind}");
        let count = self.counts.entry(beginning.clone()).or_default();
        *count += 1;
        format!("{beginning}_{count}.mkv")
    }

    /// Completes the files up to `end`; gives the names of those in which there is something. They are on the disk.
    pub(super) fn finish(mut self, end: Duration) -> io::Result<Vec<String>> {
        self.write(end);
        let mut names = Vec::new();
        for mut output in self.outputs {
            output.close();
            let path = self.directory.join(&output.name);
            match path.metadata() {
                Ok(metadata) if metadata.len() > 0 => {
                    File::open(&path)?.sync_all()?;
                    names.push(output.name);
                }
                Ok(_) => fs::remove_file(path)?,
                Err(_) => {}
            }
        }
        Ok(names)
    }
}
