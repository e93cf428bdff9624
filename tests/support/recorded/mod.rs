//! Recordings under test: logs made up for them, and what is found in their files.

pub mod analysis;
pub mod scene;
