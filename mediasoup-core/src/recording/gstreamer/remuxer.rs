//! Final files: the parts' packets in other containers, encoded as they are.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use gstreamer as gst;
use gstreamer_app as gst_app;

use super::{
    demuxer::{self, Packet, Stream},
    opus_in_mp4,
    parts::{self, Part},
    pipeline::{Pipeline, element, encode, source, write_to},
    rtp::clock_time,
};
use crate::recording::{
    RecorderFiles,
    compose::{FrameRate, StudioError},
    options::{AudioCodec, Format, VideoCodec},
    settings::Settings,
};

/// Makes the files of all parts in the directory; `alive` is called a few times a second meanwhile.
pub(super) fn finish(
    directory: &Path,
    settings: &Settings,
    mut alive: impl FnMut(),
) -> Result<RecorderFiles, StudioError> {
    let names = Names::of(settings);
    let mut output: Option<Output> = None;
    let parts = parts::in_directory(directory)?;
    let ends = parts.iter().skip(1).map(|next| Some(next.start)).chain([None]);
    for (part, end) in parts.iter().zip(ends) {
        let mut streams = Waiting::default();
        demuxer::read(&part.path, |packet| {
            alive();
            match &output {
                Some(output) => output.push(part, end, &packet),
                // The containers have to know both streams from the start.
                None => match streams.add(packet) {
                    Some(first) => {
                        let started = output.insert(Output::start(directory, settings, &names, &first)?);
                        first.packets.iter().try_for_each(|packet| started.push(part, end, packet))
                    }
                    None => Ok(()),
                },
            }
        })?;
    }
    output.ok_or_else(|| encode("nothing was encoded"))?.finish(&mut alive)?;
    if (settings.format, settings.audio.codec) == (Format::Mp4, AudioCodec::Opus) {
        opus_in_mp4::repair(&directory.join(&names.combined))?;
    }
    names.sync(directory)?;
    Ok(names.into_files())
}

/// Names of the final files.
#[derive(Clone, Debug)]
struct Names {
    combined: String,
    audio: String,
    video: String,
}

impl Names {
    fn of(settings: &Settings) -> Self {
        let combined = match settings.format {
            Format::Mp4 => "combined.mp4",
            Format::Mkv => "combined.mkv",
            Format::Webm => "combined.webm",
        };
        let audio = match settings.audio.codec {
            AudioCodec::Opus => "audio.opus",
            AudioCodec::Aac => "audio.aac",
        };
        let video = match settings.video.codec {
            VideoCodec::Libx264 => "video.h264",
            VideoCodec::Libvpx => "video.webm",
        };
        Self { combined: combined.into(), audio: audio.into(), video: video.into() }
    }

    /// A listed file is on the disk.
    fn sync(&self, directory: &Path) -> Result<(), StudioError> {
        for name in [&self.combined, &self.audio, &self.video] {
            File::open(directory.join(name))?.sync_all()?;
        }
        Ok(())
    }

    fn into_files(self) -> RecorderFiles {
        let Self { combined, audio, video } = self;
        RecorderFiles { audio: Some(audio), video: Some(video), combined: Some(combined), tracks: Vec::new() }
    }
}

/// Packets that came before both streams were known.
#[derive(Debug, Default)]
struct Waiting {
    packets: Vec<Packet>,
}

/// The first packets of both streams.
struct First {
    packets: Vec<Packet>,
    video: gst::Caps,
    audio: gst::Caps,
}

impl Waiting {
    fn add(&mut self, packet: Packet) -> Option<First> {
        self.packets.push(packet);
        let caps = |stream| {
            let packet = self.packets.iter().find(|packet| packet.stream == stream)?;
            packet.sample.caps_owned()
        };
        let (video, audio) = (caps(Stream::Video)?, caps(Stream::Audio)?);
        Some(First { packets: std::mem::take(&mut self.packets), video, audio })
    }
}

