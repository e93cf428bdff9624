//! Media as browsers send it: made by real encoders, in RTP.

use std::time::Duration;

use gstreamer as gst;
use gstreamer_video as gst_video;

use crate::recording::{
    compose::OrderedPacket,
    gstreamer::{harness::Harness, init},
    roster::TrackCodec,
};

pub(super) fn codec(mime_type: &str) -> TrackCodec {
    let clock_rate = if mime_type.starts_with("audio") { 48_000 } else { 90_000 };
    TrackCodec { mime_type: mime_type.to_owned(), clock_rate, payload_type: 100 }
}

/// A sender of video: pictures in, packets out.
pub(super) struct VideoSource {
    harness: Harness,
    info: gst_video::VideoInfo,
    key_interval: u64,
    pub(super) fps: u64,
    frames: u64,
    sequence: u64,
}

impl VideoSource {
    pub(super) fn new(mime_type: &str, (width, height): (u32, u32), fps: u64, key_interval: u64) -> Self {
        init().unwrap();
        let info = gst_video::VideoInfo::builder(gst_video::VideoFormat::I420, width, height)
            .fps(gst::Fraction::new(fps as i32, 1))
            .build()
            .unwrap();
        let encoder = match mime_type {
            "video/VP8" => format!(
                "vp8enc deadline=1 cpu-used=8 lag-in-frames=0 keyframe-max-dist={key_interval} ! rtpvp8pay"
            ),
            "video/VP9" => format!(
                "vp9enc deadline=1 cpu-used=8 lag-in-frames=0 keyframe-max-dist={key_interval} ! rtpvp9pay"
            ),
            "video/H264" => format!(
                "x264enc tune=zerolatency speed-preset=ultrafast threads=1 key-int-max={key_interval} ! \
                 video/x-h264,profile=high ! rtph264pay aggregate-mode=zero-latency config-interval=-1"
            ),
            "video/AV1" => format!(
                "av1enc usage-profile=realtime cpu-used=8 lag-in-frames=0 keyframe-max-dist={key_interval} threads=1 ! \
                 av1parse ! rtpav1pay"
            ),
            other => panic!("no encoder for {other}"),
        };
        let harness = Harness::new(&encoder, &info.to_caps().unwrap()).unwrap();
        Self { harness, info, key_interval, fps, frames: 0, sequence: 1000 }
    }

    /// The packets of the next picture: all of one brightness.
    pub(super) fn send(&mut self, luma: u8) -> Vec<OrderedPacket> {
        let (width, height) = (self.info.width() as usize, self.info.height() as usize);
        let mut data = vec![luma; width * height];
        data.resize(width * height * 3 / 2, 128);
        self.send_picture(data)
    }

    /// The packets of the next picture.
    pub(super) fn send_picture(&mut self, data: Vec<u8>) -> Vec<OrderedPacket> {
        let mut buffer = gst::Buffer::from_mut_slice(data);
        let at = Duration::from_secs(1) * self.frames as u32 / self.fps as u32;
        let pts = gst::ClockTime::from_nseconds(at.as_nanos() as u64);
        buffer.get_mut().unwrap().set_pts(pts);
        buffer.get_mut().unwrap().set_duration(gst::ClockTime::SECOND / self.fps);
        self.harness.push(buffer).unwrap();
        let mut is_key_frame = self.frames.is_multiple_of(self.key_interval);
        self.frames += 1;
        let mut packets = Vec::new();
        while let Some(sample) = self.harness.take() {
            packets.push(self.packet(&sample, at, std::mem::take(&mut is_key_frame)));
        }
        packets
    }

    fn packet(&mut self, sample: &gst::Sample, at: Duration, is_key_frame: bool) -> OrderedPacket {
        let bytes = sample.buffer().unwrap().map_readable().unwrap();
        self.sequence += 1;
        rtp(&bytes, at, self.sequence, is_key_frame)
    }
}

fn rtp(bytes: &[u8], at: Duration, sequence: u64, is_key_frame: bool) -> OrderedPacket {
    let header = 12 + usize::from(bytes[0] & 0x0F) * 4;
    assert_eq!(bytes[0] & 0x30, 0, "neither padding nor extensions");
    OrderedPacket {
        at,
        sequence,
        timestamp: u32::from_be_bytes(bytes[4..8].try_into().unwrap()),
        marker: bytes[1] & 0x80 != 0,
        is_key_frame,
        payload: bytes[header..].into(),
    }
}

/// A sender of Opus: 20 ms a packet.
pub(super) struct AudioSource {
    harness: Harness,
    packets: u64,
}

pub(super) const PACKET_SAMPLES: usize = 960;

impl AudioSource {
    pub(super) fn new() -> Self {
        init().unwrap();
        let caps = gst::Caps::builder("audio/x-raw")
            .field("format", "S16LE")
            .field("layout", "interleaved")
            .field("rate", 48_000)
            .field("channels", 1)
            .build();
        Self { harness: Harness::new("opusenc ! rtpopuspay", &caps).unwrap(), packets: 0 }
    }

    /// The packet of the next 20 ms: a tone of that amplitude.
    pub(super) fn send(&mut self, amplitude: i16) -> OrderedPacket {
        let start = self.packets as usize * PACKET_SAMPLES;
        let sample = |index: usize| {
            let phase = (start + index) as f64 / 48_000.0 * 440.0 * std::f64::consts::TAU;
            (phase.sin() * f64::from(amplitude)) as i16
        };
        let bytes: Vec<u8> = (0..PACKET_SAMPLES).flat_map(|index| sample(index).to_le_bytes()).collect();
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        let at = Duration::from_millis(self.packets * 20);
        buffer.get_mut().unwrap().set_pts(gst::ClockTime::from_mseconds(self.packets * 20));
        self.harness.push(buffer).unwrap();
        let sample = self.harness.take().unwrap();
        self.packets += 1;
        let bytes = sample.buffer().unwrap().map_readable().unwrap();
        rtp(&bytes, at, self.packets, false)
    }
}
