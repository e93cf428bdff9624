//! The configuration object: the document's keys, and those this server adds.
//!
//! Every type is valid once it is parsed; what concerns several keys at once is checked by
//! [`Config::validate`](super::Config::validate).

use std::{
    net::{IpAddr, Ipv4Addr},
    num::{NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64},
    path::PathBuf,
};

use mediasoup_core::recording::{AudioCodec, Format, Layout, Resolution, VideoCodec};
use serde::{Deserialize, Serialize};

use super::{codec::Codec, secret::Secret, units::Bitrate};

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty = $default:expr,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", default, deny_unknown_fields)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }
    };
}

section! {
    /// Everything that can be configured.
    Config {
        /// The HTTP listener: REST, Socket.IO and the example client.
        http: Http = Http::default(),
        /// Who is let in.
        auth: Auth = Auth::default(),
        /// Media workers.
        worker: Worker = Worker::default(),
        /// What every room's router can do.
        router: Router = Router::default(),
        /// How peers reach the workers.
        web_rtc_transport: WebRtcTransport = WebRtcTransport::default(),
        /// STUN and TURN servers handed to clients.
        ice: Ice = Ice::default(),
        /// What rooms are like unless their creator says otherwise.
        room: Room = Room::default(),
        /// Recordings.
        recording: Recording = Recording::default(),
        /// Logs.
        log: Log = Log::default(),
        /// The end of the server.
        shutdown: Shutdown = Shutdown::default(),
    }
}

section! {
    /// The HTTP listener.
    Http {
        /// Address to listen on. Absent: 127.0.0.1 while anonymous, every IPv4 address once a key is configured.
        listen_ip: Option<IpAddr> = None,
        /// 0 lets the system choose.
        port: u16 = 3000,
        /// Origins that browsers may call from, beside the server's own and loopback; `*` is every origin.
        cors_origins: Vec<String> = Vec::new(),
        /// bytes; longest request body, and longest Socket.IO message.
        max_body_size: u32 = 1 << 20,
        /// ms until a request must be answered.
        request_timeout: NonZeroU32 = nonzero(30_000),
        /// ms until a request's head must have come.
        header_timeout: NonZeroU32 = nonzero(10_000),
    }
}

section! {
    /// Who is let in. Without a key everyone is admin.
    Auth {
        /// HS256 secret.
        jwt_secret: Option<Secret> = None,
        /// File with the HS256 secret; white space at its ends is not part of it.
        jwt_secret_file: Option<PathBuf> = None,
        /// PEM file with an RSA, P-256 or Ed25519 public key.
        jwt_public_key_file: Option<PathBuf> = None,
        /// The only algorithm accepted. Absent: the key's.
        algorithm: Option<Algorithm> = None,
        /// What `aud` must name. Absent: `aud` is not looked at.
        audience: Option<String> = None,
        /// What `iss` must be. Absent: `iss` is not looked at.
        issuer: Option<String> = None,
        /// Lets the server listen on other addresses than loopback without a key.
        allow_anonymous: bool = false,
    }
}

/// Signature of a token (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    HS256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

section! {
    /// Media workers.
    Worker {
        /// What the media engine logs, unless `DEBUG` or `RUST_LOG` say otherwise.
        log_level: LogLevel = LogLevel::Warn,
        /// First port of the range workers take one UDP and one TCP port each from.
        rtc_min_port: u16 = 10_000,
        /// Last port of that range; 0, with `rtcMinPort` 0, lets the system choose.
        rtc_max_port: u16 = 10_100,
        /// One thread each.
        num_workers: NonZeroU16 = NonZeroU16::MIN,
    }
}

/// mediasoup's log levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What may need attention.
    Warn,
    /// What has failed.
    Error,
    /// Nothing.
    None,
}

section! {
    /// What every room's router can do.
    Router {
        /// At least one.
        media_codecs: Vec<Codec> = Codec::defaults(),
    }
}

section! {
    /// How peers reach the workers.
    WebRtcTransport {
        /// At least one.
        listen_ips: Vec<ListenIp> = vec![ListenIp::default()],
        /// Offer UDP candidates.
        enable_udp: bool = true,
        /// Offer TCP candidates.
        enable_tcp: bool = true,
        /// bit/s; what a viewer is sent before anything was measured.
        initial_available_outgoing_bitrate: NonZeroU32 = nonzero(1_000_000),
        /// bit/s; what a viewer is sent at least, whatever was measured.
        minimum_available_outgoing_bitrate: u32 = 600_000,
        /// bit/s; the most one transport may send to the server. Absent: no limit.
        max_incoming_bitrate: Option<NonZeroU32> = None,
    }
}

