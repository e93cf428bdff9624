//! The picture: tiles drawn onto black, each only when it looks different than before.

use std::collections::HashMap;

use gstreamer as gst;
use gstreamer_video as gst_video;

use super::{
    captions::{Captions, Place},
    encoder::picture_info,
    pipeline::encode,
    plane::{self, BLACK, CARD},
    scaler::Scaler,
    video_decoder::GstFrame,
};
use crate::recording::{
    compose::{Caption, Rect, StudioError, Tile},
    settings::VideoSettings,
};

/// The picture of a recording, as it was last.
#[derive(Debug)]
pub(super) struct Canvas {
    info: gst_video::VideoInfo,
    picture: gst::Buffer,
    drawn: Vec<Drawn>,
    scalers: HashMap<u64, Scaler>,
    captions: Captions,
}

/// What a tile looks like.
#[derive(Clone, Debug, PartialEq)]
struct Drawn {
    key: u64,
    rect: Rect,
    revision: u64,
    rotation: u16,
    caption: Caption,
}

impl Drawn {
    fn of(tile: &Tile<GstFrame>) -> Self {
        let Tile { key, rect, revision, rotation, caption, .. } = tile;
        Self { key: *key, rect: *rect, revision: *revision, rotation: *rotation, caption: caption.clone() }
    }
}

impl Canvas {
    pub(super) fn new(video: &VideoSettings) -> Result<Self, StudioError> {
        let info = picture_info(video)?;
        let picture = gst::Buffer::with_size(info.size()).map_err(|error| encode(&error.message))?;
        let mut canvas =
            Self { info, picture, drawn: Vec::new(), scalers: HashMap::new(), captions: Captions::default() };
        let mut black = canvas.picture.copy_deep().map_err(|error| encode(&error.message))?;
        onto(&mut black, &canvas.info, |frame| plane::fill(frame, whole(frame), BLACK))?;
        canvas.picture = black;
        Ok(canvas)
    }

    /// The next picture.
    pub(super) fn draw(&mut self, tiles: &[Tile<GstFrame>]) -> Result<gst::Buffer, StudioError> {
        let is_arranged = self.drawn.len() == tiles.len()
            && self
                .drawn
                .iter()
                .zip(tiles)
                .all(|(drawn, tile)| (drawn.key, drawn.rect) == (tile.key, tile.rect));
        let is_as_before = |(drawn, tile): (&Drawn, &Tile<GstFrame>)| *drawn == Drawn::of(tile);
        if is_arranged && self.drawn.iter().zip(tiles).all(is_as_before) {
            return Ok(self.picture.clone());
        }
        let mut picture = self.picture.copy_deep().map_err(|error| encode(&error.message))?;
        if !is_arranged {
            onto(&mut picture, &self.info, |frame| plane::fill(frame, whole(frame), BLACK))?;
            self.drawn.clear();
            self.scalers.retain(|key, _| tiles.iter().any(|tile| tile.key == *key));
        }
        for (index, tile) in tiles.iter().enumerate() {
            let now = Drawn::of(tile);
            if self.drawn.get(index) != Some(&now) {
                self.draw_tile(&mut picture, tile)?;
            }
        }
        self.drawn = tiles.iter().map(Drawn::of).collect();
        self.picture = picture.clone();
        Ok(picture)
    }

    fn draw_tile(&mut self, picture: &mut gst::Buffer, tile: &Tile<GstFrame>) -> Result<(), StudioError> {
        let place = match &tile.frame {
            Some(frame) => {
                self.draw_frame(picture, tile, frame)?;
                Place::LowerEdge
            }
            None => {
                onto(picture, &self.info, |target| plane::fill(target, tile.rect, CARD))?;
                Place::Middle
            }
        };
        // A recording without captions is better than none.
        if let Some((label, position)) = self.captions.label(&tile.caption, tile.rect, place) {
            onto(picture, &self.info, |target| label.draw(target, position))?;
        }
        Ok(())
    }

    fn draw_frame(
        &mut self,
        picture: &mut gst::Buffer,
        tile: &Tile<GstFrame>,
        frame: &GstFrame,
    ) -> Result<(), StudioError> {
        if self.scalers.get(&tile.key).is_none_or(|scaler| !scaler.is_for(frame, tile)) {
            onto(picture, &self.info, |target| plane::fill(target, tile.rect, BLACK))?;
            self.scalers.remove(&tile.key);
            // A picture of a kind that cannot be drawn must not end the recording.
            let Ok(scaler) = Scaler::new(frame, tile, &self.info) else { return Ok(()) };
            self.scalers.insert(tile.key, scaler);
        }
        let (Some(scaler), Some(source)) = (self.scalers.get_mut(&tile.key), frame.planes()) else {
            // A frame that cannot be read leaves the one before.
            return Ok(());
        };
        scaler.draw(&source, picture, &self.info)
    }
}

/// Draws onto a picture that nobody else has.
pub(super) fn onto(
    picture: &mut gst::Buffer,
    info: &gst_video::VideoInfo,
    draw: impl FnOnce(&mut gst_video::VideoFrameRef<&mut gst::BufferRef>),
) -> Result<(), StudioError> {
    let buffer = picture.get_mut().ok_or_else(|| encode("the picture is shared"))?;
    let mut frame = gst_video::VideoFrameRef::from_buffer_ref_writable(buffer, info)
        .map_err(|error| encode(&error.message))?;
    draw(&mut frame);
    Ok(())
}

fn whole(frame: &gst_video::VideoFrameRef<&mut gst::BufferRef>) -> Rect {
    use gst_video::prelude::*;
    Rect { x: 0, y: 0, width: frame.width(), height: frame.height() }
}
