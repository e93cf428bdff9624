//! Composing: a log in, pictures and sound on one timeline out.
//!
//! No clock: time is what the log says. Codecs are a [`Studio`]'s; when things are shown and heard, where and how
//! large, is decided here.

mod audio;
mod backlog;
mod canvas;
mod clock;
mod composer;
mod delay_line;
mod layout;
mod mixer;
#[cfg(feature = "gstreamer")]
mod ordered;
mod reports;
mod scene;
mod sender_clock;
mod speaker;
mod stream;
mod studio;
mod timeline;
mod tracks;
mod video;
mod voice;

#[cfg(test)]
mod tests;

pub use composer::{Composer, LOOK_AHEAD};
#[cfg(feature = "gstreamer")]
pub(in crate::recording) use ordered::OrderedTracks;
pub use studio::{
    AudioDecoder, Caption, DecodeError, Frame, OrderedPacket, Rect, SAMPLE_RATE, Stereo, Studio, StudioError,
    Tile, VideoDecoder,
};
#[cfg(feature = "gstreamer")]
pub(in crate::recording) use timeline::FrameRate;
