//! What is asked of a recording, in the document's JSON.
//!
//! Everything is optional: what is absent is the configuration's to say. Options are stated in replies as they
//! were given.

use std::{fmt, num::NonZeroU8, ops::RangeInclusive, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// bit/s that encoders of sound take.
pub const AUDIO_BITRATES: RangeInclusive<u32> = 6_000..=510_000;
/// bit/s that encoders of pictures take.
pub const VIDEO_BITRATES: RangeInclusive<u32> = 10_000..=100_000_000;
/// Frames a second.
pub const FRAMERATES: RangeInclusive<u32> = 1..=60;

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
    /// Encoded; in [`AUDIO_BITRATES`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "audio_bitrate")]
    pub bitrate: Option<Bitrate>,
}

/// Pictures of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoOptions {
    /// Encoder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<VideoCodec>,
    /// Encoded; in [`VIDEO_BITRATES`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "video_bitrate")]
    pub bitrate: Option<Bitrate>,
    /// Frames a second; in [`FRAMERATES`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "framerate")]
    pub framerate: Option<NonZeroU8>,
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
    /// [`AUDIO_BITRATES`].
    #[error("audio bitrate must be from 6000 to 510000 bit/s")]
    AudioBitrate,
    /// [`VIDEO_BITRATES`].
    #[error("video bitrate must be from 10000 to 100000000 bit/s")]
    VideoBitrate,
    /// [`FRAMERATES`].
    #[error("framerate must be a whole number from 1 to 60")]
    Framerate,
    /// [`Resolution`].
    #[error("resolution must be \"WxH\", each an even number from 16 to 8192")]
    Resolution,
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

fn audio_bitrate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bitrate>, D::Error> {
    bitrate_within(&AUDIO_BITRATES, InvalidOption::AudioBitrate, deserializer)
}

fn video_bitrate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bitrate>, D::Error> {
    bitrate_within(&VIDEO_BITRATES, InvalidOption::VideoBitrate, deserializer)
}

fn bitrate_within<'de, D: Deserializer<'de>>(
    bounds: &RangeInclusive<u32>,
    otherwise: InvalidOption,
    deserializer: D,
) -> Result<Option<Bitrate>, D::Error> {
    let bitrate = Option::<Bitrate>::deserialize(deserializer)?;
    if bitrate.as_ref().is_none_or(|bitrate| bounds.contains(&bitrate.bits_per_second())) {
        return Ok(bitrate);
    }
    Err(D::Error::custom(otherwise))
}

fn framerate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NonZeroU8>, D::Error> {
    let Some(written) = Option::<serde_json::Value>::deserialize(deserializer)? else { return Ok(None) };
    let valid = written.as_u64().and_then(|rate| u8::try_from(rate).ok()).and_then(NonZeroU8::new);
    match valid.filter(|rate| FRAMERATES.contains(&u32::from(rate.get()))) {
        None => Err(D::Error::custom(InvalidOption::Framerate)),
        valid => Ok(valid),
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
        ] {
            assert!(serde_json::from_value::<Bitrate>(bad.clone()).is_err(), "{bad}");
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
    fn what_no_encoder_takes_is_refused_and_says_why() {
        let error = |options: serde_json::Value| {
            serde_json::from_value::<RecordingOptions>(options).unwrap_err().to_string()
        };
        for framerate in [json!(0), json!(61), json!(-1), json!(1e9), json!(29.97), json!("30"), json!([30])]
        {
            let text = error(json!({ "video": { "framerate": framerate } }));
            assert_eq!(text, InvalidOption::Framerate.to_string(), "{framerate}");
        }
        for bitrate in [json!(5_999), json!("511k")] {
            let text = error(json!({ "audio": { "bitrate": bitrate } }));
            assert_eq!(text, InvalidOption::AudioBitrate.to_string(), "{bitrate}");
        }
        for bitrate in [json!(9_999), json!("101M")] {
            let text = error(json!({ "video": { "bitrate": bitrate } }));
            assert_eq!(text, InvalidOption::VideoBitrate.to_string(), "{bitrate}");
        }
        for bitrate in [json!("fast"), json!(1e12), json!(true), json!({})] {
            let text = error(json!({ "video": { "bitrate": bitrate } }));
            assert_eq!(text, InvalidOption::Bitrate.to_string(), "{bitrate}");
        }
        let nothing =
            json!({ "video": { "framerate": null, "bitrate": null }, "audio": { "bitrate": null } });
        let nothing: RecordingOptions = serde_json::from_value(nothing).unwrap();
        assert_eq!(serde_json::to_value(nothing).unwrap(), json!({ "audio": {}, "video": {} }));
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
