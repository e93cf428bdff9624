//! GStreamer's codecs as a [`Studio`].

use std::path::Path;

use super::{
    audio_decoder::OpusDecoder,
    canvas::Canvas,
    encoder::Encoder,
    video_decoder::{GstFrame, GstVideoDecoder},
};
use crate::recording::{
    compose::{AudioDecoder, DecodeError, Stereo, Studio, StudioError, Tile, VideoDecoder},
    roster::TrackCodec,
    settings::Settings,
};

/// Decodes what was recorded, and encodes what is shown and played into one part.
#[derive(Debug)]
pub(super) struct GstStudio {
    canvas: Canvas,
    encoder: Encoder,
}

impl GstStudio {
    pub(super) fn new(settings: &Settings, part: &Path) -> Result<Self, StudioError> {
        Ok(Self { canvas: Canvas::new(&settings.video)?, encoder: Encoder::new(settings, part)? })
    }

    /// Completes the part; `alive` is called a few times a second meanwhile.
    pub(super) fn finish(self, alive: impl FnMut()) -> Result<(), StudioError> {
        self.encoder.finish(alive)
    }
}

impl Studio for GstStudio {
    type Frame = GstFrame;

    fn video_decoder(&mut self, codec: &TrackCodec) -> Result<Box<dyn VideoDecoder<GstFrame>>, DecodeError> {
        Ok(Box::new(GstVideoDecoder::new(codec)?))
    }

    fn audio_decoder(&mut self, codec: &TrackCodec) -> Result<Box<dyn AudioDecoder>, DecodeError> {
        Ok(Box::new(OpusDecoder::new(codec)?))
    }

    fn show(&mut self, tiles: &[Tile<GstFrame>]) -> Result<(), StudioError> {
        let picture = self.canvas.draw(tiles)?;
        self.encoder.push_picture(picture)
    }

    fn play(&mut self, samples: &[Stereo]) -> Result<(), StudioError> {
        self.encoder.push_samples(samples)
    }
}
