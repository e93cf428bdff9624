//! The GStreamer backend: codecs and containers, for [`compose`](super::compose). All timing is decided there.

mod audio_decoder;
mod backend;
mod canvas;
mod captions;
mod demuxer;
mod encoder;
mod harness;
mod label;
mod opus_in_mp4;
mod parts;
mod pipeline;
mod plane;
mod record;
mod remuxer;
mod rtp;
mod scaler;
mod studio;
mod temporal_units;
#[cfg(test)]
mod tests;
mod text;
mod track_file;
mod track_files;
mod turn;
mod video_decoder;

use gstreamer as gst;

pub use backend::{GStreamerBackend, check};
pub use record::{RecordError, record};
pub use video_decoder::GstFrame;

/// Readies GStreamer. May be called as often as wanted; [`record`] does it by itself.
///
/// # Errors
/// It is not installed as it should be.
pub fn init() -> Result<(), String> {
    gst::init().map_err(|error| error.to_string())?;
    gstrsrtp::plugin_register_static().map_err(|error| error.to_string())
}
