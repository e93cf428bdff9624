//! Options of a recording, all decided: what was asked for, over what is configured.

use serde::{Deserialize, Serialize};

use super::options::{AudioCodec, Format, Layout, RecordingOptions, Resolution, VideoCodec};

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
    /// These, but for what `options` ask for.
    #[must_use]
    pub fn with(mut self, options: &RecordingOptions) -> Self {
        let Settings { audio, video, .. } = &mut self;
        if let Some(asked) = &options.audio {
            audio.codec = asked.codec.unwrap_or(audio.codec);
            audio.bitrate = asked.bitrate.as_ref().map_or(audio.bitrate, |asked| asked.bits_per_second());
        }
        if let Some(asked) = &options.video {
            video.codec = asked.codec.unwrap_or(video.codec);
            video.bitrate = asked.bitrate.as_ref().map_or(video.bitrate, |asked| asked.bits_per_second());
            video.framerate = asked.framerate.map_or(video.framerate, std::num::NonZeroU8::get);
            video.resolution = asked.resolution.unwrap_or(video.resolution);
        }
        self.format = options.format.unwrap_or(self.format);
        if self.format == Format::Webm {
            self.use_codecs_of_webm(options);
        }
        self.layout = options.layout.unwrap_or(self.layout);
        self.tracks = options.tracks.unwrap_or(self.tracks);
        self
    }

    /// WebM holds Opus and VP8 only: who asks for it need not ask for these, too.
    fn use_codecs_of_webm(&mut self, options: &RecordingOptions) {
        if options.audio.as_ref().is_none_or(|asked| asked.codec.is_none()) {
            self.audio.codec = AudioCodec::Opus;
        }
        if options.video.as_ref().is_none_or(|asked| asked.codec.is_none()) {
            self.video.codec = VideoCodec::Libvpx;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(options: serde_json::Value) -> Settings {
        Settings::default().with(&serde_json::from_value(options).unwrap())
    }

    #[test]
    fn what_is_not_asked_for_is_as_configured() {
        assert_eq!(with(json!({})), Settings::default());
        let settings = with(json!({ "video": { "bitrate": "2M", "resolution": "640x360" }, "tracks": true }));
        assert_eq!(
            (settings.video.bitrate, settings.video.framerate, settings.tracks),
            (2_000_000, 30, true)
        );
        assert_eq!(settings.video.resolution.to_string(), "640x360");
    }

    #[test]
    fn webm_brings_its_codecs_unless_others_are_asked_for() {
        assert_eq!(with(json!({ "format": "webm" })).video.codec, VideoCodec::Libvpx);
        let asked = with(json!({ "format": "webm", "video": { "codec": "libx264" } }));
        assert_eq!(asked.video.codec, VideoCodec::Libx264);
        assert_eq!(with(json!({ "format": "mkv" })).video.codec, VideoCodec::Libx264);
    }
}
