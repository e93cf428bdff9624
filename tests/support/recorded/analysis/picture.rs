//! Beacons in pictures: flashes, and pictures that stand still.

use std::{io, path::Path};

use super::{Interval, Stream, ffmpeg};
use crate::media::BEACONS;

/// Pictures are looked at small: noise of codecs averages out.
const WIDTH: usize = 64;
const HEIGHT: usize = 36;
const PIXELS: usize = WIDTH * HEIGHT;
const PICTURE_LEN: usize = PIXELS * 3;

/// How far a channel stands above both others: the bar does not come that far, the flash does.
const LIT: u8 = 150;
/// Pixels that are lit in a flash at least: a tenth of the upper half of one of nine tiles.
const LIT_PIXELS: usize = 12;
/// A flash that lasts only once a second; what flickers in between is the same flash.
const FLASH_APART: f64 = 0.3;
/// Sum over the pixels by which a channel changes when a bar in one of nine tiles has moved by half a pixel.
const MOVED: u32 = 600;
/// Seconds.
const STILL_MIN: f64 = 0.25;

/// A beacon, as seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Picture {
    pub(super) flashes: Vec<f64>,
    pub(super) still: Vec<Interval>,
}

/// One for each of [`BEACONS`].
pub(super) fn pictures(file: &Path, streams: &[Stream]) -> io::Result<Vec<Picture>> {
    if !streams.iter().any(|stream| stream.kind == "video") {
        return Ok(vec![Picture::default(); BEACONS.len()]);
    }
    let mut watched = BEACONS.map(|beacon| Watched::new(beacon.channel));
    let filter = format!("scale={WIDTH}:{HEIGHT}:flags=area,format=rgb24,showinfo");
    let output = ["-map", "0:v:0", "-vf", &filter, "-fps_mode", "passthrough", "-f", "rawvideo"];
    let said = ffmpeg::decode::<PICTURE_LEN>(file, &output, |rgb| {
        for beacon in &mut watched {
            beacon.see(rgb);
        }
    })?;
    let times: Vec<f64> = said.lines().filter_map(shown_at).collect();
    Ok(watched.iter().map(|beacon| beacon.timed(&times)).collect())
}

/// Of a line of the filter `showinfo`: when its picture is shown.
fn shown_at(line: &str) -> Option<f64> {
    let (_, after) = line.split_once("showinfo")?.1.split_once("pts_time:")?;
    after.split_whitespace().next()?.parse().ok()
}

/// What is kept of each picture, for one beacon.
struct Watched {
    channel: usize,
    /// The last picture that was clearly another than the one before.
    reference: [u8; PIXELS],
    pictures: Vec<Looks>,
}

#[derive(Clone, Copy)]
struct Looks {
    lit: bool,
    moved: bool,
}

impl Watched {
    fn new(channel: usize) -> Self {
        Self { channel, reference: [0; PIXELS], pictures: Vec::new() }
    }

    fn see(&mut self, rgb: &[u8; PICTURE_LEN]) {
        let mut shown = [0; PIXELS];
        for (shown, pixel) in shown.iter_mut().zip(rgb.chunks_exact(3)) {
            let others = pixel[(self.channel + 1) % 3].max(pixel[(self.channel + 2) % 3]);
            *shown = pixel[self.channel].saturating_sub(others);
        }
        let lit = shown.iter().filter(|value| **value > LIT).count() >= LIT_PIXELS;
        let change = shown.iter().zip(&self.reference).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>();
        let moved = change >= MOVED;
        if moved {
            self.reference = shown;
        }
        self.pictures.push(Looks { lit, moved });
    }

    fn timed(&self, times: &[f64]) -> Picture {
        let mut picture = Picture::default();
        let mut lit_last = f64::NEG_INFINITY;
        let mut moved_last = 0.0;
        for (looks, &at) in self.pictures.iter().zip(times) {
            if looks.lit {
                if at - lit_last > FLASH_APART {
                    picture.flashes.push(at);
                }
                lit_last = at;
            }
            if looks.moved {
                picture.still.extend(long_enough(moved_last, at));
                moved_last = at;
            }
        }
        picture.still.extend(times.last().and_then(|end| long_enough(moved_last, *end)));
        picture
    }
}

fn long_enough(from: f64, to: f64) -> Option<Interval> {
    (to - from >= STILL_MIN).then_some(Interval { from, to })
}
