//! Support for the integration tests and the examples: a native client, media for it to send, what became of it in a
//! recording, and a fake manager of recordings.

pub mod client;
pub mod media;
pub mod recorded;
pub mod recordings;
