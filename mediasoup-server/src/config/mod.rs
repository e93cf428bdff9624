//! Configuration: read from file, environment and flags, parsed once into valid types.

mod codec;
mod convert;
mod model;
mod secret;
mod units;

pub use codec::Codec;
pub use model::{
    Algorithm, Auth, Config, Http, Ice, IceServer, ListenIp, Log, LogFormat, LogLevel, Recording,
    RecordingAudio, RecordingFormat, RecordingVideo, Room, Router, Shutdown, Turn, WebRtcTransport, Worker,
};
pub use secret::Secret;
pub use units::{Bitrate, Resolution};
