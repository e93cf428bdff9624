//! That the sandbox leaves GStreamer what it needs: plugins are loaded, fonts found and threads started behind it.

use super::*;

/// Run by the child: the codecs of recordings, and text; into a file of the directory.
pub(super) fn make(directory: &Path) -> Result<(), String> {
    use gstreamer::prelude::*;
    let file = directory.join("combined.mkv");
    let description = format!(
        "matroskamux name=mux ! filesink location={file:?} \
         videotestsrc num-buffers=30 ! video/x-raw,width=320,height=180 ! textoverlay text=Ada ! vp8enc ! vp8dec ! videoconvert \
         ! vp9enc deadline=1 cpu-used=8 ! vp9dec ! videoconvert ! x264enc ! h264parse ! avdec_h264 max-threads=2 ! videoconvert ! x264enc \
         ! h264parse ! mux. \
         audiotestsrc num-buffers=30 ! audioconvert ! audioresample ! opusenc ! opusdec ! audioconvert ! avenc_aac ! aacparse ! mux.",
    );
    let pipeline = gstreamer::parse::launch(&description).map_err(|error| error.to_string())?;
    pipeline.set_state(gstreamer::State::Playing).map_err(|error| error.to_string())?;
    let ends = [gstreamer::MessageType::Eos, gstreamer::MessageType::Error];
    let message = pipeline.bus().unwrap().timed_pop_filtered(gstreamer::ClockTime::from_seconds(30), &ends);
    let result = match message.as_ref().map(|message| message.view()) {
        Some(gstreamer::MessageView::Eos(_)) => Ok(()),
        other => Err(format!("{other:?}")),
    };
    pipeline.set_state(gstreamer::State::Null).map_err(|error| error.to_string())?;
    result
}

#[tokio::test]
async fn codecs_work_in_the_sandbox() {
    let mut scene = Scene::new("encodes");
    let mut recorder = scene.start().await;
    scene.write(1000);
    scene.growth.end();
    let files = recorder.finished().await;
    let files = files.unwrap_or_else(|error| panic!("{:?}", std::error::Error::source(&error)));
    let len = scene.job().join(files.combined.unwrap()).metadata().unwrap().len();
    assert!(len > 10_000, "{len} bytes");
}
