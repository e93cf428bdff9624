//! Pictures that were taken with the camera on its side.

use gstreamer as gst;

use super::{harness::Harness, video_decoder::GstFrame};

/// Turns frames of one kind.
#[derive(Debug)]
pub(super) struct Turn(Option<Harness>);

impl Turn {
    /// By `rotation` degrees, clockwise, frames like this one.
    pub(super) fn new(frame: &GstFrame, rotation: u16) -> Result<Self, gst::glib::BoolError> {
        let method = match rotation {
            90 => "clockwise",
            180 => "rotate-180",
            270 => "counterclockwise",
            _ => return Ok(Self(None)),
        };
        let caps = frame.info().to_caps()?;
        let harness = Harness::new(&format!("videoflip method={method}"), &caps);
        harness.map(|harness| Self(Some(harness))).map_err(|error| gst::glib::bool_error!("{error}"))
    }

    /// `None`: it cannot be turned.
    pub(super) fn apply(&self, frame: &GstFrame) -> Option<GstFrame> {
        let Some(harness) = &self.0 else { return Some(frame.clone()) };
        let buffer: gst::Buffer = frame.buffer().clone();
        harness.push(buffer).ok()?;
        GstFrame::of(&harness.take()?)
    }
}
