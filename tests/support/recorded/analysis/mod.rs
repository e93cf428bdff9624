//! Measures a recorded file with ffmpeg: does it decode, how long is it, and what became of the
//! [beacons](crate::media::Beacon) in it.

mod ffmpeg;
mod intervals;
mod picture;
mod sound;
mod sync;
#[cfg(test)]
mod tests;

use std::{io, path::Path};

use serde::Serialize;

pub use ffmpeg::{Stream, decoding_errors, streams};
pub use intervals::{Interval, longest_within};
pub use sync::{Offset, Offsets};

use crate::media::BEACONS;

/// What is in a file. All times are seconds of its timeline.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    /// What ffmpeg complains of when it decodes all of it; empty: nothing.
    pub errors: String,
    /// Its streams.
    pub streams: Vec<Stream>,
    /// Seconds, of the longest stream.
    pub duration: f64,
    /// What became of each of [`BEACONS`].
    pub beacons: Vec<Seen>,
}

/// What became of a beacon.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Its name.
    pub name: &'static str,
    /// When flashes began.
    pub flashes: Vec<f64>,
    /// When beeps began.
    pub beeps: Vec<f64>,
    /// Each flash with its beep.
    pub offsets: Vec<Offset>,
    /// When its picture stood still (or was not there) for 0.25 s or more.
    pub still: Vec<Interval>,
    /// When its hum was not heard for 10 ms or more.
    pub silent: Vec<Interval>,
}

impl Analysis {
    /// Measures a file.
    ///
    /// # Errors
    /// ffmpeg and ffprobe do not run, or can make nothing of the file.
    pub fn of(file: &Path) -> io::Result<Self> {
        let streams = streams(file)?;
        let duration = streams.iter().map(|stream| stream.duration).fold(0.0, f64::max);
        let pictures = picture::pictures(file, &streams)?;
        let sounds = sound::sounds(file, &streams)?;
        let seen = pictures.into_iter().zip(sounds).zip(BEACONS).map(|((picture, sound), beacon)| Seen {
            name: beacon.name,
            offsets: sync::pair(&picture.flashes, &sound.beeps),
            flashes: picture.flashes,
            beeps: sound.beeps,
            still: picture.still,
            silent: sound.silent,
        });
        Ok(Self { errors: decoding_errors(file)?, duration, beacons: seen.collect(), streams })
    }

    /// What became of a beacon.
    ///
    /// # Panics
    /// There is no such beacon.
    #[must_use]
    pub fn beacon(&self, name: &str) -> &Seen {
        self.beacons.iter().find(|seen| seen.name == name).expect("it is one of BEACONS")
    }
}

impl Seen {
    /// Offsets of beeps to flashes in a part of the file.
    #[must_use]
    pub fn offsets_within(&self, from: f64, to: f64) -> Offsets {
        Offsets::of(self.offsets.iter().filter(|offset| (from..to).contains(&offset.at)))
    }
}
