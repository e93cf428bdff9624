//! Recordings under test: what is sent into them, and what is found in their files.

pub mod analysis;
pub mod beacon;
