//! Encoding: pictures and samples into a part, a Matroska file that can be played up to wherever it was cut off.

use std::{path::Path, time::Duration};

use gstreamer as gst;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;

use super::{
    pipeline::{Pipeline, encode, source, write_to},
    rtp::clock_time,
};
use crate::recording::{
    compose::{SAMPLE_RATE, Stereo, StudioError},
    options::{AudioCodec, VideoCodec},
    settings::{AudioSettings, Settings, VideoSettings},
};

/// Seconds between key frames, at most: an interrupted part is resumed at one.
const KEY_FRAME_INTERVAL: u32 = 2;

/// Encodes and writes one part.
#[derive(Debug)]
pub(super) struct Encoder {
    video: gst_app::AppSrc,
    audio: gst_app::AppSrc,
    pipeline: Pipeline,
    framerate: u8,
    /// Of the part.
    next_frame: u64,
    next_sample: u64,
    /// Samples that are left out yet: see [`priming`].
    skipped: usize,
}

impl Encoder {
    /// Times count from the part's start.
    pub(super) fn new(settings: &Settings, part: &Path) -> Result<Self, StudioError> {
        let Settings { video, audio, .. } = settings;
        let description = format!(
            "appsrc name=video block=true max-buffers=4 max-bytes=0 ! {} ! queue max-size-time=0 ! mux. \
             appsrc name=audio max-bytes=0 ! audioconvert ! audioresample ! {} ! queue max-size-time=0 ! mux. \
             matroskamux name=mux max-cluster-duration=500000000 ! \
             filesink name=file sync=false async=false buffer-mode=unbuffered",
            video_encoder(video),
            audio_encoder(audio),
        );
        let mut sources = None;
        let pipeline = Pipeline::start(&description, |pipeline| {
            write_to(pipeline, "file", part)?;
            let picture = picture_info(video)?.to_caps().map_err(|error| encode(&error.message))?;
            let sound = gst::Caps::builder("audio/x-raw")
                .field("format", "S16LE")
                .field("layout", "interleaved")
                .field("rate", SAMPLE_RATE as i32)
                .field("channels", 2)
                .build();
            sources = Some((source(pipeline, "video", &picture)?, source(pipeline, "audio", &sound)?));
            Ok(())
        })?;
        let (video_source, audio_source) = sources.ok_or_else(|| encode("no sources"))?;
        Ok(Self {
            video: video_source,
            audio: audio_source,
            pipeline,
            framerate: video.framerate,
            next_frame: 0,
            next_sample: 0,
            skipped: priming(audio),
        })
    }

    /// Takes the next picture; waits where the encoder is not as fast.
    pub(super) fn push_picture(&mut self, mut picture: gst::Buffer) -> Result<(), StudioError> {
        let (from, to) = (self.frame_time(self.next_frame), self.frame_time(self.next_frame + 1));
        self.next_frame += 1;
        let buffer = picture.make_mut();
        buffer.set_pts(clock_time(from));
        buffer.set_duration(clock_time(to - from));
        self.push(&self.video, picture)
    }

    /// Takes the next samples.
    pub(super) fn push_samples(&mut self, samples: &[Stereo]) -> Result<(), StudioError> {
        let before = samples.len();
        let samples = &samples[self.skipped.min(samples.len())..];
        self.skipped -= before - samples.len();
        if samples.is_empty() {
            return Ok(());
        }
        let bytes: Vec<u8> = samples.iter().flatten().flat_map(|sample| sample.to_le_bytes()).collect();
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        let from = sample_time(self.next_sample);
        self.next_sample += samples.len() as u64;
        let duration = sample_time(self.next_sample) - from;
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(clock_time(from));
            buffer.set_duration(clock_time(duration));
        }
        self.push(&self.audio, buffer)
    }

    fn push(&self, source: &gst_app::AppSrc, buffer: gst::Buffer) -> Result<(), StudioError> {
        let pushed = source.push_buffer(buffer);
        match self.pipeline.error() {
            Some(error) => Err(error),
            None => pushed.map(drop).map_err(|error| encode(&error.to_string())),
        }
    }

    /// Writes what is on its way; `alive` is called a few times a second meanwhile.
    pub(super) fn finish(self, alive: impl FnMut()) -> Result<(), StudioError> {
        for source in [&self.video, &self.audio] {
            source.end_of_stream().map_err(|error| encode(&error.to_string()))?;
        }
        self.pipeline.finish(alive)
    }

    fn frame_time(&self, frame: u64) -> Duration {
        Duration::from_nanos((u128::from(frame) * 1_000_000_000 / u128::from(self.framerate)) as u64)
    }
}

fn sample_time(sample: u64) -> Duration {
    Duration::from_nanos((u128::from(sample) * 1_000_000_000 / u128::from(SAMPLE_RATE)) as u64)
}

/// Of the pictures that are encoded. Their colours are what browsers send: BT.601, whatever the size.
pub(super) fn picture_info(video: &VideoSettings) -> Result<gst_video::VideoInfo, StudioError> {
    let (width, height) = (video.resolution.width(), video.resolution.height());
    gst_video::VideoInfo::builder(gst_video::VideoFormat::I420, width, height)
        .fps(gst::Fraction::new(video.framerate.into(), 1))
        .colorimetry(&gst_video::VideoColorimetry::new(
            gst_video::VideoColorRange::Range16_235,
            gst_video::VideoColorMatrix::Bt601,
            gst_video::VideoTransferFunction::Bt601,
            gst_video::VideoColorPrimaries::Smpte170m,
        ))
        .build()
        .map_err(|error| encode(&error.message))
}

/// Samples by which what comes out of an encoder is late, unsaid. What is left out of the start makes up for it.
fn priming(audio: &AudioSettings) -> usize {
    /// A frame of AAC.
    const AAC_FRAME: u32 = 1024;
    match audio.codec {
        AudioCodec::Opus => 0,
        AudioCodec::Aac => (AAC_FRAME * (SAMPLE_RATE / audio.sample_rate.max(1))) as usize,
    }
}

fn video_encoder(video: &VideoSettings) -> String {
    let key_frames = KEY_FRAME_INTERVAL * u32::from(video.framerate);
    match video.codec {
        VideoCodec::Libx264 => format!(
            "x264enc speed-preset=veryfast bframes=0 key-int-max={key_frames} bitrate={} ! \
             video/x-h264,profile=high ! h264parse",
            video.bitrate.div_ceil(1000).clamp(16, 1_000_000),
        ),
        VideoCodec::Libvpx => format!(
            "vp8enc deadline=1 cpu-used=8 end-usage=vbr threads=2 keyframe-max-dist={key_frames} target-bitrate={}",
            video.bitrate.clamp(16_000, 1_000_000_000),
        ),
    }
}

fn audio_encoder(audio: &AudioSettings) -> String {
    let AudioSettings { codec, bitrate, sample_rate, channels } = audio;
    let raw = format!("audio/x-raw,rate={sample_rate},channels={channels}");
    match codec {
        AudioCodec::Opus => {
            format!("{raw} ! opusenc bitrate={} ! opusparse", bitrate.clamp(&6_000, &510_000))
        }
        AudioCodec::Aac => {
            format!("{raw} ! avenc_aac bitrate={} ! aacparse", bitrate.clamp(&8_000, &320_000))
        }
    }
}
