//! The picture: tiles drawn onto black, each only when it looks different than before.

use std::collections::HashMap;

use gstreamer as gst;
use gstreamer_video as gst_video;

use super::{
    captions::{Captions, Place},
    encoder::picture_info,
    pipeline::encode,
    plane::{self, BLACK, CARD},
    turn::Turn,
    video_decoder::GstFrame,
};
use crate::recording::{
    compose::{Caption, Frame as _, Rect, StudioError, Tile},
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
        if let Some(label) = self.captions.label(&tile.caption, tile.rect, place) {
            onto(picture, &self.info, |target| label.draw(target))?;
        }
        Ok(())
    }

    fn draw_frame(
        &mut self,
        picture: &mut gst::Buffer,
        tile: &Tile<GstFrame>,
        frame: &GstFrame,
    ) -> Result<(), StudioError> {
        let known = self.scalers.get(&tile.key).filter(|scaler| scaler.is_for(frame, tile));
        if known.is_none() {
            self.scalers.insert(tile.key, Scaler::new(frame, tile, &self.info)?);
            onto(picture, &self.info, |target| plane::fill(target, tile.rect, BLACK))?;
        }
        let scaler = &self.scalers[&tile.key];
        let turned = scaler.turn.apply(frame);
        let source = turned.as_ref().and_then(GstFrame::planes);
        // A frame that cannot be read leaves the one before.
        let Some(source) = source else { return Ok(()) };
        let scaled = scaler.scaled(&source)?;
        onto(picture, &self.info, |target| plane::paste(target, &scaled.as_video_frame_ref(), scaler.place))
    }
}

/// Draws onto a picture that nobody else has.
fn onto(
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

/// Turns frames of one kind and scales them into a tile.
struct Scaler {
    source: gst_video::VideoInfo,
    rect: Rect,
    rotation: u16,
    turn: Turn,
    /// Of the frame as it is in the tile.
    scaled: gst_video::VideoInfo,
    /// Where in the picture that is.
    place: (u32, u32),
    converter: gst_video::VideoConverter,
}

impl std::fmt::Debug for Scaler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scaler").field("rect", &self.rect).field("rotation", &self.rotation).finish()
    }
}

impl Scaler {
    fn new(
        frame: &GstFrame,
        tile: &Tile<GstFrame>,
        target: &gst_video::VideoInfo,
    ) -> Result<Self, StudioError> {
        let turn = Turn::new(frame, tile.rotation)?;
        let (width, height) = if tile.rotation % 180 == 0 { frame.size() } else { swapped(frame.size()) };
        let source = gst_video::VideoInfo::builder(frame.info().format(), width, height)
            .fps(target.fps())
            .colorimetry(&frame.info().colorimetry())
            .build()
            .map_err(|error| encode(&error.message))?;
        let inner = fitted((width, height), tile.rect);
        // A converter that draws into a part of a larger picture spoils what is left and right of it.
        let scaled = gst_video::VideoInfo::builder(target.format(), inner.width, inner.height)
            .fps(target.fps())
            .colorimetry(&target.colorimetry())
            .build()
            .map_err(|error| encode(&error.message))?;
        let mut config = gst_video::VideoConverterConfig::new();
        config.set_resampler_method(gst_video::VideoResamplerMethod::Linear);
        let converter = gst_video::VideoConverter::new(&source, &scaled, Some(config))
            .map_err(|error| encode(&error.message))?;
        let source = frame.info().clone();
        let (rect, rotation) = (tile.rect, tile.rotation);
        Ok(Self { source, rect, rotation, turn, scaled, place: (inner.x, inner.y), converter })
    }

    fn scaled(
        &self,
        source: &gst_video::VideoFrameRef<&gst::BufferRef>,
    ) -> Result<gst_video::VideoFrame<gst_video::video_frame::Readable>, StudioError> {
        let mut buffer =
            gst::Buffer::with_size(self.scaled.size()).map_err(|error| encode(&error.message))?;
        onto(&mut buffer, &self.scaled, |target| self.converter.frame_ref(source, target))?;
        gst_video::VideoFrame::from_buffer_readable(buffer, &self.scaled)
            .map_err(|_| encode("a scaled frame cannot be read"))
    }

    fn is_for(&self, frame: &GstFrame, tile: &Tile<GstFrame>) -> bool {
        (&self.source, self.rect, self.rotation) == (frame.info(), tile.rect, tile.rotation)
    }
}

fn swapped((width, height): (u32, u32)) -> (u32, u32) {
    (height, width)
}

/// The largest part of `rect`, in its middle, of these proportions; all even.
fn fitted((width, height): (u32, u32), rect: Rect) -> Rect {
    let (width, height) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let (across, down) = (u64::from(rect.width), u64::from(rect.height));
    let even = |pixels: u64, max: u32| ((pixels as u32).min(max) & !1).max(2);
    let (inner_width, inner_height) = if width * down > height * across {
        (rect.width, even(across * height / width, rect.height))
    } else {
        (even(down * width / height, rect.width), rect.height)
    };
    Rect {
        x: rect.x + ((rect.width - inner_width) / 2 & !1),
        y: rect.y + ((rect.height - inner_height) / 2 & !1),
        width: inner_width,
        height: inner_height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_their_proportions() {
        let rect = Rect { x: 10, y: 20, width: 640, height: 360 };
        assert_eq!(fitted((1280, 720), rect), rect);
        assert_eq!(fitted((640, 480), rect), Rect { x: 90, y: 20, width: 480, height: 360 });
        assert_eq!(fitted((1000, 100), rect), Rect { x: 10, y: 168, width: 640, height: 64 });
        assert_eq!(fitted((1, 4000), rect).width, 2);
    }
}
