//! What is in a room: pure, told the time, without I/O.
//!
//! Every method is total: it changes all of what it says and answers with the [`Effect`]s of that, or it
//! changes nothing and answers with an error. An operation of the media plane stands between a check
//! (`may_…`) and the record of its success (`…_opened`, `…_started`); the room's task does both within one
//! command, so nothing comes between them.

mod effect;
mod members;
mod speaker;
mod tracks;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

pub(super) use self::effect::{Effect, Resource};
use self::speaker::Voices;
use super::{
    error::RoomError,
    info::{
        ParticipantDetail, ParticipantInfo, ParticipantStats, ProducerInfo, RoomInfo, RoomOptions, RoomStats,
        TransportDirection,
    },
};
use crate::{
    ids::{ConsumerId, ParticipantId, ProducerId, RoomId, TransportId},
    media::rtp::{MediaKind, RtpCapabilities},
};

/// One session of one participant. A number is given once in a room's life, so an old session's key opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SessionKey {
    pub(super) participant: ParticipantId,
    number: u64,
}

/// What is counted of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RoomCounts {
    pub(super) participants: usize,
    pub(super) stats: RoomStats,
}

#[derive(Debug)]
struct Member {
    info: ParticipantInfo,
    /// `None`: added over REST, nobody has come yet.
    session: Option<u64>,
    transports: IndexSet<TransportId>,
    producers: IndexSet<ProducerId>,
    consumers: IndexSet<ConsumerId>,
}

#[derive(Debug)]
struct Transport {
    owner: ParticipantId,
    direction: TransportDirection,
}

#[derive(Debug)]
struct Producer {
    info: ProducerInfo,
    transport: TransportId,
    /// Muted by a host: paused, and its owner cannot resume it.
    locked: bool,
    consumers: BTreeSet<ConsumerId>,
}

#[derive(Debug)]
struct Consumer {
    owner: ParticipantId,
    producer: ProducerId,
    transport: TransportId,
    kind: MediaKind,
}

/// A room: who is in it and what they own.
#[derive(Debug)]
pub(super) struct RoomState {
    id: RoomId,
    options: RoomOptions,
    host: Option<ParticipantId>,
    rtp_capabilities: RtpCapabilities,
    created_at: u64,
    /// In order of joining.
    members: IndexMap<ParticipantId, Member>,
    transports: BTreeMap<TransportId, Transport>,
    /// In order of creation.
    producers: IndexMap<ProducerId, Producer>,
    consumers: BTreeMap<ConsumerId, Consumer>,
    stats: RoomStats,
    voices: Voices,
    sessions_started: u64,
}

impl RoomState {
    pub(super) fn new(
        id: RoomId,
        options: RoomOptions,
        host: Option<ParticipantId>,
        rtp_capabilities: RtpCapabilities,
        created_at: u64,
    ) -> Self {
        Self {
            id,
            options,
            host,
            rtp_capabilities,
            created_at,
            members: IndexMap::new(),
            transports: BTreeMap::new(),
            producers: IndexMap::new(),
            consumers: BTreeMap::new(),
            stats: RoomStats::default(),
            voices: Voices::default(),
            sessions_started: 0,
        }
    }

    pub(super) fn info(&self) -> RoomInfo {
        RoomInfo {
            id: self.id.clone(),
            rtp_capabilities: self.rtp_capabilities.clone(),
            participants: self.members.values().map(|member| member.info.clone()).collect(),
            producers: self.producers.values().map(|producer| producer.info.clone()).collect(),
            active_speaker: self.active_speaker(),
            options: self.options.clone(),
            stats: self.stats,
            created_at: self.created_at,
            host: self.host.clone(),
        }
    }

    pub(super) fn participants(&self) -> Vec<ParticipantDetail> {
        let detail =
            |member: &Member| ParticipantDetail { info: member.info.clone(), stats: self.stats_of(member) };
        self.members.values().map(detail).collect()
    }

    pub(super) fn counts(&self) -> RoomCounts {
        RoomCounts { participants: self.members.len(), stats: self.stats }
    }

    fn stats_of(&self, member: &Member) -> ParticipantStats {
        let first = |kind| member.producers.iter().copied().find(|id| self.producers[id].info.kind == kind);
        let all =
            |kind| member.consumers.iter().copied().filter(|id| self.consumers[id].kind == kind).collect();
        ParticipantStats {
            audio_producer: first(MediaKind::Audio),
            video_producer: first(MediaKind::Video),
            audio_consumers: all(MediaKind::Audio),
            video_consumers: all(MediaKind::Video),
        }
    }

    /// The member behind a session that still lasts.
    fn member(&self, who: &SessionKey) -> Result<&Member, RoomError> {
        self.members
            .get(&who.participant)
            .filter(|member| member.session == Some(who.number))
            .ok_or(RoomError::ParticipantNotFound)
    }
}

/// What a participant said of itself where it said nothing.
fn no_data() -> Value {
    Value::Object(serde_json::Map::new())
}

/// The counter of producers of a kind.
fn producers_of(stats: &mut RoomStats, kind: MediaKind) -> &mut usize {
    match kind {
        MediaKind::Audio => &mut stats.audio_producers,
        MediaKind::Video => &mut stats.video_producers,
    }
}

/// The counter of consumers of a kind.
fn consumers_of(stats: &mut RoomStats, kind: MediaKind) -> &mut usize {
    match kind {
        MediaKind::Audio => &mut stats.audio_consumers,
        MediaKind::Video => &mut stats.video_consumers,
    }
}
