//! What clients are told of rooms: the JSON that REST and Socket.IO have in common.

use mediasoup_core::{
    ids::{ConsumerId, ParticipantId, ProducerId, RoomId},
    media::rtp::RtpCapabilities,
    room::{
        ActiveSpeaker, ParticipantDetail, ParticipantInfo, ParticipantStats, ProducerInfo, RoomInfo,
        RoomOptions, RoomStats, RoomSummary,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{config, recording::RecordingView};

/// Options a room is to be created with; what is absent is the configuration's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomOptionsRequest {
    /// At least 1.
    #[schema(value_type = Option<u32>, minimum = 1)]
    max_participants: Option<std::num::NonZeroU32>,
    /// Whether a recording may be started.
    enable_recording: Option<bool>,
    /// ms after which the room closes when it is empty, or older than that; 0: never.
    timeout: Option<u64>,
}

impl RoomOptionsRequest {
    /// With the configuration's values for what is absent.
    #[must_use]
    pub(crate) fn or(self, defaults: &config::Room) -> RoomOptions {
        RoomOptions {
            max_participants: self.max_participants.unwrap_or(defaults.max_participants).get(),
            enable_recording: self.enable_recording.unwrap_or(defaults.enable_recording),
            timeout: self.timeout.unwrap_or(defaults.timeout),
        }
    }
}

/// Options of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomOptionsView {
    /// At least 1.
    max_participants: u32,
    /// Whether a recording may be started.
    enable_recording: bool,
    /// ms after which the room closes when it is empty, or older than that; 0: never.
    timeout: u64,
}

impl From<&RoomOptions> for RoomOptionsView {
    fn from(options: &RoomOptions) -> Self {
        Self {
            max_participants: options.max_participants,
            enable_recording: options.enable_recording,
            timeout: options.timeout,
        }
    }
}

/// Tracks in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomStatsView {
    /// Received by the server.
    audio_producers: usize,
    /// Received by the server.
    video_producers: usize,
    /// Sent by the server.
    audio_consumers: usize,
    /// Sent by the server.
    video_consumers: usize,
}

impl From<RoomStats> for RoomStatsView {
    fn from(stats: RoomStats) -> Self {
        Self {
            audio_producers: stats.audio_producers,
            video_producers: stats.video_producers,
            audio_consumers: stats.audio_consumers,
            video_consumers: stats.video_consumers,
        }
    }
}

/// A room that was just created.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedRoomView {
    /// Its name.
    #[schema(value_type = String)]
    id: RoomId,
    /// What mediasoup-client's `device.load` takes.
    #[schema(value_type = Object)]
    rtp_capabilities: RtpCapabilities,
    /// As created.
    options: RoomOptionsView,
    /// ms since the epoch.
    created_at: u64,
}

impl From<RoomInfo> for CreatedRoomView {
    fn from(room: RoomInfo) -> Self {
        Self {
            options: (&room.options).into(),
            id: room.id,
            rtp_capabilities: room.rtp_capabilities,
            created_at: room.created_at,
        }
    }
}

/// A room in full.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomView {
    /// Its name.
    #[schema(value_type = String)]
    id: RoomId,
    /// What mediasoup-client's `device.load` takes.
    #[schema(value_type = Object)]
    rtp_capabilities: RtpCapabilities,
    /// In order of joining.
    participants: Vec<ParticipantView>,
    /// In order of creation.
    producers: Vec<ProducerView>,
    /// `null` in silence.
    active_speaker: Option<ActiveSpeakerView>,
    /// As created.
    options: RoomOptionsView,
    /// Tracks.
    stats: RoomStatsView,
    /// Whether it is being recorded.
    recording: RecordingView,
    /// ms since the epoch.
    created_at: u64,
}

impl RoomView {
    /// That room, recorded or not.
    #[must_use]
    pub(crate) fn new(room: RoomInfo, recording: RecordingView) -> Self {
        Self {
            options: (&room.options).into(),
            id: room.id,
            rtp_capabilities: room.rtp_capabilities,
            participants: room.participants.into_iter().map(Into::into).collect(),
            producers: room.producers.into_iter().map(Into::into).collect(),
            active_speaker: room.active_speaker.map(Into::into),
            stats: room.stats.into(),
            recording,
            created_at: room.created_at,
        }
    }
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActiveSpeakerView {
    /// Who.
    #[schema(value_type = String)]
    participant_id: ParticipantId,
    /// In which track.
    #[schema(value_type = String)]
    producer_id: ProducerId,
    /// dBov, -127 to 0.
    volume: i8,
}

impl From<ActiveSpeaker> for ActiveSpeakerView {
    fn from(speaker: ActiveSpeaker) -> Self {
        let ActiveSpeaker { participant_id, producer_id, volume } = speaker;
        Self { participant_id, producer_id, volume }
    }
}

/// A room in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomEntryView {
    /// Its name.
    #[schema(value_type = String)]
    id: RoomId,
    /// How many are in it.
    participants: usize,
    /// How many may be.
    max_participants: u32,
    /// ms since the epoch.
    created_at: u64,
    /// ms.
    uptime: u64,
    /// Whether it is being recorded.
    recording: RecordingView,
    /// Tracks.
    stats: RoomStatsView,
}

