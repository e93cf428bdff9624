//! Options of a recording, all decided: what was asked for, over what is configured.

use serde::{Deserialize, Serialize};

use super::options::{
    AudioCodec, Bitrate, Format, InvalidOption, Layout, RecordingOptions, Resolution, VideoCodec,
};

/// What a recording's files are to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Sound.
    pub audio: AudioSettings,
    /// Pictures.
    pub video: VideoSettings,
    /// Of the file that has both.
    pub format: Format,
    /// How participants share the picture.
    pub layout: Layout,
    /// Whether each participant's own tracks are kept, too, as sent.
    pub tracks: bool,
}

/// Sound of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioSettings {
    /// Encoder.
    pub codec: AudioCodec,
    /// bit/s.
    pub bitrate: u32,
    /// Hz: 8000, 12000, 16000, 24000 or 48000.
    pub sample_rate: u32,
    /// 1 or 2.
    pub channels: u8,
}

/// Pictures of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoSettings {
    /// Encoder.
    pub codec: VideoCodec,
    /// bit/s.
    pub bitrate: u32,
    /// Frames a second, 1 to 60.
    pub framerate: u8,
    /// Of the whole picture.
    pub resolution: Resolution,
}

impl Default for Settings {
    /// The document's: 64 kbit/s of Opus, 1 Mbit/s of H.264, 1280x720 at 30 frames a second, MP4.
    fn default() -> Self {
        Self {
            audio: AudioSettings {
                codec: AudioCodec::Opus,
                bitrate: 64_000,
                sample_rate: 48_000,
                channels: 2,
            },
            video: VideoSettings {
                codec: VideoCodec::Libx264,
                bitrate: 1_000_000,
                framerate: 30,
                resolution: Resolution::HD,
            },
            format: Format::Mp4,
            layout: Layout::Grid,
            tracks: false,
        }
    }
}

impl Settings {
    /// Bytes it takes to make a recording's files final, after `length` of it: while they are moved into their last
    /// containers they are there several times.
    #[must_use]
    pub fn finishing_space(&self, length: std::time::Duration) -> u64 {
        const COPIES: u64 = 3;
        let bits_per_second = u64::from(self.audio.bitrate) + u64::from(self.video.bitrate);
        COPIES * bits_per_second / 8 * length.as_secs()
    }

    /// These, but for what `options` ask for. A codec that nobody asks for is one the format takes.
    #[must_use]
    pub fn with(mut self, options: &RecordingOptions) -> Self {
        self.format = options.format.unwrap_or(self.format);
        self.layout = options.layout.unwrap_or(self.layout);
        self.tracks = options.tracks.unwrap_or(self.tracks);
        let Settings { audio, video, format, .. } = &mut self;
        if !format.takes_audio(audio.codec) {
            audio.codec = AudioCodec::Opus;
        }
        if !format.takes_video(video.codec) {
            video.codec = if *format == Format::Webm { VideoCodec::Libvpx } else { VideoCodec::Libx264 };
        }
        if let Some(asked) = &options.audio {
            audio.codec = asked.codec.unwrap_or(audio.codec);
            audio.bitrate = asked.bitrate.as_ref().map_or(audio.bitrate, Bitrate::bits_per_second);
        }
        if let Some(asked) = &options.video {
            video.codec = asked.codec.unwrap_or(video.codec);
            video.bitrate = asked.bitrate.as_ref().map_or(video.bitrate, Bitrate::bits_per_second);
            video.framerate = asked.framerate.map_or(video.framerate, std::num::NonZeroU8::get);
            video.resolution = asked.resolution.unwrap_or(video.resolution);
        }
        self
    }

    /// Whether they make sense, whoever makes the files.
    ///
    /// # Errors
    /// The first option that does not.
    pub fn check(&self) -> Result<(), InvalidOption> {
        let Settings { audio, video, format, .. } = self;
        let pixels = video.resolution.width() * video.resolution.height();
        let rules = [
            (format.takes_audio(audio.codec), InvalidOption::AudioCodec),
            (format.takes_video(video.codec), InvalidOption::VideoCodec),
            ((6_000..=510_000).contains(&audio.bitrate), InvalidOption::AudioBitrate),
            ((10_000..=100_000_000).contains(&video.bitrate), InvalidOption::VideoBitrate),
            (
                matches!(audio.sample_rate, 8000 | 12_000 | 16_000 | 24_000 | 48_000),
                InvalidOption::SampleRate,
            ),
            ((1..=2).contains(&audio.channels), InvalidOption::Channels),
            ((1..=60).contains(&video.framerate), InvalidOption::Framerate),
            (pixels <= 3840 * 2160, InvalidOption::Pixels),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, broken)| Err(broken))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(options: serde_json::Value) -> Result<Settings, InvalidOption> {
        let options: RecordingOptions = serde_json::from_value(options).unwrap();
        let settings = Settings::default().with(&options);
        settings.check().map(|()| settings)
    }

    #[test]
    fn what_is_asked_for_wins_over_what_is_configured() {
        assert_eq!(asked(json!({})), Ok(Settings::default()));
        let settings = asked(json!({
            "audio": { "codec": "aac", "bitrate": "96k" },
            "video": { "bitrate": "2M", "framerate": 25, "resolution": "640x360" },
            "layout": "speaker",
            "tracks": true,
        }))
        .unwrap();
        assert_eq!((settings.audio.codec, settings.audio.bitrate), (AudioCodec::Aac, 96_000));
        assert_eq!((settings.video.bitrate, settings.video.framerate), (2_000_000, 25));
        assert_eq!(settings.video.resolution.to_string(), "640x360");
        assert_eq!((settings.layout, settings.tracks), (Layout::Speaker, true));
    }

    #[test]
    fn a_codec_nobody_asks_for_is_one_the_format_takes() {
        let webm = asked(json!({ "format": "webm" })).unwrap();
        assert_eq!((webm.audio.codec, webm.video.codec), (AudioCodec::Opus, VideoCodec::Libvpx));
        let back = webm.with(&serde_json::from_value(json!({ "format": "mp4" })).unwrap());
        assert_eq!(back.video.codec, VideoCodec::Libx264);
        assert_eq!(asked(json!({ "format": "mkv" })).unwrap().video.codec, VideoCodec::Libx264);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        for (options, refusal) in [
            (json!({ "format": "webm", "video": { "codec": "libx264" } }), InvalidOption::VideoCodec),
            (json!({ "format": "webm", "audio": { "codec": "aac" } }), InvalidOption::AudioCodec),
            (json!({ "video": { "codec": "vp8" } }), InvalidOption::VideoCodec),
            (json!({ "audio": { "bitrate": 1 } }), InvalidOption::AudioBitrate),
            (json!({ "video": { "bitrate": 1 } }), InvalidOption::VideoBitrate),
            (json!({ "video": { "framerate": 61 } }), InvalidOption::Framerate),
            (json!({ "video": { "resolution": "8192x8192" } }), InvalidOption::Pixels),
        ] {
            assert_eq!(asked(options.clone()), Err(refusal), "{options}");
        }
    }
}
