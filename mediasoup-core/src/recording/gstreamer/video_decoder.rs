//! Decoding of video: VP8, VP9, H.264, AV1.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_video as gst_video;

use super::{
    harness::{Harness, HarnessError},
    rtp::{RtpStream, rtp_caps},
    temporal_units,
};
use crate::recording::{
    compose::{DecodeError, Frame, OrderedPacket, VideoDecoder},
    roster::TrackCodec,
};

/// Width and height of a picture, at most: a bound on memory.
const SIDE_MAX: i32 = 4096;

/// A decoded picture.
#[derive(Clone, Debug)]
pub struct GstFrame(Arc<Picture>);

#[derive(Debug)]
struct Picture {
    buffer: gst::Buffer,
    info: gst_video::VideoInfo,
}

impl GstFrame {
    pub(super) fn of(sample: &gst::Sample) -> Option<Self> {
        let info = gst_video::VideoInfo::from_caps(sample.caps()?).ok()?;
        Some(Self(Arc::new(Picture { buffer: sample.buffer_owned()?, info })))
    }

    /// Its format.
    pub(super) fn info(&self) -> &gst_video::VideoInfo {
        &self.0.info
    }

    /// Its planes; `None`: they cannot be read.
    pub(super) fn planes(&self) -> Option<gst_video::VideoFrameRef<&gst::BufferRef>> {
        gst_video::VideoFrameRef::from_buffer_ref_readable(&self.0.buffer, &self.0.info).ok()
    }
}

impl Frame for GstFrame {
    fn size(&self) -> (u32, u32) {
        (self.0.info.width(), self.0.info.height())
    }
}

/// A decoder of one encoding of a video track.
#[derive(Debug)]
pub(super) struct GstVideoDecoder {
    harness: Harness,
    rtp: RtpStream,
    too_large: Arc<AtomicBool>,
}

impl From<HarnessError> for DecodeError {
    fn from(HarnessError(error): HarnessError) -> Self {
        Self(error)
    }
}

impl GstVideoDecoder {
    pub(super) fn new(codec: &TrackCodec) -> Result<Self, DecodeError> {
        let unknown = || DecodeError(format!("no decoder for {}", codec.mime_type));
        let caps = rtp_caps(codec).ok_or_else(unknown)?;
        let description = elements(codec).ok_or_else(unknown)?;
        let too_large = Arc::new(AtomicBool::new(false));
        let harness = Harness::prepared(description, &caps, |elements| {
            let pad = |element, pad| elements.by_name(element).and_then(|element| element.static_pad(pad));
            if let Some(depayloader) = pad("units", "src") {
                temporal_units::join(&depayloader);
            }
            if let Some(decoder) = pad("decoder", "sink") {
                refuse_large(&decoder, too_large.clone());
            }
        })?;
        Ok(Self { harness, rtp: RtpStream::new(codec), too_large })
    }
}

/// From RTP to pictures; `decoder` is the element that decodes. No decoder may hold a frame back (threads that each
/// decode a frame would), nor give one it knows to be broken.
fn elements(codec: &TrackCodec) -> Option<&'static str> {
    Some(match codec.mime_type.to_ascii_lowercase().as_str() {
        "video/vp8" => "rtpvp8depay ! vp8dec name=decoder threads=1 discard-corrupted-frames=true",
        "video/vp9" => "rtpvp9depay ! vp9dec name=decoder threads=1 discard-corrupted-frames=true",
        "video/h264" => {
            "rtph264depay ! h264parse ! video/x-h264,alignment=au ! avdec_h264 name=decoder max-threads=1 \
             output-corrupt=false discard-corrupted-frames=true"
        }
        "video/av1" => {
            "rtpav1depay name=units ! av1parse ! av1dec name=decoder discard-corrupted-frames=true"
        }
        _ => return None,
    })
}

/// Lets no picture into a decoder that is larger than the bound: what parsers read off the stream is in the caps.
fn refuse_large(decoder: &gst::Pad, too_large: Arc<AtomicBool>) {
    decoder.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM | gst::PadProbeType::BUFFER, move |_, info| {
        if let Some(gst::EventView::Caps(caps)) = info.event().map(|event| event.view()) {
            let side = |name| caps.structure().and_then(|caps| caps.get::<i32>(name).ok()).unwrap_or(0);
            let exceeds = side("width") > SIDE_MAX || side("height") > SIDE_MAX;
            too_large.store(exceeds, Ordering::Relaxed);
        }
        let refused = info.buffer().is_some() && too_large.load(Ordering::Relaxed);
        if refused { gst::PadProbeReturn::Drop } else { gst::PadProbeReturn::Ok }
    });
}

impl VideoDecoder<GstFrame> for GstVideoDecoder {
    fn decode(
        &mut self,
        packet: &OrderedPacket,
        frames: &mut Vec<(Duration, GstFrame)>,
    ) -> Result<(), DecodeError> {
        let Some(buffer) = self.rtp.packet(packet) else { return Ok(()) };
        self.harness.push(buffer)?;
        while let Some(sample) = self.harness.take() {
            let at = sample.buffer().and_then(gst::BufferRef::pts).map_or(packet.at, Duration::from);
            let Some(frame) = GstFrame::of(&sample) else { continue };
            let (width, height) = frame.size();
            self.too_large.fetch_or(width.max(height) > SIDE_MAX as u32, Ordering::Relaxed);
            frames.push((at, frame));
        }
        if self.too_large.load(Ordering::Relaxed) {
            frames.clear();
            return Err(DecodeError(format!("pictures are larger than {SIDE_MAX}x{SIDE_MAX}")));
        }
        Ok(())
    }
}