impl RoomEntryView {
    /// That room, recorded or not.
    #[must_use]
    pub(crate) fn new(room: RoomSummary, recording: RecordingView) -> Self {
        Self {
            id: room.id,
            participants: room.participants,
            max_participants: room.max_participants,
            created_at: room.created_at,
            uptime: room.uptime,
            recording,
            stats: room.stats.into(),
        }
    }
}

/// A participant, as everyone sees it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParticipantView {
    /// Who.
    #[schema(value_type = String)]
    id: ParticipantId,
    /// What it said of itself.
    #[schema(value_type = Object)]
    data: Value,
    /// ms since the epoch.
    joined_at: u64,
}

impl From<ParticipantInfo> for ParticipantView {
    fn from(info: ParticipantInfo) -> Self {
        Self { id: info.id, data: info.data, joined_at: info.joined_at }
    }
}

/// A participant that was just added.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddedParticipantView {
    /// Who.
    #[schema(value_type = String)]
    id: ParticipantId,
    /// Where.
    #[schema(value_type = String)]
    room_id: RoomId,
    /// What was said of it.
    #[schema(value_type = Object)]
    data: Value,
    /// ms since the epoch.
    joined_at: u64,
}

impl AddedParticipantView {
    /// That participant, in that room.
    #[must_use]
    pub(crate) fn new(room_id: RoomId, info: ParticipantInfo) -> Self {
        Self { id: info.id, room_id, data: info.data, joined_at: info.joined_at }
    }
}

/// A participant with its tracks.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParticipantDetailView {
    /// Who.
    #[schema(value_type = String)]
    id: ParticipantId,
    /// What it said of itself.
    #[schema(value_type = Object)]
    data: Value,
    /// ms since the epoch.
    joined_at: u64,
    /// Tracks.
    stats: ParticipantStatsView,
}

impl From<ParticipantDetail> for ParticipantDetailView {
    fn from(detail: ParticipantDetail) -> Self {
        let ParticipantInfo { id, data, joined_at } = detail.info;
        Self { id, data, joined_at, stats: detail.stats.into() }
    }
}

/// Tracks of a participant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParticipantStatsView {
    /// Its first.
    #[schema(value_type = Option<String>)]
    audio_producer: Option<ProducerId>,
    /// Its first.
    #[schema(value_type = Option<String>)]
    video_producer: Option<ProducerId>,
    /// All.
    #[schema(value_type = Vec<String>)]
    audio_consumers: Vec<ConsumerId>,
    /// All.
    #[schema(value_type = Vec<String>)]
    video_consumers: Vec<ConsumerId>,
}

impl From<ParticipantStats> for ParticipantStatsView {
    fn from(stats: ParticipantStats) -> Self {
        Self {
            audio_producer: stats.audio_producer,
            video_producer: stats.video_producer,
            audio_consumers: stats.audio_consumers,
            video_consumers: stats.video_consumers,
        }
    }
}

/// A track, as everyone sees it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProducerView {
    /// Which.
    #[schema(value_type = String)]
    id: ProducerId,
    /// Whose.
    #[schema(value_type = String)]
    participant_id: ParticipantId,
    /// `audio` or `video`.
    #[schema(value_type = String)]
    kind: mediasoup_core::media::rtp::MediaKind,
    /// `simple`, `simulcast` or `svc`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    rtp_type: mediasoup_core::media::rtp::RtpType,
    /// Sends nothing now.
    paused: bool,
    /// Its owner's.
    #[schema(value_type = Object)]
    app_data: Value,
}

impl From<ProducerInfo> for ProducerView {
    fn from(info: ProducerInfo) -> Self {
        Self {
            id: info.id,
            participant_id: info.participant_id,
            kind: info.kind,
            rtp_type: info.rtp_type,
            paused: info.paused,
            app_data: info.app_data,
        }
    }
}
