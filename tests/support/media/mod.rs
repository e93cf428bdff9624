//! Media to send, played in a loop: a second of test picture and of tone, or what a file holds.

mod ivf;
mod ogg;
mod player;

pub use player::Player;

use bytes::Bytes;
use rtc::rtp::{codec::vp8::Vp8Payloader, packetizer::Payloader};

/// One second of test picture, 320x180 at 15 frames a second; the first frame is its only key frame.
const PICTURE_VP8: &[u8] = include_bytes!("../../fixtures/testsrc-320x180-15fps-vp8.ivf");
/// 0.4 seconds of 440 Hz in packets of 20 ms.
const TONE_OPUS: &[u8] = include_bytes!("../../fixtures/tone-440hz-mono-opus.ogg");
/// Payload bytes of a packet at most: below any path's MTU with headers and authentication tags.
const PAYLOAD_LEN_MAX: usize = 1_100;

/// Encoded media: frames of equal duration, each in one or more packets.
#[derive(Clone, Debug)]
pub struct Clip {
    /// Payloads of the packets of each frame. The first frame can be decoded without any other.
    frames: Vec<Vec<Bytes>>,
    /// Frames in a second.
    frames_per_second: u32,
    /// Ticks of the RTP clock in a second.
    clock_rate: u32,
}

impl Clip {
    /// Moving colours and a counter, in VP8.
    ///
    /// # Panics
    /// The fixture is broken.
    #[must_use]
    pub fn picture_vp8() -> Self {
        Self::vp8(PICTURE_VP8, 15)
    }

    /// VP8 out of an IVF file.
    ///
    /// # Panics
    /// It holds something else.
    #[must_use]
    pub fn vp8(ivf: &[u8], frames_per_second: u32) -> Self {
        let mut payloader = Vp8Payloader::default();
        payloader.enable_picture_id = true;
        let packets =
            |frame: Bytes| payloader.payload(PAYLOAD_LEN_MAX, &frame).expect("the file holds VP8 frames");
        let frames = ivf::frames(ivf).into_iter().map(packets).collect();
        Self { frames, frames_per_second, clock_rate: 90_000 }
    }

    /// A steady tone, in Opus.
    #[must_use]
    pub fn tone_opus() -> Self {
        Self::opus(TONE_OPUS)
    }

    /// Opus in packets of 20 ms out of an Ogg file.
    #[must_use]
    pub fn opus(ogg: &[u8]) -> Self {
        let packets = ogg::packets(ogg).into_iter().skip(OPUS_HEADERS);
        let frames = packets.map(|packet| vec![packet]).collect();
        Self { frames, frames_per_second: 50, clock_rate: 48_000 }
    }
}

/// `OpusHead` and `OpusTags` come before the sound (RFC 7845 §3).
const OPUS_HEADERS: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixtures_hold_what_they_say() {
        let picture = Clip::picture_vp8();
        assert_eq!(picture.frames.len(), 15);
        assert!(picture.frames[0].len() > 1, "a key frame is larger than a packet");
        // RFC 7741 §4.2: X set, S set in the first packet only; RFC 7741 §4.3: P clear in a key frame.
        assert_eq!(picture.frames[0][0][0] & 0x90, 0x90);
        assert_eq!(picture.frames[0][1][0] & 0x10, 0);
        let vp8_of = |frame: usize| picture.frames[frame][0].slice(3..);
        assert_eq!(vp8_of(0)[0] & 1, 0, "the first frame is a key frame");
        assert!((1..15).all(|frame| vp8_of(frame)[0] & 1 == 1), "the others are not");

        let tone = Clip::tone_opus();
        assert!(tone.frames.len() >= 20, "{}", tone.frames.len());
        assert!(tone.frames.iter().all(|frame| frame.len() == 1 && frame[0].len() < 200));
    }
}
