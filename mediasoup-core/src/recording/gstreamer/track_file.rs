//! One track as it was sent, in a Matroska file: nothing is decoded, nothing encoded.

use std::{path::Path, time::Duration};

use gstreamer as gst;
use gstreamer::prelude::*;

use super::{
    harness::{Harness, HarnessError},
    rtp::{RtpStream, rtp_caps},
    temporal_units,
};
use crate::recording::{compose::OrderedPacket, roster::TrackCodec};

/// A better encoding is gone when it has brought nothing for so long.
const SILENCE: Duration = Duration::from_secs(1);

/// A file being written.
#[derive(Debug)]
pub(super) struct TrackFile {
    harness: Harness,
    rtp: RtpStream,
    /// Which encoding is written: the best there is.
    encoding: u8,
    /// When it was last heard.
    last: Duration,
}

impl TrackFile {
    /// `None`: there is no such codec, or the file cannot be written.
    pub(super) fn new(codec: &TrackCodec, path: &Path) -> Option<Self> {
        let description = format!(
            "{} ! matroskamux max-cluster-duration=500000000 ! \
             filesink name=file sync=false async=false buffer-mode=unbuffered",
            elements(codec)?
        );
        let harness = Harness::prepared(&description, &rtp_caps(codec)?, |elements| {
            if let Some(file) = elements.by_name("file") {
                file.set_property("location", path);
            }
            if let Some(depayloader) = elements.by_name("units").and_then(|units| units.static_pad("src")) {
                temporal_units::join(&depayloader);
            }
            if let Some(parser) = elements.by_name("changing").and_then(|parser| parser.static_pad("src")) {
                keep_first_caps(&parser);
            }
        });
        Some(Self { harness: harness.ok()?, rtp: RtpStream::new(codec), encoding: 0, last: Duration::ZERO })
    }

    /// Takes the next packet of an encoding; what is not of the best is left out.
    pub(super) fn take(&mut self, encoding: u8, packet: &OrderedPacket) -> Result<(), HarnessError> {
        if encoding != self.encoding {
            let is_better = encoding > self.encoding || self.last + SILENCE < packet.at;
            if !(is_better && packet.is_key_frame) {
                return Ok(());
            }
            self.encoding = encoding;
            self.rtp.restart();
        }
        // Encodings are not equally late.
        if packet.at < self.last {
            return Ok(());
        }
        self.last = packet.at;
        self.rtp.packet(packet).map_or(Ok(()), |buffer| self.harness.push(buffer))
    }

    /// Completes the file.
    pub(super) fn finish(self) -> Result<(), HarnessError> {
        self.harness.end()
    }
}

/// A container refuses to change the size; what is in the stream tells it all the same.
fn keep_first_caps(parser: &gst::Pad) {
    let first = std::sync::OnceLock::new();
    parser.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
        if let Some(gst::PadProbeData::Event(event)) = &mut info.data
            && event.type_() == gst::EventType::Caps
        {
            *event = first.get_or_init(|| event.clone()).clone();
        }
        gst::PadProbeReturn::Ok
    });
}

/// From RTP to what a container takes. H.264 keeps its parameter sets in the stream: so its size may change.
fn elements(codec: &TrackCodec) -> Option<&'static str> {
    Some(match codec.mime_type.to_ascii_lowercase().as_str() {
        "audio/opus" => "rtpopusdepay",
        "video/vp8" => "rtpvp8depay",
        "video/vp9" => "rtpvp9depay ! vp9parse",
        "video/h264" => "rtph264depay ! h264parse ! video/x-h264,stream-format=avc3,alignment=au",
        "video/av1" => "rtpav1depay name=units ! av1parse name=changing",
        _ => return None,
    })
}
