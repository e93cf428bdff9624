//! The GStreamer backend: codecs and containers, for [`compose`](super::compose). All timing is decided there.

mod audio_decoder;
mod harness;
mod rtp;
mod temporal_units;
mod video_decoder;

#[cfg(test)]
mod tests;

use gstreamer as gst;

pub use video_decoder::GstFrame;

/// Readies GStreamer. May be called as often as wanted.
///
/// # Errors
/// It is not installed as it should be.
fn init() -> Result<(), String> {
    gst::init().map_err(|error| error.to_string())?;
    gstrsrtp::plugin_register_static().map_err(|error| error.to_string())
}
