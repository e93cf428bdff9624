//! Recordings, as clients ask for them and are told of them: the JSON that REST and Socket.IO have in common.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use mediasoup_core::{
    ids::{RecordingId, RoomId},
    recording::{
        AudioOptions, Format, Layout, RecordedFile, Recording, RecordingManager, RecordingOptions,
        VideoOptions,
    },
    room::Room,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{access, error::ApiError, input::Object, state::AppState, timestamp::iso8601};

/// Options of a recording; what is absent is as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct RecordingOptionsRequest {
    /// `{codec, bitrate}`: `opus` or `aac`; bit/s, or a text such as `"64k"`.
    #[schema(value_type = Option<Object>)]
    audio: Option<Object<AudioOptions>>,
    /// `{codec, bitrate, framerate, resolution}`: `libx264` or `libvpx`; bit/s, or a text such as `"1000k"`; 1 to 60;
    /// `"WxH"`.
    #[schema(value_type = Option<Object>)]
    video: Option<Object<VideoOptions>>,
    /// `mp4`, `mkv` or `webm`.
    #[schema(value_type = Option<String>)]
    format: Option<Format>,
    /// `grid` or `speaker`.
    #[schema(value_type = Option<String>)]
    layout: Option<Layout>,
    /// Whether each participant's own tracks are kept, too, as sent.
    tracks: Option<bool>,
}

impl From<RecordingOptionsRequest> for RecordingOptions {
    fn from(request: RecordingOptionsRequest) -> Self {
        let RecordingOptionsRequest { audio, video, format, layout, tracks } = request;
        let (audio, video) = (audio.map(|Object(audio)| audio), video.map(|Object(video)| video));
        Self { audio, video, format, layout, tracks }
    }
}

/// Starts to record a room, on behalf of somebody who may.
///
/// # Errors
/// The server is stopping, or the manager's.
pub(crate) async fn start(
    state: &AppState,
    room: &Room,
    options: Option<Object<RecordingOptionsRequest>>,
) -> Result<Recording, ApiError> {
    access::require_open(state)?;
    let Object(options) = options.unwrap_or_default();
    Ok(state.recordings.start_recording(room, options.into()).await?)
}

/// Whether a room is being recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordingView {
    /// Whether it is.
    is_recording: bool,
    /// ms since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<u64>,
    /// ms since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
}

impl RecordingView {
    /// As of now.
    #[must_use]
    pub(crate) fn of(recording: Option<&Recording>) -> Self {
        Self {
            is_recording: recording.is_some(),
            started_at: recording.map(|it| it.started_at),
            duration: recording.map(|it| duration_until(SystemTime::now(), it)),
        }
    }

    /// That of a room.
    #[must_use]
    pub(crate) fn of_room(recordings: &dyn RecordingManager, room: &RoomId) -> Self {
        Self::of(recordings.recording_of(room).as_ref())
    }
}

/// ms; 0 where the clock was set back.
fn duration_until(now: SystemTime, recording: &Recording) -> u64 {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    u64::try_from(now).unwrap_or(u64::MAX).saturating_sub(recording.started_at)
}

/// Whether a room is being recorded, and how.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct RecordingStatusView {
    #[serde(flatten)]
    state: RecordingView,
    /// Which.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    id: Option<RecordingId>,
    /// As given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    options: Option<RecordingOptions>,
}

impl From<Option<Recording>> for RecordingStatusView {
    fn from(recording: Option<Recording>) -> Self {
        let state = RecordingView::of(recording.as_ref());
        let (id, options) = recording.map(|it| (it.id, it.options)).unzip();
        Self { state, id, options }
    }
}

/// A file of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RecordedFileView {
    /// Its name, without a directory.
    name: String,
    /// Where it is on the server.
    #[schema(value_type = String)]
    path: PathBuf,
    /// bytes.
    size: u64,
    /// ISO 8601, UTC.
    created: String,
    /// ISO 8601, UTC.
    modified: String,
}

impl From<RecordedFile> for RecordedFileView {
    fn from(file: RecordedFile) -> Self {
        let RecordedFile { name, path, size, created, modified } = file;
        let written = |ms| iso8601(UNIX_EPOCH + Duration::from_millis(ms));
        Self { name, path, size, created: written(created), modified: written(modified) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::input;

    #[derive(Deserialize)]
    struct Request {
        options: Option<Object<RecordingOptionsRequest>>,
    }

    fn field_of(options: &Value) -> Option<String> {
        let request = json!({ "options": options });
        input::parse::<Request>(Some(request)).err().and_then(|error| error.field)
    }

    #[test]
    fn the_documents_options_are_read() {
        let given = json!({ "audio": { "bitrate": 64000 }, "video": { "bitrate": "1000k", "resolution": "1280x720" } });
        let request: Request = input::parse(Some(json!({ "options": given }))).unwrap();
        let Object(options) = request.options.unwrap();
        assert_eq!(serde_json::to_value(RecordingOptions::from(options)).unwrap(), given);
    }

    #[test]
    fn null_is_absent_and_unknown_fields_are_ignored() {
        for options in [
            json!(null),
            json!({}),
            json!({ "audio": null, "video": null, "format": null, "layout": null, "tracks": null }),
            json!({ "audio": { "codec": null, "bitrate": null, "x": 1 }, "video": { "framerate": null }, "y": [] }),
        ] {
            assert_eq!(field_of(&options), None, "{options}");
        }
    }

    #[test]
    fn a_value_that_makes_no_sense_is_named() {
        let rows = [
            (json!({ "video": { "resolution": "0x0" } }), "options.video.resolution"),
            (json!({ "video": { "resolution": 720 } }), "options.video.resolution"),
            (json!({ "video": { "bitrate": "fast" } }), "options.video.bitrate"),
            (json!({ "video": { "bitrate": -1 } }), "options.video.bitrate"),
            (json!({ "video": { "framerate": 1e9 } }), "options.video.framerate"),
            (json!({ "video": { "framerate": 0 } }), "options.video.framerate"),
            (json!({ "video": { "codec": "av2" } }), "options.video.codec"),
            (json!({ "audio": { "codec": "mp3" } }), "options.audio.codec"),
            (json!({ "audio": { "bitrate": 0 } }), "options.audio.bitrate"),
            (json!({ "format": "avi" }), "options.format"),
            (json!({ "layout": "mosaic" }), "options.layout"),
            (json!({ "tracks": "yes" }), "options.tracks"),
            (json!({ "audio": ["opus"] }), "options.audio"),
            (json!({ "video": "hd" }), "options.video"),
            (json!([]), "options"),
        ];
        for (options, field) in rows {
            assert_eq!(field_of(&options).as_deref(), Some(field), "{options}");
        }
    }
}
