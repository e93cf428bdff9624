//! Elements used like a function: buffers in, buffers out, in the calling thread. No clock, no main loop.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_video as gst_video;

/// Why elements gave nothing: their own words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct HarnessError(pub(super) String);

impl From<gst::glib::BoolError> for HarnessError {
    fn from(error: gst::glib::BoolError) -> Self {
        Self(error.message.into_owned())
    }
}

/// A chain of elements.
#[derive(Debug)]
pub(super) struct Harness {
    elements: gst::Bin,
    bus: gst::Bus,
    input: gst::Pad,
    /// Kept: it is what the elements' output is linked to, where they have one.
    _output: Option<gst::Pad>,
    samples: Samples,
}

/// What came out and was not taken yet.
#[derive(Clone, Debug, Default)]
struct Samples(Arc<Mutex<VecDeque<gst::Sample>>>);

impl Samples {
    fn queue(&self) -> MutexGuard<'_, VecDeque<gst::Sample>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Harness {
    /// The chain `description` describes (as for `gst-launch-1.0`), fed with buffers of `caps`.
    pub(super) fn new(description: &str, caps: &gst::Caps) -> Result<Self, HarnessError> {
        Self::prepared(description, caps, |_| ())
    }

    /// As [`Harness::new`]; `prepare` has the elements before anything has reached them.
    pub(super) fn prepared(
        description: &str,
        caps: &gst::Caps,
        prepare: impl FnOnce(&gst::Bin),
    ) -> Result<Self, HarnessError> {
        let elements = gst::parse::bin_from_description(description, true)
            .map_err(|error| HarnessError(error.message().to_owned()))?;
        let bus = gst::Bus::new();
        // What elements tell of themselves would pile up there.
        bus.set_sync_handler(|_, message| match message.type_() {
            gst::MessageType::Error => gst::BusSyncReply::Pass,
            _ => gst::BusSyncReply::Drop,
        });
        elements.set_bus(Some(&bus));
        prepare(&elements);
        let samples = Samples::default();
        let input = gst::Pad::builder(gst::PadDirection::Src).name("input").build();
        let sink = elements.static_pad("sink").ok_or_else(|| HarnessError("no sink pad".to_owned()))?;
        let linked = |result: Result<_, gst::PadLinkError>| {
            result.map(drop).map_err(|error| HarnessError(error.to_string()))
        };
        linked(input.link(&sink))?;
        let output = elements.static_pad("src").map(|src| (src, output_pad(samples.clone())));
        let output = match output {
            Some((src, output)) => {
                let output = output?;
                linked(src.link(&output))?;
                output.set_active(true)?;
                Some(output)
            }
            None => None,
        };
        let harness = Self { elements, bus, input, _output: output, samples };
        harness.elements.set_state(gst::State::Playing).map_err(|_| harness.error("does not start"))?;
        harness.input.set_active(true)?;
        harness.input.push_event(gst::event::StreamStart::new("recording"));
        harness.input.push_event(gst::event::Caps::new(caps));
        harness.input.push_event(gst::event::Segment::new(&gst::FormattedSegment::<gst::ClockTime>::new()));
        Ok(harness)
    }

    /// Feeds a buffer. What comes of it is given by [`Harness::take`].
    pub(super) fn push(&self, buffer: gst::Buffer) -> Result<(), HarnessError> {
        self.input.push(buffer).map(drop).map_err(|error| self.error(&error.to_string()))
    }

    /// Tells that a stretch of the stream is missing.
    pub(super) fn push_gap(&self, at: gst::ClockTime, duration: gst::ClockTime) {
        self.input.push_event(gst::event::Gap::new(at, duration));
    }

    /// Lets the elements bring to an end what they have begun.
    pub(super) fn end(&self) -> Result<(), HarnessError> {
        self.input.push_event(gst::event::Eos::new());
        self.bus.peek().map_or(Ok(()), |_| Err(self.error("does not end")))
    }

    /// What came out, one after the other.
    pub(super) fn take(&self) -> Option<gst::Sample> {
        self.samples.queue().pop_front()
    }

    /// What an element said was wrong, or else `otherwise`.
    fn error(&self, otherwise: &str) -> HarnessError {
        let said = self.bus.pop_filtered(&[gst::MessageType::Error]);
        let said = said.as_ref().and_then(|message| match message.view() {
            gst::MessageView::Error(error) => Some(error.error().to_string()),
            _ => None,
        });
        HarnessError(said.unwrap_or_else(|| otherwise.to_owned()))
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        // Elements must stop before they go. There is nobody to tell that one would not.
        let _ = self.elements.set_state(gst::State::Null);
        self.bus.unset_sync_handler();
        self.bus.set_flushing(true);
    }
}

fn output_pad(samples: Samples) -> Result<gst::Pad, HarnessError> {
    // Without a template the first caps would be the only ones it takes.
    let any = gst::PadTemplate::new(
        "output",
        gst::PadDirection::Sink,
        gst::PadPresence::Always,
        &gst::Caps::new_any(),
    )?;
    let pad = gst::Pad::builder_from_template(&any)
        .chain_function(move |pad, _, buffer| {
            let sample = gst::Sample::builder().buffer(&buffer);
            let caps = pad.current_caps();
            samples.queue().push_back(sample.caps_if_some(caps.as_ref()).build());
            Ok(gst::FlowSuccess::Ok)
        })
        .event_function(|_, _, _| true)
        .query_function(|pad, parent, query| {
            if let gst::QueryViewMut::Allocation(allocation) = query.view_mut() {
                // Spares decoders a copy of frames whose planes are not packed.
                allocation.add_allocation_meta::<gst_video::VideoMeta>(None);
                return true;
            }
            gst::Pad::query_default(pad, parent, query)
        })
        .build();
    Ok(pad)
}
