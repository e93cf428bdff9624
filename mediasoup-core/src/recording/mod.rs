//! Recordings of rooms.
//!
//! Two stages. *Capture*: what a room's router hears goes into a [log], as it came, at little cost; a
//! crash loses only what was not yet written. *Composing*: a [`RecorderBackend`] follows the log a few seconds behind and
//! makes the files people play; it may lag, die and begin anew without the recording being any worse.
//!
//! Depends on [`media`](crate::media) only; a room is known as a [`RecordedRoom`].

mod ambient;
mod backend;
mod capture;
pub mod compose;
mod error;
mod file;
#[cfg(feature = "gstreamer")]
pub mod gstreamer;
pub mod log;
mod manager;
mod options;
#[cfg(target_os = "linux")]
pub mod process;
mod roster;
mod settings;
#[cfg(test)]
mod tests;
mod traits;

pub use backend::{Recorder, RecorderBackend, RecorderFiles, RecorderJob};
pub use error::RecordingError;
pub use file::{RecordedFile, Recording, RecordingFiles, RecordingStatus};
pub use manager::{Recordings, RecordingsOptions};
pub use options::{
    AudioCodec, AudioOptions, Bitrate, Format, InvalidOption, Layout, RecordingOptions, Resolution,
    VideoCodec, VideoOptions,
};
pub use roster::{RosterEvent, Track, TrackCodec};
pub use settings::{AudioSettings, Settings, VideoSettings};
pub use traits::{RecordedRoom, RecordingEvent, RecordingManager, RecordingProgress, RecordingStats};
