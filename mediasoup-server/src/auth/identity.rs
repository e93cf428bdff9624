//! What a token says.

use std::collections::BTreeSet;

use mediasoup_core::ids::{ParticipantId, RoomId};
use serde::{Deserialize, Serialize};

/// What somebody may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, and all of REST.
    Admin,
    /// Rules the rooms its token names; all, where it names none.
    Host,
    /// Rules what it owns.
    #[default]
    Participant,
}

/// Somebody, as its token describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Participant id; `None`: the socket's id stands in.
    pub subject: Option<ParticipantId>,
    /// For people to read.
    pub name: Option<String>,
    /// What it may do.
    pub role: Role,
    /// Rooms it may enter; `None`: any.
    pub rooms: Option<BTreeSet<RoomId>>,
}

impl Identity {
    /// Everyone, where no key is configured.
    #[must_use]
    pub fn anonymous() -> Self {
        Self { subject: None, name: None, role: Role::Admin, rooms: None }
    }

    /// Whether it may do everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Whether it may enter this room.
    #[must_use]
    pub fn may_enter(&self, room: &RoomId) -> bool {
        self.is_admin() || self.rooms.as_ref().is_none_or(|rooms| rooms.contains(room))
    }

    /// Whether it is host of this room by its token: any room, where the token names none. Whoever created
    /// a room is its host, too; that, the room knows.
    #[must_use]
    pub fn may_host(&self, room: &RoomId) -> bool {
        matches!(self.role, Role::Admin | Role::Host) && self.may_enter(room)
    }
}
