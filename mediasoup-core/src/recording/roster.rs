//! Who is in a recorded room, and with which tracks: what a recording needs to know beside the packets.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ParticipantId, ProducerId},
    media::rtp::MediaKind,
};

/// A change of who is there. A recording hears first what is there already, then every change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum RosterEvent {
    /// Somebody came.
    Joined {
        /// Who.
        participant_id: ParticipantId,
        /// To be written under its picture.
        name: String,
    },
    /// Somebody went, after its tracks.
    Left {
        /// Who.
        participant_id: ParticipantId,
    },
    /// A track came, after its participant.
    TrackAdded(Track),
    /// A track was paused or resumed. While paused no packet of it is recorded.
    TrackPaused {
        /// Which.
        producer_id: ProducerId,
        /// Or resumed.
        paused: bool,
    },
    /// A track went.
    TrackRemoved {
        /// Which.
        producer_id: ProducerId,
    },
}

/// A track of a participant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Track {
    /// Which.
    pub producer_id: ProducerId,
    /// Whose.
    pub participant_id: ParticipantId,
    /// Audio or video.
    pub kind: MediaKind,
    /// As sent.
    pub codec: TrackCodec,
    /// A screen, not a camera.
    pub is_screen: bool,
    /// Sends nothing now.
    pub paused: bool,
}

/// Codec of a track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackCodec {
    /// `audio/opus`, `video/VP8`, `video/VP9`, `video/H264`, `video/AV1`; case means nothing.
    pub mime_type: String,
    /// Hz: units of its RTP timestamps.
    pub clock_rate: u32,
    /// The producer's own.
    pub payload_type: u8,
}
