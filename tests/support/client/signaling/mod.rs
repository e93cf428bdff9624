//! A Socket.IO client (protocol 5 over Engine.IO 4, WebSocket only, text packets only).

mod events;
mod packet;
mod socket;

pub use events::Events;
pub use socket::{ConnectOptions, Socket};
