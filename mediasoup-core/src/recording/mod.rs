//! Recordings: the traits a backend implements, and their plain data.
//!
//! Depends on [`media`](crate::media) only; a room is known as a [`RecordedRoom`].

mod error;
mod file;
mod options;
mod traits;

pub use error::RecordingError;
pub use file::{RecordedFile, Recording, RecordingFiles, RecordingStatus};
pub use options::{
    AudioCodec, AudioOptions, Bitrate, Format, InvalidOption, Layout, RecordingOptions, Resolution,
    VideoCodec, VideoOptions,
};
pub use traits::{RecordedRoom, Recorder, RecorderBackend, RecordingManager};
