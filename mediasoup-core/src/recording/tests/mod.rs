//! What tests of capture and of the manager share: a room and a backend in memory.

pub(super) mod backend;
pub(super) mod port;
pub(super) mod room;

pub(super) use self::{
    backend::{FakeBackend, Summary},
    room::FakeRoom,
};
