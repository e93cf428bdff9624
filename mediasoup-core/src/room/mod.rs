//! The domain: rooms and participants, and what they own.
//!
//! Knows [`media`](crate::media)'s handles and [`recording`](crate::recording)'s traits, never the engine or the driver.

mod ambient;
mod api;
mod data;
mod error;
mod event;
mod handles;
mod info;
mod limits;
mod manager;
mod observers;
mod operations;
mod recorded;
mod registry;
mod roster;
mod routers;
mod sessions;
mod state;
mod task;

pub use api::{Joined, Participant, Room, RoomManager};
pub use error::RoomError;
pub use event::{Audience, CloseReason, ConsumerCloseReason, LeaveReason, RoomEvent};
pub use info::{
    ActiveSpeaker, ConsumerInfo, DataConsumerInfo, DataProducerInfo, ParticipantDetail, ParticipantInfo,
    ParticipantStats, ProducerInfo, RoomInfo, RoomOptions, RoomStats, RoomSummary, RoomsStats,
    TransportDirection,
};
pub use manager::Rooms;

#[cfg(test)]
mod tests;
