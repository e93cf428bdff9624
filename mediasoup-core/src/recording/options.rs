//! What is asked of a recording, in the document's JSON.
//!
//! Everything is optional: what is absent is the configuration's to say. Options are stated in replies as they
//! were given.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Options of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordingOptions {
    /// Sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<AudioOptions>,
    /// Pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoOptions>,
    /// Of the file that has both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// How participants share the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// Whether each participant's own tracks are kept, too, as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracks: Option<bool>,
}

/// Sound of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioOptions {
    /// Encoder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<AudioCodec>,
    /// Encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate: Option<Bitrate>,
}

/// Pictures of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoOptions {
    /// Encoder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<VideoCodec>,
    /// Encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate: Option<Bitrate>,
    /// Frames a second, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framerate: Option<std::num::NonZeroU8>,
    /// Of the whole picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
}

/// Encoder of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AudioCodec {
    /// RFC 6716.
    Opus,
    /// ISO 14496-3, low complexity: for players without Opus.
    Aac,
}

/// Encoder of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum VideoCodec {
    /// H.264.
    #[serde(alias = "h264")]
    Libx264,
    /// VP8: for WebM.
    #[serde(alias = "vp8")]
    Libvpx,
}

/// Container of the file that has sound and pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// ISO 14496-14.
    #[default]
    Mp4,
    /// Matroska.
    Mkv,
    /// WebM.
    Webm,
}

impl Format {
    /// Whether players expect it in there.
    #[must_use]
    pub fn takes_audio(self, codec: AudioCodec) -> bool {
        self != Self::Webm || codec == AudioCodec::Opus
    }

    /// Whether players expect it in there.
    #[must_use]
    pub fn takes_video(self, codec: VideoCodec) -> bool {
        match self {
            Self::Mp4 => codec == VideoCodec::Libx264,
            Self::Mkv => true,
            Self::Webm => codec == VideoCodec::Libvpx,
        }
    }
}

/// How participants share the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Layout {
    /// Everyone alike.
    #[default]
    Grid,
    /// Whoever speaks, large.
    Speaker,
}

/// Why an option makes no sense. The text says what would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOption {
    /// [`Bitrate`].
    #[error("bitrate must be a number of bit/s above 0, or a text such as \"1000k\"")]
    Bitrate,
    /// [`Resolution`].
    #[error("resolution must be \"WxH\", each an even number from 16 to 8192")]
    Resolution,
    /// More than a machine can compose.
    #[error("video.resolution must have at most 3840x2160 pixels")]
    Pixels,
    /// Frames a second.
    #[error("video.framerate must be 1 to 60")]
    Framerate,
    /// What encoders of sound take.
    #[error("audio.bitrate must be 6000 to 510000 bit/s")]
    AudioBitrate,
    /// What encoders of pictures take.
    #[error("video.bitrate must be 10000 to 100000000 bit/s")]
    VideoBitrate,
    /// Hz.
    #[error("audio.sampleRate must be 8000, 12000, 16000, 24000 or 48000")]
    SampleRate,
    /// Of sound.
    #[error("audio.channels must be 1 or 2")]
    Channels,
    /// It does not go into the container.
    #[error("audio.codec must be \"opus\" for format \"webm\"")]
    AudioCodec,
    /// It does not go into the container.
    #[error("video.codec must be \"libvpx\" for format \"webm\", and \"libx264\" for format \"mp4\"")]
    VideoCodec,
}

impl InvalidOption {
    /// Path of the option in [`RecordingOptions`] and in [`Settings`](super::Settings): `video.framerate`. Of a
    /// [`Bitrate`] or a [`Resolution`] alone nobody knows whose it is.
    #[must_use]
    pub fn field(self) -> Option<&'static str> {
        match self {
            Self::Bitrate | Self::Resolution => None,
            Self::Pixels => Some("video.resolution"),
            Self::Framerate => Some("video.framerate"),
            Self::AudioBitrate => Some("audio.bitrate"),
            Self::VideoBitrate => Some("video.bitrate"),
            Self::SampleRate => Some("audio.sampleRate"),
            Self::Channels => Some("audio.channels"),
            Self::AudioCodec => Some("audio.codec"),
            Self::VideoCodec => Some("video.codec"),
        }
    }
}

/// bit/s, at least 1, written as a number or as a text such as `"1000k"` or `"2M"` (thousands, not 1024s).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenBitrate", into = "WrittenBitrate")]
pub struct Bitrate {
    bits_per_second: u32,
    written: WrittenBitrate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "bitrate must be a number of bit/s above 0, or a text such as \"1000k\"")]
