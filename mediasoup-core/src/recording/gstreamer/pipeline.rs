//! A pipeline that is fed from one end and writes files at the other. It has no clock: it is as fast as it can be.

use std::{path::Path, time::Duration};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;

use crate::recording::compose::StudioError;

/// How long a pipeline may take for its end once everything is fed.
const END_TIMEOUT: Duration = Duration::from_secs(600);
/// Between two looks at a pipeline that comes to its end.
const GLANCE: Duration = Duration::from_millis(250);

/// A running pipeline. Dropped, it ends where it is.
#[derive(Debug)]
pub(super) struct Pipeline {
    pipeline: gst::Pipeline,
    bus: gst::Bus,
}

impl Pipeline {
    /// The pipeline `description` describes (as for `gst-launch-1.0`); `prepare` has it before it runs.
    pub(super) fn start(
        description: &str,
        prepare: impl FnOnce(&gst::Pipeline) -> Result<(), StudioError>,
    ) -> Result<Self, StudioError> {
        let element = gst::parse::launch(description).map_err(|error| encode(error.message()))?;
        let pipeline = element.downcast::<gst::Pipeline>().map_err(|_| encode("not a pipeline"))?;
        pipeline.use_clock(None::<&gst::Clock>);
        let bus = pipeline.bus().ok_or_else(|| encode("a pipeline without a bus"))?;
        let running = Self { pipeline, bus };
        prepare(&running.pipeline)?;
        running.wake_sources_on_error();
        if running.pipeline.set_state(gst::State::Playing).is_err() {
            return Err(running.error().unwrap_or_else(|| encode("the pipeline does not start")));
        }
        Ok(running)
    }

    /// Whoever waits for room in a source goes on when something has gone wrong: nobody takes anything from it any more.
    fn wake_sources_on_error(&self) {
        let sources: Vec<_> = self.pipeline.iterate_sources().into_iter().flatten().collect();
        let sources = sources.into_iter().filter_map(|source| source.downcast::<gst_app::AppSrc>().ok());
        let sources: Vec<_> = sources.map(|source| source.downgrade()).collect();
        self.bus.set_sync_handler(move |_, message| {
            if message.type_() == gst::MessageType::Error {
                for source in sources.iter().filter_map(gst::glib::WeakRef::upgrade) {
                    source.set_max_bytes(0);
                    source.set_max_buffers(0);
                }
            }
            match message.type_() {
                gst::MessageType::Error | gst::MessageType::Eos => gst::BusSyncReply::Pass,
                _ => gst::BusSyncReply::Drop,
            }
        });
    }

    /// What has gone wrong, if anything has.
    pub(super) fn error(&self) -> Option<StudioError> {
        let message = self.bus.pop_filtered(&[gst::MessageType::Error])?;
        let gst::MessageView::Error(error) = message.view() else { return None };
        Some(studio_error(error))
    }

    /// Waits for the end of everything; `alive` is called a few times a second meanwhile.
    pub(super) fn finish(self, mut alive: impl FnMut()) -> Result<(), StudioError> {
        let glances = END_TIMEOUT.as_millis() / GLANCE.as_millis();
        for _ in 0..glances {
            let wanted = [gst::MessageType::Eos, gst::MessageType::Error];
            let glance = gst::ClockTime::from_mseconds(GLANCE.as_millis() as u64);
            match self.bus.timed_pop_filtered(glance, &wanted).as_deref().map(gst::MessageRef::view) {
                Some(gst::MessageView::Eos(_)) => return Ok(()),
                Some(gst::MessageView::Error(error)) => return Err(studio_error(error)),
                _ => alive(),
            }
        }
        Err(encode("the pipeline does not come to its end"))
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // Elements must stop before they go. There is nobody to tell that one would not.
        let _ = self.pipeline.set_state(gst::State::Null);
        self.bus.unset_sync_handler();
        self.bus.set_flushing(true);
    }
}

/// An element of the description.
pub(super) fn element<T: IsA<gst::Element>>(pipeline: &gst::Pipeline, name: &str) -> Result<T, StudioError> {
    let element = pipeline.by_name(name).and_then(|element| element.downcast().ok());
    element.ok_or_else(|| encode(&format!("no element {name}")))
}

/// Lets a sink write this file. Names are no part of a description: they would have to be escaped.
pub(super) fn write_to(pipeline: &gst::Pipeline, sink: &str, path: &Path) -> Result<(), StudioError> {
    element::<gst::Element>(pipeline, sink)?.set_property("location", path);
    Ok(())
}

/// An appsrc that takes buffers with times, of these caps.
pub(super) fn source(
    pipeline: &gst::Pipeline,
    name: &str,
    caps: &gst::Caps,
) -> Result<gst_app::AppSrc, StudioError> {
    let source = element::<gst_app::AppSrc>(pipeline, name)?;
    source.set_caps(Some(caps));
    source.set_format(gst::Format::Time);
    Ok(source)
}

pub(super) fn encode(text: &str) -> StudioError {
    StudioError::Encode(text.to_owned())
}

/// A disk's errors are told from an encoder's: the first may go away.
fn studio_error(error: &gst::message::Error) -> StudioError {
    let text = error.error().to_string();
    match error.error().kind::<gst::ResourceError>() {
        Some(gst::ResourceError::NoSpaceLeft) => {
            std::io::Error::new(std::io::ErrorKind::StorageFull, text).into()
        }
        Some(_) => std::io::Error::other(text).into(),
        None => StudioError::Encode(text),
    }
}
