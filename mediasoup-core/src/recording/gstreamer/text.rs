//! Words to pixels.

use gstreamer as gst;
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;

use super::{harness::Harness, rtp::buffer_at, video_decoder::GstFrame};

/// White words with a dark edge, as wide and high as they are.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Brightness and opacity of each pixel, row by row.
    pub(super) pixels: Vec<[u8; 2]>,
}

/// Renders one line, at most `width_max` pixels wide: what does not fit is cut, and "…" says so. `None`: there is
/// nothing to see, or nothing that renders words is installed.
pub(super) fn render(line: &str, letter_size: u32, width_max: usize) -> Option<Text> {
    /// Each is a better guess than the one before.
    const GUESSES: usize = 4;
    let letters: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // An em is more than any letter is wide, but for emoji.
    let mut kept = letters.len().min(4 * width_max / letter_size.max(1) as usize + 4);
    let mut shown = None;
    for _ in 0..GUESSES {
        let mut text: String = letters[..kept].iter().collect();
        if kept < letters.len() {
            text.truncate(text.trim_end().len());
            text.push('…');
        }
        let rendered = render_whole(&text, letter_size)?;
        let fits = rendered.width <= width_max;
        kept = (kept * width_max / rendered.width.max(1)).min(kept.saturating_sub(1));
        shown = Some(rendered);
        if fits || kept == 0 {
            break;
        }
    }
    shown
}

fn render_whole(line: &str, letter_size: u32) -> Option<Text> {
    // Plain text: whatever somebody calls themselves, none of it is markup.
    let caps = gst::Caps::builder("text/x-raw").field("format", "utf8").build();
    let elements =
        format!("textrender font-desc=\"sans {letter_size}px\" ! capsfilter caps=video/x-raw,format=ARGB");
    let harness = Harness::new(&elements, &caps).ok()?;
    harness.push(buffer_at(std::time::Duration::ZERO, line.as_bytes().to_vec())).ok()?;
    trimmed(&GstFrame::of(&harness.take()?)?.planes()?)
}

/// The part of an ARGB picture in which there is something.
fn trimmed(picture: &gst_video::VideoFrameRef<&gst::BufferRef>) -> Option<Text> {
    let stride = usize::try_from(*picture.plane_stride().first()?).ok()?;
    let bytes = picture.plane_data(0).ok()?;
    let row = |y: usize| bytes[y * stride..].chunks_exact(4).take(picture.width() as usize);
    let is_seen = |pixel: &[u8]| pixel[0] > 0;
    let rows: Vec<usize> = (0..picture.height() as usize).filter(|y| row(*y).any(is_seen)).collect();
    let (top, bottom) = (*rows.first()?, *rows.last()?);
    let left = rows.iter().filter_map(|y| row(*y).position(is_seen)).min()?;
    let right = rows.iter().filter_map(|y| row(*y).rposition(is_seen)).max()?;
    let brightness = |pixel: &[u8]| 16 + (u16::from(pixel[2]) * 219 / 255) as u8;
    let pixels = (top..=bottom)
        .flat_map(|y| row(y).skip(left).take(right - left + 1).map(|pixel| [brightness(pixel), pixel[0]]));
    Some(Text { width: right - left + 1, height: bottom - top + 1, pixels: pixels.collect() })
}
