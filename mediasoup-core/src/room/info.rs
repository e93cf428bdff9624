//! What rooms say of themselves: plain data, in the documented JSON shapes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    ids::{ConsumerId, ParticipantId, ProducerId, RoomId},
    media::rtp::{MediaKind, RtpCapabilities, RtpParameters, RtpType},
};

/// Options of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomOptions {
    /// At least 1.
    pub max_participants: u32,
    /// Whether a recording may be started.
    pub enable_recording: bool,
    /// ms after which the room closes when it is empty, or older than that; 0: never.
    pub timeout: u64,
}

/// Tracks in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomStats {
    /// Received.
    pub audio_producers: usize,
    /// Received.
    pub video_producers: usize,
    /// Sent.
    pub audio_consumers: usize,
    /// Sent.
    pub video_consumers: usize,
}

/// A participant, as everyone sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ParticipantInfo {
    /// Who.
    pub id: ParticipantId,
    /// What it said of itself.
    pub data: Value,
    /// ms since the epoch.
    pub joined_at: u64,
}

/// Tracks of a participant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ParticipantStats {
    /// Its first.
    pub audio_producer: Option<ProducerId>,
    /// Its first.
    pub video_producer: Option<ProducerId>,
    /// All.
    pub audio_consumers: Vec<ConsumerId>,
    /// All.
    pub video_consumers: Vec<ConsumerId>,
}

/// A participant with its tracks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ParticipantDetail {
    /// Who.
    #[serde(flatten)]
    pub info: ParticipantInfo,
    /// Tracks.
    pub stats: ParticipantStats,
}

/// A producer, as everyone sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProducerInfo {
    /// Which.
    pub id: ProducerId,
    /// Whose.
    pub participant_id: ParticipantId,
    /// Audio or video.
    pub kind: MediaKind,
    /// Shape of its stream.
    #[serde(rename = "type")]
    pub rtp_type: RtpType,
    /// Sends nothing now.
    pub paused: bool,
    /// Kept for the application.
    pub app_data: Value,
}

/// A consumer, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerInfo {
    /// Which.
    pub id: ConsumerId,
    /// What it consumes.
    pub producer_id: ProducerId,
    /// Whose producer that is.
    pub participant_id: ParticipantId,
    /// Audio or video.
    pub kind: MediaKind,
    /// Shape of the producer's stream.
    #[serde(rename = "type")]
    pub rtp_type: RtpType,
    /// What the client's receiver is made from.
    pub rtp_parameters: RtpParameters,
    /// Paused by its owner.
    pub paused: bool,
    /// Paused at its source.
    pub producer_paused: bool,
    /// The producer's.
    pub app_data: Value,
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActiveSpeaker {
    /// Who.
    pub participant_id: ParticipantId,
    /// In which of its tracks.
    pub producer_id: ProducerId,
    /// dBov, -127 (silence) to 0, when it was last measured; -127 in a pause.
    pub volume: i8,
}

/// A room in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomInfo {
    /// Which.
    pub id: RoomId,
    /// What clients load into their device.
    pub rtp_capabilities: RtpCapabilities,
    /// In order of joining.
    pub participants: Vec<ParticipantInfo>,
    /// In order of creation.
    pub producers: Vec<ProducerInfo>,
    /// `None` in silence.
    pub active_speaker: Option<ActiveSpeaker>,
    /// As created.
    pub options: RoomOptions,
    /// Tracks.
    pub stats: RoomStats,
    /// ms since the epoch.
    pub created_at: u64,
    /// Participant that created it and is its host, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<ParticipantId>,
}

/// A room in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomSummary {
    /// Which.
    pub id: RoomId,
    /// How many are in it.
    pub participants: usize,
    /// How many may be.
    pub max_participants: u32,
    /// ms since the epoch.
    pub created_at: u64,
    /// ms.
    pub uptime: u64,
    /// Tracks.
    pub stats: RoomStats,
}

/// All rooms together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomsStats {
    /// Rooms.
    pub total_rooms: usize,
    /// Participants.
    pub total_participants: usize,
}

/// Which way a participant's transport carries media, from the participant's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportDirection {
    /// From the participant to the server.
    Send,
    /// From the server to the participant.
    Recv,
}
