//! Support for the integration tests and the examples: a native client, media for it to send, and what became of it in a
//! recording.

pub mod client;
pub mod media;
pub mod recorded;
