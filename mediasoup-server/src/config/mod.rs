//! Configuration: read from file, environment and flags, parsed once into valid types.

mod cli;
mod codec;
mod convert;
mod error;
mod keys;
mod load;
mod model;
mod secret;
mod source;
#[cfg(test)]
mod tests;
mod units;
mod validate;

pub use cli::{Cli, Command};
pub use codec::Codec;
pub use error::ConfigError;
pub use load::process_environment;
pub use model::{
    Algorithm, Auth, Config, Http, Ice, IceServer, ListenIp, Log, LogFormat, LogLevel, Recording,
    RecordingAudio, RecordingVideo, Room, Router, Shutdown, Turn, WebRtcTransport, Worker,
};
pub use secret::Secret;
pub use units::Bitrate;
