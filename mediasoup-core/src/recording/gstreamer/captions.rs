//! Captions: names, each rendered once.

use std::collections::HashMap;

use gstreamer as gst;
use gstreamer_video as gst_video;

use super::{harness::Harness, plane, video_decoder::GstFrame};
use crate::recording::compose::{Caption, Rect};

/// Labels kept; beyond it all are rendered anew when they are needed.
const LABELS_MAX: usize = 64;

/// Where a name stands on its tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// On a picture.
    LowerEdge,
    /// On a card.
    Middle,
}

/// Rendered captions.
#[derive(Debug, Default)]
pub(super) struct Captions {
    labels: HashMap<Look, Option<GstFrame>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Look {
    text: String,
    width: u32,
    height: u32,
    place: Place,
}

/// A caption at its place.
#[derive(Debug)]
pub(super) struct Label<'a> {
    picture: &'a GstFrame,
    position: (u32, u32),
}

impl Label<'_> {
    pub(super) fn draw(&self, target: &mut gst_video::VideoFrameRef<&mut gst::BufferRef>) {
        if let Some(source) = self.picture.planes() {
            plane::paste(target, &source, self.position);
        }
    }
}

impl Captions {
    /// The label of a tile; `None`: it has no text, or texts cannot be rendered here.
    pub(super) fn label(&mut self, caption: &Caption, tile: Rect, place: Place) -> Option<Label<'_>> {
        let text = if caption.muted { format!("{} (muted)", caption.text) } else { caption.text.clone() };
        let look = Look::new(text, tile, place)?;
        if self.labels.len() >= LABELS_MAX {
            self.labels.clear();
        }
        let position = look.position(tile);
        let label = self.labels.entry(look).or_insert_with_key(render);
        label.as_ref().map(|picture| Label { picture, position })
    }
}

impl Look {
    fn new(text: String, tile: Rect, place: Place) -> Option<Self> {
        let text = text.trim().to_owned();
        let even = |pixels: u32| (pixels & !1).max(2);
        let height = match place {
            Place::LowerEdge => even((tile.height / 12).clamp(16, 40)).min(tile.height),
            Place::Middle => even((tile.height / 8).clamp(16, 64)).min(tile.height),
        };
        let width = even(text_width(&text, height).min(tile.width));
        (!text.is_empty()).then_some(Self { text, width, height, place })
    }

    fn position(&self, tile: Rect) -> (u32, u32) {
        match self.place {
            Place::LowerEdge => (tile.x, tile.y + tile.height - self.height),
            Place::Middle => {
                let middle = |outer: u32, inner: u32| outer.saturating_sub(inner) / 2 & !1;
                (tile.x + middle(tile.width, self.width), tile.y + middle(tile.height, self.height))
            }
        }
    }
}

/// Letters are as large as this part of their label.
const LETTER_SIZE: f32 = 0.6;

/// Of a label of this height, by estimate: letters of scripts that are not Latin are wider.
fn text_width(text: &str, height: u32) -> u32 {
    let ems: f32 = text.chars().map(|letter| if letter < '\u{1100}' { 0.65 } else { 1.1 }).sum();
    ((ems + 1.2) * LETTER_SIZE * height as f32) as u32
}

fn render(look: &Look) -> Option<GstFrame> {
    let colour = match look.place {
        Place::LowerEdge => plane::BLACK,
        Place::Middle => plane::CARD,
    };
    let info = gst_video::VideoInfo::builder(gst_video::VideoFormat::I420, look.width, look.height).build();
    let info = info.ok()?;
    let mut buffer = gst::Buffer::with_size(info.size()).ok()?;
    {
        let whole = Rect { x: 0, y: 0, width: look.width, height: look.height };
        let mut frame = gst_video::VideoFrameRef::from_buffer_ref_writable(buffer.get_mut()?, &info).ok()?;
        plane::fill(&mut frame, whole, colour);
    }
    buffer.get_mut()?.set_pts(gst::ClockTime::ZERO);
    let elements = "textoverlay name=text halignment=center valignment=center wrap-mode=none \
         draw-shadow=false draw-outline=false auto-resize=false";
    let size = (look.height as f32 * LETTER_SIZE) as u32;
    let harness = Harness::prepared(elements, &info.to_caps().ok()?, |elements| {
        use gst::prelude::*;
        if let Some(text) = elements.by_name("text") {
            text.set_property("text", &look.text);
            text.set_property("font-desc", format!("sans {size}px"));
        }
    });
    let harness = harness.ok()?;
    harness.push(buffer).ok()?;
    GstFrame::of(&harness.take()?)
}
