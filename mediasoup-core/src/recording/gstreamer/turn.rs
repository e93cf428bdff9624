//! Pictures that were taken with the camera on its side.

use gstreamer as gst;
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;

use crate::recording::compose::Rect;

/// Clockwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    No,
    Quarter,
    Half,
    ThreeQuarters,
}

impl Turn {
    pub(super) fn new(degrees: u16) -> Self {
        match degrees {
            90 => Self::Quarter,
            180 => Self::Half,
            270 => Self::ThreeQuarters,
            _ => Self::No,
        }
    }

    /// The size of a picture before, or after, it is turned.
    pub(super) fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        if matches!(self, Self::No | Self::Half) { (width, height) } else { (height, width) }
    }

    /// Draws an I420 picture, turned, into a part of another that has just its size.
    pub(super) fn draw(
        self,
        source: &gst_video::VideoFrameRef<&gst::BufferRef>,
        target: &mut gst_video::VideoFrameRef<&mut gst::BufferRef>,
        rect: Rect,
    ) {
        for plane in 0..3 {
            let scale = if plane == 0 { 1 } else { 2 };
            let (stride, source_stride) =
                (target.plane_stride()[plane] as usize, source.plane_stride()[plane] as usize);
            let (width, height) = ((rect.width / scale) as usize, (rect.height / scale) as usize);
            let (left, top) = ((rect.x / scale) as usize, (rect.y / scale) as usize);
            let Ok(pixels) = source.plane_data(plane as u32) else { continue };
            let Ok(data) = target.plane_data_mut(plane as u32) else { continue };
            for y in 0..height {
                let start = (top + y) * stride + left;
                let Some(row) = data.get_mut(start..start + width) else { break };
                // Where the row begins in the source, and how far it is from there to the next pixel.
                let (first, step) = match self {
                    Self::No => (y * source_stride, 1),
                    Self::Quarter => ((width - 1) * source_stride + y, -(source_stride as isize)),
                    Self::Half => ((height - 1 - y) * source_stride + width - 1, -1),
                    Self::ThreeQuarters => (height - 1 - y, source_stride as isize),
                };
                for (x, pixel) in row.iter_mut().enumerate() {
                    let at = first.wrapping_add_signed(step * x as isize);
                    *pixel = pixels.get(at).copied().unwrap_or_default();
                }
            }
        }
    }
}