enum WrittenBitrate {
    Number(u32),
    Text(String),
}

impl Bitrate {
    /// Its value.
    #[must_use]
    pub fn bits_per_second(&self) -> u32 {
        self.bits_per_second
    }
}

impl TryFrom<WrittenBitrate> for Bitrate {
    type Error = InvalidOption;

    fn try_from(written: WrittenBitrate) -> Result<Self, Self::Error> {
        let bits_per_second = match &written {
            WrittenBitrate::Number(number) => Some(*number),
            WrittenBitrate::Text(text) => parse_bitrate(text),
        };
        match bits_per_second {
            Some(bits_per_second @ 1..) => Ok(Self { bits_per_second, written }),
            _ => Err(InvalidOption::Bitrate),
        }
    }
}

impl From<Bitrate> for WrittenBitrate {
    fn from(bitrate: Bitrate) -> Self {
        bitrate.written
    }
}

fn parse_bitrate(text: &str) -> Option<u32> {
    let (digits, scale) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 1_000),
        b'm' | b'M' => (&text[..text.len() - 1], 1_000_000),
        _ => (text, 1),
    };
    parse_digits(digits)?.checked_mul(scale)
}

/// Width and height in pixels: even numbers from 16 to 8192, as encoders of 4:2:0 pictures need them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Resolution {
    width: u32,
    height: u32,
}

impl Resolution {
    /// 1280x720.
    pub const HD: Self = Self { width: 1280, height: 720 };

    /// Pixels.
    #[must_use]
    pub fn width(self) -> u32 {
        self.width
    }

    /// Pixels.
    #[must_use]
    pub fn height(self) -> u32 {
        self.height
    }
}

impl FromStr for Resolution {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let side = |text| parse_digits(text).filter(|pixels| (16..=8192).contains(pixels) && pixels % 2 == 0);
        let sides = text.split_once('x').and_then(|(width, height)| Some((side(width)?, side(height)?)));
        let (width, height) = sides.ok_or(InvalidOption::Resolution)?;
        Ok(Self { width, height })
    }
}

impl TryFrom<String> for Resolution {
    type Error = InvalidOption;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl From<Resolution> for String {
    fn from(resolution: Resolution) -> Self {
        resolution.to_string()
    }
}

/// Digits only: `FromStr` of numbers takes a sign, too.
fn parse_digits(text: &str) -> Option<u32> {
    if text.bytes().all(|c| c.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bitrates_are_numbers_or_texts_and_stay_as_written() {
        for (written, bits_per_second) in [
            (json!(64_000), 64_000),
            (json!("1000k"), 1_000_000),
            (json!("2M"), 2_000_000),
            (json!("800"), 800),
        ] {
            let bitrate: Bitrate = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(bitrate.bits_per_second(), bits_per_second);
            assert_eq!(serde_json::to_value(bitrate).unwrap(), written);
        }
        for bad in [
            json!(0),
            json!(-1),
            json!("0k"),
            json!(""),
            json!("k"),
            json!("+1k"),
            json!("1.5M"),
            json!("9999M"),
            json!(1e9),
            json!(true),
        ] {
            let error = serde_json::from_value::<Bitrate>(bad.clone()).unwrap_err();
            assert_eq!(error.to_string(), InvalidOption::Bitrate.to_string(), "{bad}");
        }
        assert!(serde_json::from_value::<Bitrate>(json!("1000ä")).is_err());
    }

    #[test]
    fn resolutions_are_width_by_height() {
        let resolution: Resolution = "1280x720".parse().unwrap();
        assert_eq!((resolution.width(), resolution.height()), (1280, 720));
        assert_eq!(resolution.to_string(), "1280x720");
        for bad in ["", "1280", "1280x", "x720", "1281x720", "0x0", "1280x720x2", "+1280x720", "99999x720"] {
            assert_eq!(bad.parse::<Resolution>(), Err(InvalidOption::Resolution), "{bad}");
        }
    }

    #[test]
    fn the_documents_options_come_back_as_given() {
        let given = json!({
            "audio": { "codec": "opus", "bitrate": 64000 },
            "video": { "codec": "libx264", "bitrate": "1000k", "framerate": 30, "resolution": "1280x720" },
            "format": "mp4",
        });
        let options: RecordingOptions = serde_json::from_value(given.clone()).unwrap();
        assert_eq!(serde_json::to_value(options).unwrap(), given);
        let nothing: RecordingOptions =
            serde_json::from_value(json!({ "audio": null, "video": {}, "unknown": 1 })).unwrap();
        assert_eq!(serde_json::to_value(nothing).unwrap(), json!({ "video": {} }));
    }
}
