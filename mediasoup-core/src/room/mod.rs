//! The domain: rooms and participants, and what they own.
//!
//! Knows [`media`](crate::media)'s handles and [`recording`](crate::recording)'s traits, never the engine or the driver.

mod api;
mod error;
mod event;
mod info;

pub use api::{Joined, Participant, Room, RoomManager, Rooms};
pub use error::RoomError;
pub use event::{Audience, CloseReason, ConsumerCloseReason, LeaveReason, RoomEvent};
pub use info::{
    ConsumerInfo, ParticipantDetail, ParticipantInfo, ParticipantStats, ProducerInfo, RoomInfo, RoomOptions,
    RoomStats, RoomSummary, RoomsStats, TransportDirection,
};
