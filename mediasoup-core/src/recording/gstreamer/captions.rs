//! Captions: what is written on tiles, each rendered once.

use std::collections::HashMap;

use super::{
    label::Label,
    plane::BLACK,
    text::{self, Text},
};
use crate::recording::compose::{Caption, Rect};

/// Labels kept; beyond it all are rendered anew when they are needed.
const LABELS_MAX: usize = 64;
/// Of the box under a caption, so that it is read on any picture.
const BOX_OPACITY: u8 = 150;

/// Where a caption stands on its tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// On a picture, at its lower left.
    LowerEdge,
    /// On a card.
    Middle,
}

/// Rendered captions.
#[derive(Debug, Default)]
pub(super) struct Captions {
    labels: HashMap<Look, Option<Label>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Look {
    text: String,
    muted: bool,
    /// Of the tile, in pixels.
    tile: (u32, u32),
    place: Place,
}

impl Captions {
    /// The label of a tile and where it belongs; `None`: there is nothing to say, or words cannot be rendered here.
    pub(super) fn label(
        &mut self,
        caption: &Caption,
        tile: Rect,
        place: Place,
    ) -> Option<(&Label, (u32, u32))> {
        let Caption { text, muted } = caption;
        let look = Look { text: text.clone(), muted: *muted, tile: (tile.width, tile.height), place };
        if self.labels.len() >= LABELS_MAX && !self.labels.contains_key(&look) {
            self.labels.clear();
        }
        let label = self.labels.entry(look).or_insert_with_key(Look::render).as_ref()?;
        Some((label, position(label.size(), tile, place)))
    }
}

fn position((width, height): (u32, u32), tile: Rect, place: Place) -> (u32, u32) {
    match place {
        Place::LowerEdge => (tile.x, tile.y + tile.height.saturating_sub(height)),
        Place::Middle => {
            let middle = |outer: u32, inner: u32| (outer.saturating_sub(inner) / 2) & !1;
            (tile.x + middle(tile.width, width), tile.y + middle(tile.height, height))
        }
    }
}

impl Look {
    fn letter_size(&self) -> u32 {
        match self.place {
            Place::LowerEdge => (self.tile.1 / 20).clamp(10, 28),
            Place::Middle => (self.tile.1 / 10).clamp(12, 64),
        }
    }

    fn render(&self) -> Option<Label> {
        let size = self.letter_size() as usize;
        let (margin, mark) = (size / 2, if self.muted { size * 3 / 2 } else { 0 });
        let width_max =
            (self.tile.0 as usize).checked_sub(2 * margin + mark).filter(|width| *width > size)?;
        let text = text::render(self.text.trim(), size as u32, width_max);
        if text.is_none() && !self.muted {
            return None;
        }
        let even = |pixels: usize| pixels.next_multiple_of(2);
        let (text_width, text_height) = text.as_ref().map_or((0, 0), |text| (text.width, text.height));
        let width = even(text_width + mark + 2 * margin).min(self.tile.0 as usize);
        let height = even(text_height.max(size) + margin).min(self.tile.1 as usize);
        let opacity = if self.place == Place::LowerEdge { BOX_OPACITY } else { 0 };
        let mut label = Label::new(width, height, BLACK, opacity);
        let middle = |inner: usize| height.saturating_sub(inner) / 2;
        if self.muted {
            label.cross_out_microphone((margin, middle(size)), size);
        }
        text.iter().for_each(|text: &Text| label.write(text, (margin + mark, middle(text.height))));
        Some(label)
    }
}
