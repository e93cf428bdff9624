//! RTP packets made anew, for depayloaders: the log keeps none of their headers.

use gstreamer as gst;

use crate::recording::{compose::OrderedPacket, roster::TrackCodec};

/// Version 2, nothing else (RFC 3550 §5.1).
const FIRST_BYTE: u8 = 0x80;
const MARKER: u8 = 0x80;
/// Depayloaders see one stream each.
const SSRC: [u8; 4] = [0, 0, 0, 1];

/// Makes the packets of one encoding, leaving out what cannot be decoded as it was meant.
#[derive(Debug)]
pub(super) struct RtpStream {
    payload_type: u8,
    /// Decoding starts at a key frame, and after a loss at another.
    needs_key_frames: bool,
    waits: bool,
    number: u16,
    next: Option<u64>,
}

impl RtpStream {
    pub(super) fn new(codec: &TrackCodec) -> Self {
        let needs_key_frames = !codec.mime_type.to_ascii_lowercase().starts_with("audio/");
        Self { payload_type: codec.payload_type, needs_key_frames, waits: false, number: 0, next: None }
    }

    /// What comes now is another encoding, of other numbers.
    pub(super) fn restart(&mut self) {
        self.next = None;
    }

    /// The next packet; `None`: it is of no use. Its number follows its predecessor's, or, after a gap of whatever
    /// length, leaves out one: a jump that is a multiple of 65536, or nearly so, would not look like a loss.
    pub(super) fn packet(&mut self, packet: &OrderedPacket) -> Option<gst::Buffer> {
        let is_gap = self.next != Some(packet.sequence);
        self.next = Some(packet.sequence + 1);
        self.number = self.number.wrapping_add(if is_gap { 2 } else { 1 });
        self.waits = self.needs_key_frames && (self.waits || is_gap) && !packet.is_key_frame;
        (!self.waits).then(|| rtp_buffer(self.payload_type, self.number, packet))
    }
}

fn rtp_buffer(payload_type: u8, number: u16, packet: &OrderedPacket) -> gst::Buffer {
    let mut bytes = Vec::with_capacity(12 + packet.payload.len());
    bytes.push(FIRST_BYTE);
    bytes.push(payload_type & 0x7F | if packet.marker { MARKER } else { 0 });
    bytes.extend_from_slice(&number.to_be_bytes());
    bytes.extend_from_slice(&packet.timestamp.to_be_bytes());
    bytes.extend_from_slice(&SSRC);
    bytes.extend_from_slice(&packet.payload);
    buffer_at(packet.at, bytes)
}

/// A buffer of `bytes` with its time.
pub(super) fn buffer_at(at: std::time::Duration, bytes: Vec<u8>) -> gst::Buffer {
    let mut buffer = gst::Buffer::from_mut_slice(bytes);
    if let Some(buffer) = buffer.get_mut() {
        let at = clock_time(at);
        buffer.set_pts(at);
        buffer.set_dts(at);
    }
    buffer
}

/// GStreamer's idea of a time.
pub(super) fn clock_time(at: std::time::Duration) -> gst::ClockTime {
    gst::ClockTime::from_nseconds(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX - 1))
}

/// The caps of a track's RTP packets; `None`: no such codec.
pub(super) fn rtp_caps(codec: &TrackCodec) -> Option<gst::Caps> {
    let (media, encoding) = codec.mime_type.split_once('/')?;
    let (media, encoding) = (media.to_ascii_lowercase(), encoding.to_ascii_uppercase());
    let caps = gst::Caps::builder("application/x-rtp")
        .field("media", &media)
        .field("encoding-name", &encoding)
        .field("payload", i32::from(codec.payload_type))
        .field("clock-rate", i32::try_from(codec.clock_rate).ok()?);
    Some(match (media.as_str(), encoding.as_str()) {
        ("video", "VP8" | "VP9" | "H264" | "AV1") => caps.build(),
        // Without these a muxer writes down 8000 Hz.
        ("audio", "OPUS") => caps
            .field("sprop-maxcapturerate", "48000")
            .field("sprop-stereo", "1")
            .field("encoding-params", "2")
            .build(),
        _ => return None,
    })
}
