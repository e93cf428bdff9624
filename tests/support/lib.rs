//! Support for the integration tests and the examples: a native client, media for it to send, and a fake manager of
//! recordings.

pub mod client;
pub mod media;
pub mod recordings;
