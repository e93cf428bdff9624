//! Support for the integration tests and the examples: a native client, and media for it to send.

pub mod client;
pub mod media;