/// An address workers listen on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListenIp {
    /// Bound on this machine.
    pub ip: IpAddr,
    /// Told to peers instead: an IP address or a host name. Absent: `ip`, or this machine's own
    /// address on the way to the internet where `ip` is unspecified (`0.0.0.0`, `::`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced_ip: Option<String>,
    /// Tells peers `ip`, too, as their second choice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expose_internal_ip: bool,
}

impl Default for ListenIp {
    fn default() -> Self {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self { ip: loopback, announced_ip: Some(loopback.to_string()), expose_internal_ip: false }
    }
}

section! {
    /// STUN and TURN servers handed to clients.
    Ice {
        /// Handed out as they are.
        servers: Vec<IceServer> = Vec::new(),
        /// A TURN server that shares a secret with this one.
        turn: Turn = Turn::default(),
    }
}

/// A server as browsers take it (`RTCIceServer`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IceServer {
    /// `stun:`, `turn:` and `turns:` URLs.
    pub urls: Vec<String>,
    /// TURN only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// TURN only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Secret>,
}

section! {
    /// TURN with credentials made for each client (coturn's `use-auth-secret`).
    Turn {
        /// `turn:` and `turns:` URLs; none: no such server.
        urls: Vec<String> = Vec::new(),
        /// Shared with the TURN server (coturn's `static-auth-secret`).
        secret: Option<Secret> = None,
        /// s until a client's credential runs out.
        ttl: NonZeroU32 = nonzero(24 * 3600),
    }
}

section! {
    /// What rooms are like unless their creator says otherwise.
    Room {
        /// At least 1.
        max_participants: NonZeroU32 = nonzero(10),
        /// ms after which a room closes when it is empty, or older than that; 0: never.
        timeout: u64 = 0,
        /// Whether recordings may be started.
        enable_recording: bool = true,
    }
}

section! {
    /// Recordings.
    Recording {
        /// Where files go.
        output_dir: PathBuf = PathBuf::from("./recordings"),
        /// Sound.
        audio: RecordingAudio = RecordingAudio::default(),
        /// Pictures.
        video: RecordingVideo = RecordingVideo::default(),
        /// Container of the combined file.
        format: Format = Format::Mp4,
        /// How participants share the picture.
        layout: Layout = Layout::Grid,
        /// Whether each participant's own tracks are kept, too, as sent.
        tracks: bool = false,
        /// bytes of free disk space under which recordings are neither started nor gone on with.
        min_free_space: u64 = 1 << 30,
        /// s after which a recorded file is deleted. Absent: never.
        max_age: Option<NonZeroU32> = None,
        /// bytes that recorded files may have together; beyond it the oldest are deleted. Absent: no limit.
        max_total_size: Option<NonZeroU64> = None,
        /// Recordings whose files are made at the same time; others wait. 0: at a later start with more. Absent: two for
        /// each core.
        composers: Option<u16> = None,
    }
}

section! {
    /// Sound of a recording.
    RecordingAudio {
        /// Encoder.
        codec: AudioCodec = AudioCodec::Opus,
        /// Hz: 8000, 12000, 16000, 24000 or 48000.
        sample_rate: NonZeroU32 = nonzero(48_000),
        /// 1 or 2.
        channels: u8 = 2,
        /// bit/s.
        bitrate: Bitrate = Bitrate(nonzero(64_000)),
    }
}

section! {
    /// Pictures of a recording.
    RecordingVideo {
        /// Encoder.
        codec: VideoCodec = VideoCodec::Libx264,
        /// bit/s.
        bitrate: Bitrate = Bitrate(nonzero(1_000_000)),
        /// Pictures a second.
        framerate: NonZeroU8 = FRAMERATE,
        /// Of the combined picture.
        resolution: Resolution = Resolution::HD,
    }
}

section! {
    /// Logs.
    Log {
        /// For people or for machines.
        format: LogFormat = LogFormat::Text,
        /// `DEBUG`'s list, such as `mediasoup:room*,-mediasoup:transport`.
        debug: Option<String> = None,
        /// `RUST_LOG`'s list, such as `warn,mediasoup_server=debug`, instead of what `worker.logLevel` and the
        /// defaults say.
        filter: Option<String> = None,
    }
}

/// Shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

section! {
    /// The end of the server.
    Shutdown {
        /// ms that SIGTERM leaves for rooms, sockets and workers to end.
        drain_timeout: NonZeroU32 = nonzero(10_000),
    }
}

/// Pictures a second of a recording.
const FRAMERATE: NonZeroU8 = NonZeroU8::new(30).expect("not zero");

pub(super) const fn nonzero(value: u32) -> NonZeroU32 {
    match NonZeroU32::new(value) {
        Some(value) => value,
        None => panic!("a default is zero"),
    }
}
