//! Small pictures with holes, drawn over others.

use gstreamer as gst;
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;

use super::{plane::Colour, text::Text};

/// A picture, some of which is seen through.
#[derive(Clone, Debug)]
pub(super) struct Label {
    width: usize,
    height: usize,
    /// Colour and opacity, row by row.
    pixels: Vec<(Colour, u8)>,
}

const GREY: u8 = 128;
/// Of "cannot be heard".
const RED: Colour = [81, 90, 240];

impl Label {
    /// All of one colour.
    pub(super) fn new(width: usize, height: usize, colour: Colour, opacity: u8) -> Self {
        Self { width, height, pixels: vec![(colour, opacity); width * height] }
    }

    pub(super) fn size(&self) -> (u32, u32) {
        (self.width as u32, self.height as u32)
    }

    /// Writes onto it.
    pub(super) fn write(&mut self, text: &Text, (left, top): (usize, usize)) {
        for (y, row) in text.pixels.chunks_exact(text.width.max(1)).enumerate() {
            for (x, [brightness, opacity]) in row.iter().enumerate() {
                self.cover(left + x, top + y, [*brightness, GREY, GREY], *opacity);
            }
        }
    }

    /// Draws a microphone that is crossed out, in a square of this side.
    pub(super) fn cross_out_microphone(&mut self, (left, top): (usize, usize), side: usize) {
        for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
            let at = |pixel: usize| (pixel as f32 + 0.5) / side as f32;
            let opacity = opacity_of(distance_to_mark(at(x), at(y)) * side as f32);
            self.cover(left + x, top + y, RED, opacity);
        }
    }

    fn cover(&mut self, x: usize, y: usize, colour: Colour, opacity: u8) {
        if x >= self.width || y >= self.height {
            return;
        }
        let (below, seen) = &mut self.pixels[y * self.width + x];
        for (below, above) in below.iter_mut().zip(colour) {
            *below = mixed(*below, above, opacity);
        }
        *seen = (*seen).max(opacity);
    }

    /// Draws it with its upper left corner at (`x`, `y`), both even; what is beyond the edges is left out.
    pub(super) fn draw(&self, frame: &mut gst_video::VideoFrameRef<&mut gst::BufferRef>, (x, y): (u32, u32)) {
        for plane in 0..3 {
            let scale = if plane == 0 { 1 } else { 2 };
            let stride = frame.plane_stride()[plane] as usize;
            let width = (frame.width() as usize / scale).min(stride);
            let Ok(data) = frame.plane_data_mut(plane as u32) else { continue };
            let (left, top) = (x as usize / scale, y as usize / scale);
            for (row, pixels) in self.pixels.chunks_exact(self.width.max(1)).step_by(scale).enumerate() {
                let start = (top + row) * stride;
                let Some(target) = data.get_mut((start + left).min(start + width)..start + width) else {
                    break;
                };
                for (target, (colour, opacity)) in target.iter_mut().zip(pixels.iter().step_by(scale)) {
                    *target = mixed(*target, colour[plane], *opacity);
                }
            }
        }
    }
}

fn mixed(below: u8, above: u8, opacity: u8) -> u8 {
    let opacity = u16::from(opacity);
    ((u16::from(above) * opacity + u16::from(below) * (255 - opacity) + 127) / 255) as u8
}

/// Of a shape whose edge is so many pixels away; negative within it.
fn opacity_of(distance: f32) -> u8 {
    ((0.5 - distance).clamp(0.0, 1.0) * 255.0) as u8
}

/// In a square of side 1: capsule, bow and stand of a microphone, and the stroke through it.
fn distance_to_mark(x: f32, y: f32) -> f32 {
    let to_line = |(x1, y1): (f32, f32), (x2, y2): (f32, f32)| {
        let (dx, dy) = (x2 - x1, y2 - y1);
        let along = (((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        (x - x1 - along * dx).hypot(y - y1 - along * dy)
    };
    let capsule = to_line((0.5, 0.22), (0.5, 0.45)) - 0.14;
    let below = (y - 0.45).min(0.0).abs();
    let bow = (((x - 0.5).hypot(y - 0.45) - 0.27).abs() - 0.04).max(below);
    let stand = to_line((0.5, 0.74), (0.5, 0.92)) - 0.04;
    let stroke = to_line((0.12, 0.12), (0.88, 0.88)) - 0.05;
    let gap = 0.05 - stroke.max(0.0);
    capsule.min(bow).min(stand).max(gap).min(stroke)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_covers_hides_as_much_as_it_is_opaque() {
        assert_eq!([mixed(10, 210, 0), mixed(10, 210, 255), mixed(10, 210, 128)], [10, 210, 110]);
        let mut label = Label::new(20, 20, [16, 128, 128], 100);
        label.cross_out_microphone((0, 0), 20);
        let red = label.pixels.iter().filter(|(colour, _)| colour[2] > 190).count();
        assert!((40..250).contains(&red), "{red} of 400");
        label.cover(20, 0, RED, 255);
    }
}
