//! An embeddable WebRTC SFU: mediasoup's model and wire format, in Rust.

pub mod driver;
mod engine;
pub mod ids;
pub mod media;
pub mod recording;
pub mod room;

/// Entry points for fuzz targets. Not part of the stable API.
#[cfg(any(test, feature = "test-util"))]
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::engine::fuzzing::*;
}

/// Entry points for benches. Not part of the stable API.
#[cfg(any(test, feature = "test-util"))]
#[doc(hidden)]
pub mod benching {
    pub use crate::engine::benching::*;
}
