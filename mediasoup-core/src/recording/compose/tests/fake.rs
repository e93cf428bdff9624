//! A studio that notes down what it is given, and codecs whose payloads say what is to come out.

use std::time::Duration;

use super::super::{
    AudioDecoder, DecodeError, Frame, OrderedPacket, Rect, Stereo, Studio, StudioError, Tile, VideoDecoder,
};
use crate::recording::roster::TrackCodec;

/// Of a payload's first byte.
pub(super) const PLAIN: u8 = 0;
pub(super) const MARKED: u8 = 1;
pub(super) const BROKEN: u8 = 2;
/// Of an impulse, and of samples that conceal a loss.
pub(super) const LOUD: i16 = 10_000;
pub(super) const CONCEALED: i16 = 77;
pub(super) const PACKET: usize = 960;

/// A frame of video: its first byte, and the encoding or whatever a test likes.
pub(super) fn video_payload(kind: u8, label: u8) -> Box<[u8]> {
    [kind, label].into()
}

/// 20 ms of sound: its first byte and which sample is the impulse, if it is `MARKED`; all others have `value`.
pub(super) fn audio_payload(kind: u8, impulse: u16, value: i16) -> Box<[u8]> {
    let ([a, b], [c, d]) = (impulse.to_be_bytes(), value.to_be_bytes());
    [kind, a, b, c, d].into()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FakeFrame {
    pub(super) at: Duration,
    pub(super) is_marked: bool,
    pub(super) label: u8,
}

impl Frame for FakeFrame {
    fn size(&self) -> (u32, u32) {
        (640, 360)
    }
}

/// What was shown in one tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) key: u64,
    pub(super) rect: Rect,
    pub(super) frame: Option<FakeFrame>,
    pub(super) rotation: u16,
    pub(super) text: String,
    pub(super) muted: bool,
}

#[derive(Debug, Default)]
pub(super) struct FakeStudio {
    /// Frame by frame, tile by tile.
    pub(super) shown: Vec<Vec<Shown>>,
    pub(super) samples: Vec<Stereo>,
    pub(super) opened: Vec<String>,
    /// How many video packets were decoded.
    pub(super) decoded: std::rc::Rc<std::cell::Cell<usize>>,
    previous: Vec<Tile<FakeFrame>>,
}

impl FakeStudio {
    /// When impulses were heard, in samples: what is alone is a click.
    pub(super) fn impulses(&self) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for (place, [left, _]) in self.samples.iter().enumerate() {
            if *left > LOUD / 3 && found.last().is_none_or(|last| place - last > 4800) {
                found.push(place);
            }
        }
        found
    }

    /// The frames whose like was not shown before, in the tile of `text`.
    pub(super) fn frames(&self, text: &str) -> Vec<FakeFrame> {
        let tiles = self.shown.iter().flatten().filter(|tile| tile.text == text);
        let mut frames: Vec<FakeFrame> = tiles.filter_map(|tile| tile.frame).collect();
        frames.dedup();
        frames
    }

    /// What is shown at a moment.
    pub(super) fn at(&self, seconds: f64) -> &[Shown] {
        &self.shown[(seconds * 30.0).round() as usize]
    }
}

impl Studio for FakeStudio {
    type Frame = FakeFrame;

    fn video_decoder(&mut self, codec: &TrackCodec) -> Result<Box<dyn VideoDecoder<FakeFrame>>, DecodeError> {
        self.opened.push(codec.mime_type.clone());
        match codec.mime_type.as_str() {
            "video/VP8" => Ok(Box::new(FakeVideo { next: None, decoded: self.decoded.clone() })),
            unknown => Err(DecodeError(unknown.to_owned())),
        }
    }

    fn audio_decoder(&mut self, codec: &TrackCodec) -> Result<Box<dyn AudioDecoder>, DecodeError> {
        self.opened.push(codec.mime_type.clone());
        Ok(Box::new(FakeAudio))
    }

    fn show(&mut self, tiles: &[Tile<FakeFrame>]) -> Result<(), StudioError> {
        for tile in tiles {
            let before = self.previous.iter().find(|before| before.key == tile.key);
            let same = before.is_some_and(|before| before.revision == tile.revision);
            assert!(!same || before.is_some_and(|before| before.frame == tile.frame), "revision");
        }
        self.previous = tiles.to_vec();
        let shown = tiles.iter().map(|tile| Shown {
            key: tile.key,
            rect: tile.rect,
            frame: tile.frame,
            rotation: tile.rotation,
            text: tile.caption.text.clone(),
            muted: tile.caption.muted,
        });
        self.shown.push(shown.collect());
        Ok(())
    }

    fn play(&mut self, samples: &[Stereo]) -> Result<(), StudioError> {
        self.samples.extend(samples);
        Ok(())
    }
}

struct FakeVideo {
    /// What continues what was decoded.
    next: Option<u64>,
    decoded: std::rc::Rc<std::cell::Cell<usize>>,
}

impl VideoDecoder<FakeFrame> for FakeVideo {
    fn decode(
        &mut self,
        packet: &OrderedPacket,
        frames: &mut Vec<(Duration, FakeFrame)>,
    ) -> Result<(), DecodeError> {
        self.decoded.set(self.decoded.get() + 1);
        let (kind, label) = (packet.payload[0], packet.payload.get(1).copied().unwrap_or_default());
        if kind == BROKEN {
            return Err(DecodeError("broken".to_owned()));
        }
        if packet.is_key_frame || self.next == Some(packet.sequence) {
            self.next = Some(packet.sequence.wrapping_add(1));
            if packet.marker {
                frames.push((packet.at, FakeFrame { at: packet.at, is_marked: kind == MARKED, label }));
            }
        }
        Ok(())
    }
}

struct FakeAudio;

impl AudioDecoder for FakeAudio {
    fn decode(
        &mut self,
        packet: &OrderedPacket,
        lost: u32,
        samples: &mut Vec<Stereo>,
    ) -> Result<(), DecodeError> {
        let &[kind, a, b, c, d] = &*packet.payload else { return Err(DecodeError("broken".to_owned())) };
        let start = samples.len() + lost as usize * PACKET;
        samples.resize(start, [CONCEALED; 2]);
        samples.resize(start + PACKET, [i16::from_be_bytes([c, d]); 2]);
        if kind == MARKED {
            let impulse = u16::from_be_bytes([a, b]) as usize % PACKET;
            samples[start + impulse] = [LOUD; 2];
        }
        Ok(())
    }
}
