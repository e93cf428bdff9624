//! Reading a part.

use std::{path::Path, sync::mpsc, time::Duration};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;

use super::pipeline::{Pipeline, element};
use crate::recording::compose::StudioError;

/// Packets read ahead.
const MESSAGES_MAX: usize = 64;
/// After so long without a packet it is asked whether something is wrong.
const PATIENCE: Duration = Duration::from_millis(200);

/// The queues let the streams be of any length before each other.
const DESCRIPTION: &str = "filesrc name=file ! matroskademux name=demux \
     demux.video_0 ! queue max-size-time=0 max-size-bytes=0 max-size-buffers=0 ! appsink name=video sync=false async=false \
     demux.audio_0 ! queue max-size-time=0 max-size-bytes=0 max-size-buffers=0 ! appsink name=audio sync=false async=false";

/// Which of a part's two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Video,
    Audio,
}

/// An encoded frame or piece of sound.
#[derive(Debug)]
pub(super) struct Packet {
    pub(super) stream: Stream,
    /// From the part's start.
    pub(super) at: Duration,
    pub(super) is_key_frame: bool,
    pub(super) sample: gst::Sample,
}

/// What the streams of a part send.
enum Message {
    Packet(Packet),
    /// One stream is at its end.
    End,
}

/// Gives each packet of a part, in the order of the file, to `take`. A part whose end is torn ends there.
///
/// # Errors
/// It cannot be opened, or `take`'s.
pub(super) fn read(
    path: &Path,
    mut take: impl FnMut(Packet) -> Result<(), StudioError>,
) -> Result<(), StudioError> {
    let (sender, messages) = mpsc::sync_channel(MESSAGES_MAX);
    let pipeline = Pipeline::start(DESCRIPTION, |pipeline| {
        element::<gst::Element>(pipeline, "file")?.set_property("location", path);
        for (name, stream) in [("video", Stream::Video), ("audio", Stream::Audio)] {
            element::<gst_app::AppSink>(pipeline, name)?.set_callbacks(callbacks(stream, &sender));
        }
        Ok(())
    })?;
    let mut open = 2;
    while open > 0 {
        match messages.recv_timeout(PATIENCE) {
            Ok(Message::Packet(packet)) => take(packet)?,
            Ok(Message::End) => open -= 1,
            // So little is whole that the streams have not begun.
            Err(_) if pipeline.error().is_some() => break,
            Err(_) => {}
        }
    }
    Ok(())
}

fn callbacks(stream: Stream, sender: &mpsc::SyncSender<Message>) -> gst_app::AppSinkCallbacks {
    let (packets, end) = (sender.clone(), sender.clone());
    gst_app::AppSinkCallbacks::builder()
        .new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let packet = packet(stream, sample).ok_or(gst::FlowError::Error)?;
            let sent = packets.send(Message::Packet(packet));
            sent.map(|()| gst::FlowSuccess::Ok).map_err(|_| gst::FlowError::Flushing)
        })
        // Nobody listens any more: then the end is known.
        .eos(move |_| drop(end.send(Message::End)))
        .build()
}

fn packet(stream: Stream, sample: gst::Sample) -> Option<Packet> {
    let buffer = sample.buffer()?;
    let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
    let at = segment.to_running_time(buffer.pts()).unwrap_or(gst::ClockTime::ZERO);
    let is_key_frame = !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT);
    Some(Packet { stream, at: at.into(), is_key_frame, sample })
}
