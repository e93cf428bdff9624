//! What is asked for.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Parser, ValueEnum};
use mediasoup_core::benching::Profile;
use serde::Serialize;

use crate::Result;

/// Loads a server with real clients: Socket.IO, ICE, DTLS, SRTP over UDP.
///
/// Makes rooms; in each, publishers send and every viewer receives all of them. Video is VP8, a frame of several packets
/// at a time, with a key frame first and whenever one is asked for; audio is Opus. The pictures are no pictures: nothing
/// decodes them.
///
/// Of most packets a viewer reads the clear header only, for loss. Of each stream it opens every N-th packet (--sample):
/// the payload ends with the time it was sent, and the kernel says when it came, so latency is from the publisher's
/// send to the arrival at the viewer's socket, whatever this program is busy with.
///
/// Reports what came in the time the load was held, after the ramp, and says where it was itself the bottleneck.
#[derive(Clone, Debug, Parser, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(name = "load")]
pub(crate) struct Options {
    /// The server
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    pub(crate) url: String,
    /// Socket.IO namespace
    #[arg(long, default_value = "/")]
    pub(crate) namespace: String,
    /// A token, where the server asks for one: without a `sub`, else all clients are one participant
    #[arg(long, env = "LOAD_TOKEN", hide_env_values = true)]
    #[serde(skip)]
    pub(crate) token: Option<String>,
    /// Let the server be on another machine. Latency is then only as right as both clocks are
    #[arg(long)]
    pub(crate) allow_remote: bool,
    /// Rooms
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rooms: u32,
    /// Publishers in each room
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) publishers: u32,
    /// Viewers in each room, each of all its publishers
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub(crate) viewers: u32,
    /// What a publisher sends
    #[arg(long, value_enum, default_value_t = Media::Video)]
    pub(crate) media: Media,
    /// Pictures a second
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=240))]
    pub(crate) fps: u32,
    /// Packets of a picture
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) packets: u32,
    /// Bytes of payload in each packet of video
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(32..=1400))]
    pub(crate) payload: u32,
    /// Bytes of payload in each packet of audio; there are 50 a second
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u32).range(16..=1200))]
    pub(crate) audio_payload: u32,
    /// SRTP profile that clients offer
    #[arg(long, value_enum, default_value_t = Srtp::Gcm)]
    pub(crate) srtp: Srtp,
    /// Viewers do transport-wide congestion control: the server sends as much as it believes to fit, and probes
    #[arg(long)]
    pub(crate) transport_cc: bool,
    /// How long the load is held, after the ramp
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds: u64,
    /// Seconds over which viewers join; with 0, all at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub(crate) ramp: u64,
    /// Of each stream a viewer opens every N-th packet; best where the packets of a picture are no multiple of it
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) sample: u32,
    /// Threads for media
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) threads: u32,
    /// Take what the server sends in one piece (GSO) in one piece (GRO). On loopback this spares the server what it
    /// costs to cut it, as a network card that cuts would
    #[arg(long)]
    pub(crate) gro: bool,
    /// The server's process, for its CPU time and memory
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// Where to write all figures as JSON, too
    #[arg(long)]
    #[serde(skip)]
    pub(crate) json: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Media {
    Video,
    Audio,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Srtp {
    /// AEAD_AES_256_GCM, as browsers and this server choose
    Gcm,
    /// AES128_CM_HMAC_SHA1_80
    Cm,
}

impl Srtp {
    pub(crate) fn profile(self) -> Profile {
        match self {
            Self::Gcm => Profile::AeadAes256Gcm,
            Self::Cm => Profile::AesCm128HmacSha1_80,
        }
    }
}

impl Media {
    pub(crate) fn has_video(self) -> bool {
        self != Self::Audio
    }

    pub(crate) fn has_audio(self) -> bool {
        self != Self::Video
    }
}

impl Options {
    pub(crate) fn clients(&self) -> u32 {
        self.rooms * (self.publishers + self.viewers)
    }

    pub(crate) fn hold(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Whether packets may go there.
    pub(crate) fn check_address(&self, address: SocketAddr) -> Result<()> {
        if address.ip().is_loopback() || self.allow_remote {
            return Ok(());
        }
        Err(format!("{address} is not this machine: --allow-remote if that server is yours to load").into())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn flags_are_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn only_this_machine_is_loaded_unless_told_otherwise() {
        let mut options = Options::parse_from(["load"]);
        assert!(options.check_address(([127, 0, 0, 1], 1).into()).is_ok());
        assert!(options.check_address(([192, 0, 2, 1], 1).into()).is_err());
        options.allow_remote = true;
        assert!(options.check_address(([192, 0, 2, 1], 1).into()).is_ok());
    }
}
