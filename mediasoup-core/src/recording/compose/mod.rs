//! Composing: a log in, pictures and sound on one timeline out.
//!
//! No clock: time is what the log says. Codecs are a [`Studio`]'s; when things are shown and heard, where and how
//! large, is decided here.

mod studio;

pub use studio::{
    AudioDecoder, Caption, DecodeError, Frame, OrderedPacket, Rect, SAMPLE_RATE, Stereo, Studio, StudioError,
    Tile, VideoDecoder,
};
