use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;

use super::media::{VideoSource, codec};
use crate::recording::{
    compose::{Caption, Rect, Tile, VideoDecoder},
    gstreamer::{
        canvas::Canvas,
        encoder::picture_info,
        init,
        video_decoder::{GstFrame, GstVideoDecoder},
    },
    settings::{Settings, VideoSettings},
};

fn settings() -> VideoSettings {
    VideoSettings { resolution: "640x360".parse().unwrap(), ..Settings::default().video }
}

/// A picture that is brighter from left to right, and from top to bottom even more.
fn slope((width, height): (u32, u32)) -> GstFrame {
    let mut source = VideoSource::new("video/VP8", (width, height), 30, 30);
    let mut decoder = GstVideoDecoder::new(&codec("video/VP8")).unwrap();
    let luma = |x: u32, y: u32| (40 + x * 60 / width + y * 120 / height) as u8;
    let mut data: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| luma(x, y))).collect();
    data.resize((width * height * 3 / 2) as usize, 128);
    let mut frames = Vec::new();
    for packet in source.send_picture(data) {
        decoder.decode(&packet, &mut frames).unwrap();
    }
    frames.pop().unwrap().1
}

fn tile(rect: Rect, frame: Option<GstFrame>) -> Tile<GstFrame> {
    let caption = Caption { text: String::new(), muted: false };
    Tile { key: 1, rect, frame, revision: 1, rotation: 0, caption }
}

const WHOLE: Rect = Rect { x: 0, y: 0, width: 640, height: 360 };
const HALF: Rect = Rect { x: 320, y: 0, width: 320, height: 360 };

struct Picture(Vec<u8>, usize);

impl Picture {
    fn at(&self, x: usize, y: usize) -> u8 {
        self.0[y * self.1 + x]
    }

    fn difference(&self, other: &Self, rect: Rect) -> usize {
        let (xs, ys) = (rect.x..rect.x + rect.width, rect.y..rect.y + rect.height);
        let pixels = ys.flat_map(|y| xs.clone().map(move |x| (x as usize, y as usize)));
        pixels.filter(|(x, y)| self.at(*x, *y).abs_diff(other.at(*x, *y)) > 8).count()
    }
}

fn drawn(canvas: &mut Canvas, tiles: &[Tile<GstFrame>]) -> Picture {
    let buffer = canvas.draw(tiles).unwrap();
    let info = picture_info(&settings()).unwrap();
    let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(&buffer, &info).unwrap();
    Picture(frame.plane_data(0).unwrap().to_vec(), frame.plane_stride()[0] as usize)
}

fn canvas() -> Canvas {
    init().unwrap();
    Canvas::new(&settings()).unwrap()
}

#[test]
fn pictures_are_turned() {
    let frame = slope((320, 180));
    // Where the brightest corner is: lower right, as sent.
    for (rotation, brightest) in [(0, (1, 1)), (90, (0, 1)), (180, (0, 0)), (270, (1, 0))] {
        let turned = Tile { rotation, ..tile(WHOLE, Some(frame.clone())) };
        let picture = drawn(&mut canvas(), &[turned]);
        let inset = if rotation % 180 == 0 { 8 } else { 230 };
        let corner = |right: usize, lower: usize| {
            picture.at(if right == 1 { 639 - inset } else { inset }, if lower == 1 { 350 } else { 8 })
        };
        let corners =
            [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(right, lower)| (corner(right, lower), (right, lower)));
        assert_eq!(corners.iter().max().unwrap().1, brightest, "{rotation}: {corners:?}");
        if rotation % 180 != 0 {
            assert_eq!((picture.at(100, 180), picture.at(540, 180)), (16, 16), "black beside it");
        }
    }
}

#[test]
fn tiles_stay_until_they_change_and_leave_nothing_behind() {
    let mut canvas = canvas();
    let frame = slope((320, 180));
    let both = [Tile { key: 2, ..tile(Rect { x: 0, ..HALF }, None) }, tile(HALF, Some(frame.clone()))];
    let first = drawn(&mut canvas, &both);
    assert_eq!(first.difference(&drawn(&mut canvas, &both), WHOLE), 0);
    assert!(first.at(10, 10) > 30, "a card is no black");
    let alone = drawn(&mut canvas, &[tile(HALF, Some(frame))]);
    assert_eq!(alone.at(10, 10), 16, "black where somebody was");
    let nobody = drawn(&mut canvas, &[]);
    assert!(nobody.0.iter().all(|luma| *luma == 16));
}

#[test]
fn names_are_seen_and_mean_nothing_but_themselves() {
    let frame = slope((320, 180));
    let shown = |text: &str, muted: bool, frame: Option<&GstFrame>| {
        let caption = Caption { text: text.to_owned(), muted };
        drawn(&mut canvas(), &[Tile { caption, ..tile(HALF, frame.cloned()) }])
    };
    for frame in [None, Some(&frame)] {
        let plain = shown("", false, frame);
        let names = ["Ada", "Zoë 日本語 Привет 👋", "<b>Ada</b>", "A & B <", "a\nb\u{0}c", "  "];
        let pictures = names.map(|name| shown(name, false, frame));
        for (name, picture) in names.iter().zip(&pictures).take(5) {
            assert!(picture.difference(&plain, HALF) > 50, "{name:?}");
        }
        assert_eq!(pictures[5].difference(&plain, HALF), 0, "nothing to say");
        assert!(pictures[0].difference(&pictures[2], HALF) > 50, "markup is a name like others");
        let muted = shown("Ada", true, frame);
        assert!(muted.difference(&pictures[0], HALF) > 20, "the mark");
        let long = shown(&"Wolfeschlegelsteinhausenbergerdorff ".repeat(20), true, frame);
        assert!(long.difference(&plain, HALF) > 200);
        let beside = Rect { x: 0, ..HALF };
        assert_eq!(long.difference(&plain, beside), 0, "stays on its tile");
        assert!((0..360).all(|y| (0..320).all(|x| long.at(x, y) == 16)), "black beside it");
    }
}

#[test]
fn tiny_tiles_do_no_harm() {
    let frame = slope((320, 180));
    for (width, height) in [(2, 2), (2, 360), (640, 2), (16, 10), (40, 30)] {
        let caption = Caption { text: "Ada Lovelace".to_owned(), muted: true };
        for frame in [None, Some(frame.clone())] {
            let rect = Rect { x: 0, y: 0, width, height };
            drawn(&mut canvas(), &[Tile { caption: caption.clone(), ..tile(rect, frame) }]);
        }
    }
}
