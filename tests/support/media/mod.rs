//! Media to send, played in a loop: a second of test picture and of tone, what a file holds,
//! and [beacons](Beacon).

mod beacon;
mod encode;
mod ivf;
mod ogg;
mod payload;
mod player;
#[cfg(test)]
mod tests;

pub use beacon::{
    BEACONS, BEEP_AMPLITUDE, Beacon, FLASH_AT, FLASH_LASTS, HUM_AMPLITUDE, PITCH_STEP, SAMPLE_RATE,
};
pub use encode::Shot;
pub use payload::VideoCodec;
pub use player::Player;

use std::{collections::BTreeSet, io};

use bytes::Bytes;

/// One second of test picture, 320x180 at 15 frames a second; the first frame is its only key frame.
const PICTURE_VP8: &[u8] = include_bytes!("../../fixtures/testsrc-320x180-15fps-vp8.ivf");
/// 0.4 seconds of 440 Hz in packets of 20 ms.
const TONE_OPUS: &[u8] = include_bytes!("../../fixtures/tone-440hz-mono-opus.ogg");
/// Packets of 20 ms.
const OPUS_PACKETS_PER_SECOND: u32 = 50;
/// `OpusHead` and `OpusTags` come before the sound (RFC 7845 §3).
const OPUS_HEADERS: usize = 2;
/// Ticks of the RTP clock of all video in a second.
const VIDEO_CLOCK_RATE: u32 = 90_000;

/// Encoded media: frames of equal duration, each in one or more packets.
#[derive(Clone, Debug)]
pub struct Clip {
    /// Payloads of the packets of each frame. The first frame can be decoded without any other.
    frames: Vec<Vec<Bytes>>,
    /// Frames that can be decoded without those before.
    key_frames: BTreeSet<usize>,
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
        Self::video(VideoCodec::Vp8, &ivf::frames(&Bytes::from_static(PICTURE_VP8)), &[0], 15)
    }

    /// VP8 out of an IVF file.
    #[must_use]
    pub fn vp8(ivf: &Bytes, frames_per_second: u32) -> Self {
        let frames = ivf::frames(ivf);
        // RFC 6386 §9.1: the first bit of a key frame is 0.
        let is_key_frame = |frame: &Bytes| frame.first().is_some_and(|first| first & 1 == 0);
        let key_frames: Vec<_> = (0..frames.len()).filter(|index| is_key_frame(&frames[*index])).collect();
        Self::video(VideoCodec::Vp8, &frames, &key_frames, frames_per_second)
    }

    /// A steady tone, in Opus.
    #[must_use]
    pub fn tone_opus() -> Self {
        Self::opus_ogg(TONE_OPUS)
    }

    /// Opus in packets of 20 ms out of an Ogg file.
    #[must_use]
    pub fn opus_ogg(file: &[u8]) -> Self {
        Self::opus(ogg::packets(file).into_iter().skip(OPUS_HEADERS))
    }

    /// What a beacon shows.
    ///
    /// # Errors
    /// ffmpeg does not run.
    pub fn beacon_picture(beacon: Beacon, shot: &Shot) -> io::Result<Self> {
        let frames = encode::picture(beacon, shot)?;
        Ok(Self::video(shot.codec, &frames, &shot.key_frames, shot.frames_per_second))
    }

    /// A second of what a beacon lets hear.
    ///
    /// # Errors
    /// ffmpeg does not run.
    pub fn beacon_sound(beacon: Beacon) -> io::Result<Self> {
        Ok(Self::opus(encode::sound(beacon)?.into_iter()))
    }

    fn video(codec: VideoCodec, frames: &[Bytes], key_frames: &[usize], frames_per_second: u32) -> Self {
        Self {
            frames: payload::packets(codec, frames, key_frames),
            key_frames: key_frames.iter().copied().collect(),
            frames_per_second,
            clock_rate: VIDEO_CLOCK_RATE,
        }
    }

    fn opus(packets: impl Iterator<Item = Bytes>) -> Self {
        let frames: Vec<_> = packets.map(|packet| vec![packet]).collect();
        Self {
            key_frames: (0..frames.len()).collect(),
            frames,
            frames_per_second: OPUS_PACKETS_PER_SECOND,
            clock_rate: SAMPLE_RATE,
        }
    }

    /// Frame `index` of the endless loop: its packets, and whether it is a key frame.
    #[must_use]
    pub fn frame(&self, index: usize) -> (&[Bytes], bool) {
        let index = index % self.frames.len();
        (&self.frames[index], self.key_frames.contains(&index))
    }

    /// Frames in a loop.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is no empty clip")]
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Frames in a second.
    #[must_use]
    pub fn frames_per_second(&self) -> u32 {
        self.frames_per_second
    }

    /// Ticks of the RTP clock in a second.
    #[must_use]
    pub fn clock_rate(&self) -> u32 {
        self.clock_rate
    }

    /// The first key frame of the endless loop from `index` on.
    fn key_frame_from(&self, index: usize) -> usize {
        let index = index % self.frames.len();
        self.key_frames.range(index..).next().copied().unwrap_or(0)
    }
}
