//! Frames to the size and place of their tiles.

use gstreamer as gst;
use gstreamer_video as gst_video;

use super::{canvas::onto, pipeline::encode, turn::Turn, video_decoder::GstFrame};
use crate::recording::compose::{Frame as _, Rect, StudioError, Tile};

/// Scales frames of one kind into a tile, and turns them.
pub(super) struct Scaler {
    source: gst_video::VideoInfo,
    rect: Rect,
    rotation: u16,
    converter: gst_video::VideoConverter,
    detour: Option<Detour>,
}

/// A frame that is to be turned is first scaled: there is less to turn then. So is one of another format: a converter that
/// is to leave the rest of its target alone does so only where it just scales.
#[derive(Debug)]
struct Detour {
    turn: Turn,
    info: gst_video::VideoInfo,
    scaled: gst::Buffer,
    place: Rect,
}

impl std::fmt::Debug for Scaler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scaler").field("rect", &self.rect).field("rotation", &self.rotation).finish()
    }
}

impl Scaler {
    pub(super) fn new(
        frame: &GstFrame,
        tile: &Tile<GstFrame>,
        target: &gst_video::VideoInfo,
    ) -> Result<Self, StudioError> {
        let failed = |error: gst::glib::BoolError| encode(&error.message);
        let turn = Turn::new(tile.rotation);
        let place = fitted(turn.size(frame.size()), tile.rect);
        let is_direct = turn == Turn::No && frame.info().format() == target.format();
        let detour = (!is_direct).then(|| Detour::new(turn, place, target)).transpose()?;
        let (info, place) = detour.as_ref().map_or((target, place), |detour| {
            (&detour.info, Rect { x: 0, y: 0, width: detour.info.width(), height: detour.info.height() })
        });
        let source = gst_video::VideoInfo::builder(frame.info().format(), frame.size().0, frame.size().1)
            .fps(target.fps())
            .colorimetry(&target.colorimetry())
            .build()
            .map_err(failed)?;
        let converter = gst_video::VideoConverter::new(&source, info, Some(config(place))).map_err(failed)?;
        let source = frame.info().clone();
        Ok(Self { source, rect: tile.rect, rotation: tile.rotation, converter, detour })
    }

    pub(super) fn is_for(&self, frame: &GstFrame, tile: &Tile<GstFrame>) -> bool {
        (&self.source, self.rect, self.rotation) == (frame.info(), tile.rect, tile.rotation)
    }

    /// Draws a frame of its kind.
    pub(super) fn draw(
        &mut self,
        source: &gst_video::VideoFrameRef<&gst::BufferRef>,
        picture: &mut gst::Buffer,
        info: &gst_video::VideoInfo,
    ) -> Result<(), StudioError> {
        let converter = &self.converter;
        let Some(Detour { turn, info: scaled_info, scaled, place }) = &mut self.detour else {
            return onto(picture, info, |target| converter.frame_ref(source, target));
        };
        onto(scaled, scaled_info, |target| converter.frame_ref(source, target))?;
        let scaled = gst_video::VideoFrameRef::from_buffer_ref_readable(scaled, scaled_info)
            .map_err(|error| encode(&error.message))?;
        onto(picture, info, |target| turn.draw(&scaled, target, *place))
    }
}

impl Detour {
    fn new(turn: Turn, place: Rect, target: &gst_video::VideoInfo) -> Result<Self, StudioError> {
        let failed = |error: gst::glib::BoolError| encode(&error.message);
        let (width, height) = turn.size((place.width, place.height));
        let info = gst_video::VideoInfo::builder(target.format(), width, height)
            .fps(target.fps())
            .colorimetry(&target.colorimetry())
            .build()
            .map_err(failed)?;
        let scaled = gst::Buffer::with_size(info.size()).map_err(failed)?;
        Ok(Self { turn, info, scaled, place })
    }
}

fn config(place: Rect) -> gst_video::VideoConverterConfig {
    let mut config = gst_video::VideoConverterConfig::new();
    config.set_dest_x(place.x as i32);
    config.set_dest_y(place.y as i32);
    config.set_dest_width(Some(place.width as i32));
    config.set_dest_height(Some(place.height as i32));
    config.set_fill_border(false);
    // Senders' colours are taken for what the recording's are: browsers make them all alike, whatever they say.
    config.set_matrix_mode(gst_video::VideoMatrixMode::None);
    config.set_gamma_mode(gst_video::VideoGammaMode::None);
    config.set_primaries_mode(gst_video::VideoPrimariesMode::None);
    config.set_chroma_mode(gst_video::VideoChromaMode::None);
    config.set_resampler_method(gst_video::VideoResamplerMethod::Linear);
    config
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
