//! What happens in a room, told to its participants.

use serde::Serialize;

use super::info::{ActiveSpeaker, ParticipantInfo, ProducerInfo};
use crate::{
    ids::{ConsumerId, ParticipantId, ProducerId, TransportId},
    media::{
        event::{ConsumerLayers, ConsumerScore, StreamScore},
        transport::{DtlsState, IceState},
    },
};

/// Why a participant is in the room no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeaveReason {
    /// It left, or its connection went.
    Left,
    /// A newer session has its id.
    Replaced,
    /// A host or an administrator removed it.
    Removed,
    /// The room closed.
    RoomClosed,
}

/// Why a room closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloseReason {
    /// Somebody closed it.
    Closed,
    /// It was empty, or old, for longer than its timeout.
    Timeout,
    /// Its worker died.
    WorkerDied,
    /// The server stops.
    Shutdown,
}

/// Why a consumer was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsumerCloseReason {
    /// Its owner closed it.
    Closed,
    /// Its producer, or the producer's participant, went.
    ProducerClosed,
    /// Its transport was closed.
    TransportClosed,
}

/// Whom an event is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everyone in the room.
    Everyone,
    /// Everyone but one.
    Except(ParticipantId),
    /// One.
    Only(ParticipantId),
}

/// Something that happened in a room.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RoomEvent {
    /// Somebody came; goes to the others.
    ParticipantJoined(ParticipantInfo),
    /// Somebody went; goes to the others.
    ParticipantLeft {
        /// Who.
        participant_id: ParticipantId,
        /// Why.
        reason: LeaveReason,
    },
    /// A track came; goes to the others.
    NewProducer(ProducerInfo),
    /// A track went; goes to everyone.
    ProducerClosed {
        /// Which.
        producer_id: ProducerId,
        /// Whose.
        participant_id: ParticipantId,
    },
    /// A track was paused; goes to everyone.
    ProducerPaused {
        /// Which.
        producer_id: ProducerId,
        /// Whose.
        participant_id: ParticipantId,
    },
    /// A track was resumed; goes to everyone.
    ProducerResumed {
        /// Which.
        producer_id: ProducerId,
        /// Whose.
        participant_id: ParticipantId,
    },
    /// Another speaks, or nobody does any more; goes to everyone.
    ActiveSpeaker(Option<ActiveSpeaker>),
    /// A consumer went; goes to its owner.
    ConsumerClosed {
        /// Which.
        consumer_id: ConsumerId,
        /// What it consumed.
        producer_id: ProducerId,
        /// Why.
        reason: ConsumerCloseReason,
    },
    /// Quality of a consumer changed; goes to its owner.
    ConsumerScore(ConsumerId, ConsumerScore),
    /// A consumer of a simulcast producer gets other layers from now on; goes to its owner.
    ConsumerLayers(ConsumerId, ConsumerLayers),
    /// Quality of a producer changed; goes to its owner.
    ProducerScore(ProducerId, Vec<StreamScore>),
    /// ICE of a transport changed; goes to its owner.
    IceState(TransportId, IceState),
    /// DTLS of a transport changed; goes to its owner.
    DtlsState(TransportId, DtlsState),
    /// This participant is in the room no longer; goes to that session only, and is its last event.
    Left(LeaveReason),
    /// The room closed; goes to everyone, and is the last event.
    RoomClosed(CloseReason),
}