/// Three files being written.
struct Output {
    video: gst_app::AppSrc,
    audio: gst_app::AppSrc,
    pipeline: Pipeline,
    /// Parts tell milliseconds only; pictures are put back to where they were.
    rate: FrameRate,
}

impl Output {
    fn start(
        directory: &Path,
        settings: &Settings,
        names: &Names,
        first: &First,
    ) -> Result<Self, StudioError> {
        let mut sources = None;
        let pipeline = Pipeline::start(&description(settings), |pipeline| {
            write_to(pipeline, "combined", &directory.join(&names.combined))?;
            write_to(pipeline, "sound", &directory.join(&names.audio))?;
            write_to(pipeline, "picture", &directory.join(&names.video))?;
            if settings.format == Format::Mp4 {
                // Left to itself it would write to the system's directory of temporary files, which may be small.
                let scratch: PathBuf = directory.join("faststart");
                gst::prelude::ObjectExt::set_property(
                    &element::<gst::Element>(pipeline, "mux")?,
                    "faststart-file",
                    scratch.to_string_lossy().as_ref(),
                );
            }
            sources =
                Some((source(pipeline, "video", &first.video)?, source(pipeline, "audio", &first.audio)?));
            Ok(())
        })?;
        let (video, audio) = sources.ok_or_else(|| encode("no sources"))?;
        Ok(Self { video, audio, pipeline, rate: FrameRate::new(settings.video.framerate) })
    }

    /// Takes the next packet of a part; what is beyond the part's end the next part has, too.
    fn push(&self, part: &Part, end: Option<Duration>, packet: &Packet) -> Result<(), StudioError> {
        let at = part.start + packet.at;
        if end.is_some_and(|end| at >= end) {
            return Ok(());
        }
        let Some(mut buffer) = packet.sample.buffer_owned() else { return Ok(()) };
        let at = if packet.stream == Stream::Video { self.rate.time(self.rate.nearest(at)) } else { at };
        let timed = buffer.make_mut();
        timed.set_pts(clock_time(at));
        timed.set_dts(clock_time(at));
        let source = match packet.stream {
            Stream::Video => &self.video,
            Stream::Audio => &self.audio,
        };
        let pushed = source.push_buffer(buffer);
        match self.pipeline.error() {
            Some(error) => Err(error),
            None => pushed.map(drop).map_err(|error| encode(&error.to_string())),
        }
    }

    fn finish(self, alive: impl FnMut()) -> Result<(), StudioError> {
        for source in [&self.video, &self.audio] {
            source.end_of_stream().map_err(|error| encode(&error.to_string()))?;
        }
        self.pipeline.finish(alive)
    }
}

fn description(settings: &Settings) -> String {
    let mux = match settings.format {
        Format::Mp4 => "mp4mux name=mux faststart=true",
        Format::Mkv => "matroskamux name=mux",
        Format::Webm => "webmmux name=mux",
    };
    let (parse_video, video) = match settings.video.codec {
        VideoCodec::Libx264 => (
            "h264parse",
            "h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au",
        ),
        VideoCodec::Libvpx => ("identity", "webmmux"),
    };
    let (parse_audio, audio) = match settings.audio.codec {
        AudioCodec::Opus => ("opusparse", "oggmux"),
        AudioCodec::Aac => ("aacparse", "aacparse ! audio/mpeg,stream-format=adts"),
    };
    // Each container waits for its slowest stream, so that queues have to hold what the others are ahead.
    let queue = "queue max-size-time=0 max-size-bytes=0 max-size-buffers=0";
    format!(
        "appsrc name=video block=true max-bytes=8000000 ! {parse_video} ! tee name=pictures \
         pictures. ! {queue} ! mux. \
         pictures. ! {queue} ! {video} ! filesink name=picture sync=false async=false \
         appsrc name=audio max-bytes=0 ! {parse_audio} ! tee name=sounds \
         sounds. ! {queue} ! mux. \
         sounds. ! {queue} ! {audio} ! filesink name=sound sync=false async=false \
         {mux} ! filesink name=combined sync=false async=false"
    )
}
