//! The picture as a whole: who is where, with which picture.

use super::{
    layout::{Side, arrange},
    scene::{Scene, Slot},
    studio::Tile,
    video::Picture,
};
use crate::{
    ids::ProducerId,
    recording::{
        options::{Layout, Resolution},
        settings::Settings,
    },
};

/// The tiles that are shown, kept from frame to frame.
#[derive(Debug)]
pub(super) struct Canvas<F> {
    size: Resolution,
    layout: Layout,
    tiles: Vec<Tile<F>>,
    /// Whose pictures the tiles show, tile by tile.
    sources: Vec<Option<ProducerId>>,
}

impl<F: Clone> Canvas<F> {
    pub(super) fn new(settings: &Settings) -> Self {
        let (size, layout) = (settings.video.resolution, settings.layout);
        Self { size, layout, tiles: Vec::new(), sources: Vec::new() }
    }

    /// Whether it matters who speaks.
    pub(super) fn follows_speaker(&self) -> bool {
        self.layout == Layout::Speaker
    }

    /// Puts everybody in place.
    pub(super) fn arrange(&mut self, scene: &Scene, speaker: Option<u64>) {
        let (mut stage, mut others): (Vec<Slot>, Vec<Slot>) = scene.slots().partition(|slot| slot.is_screen);
        let mut side = Side::Column;
        if stage.is_empty() && self.follows_speaker() && !others.is_empty() {
            side = Side::Row;
            let speaks = others.iter().position(|slot| Some(slot.key) == speaker).unwrap_or(0);
            stage.push(others.remove(speaks));
        }
        let (large, small) = arrange(self.size, stage.len(), others.len(), side);
        self.tiles.clear();
        self.sources.clear();
        for (slot, rect) in stage.into_iter().zip(large).chain(others.into_iter().zip(small)) {
            let Slot { key, caption, video, .. } = slot;
            self.tiles.push(Tile { key, rect, frame: None, revision: 0, rotation: 0, caption });
            self.sources.push(video);
        }
    }

    /// The tiles, with the pictures of their tracks.
    pub(super) fn tiles<'a>(&mut self, picture: impl Fn(ProducerId) -> Option<&'a Picture<F>>) -> &[Tile<F>]
    where
        F: 'a,
    {
        for (tile, source) in self.tiles.iter_mut().zip(&self.sources) {
            match source.and_then(&picture) {
                Some(picture) if picture.revision == tile.revision => {}
                Some(picture) => {
                    tile.frame = Some(picture.frame.clone());
                    (tile.rotation, tile.revision) = (picture.rotation, picture.revision);
                }
                None => (tile.frame, tile.revision) = (None, 0),
            }
        }
        &self.tiles
    }
}
