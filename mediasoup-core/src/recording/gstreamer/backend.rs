//! The backend for embedders: a thread of this process for each recording.

use std::{io::BufReader, time::Duration};

use async_trait::async_trait;
use gstreamer as gst;
use tokio::sync::{oneshot, watch};

use super::{RecordError, init, record};
use crate::recording::{
    Recorder, RecorderBackend, RecorderFiles, RecorderJob, RecordingError, ambient,
    log::LogStop,
    options::{AudioCodec, Format, VideoCodec},
    settings::Settings,
};

/// Makes files in this process. A decoder that crashes on what somebody sends takes the process with it: servers had
/// better use [`ProcessBackend`](crate::recording::process::ProcessBackend).
#[derive(Clone, Copy, Debug, Default)]
pub struct GStreamerBackend;

/// Whether everything is installed that files of these settings need.
///
/// # Errors
/// [`RecordingError::Unsupported`], naming what is missing.
pub fn check(settings: &Settings) -> Result<(), RecordingError> {
    init().map_err(RecordingError::Unsupported)?;
    for (element, package) in needed(settings) {
        if gst::ElementFactory::find(element).is_none() {
            return Err(RecordingError::Unsupported(format!(
                "GStreamer's element {element} is missing: install the package {package}"
            )));
        }
    }
    Ok(())
}

fn needed(settings: &Settings) -> Vec<(&'static str, &'static str)> {
    let (base, good, bad, ugly, libav) = (
        "gstreamer1.0-plugins-base",
        "gstreamer1.0-plugins-good",
        "gstreamer1.0-plugins-bad",
        "gstreamer1.0-plugins-ugly",
        "gstreamer1.0-libav",
    );
    let mut needed = vec![
        ("appsrc", base),
        ("opusdec", base),
        ("opusenc", base),
        ("matroskamux", good),
        ("matroskademux", good),
        ("vp8dec", good),
        ("vp9dec", good),
        ("h264parse", bad),
        ("opusparse", bad),
        ("avdec_h264", libav),
    ];
    needed.extend(match settings.video.codec {
        VideoCodec::Libx264 => [("x264enc", ugly)],
        VideoCodec::Libvpx => [("vp8enc", good)],
    });
    needed.extend((settings.audio.codec == AudioCodec::Aac).then_some(("avenc_aac", libav)));
    needed.extend((settings.format == Format::Mp4).then_some(("mp4mux", good)));
    needed
}

#[async_trait]
impl RecorderBackend for GStreamerBackend {
    fn check(&self, settings: &Settings) -> Result<(), RecordingError> {
        check(settings)
    }

    async fn start(&self, job: RecorderJob) -> Result<Box<dyn Recorder>, RecordingError> {
        let RecorderJob { log, directory } = job;
        let input = log.open()?;
        let stop = StopOnDrop(input.stop());
        let (progress, position) = watch::channel(Duration::ZERO);
        let (answer, finished) = oneshot::channel();
        ambient::spawn_thread("recorder", move || {
            let result = record(BufReader::new(input), &directory, &mut |position| {
                progress.send_replace(position);
            });
            // A recorder that was dropped is not waited for.
            drop(answer.send(result));
        })?;
        Ok(Box::new(ThreadRecorder { position, finished, _stop: stop }))
    }
}

/// A thread that makes files.
#[derive(Debug)]
struct ThreadRecorder {
    position: watch::Receiver<Duration>,
    finished: oneshot::Receiver<Result<RecorderFiles, RecordError>>,
    _stop: StopOnDrop,
}

#[async_trait]
impl Recorder for ThreadRecorder {
    fn position(&self) -> watch::Receiver<Duration> {
        self.position.clone()
    }

    async fn finished(&mut self) -> Result<RecorderFiles, RecordingError> {
        let backend = |error| RecordingError::Backend(error);
        match (&mut self.finished).await {
            Ok(result) => result.map_err(|error| backend(error.into())),
            Err(panicked) => Err(backend(panicked.into())),
        }
    }
}

/// Ends the thread at its next look into the log.
#[derive(Debug)]
struct StopOnDrop(LogStop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}
