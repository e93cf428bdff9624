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
        let known = self.scalers.get(&tile.key).filter(|scaler| scaler.is_for(frame, tile));
        if known.is_none() {
            self.scalers.remove(&tile.key);
            // A picture of a kind that cannot be drawn must not end the recording.
            let Ok(scaler) = Scaler::new(frame, tile, &self.info) else { return Ok(()) };
            self.scalers.insert(tile.key, scaler);
        }
        let Some(scaler) = self.scalers.get_mut(&tile.key) else { return Ok(()) };
        // A frame that cannot be read leaves the one before.
        let Rect { x, y, .. } = scaler.inner;
        let is_filled = scaler.inner == tile.rect;
        let Some(scaled) = scaler.scale(frame) else { return Ok(()) };
        onto(picture, &self.info, |target| {
            if !is_filled {
                plane::fill(target, tile.rect, BLACK);
            }
            plane::paste(target, &scaled, (x, y));
        })
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

/// Turns frames of one kind and scales them to what they have of a tile.
///
/// Into a picture of their own: a converter that is to leave the rest of its target alone does so only in some formats.
struct Scaler {
    source: gst_video::VideoInfo,
    rect: Rect,
    rotation: u16,
    turn: Turn,
    converter: gst_video::VideoConverter,
    inner: Rect,
    target: gst_video::VideoInfo,
    scaled: gst::Buffer,
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
        canvas: &gst_video::VideoInfo,
    ) -> Result<Self, gst::glib::BoolError> {
        let turn = Turn::new(frame, tile.rotation)?;
        let size = if tile.rotation.is_multiple_of(180) { frame.size() } else { swapped(frame.size()) };
        let info = |format, (width, height), colorimetry: &gst_video::VideoColorimetry| {
            let info = gst_video::VideoInfo::builder(format, width, height);
            info.fps(canvas.fps()).colorimetry(colorimetry).build()
        };
        let inner = fitted(size, tile.rect);
        let (from, to) = (frame.info().colorimetry(), canvas.colorimetry());
        let turned = info(frame.info().format(), size, &from)?;
        let target = info(canvas.format(), (inner.width, inner.height), &to)?;
        let mut config = gst_video::VideoConverterConfig::new();
        config.set_resampler_method(gst_video::VideoResamplerMethod::Linear);
        let converter = gst_video::VideoConverter::new(&turned, &target, Some(config))?;
        let scaled = gst::Buffer::with_size(target.size())?;
        let (source, rect, rotation) = (frame.info().clone(), tile.rect, tile.rotation);
        Ok(Self { source, rect, rotation, turn, converter, inner, target, scaled })
    }

    fn is_for(&self, frame: &GstFrame, tile: &Tile<GstFrame>) -> bool {
        (&self.source, self.rect, self.rotation) == (frame.info(), tile.rect, tile.rotation)
    }

    /// `None`: it cannot be read.
    fn scale(&mut self, frame: &GstFrame) -> Option<gst_video::VideoFrameRef<&gst::BufferRef>> {
        let turned = self.turn.apply(frame)?;
        let scaled = self.scaled.get_mut()?;
        let mut target = gst_video::VideoFrameRef::from_buffer_ref_writable(scaled, &self.target).ok()?;
        self.converter.frame_ref(&turned.planes()?, &mut target);
        drop(target);
        gst_video::VideoFrameRef::from_buffer_ref_readable(&self.scaled, &self.target).ok()
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
        x: rect.x + (((rect.width - inner_width) / 2) & !1),
        y: rect.y + (((rect.height - inner_height) / 2) & !1),
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
