//! Flags.

use std::{net::IpAddr, num::NonZeroU16, path::PathBuf};

use clap::{Parser, Subcommand};

/// A WebRTC media server, wire-compatible with mediasoup.
///
/// Values come from the TOML file, the environment (and a file named .env) and flags; the later wins. Every key can
/// be set in all three: room.maxParticipants is `maxParticipants` in `[room]`, the variable
/// MEDIASOUP__ROOM__MAX_PARTICIPANTS, and `--set room.maxParticipants=4`. `--print-config` shows those that have a value.
#[derive(Clone, Debug, Default, Parser)]
#[command(version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// What the program is to be instead of the server.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// TOML file to read [env: MEDIASOUP_CONFIG]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Sets any key, such as room.maxParticipants=4; may be repeated
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Port of HTTP and Socket.IO (http.port) [env: PORT]
    #[arg(short, long)]
    pub port: Option<u16>,
    /// Address of HTTP and Socket.IO (http.listenIp) [env: HTTP_LISTEN_IP]
    #[arg(long, value_name = "IP")]
    pub host: Option<IpAddr>,
    /// Address media workers listen on (webRtcTransport.listenIps) [env: MEDIASOUP_LISTEN_IP]
    #[arg(long, value_name = "IP")]
    pub listen_ip: Option<String>,
    /// Address told to clients instead of it [env: MEDIASOUP_ANNOUNCED_IP]
    #[arg(long, value_name = "IP")]
    pub announced_ip: Option<String>,
    /// Number of media workers (worker.numWorkers) [env: MEDIASOUP_WORKERS]
    #[arg(short, long)]
    pub workers: Option<NonZeroU16>,
    /// Where recordings go (recording.outputDir) [env: RECORDING_OUTPUT_DIR]
    #[arg(long, value_name = "DIR")]
    pub recording_dir: Option<String>,
    /// Lets everyone in, as admin, on any address (auth.allowAnonymous) [env: ALLOW_ANONYMOUS]
    #[arg(long)]
    pub allow_anonymous: bool,
    /// Checks the configuration and ends
    #[arg(long)]
    pub check_config: bool,
    /// Prints the configuration in effect as TOML, secrets masked, and ends
    #[arg(long)]
    pub print_config: bool,
}

/// What the program is for the server, which starts it again as a child; nothing for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
#[command(hide = true)]
pub enum Command {
    /// Makes the files of one recording
    #[command(hide = true)]
    Recorder,
}
