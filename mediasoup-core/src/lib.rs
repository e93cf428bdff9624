//! An embeddable WebRTC SFU: mediasoup's model and wire format, in Rust.

pub mod driver;
#[allow(dead_code)] // until the driver drives it
mod engine;
pub mod ids;
pub mod media;
pub mod recording;
pub mod room;
