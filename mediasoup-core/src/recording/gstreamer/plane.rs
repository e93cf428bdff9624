//! Painting I420 pictures.

use gstreamer as gst;
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;

use crate::recording::compose::Rect;

/// Y, U, V (BT.601, limited range).
pub(super) type Colour = [u8; 3];

/// Where nobody is.
pub(super) const BLACK: Colour = [16, 128, 128];
/// Behind the name of somebody without a picture.
pub(super) const CARD: Colour = [48, 130, 126];

/// Paints a part in one colour; all its numbers are even.
pub(super) fn fill(frame: &mut gst_video::VideoFrameRef<&mut gst::BufferRef>, rect: Rect, colour: Colour) {
    for (plane, value) in colour.into_iter().enumerate() {
        let scale = if plane == 0 { 1 } else { 2 };
        let stride = frame.plane_stride()[plane] as usize;
        let (x, width) = ((rect.x / scale) as usize, (rect.width / scale) as usize);
        let rows = (rect.y / scale) as usize..((rect.y + rect.height) / scale) as usize;
        let Ok(data) = frame.plane_data_mut(plane as u32) else { continue };
        for row in rows {
            let start = row * stride + x;
            if let Some(pixels) = data.get_mut(start..start + width) {
                pixels.fill(value);
            }
        }
    }
}
