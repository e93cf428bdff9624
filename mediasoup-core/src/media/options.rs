//! Options of workers, routers, transports, producers, consumers and observers.

use std::{net::IpAddr, num::NonZeroU16, ops::RangeInclusive, time::Duration};

use serde_json::Value;

use super::{
    plain::SrtpCryptoSuite,
    rtp::{MediaKind, RtpCapabilities, RtpCodecCapability, RtpParameters},
};

/// An address workers listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    /// Bound on this machine.
    pub ip: IpAddr,
    /// Told to peers instead of `ip`: an IP address or a host name.
    pub announced: Option<String>,
    /// Tells peers of WebRTC transports `ip`, too, as their second choice, where another address is announced: those inside
    /// the same network may find no way back in through the announced one.
    pub expose_internal_ip: bool,
}

impl ListenAddress {
    /// An address that peers are told as it is.
    #[must_use]
    pub fn new(ip: IpAddr) -> Self {
        Self { ip, announced: None, expose_internal_ip: false }
    }
}

/// Options of a worker manager and each of its workers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorkerOptions {
    /// At least one. Default: 127.0.0.1.
    pub listen: Vec<ListenAddress>,
    /// One UDP and one TCP port a worker is taken out of it; `0..=0` lets the system choose.
    /// Default: 10000 to 10100.
    pub ports: RangeInclusive<u16>,
    /// Whether peers may connect over ICE-TCP. Default: true.
    pub enable_tcp: bool,
    /// How long a peer may be silent before ICE counts as disconnected (RFC 7675). `None`: for ever.
    /// Default: 30 s.
    pub ice_consent_timeout: Option<Duration>,
    /// Bound of the control channel of a worker, in commands. Default: 1024.
    pub command_queue_len: usize,
    /// Bound of a router's event channel; a slower reader is told how many it missed. Default: 1024.
    pub event_queue_len: usize,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            listen: vec![ListenAddress::new([127, 0, 0, 1].into())],
            ports: 10_000..=10_100,
            enable_tcp: true,
            ice_consent_timeout: Some(Duration::from_secs(30)),
            command_queue_len: 1024,
            event_queue_len: 1024,
        }
    }
}

/// Options of a router.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RouterOptions {
    /// Codecs the room may use; payload types are assigned where none is preferred.
    pub media_codecs: Vec<RtpCodecCapability>,
}

impl RouterOptions {
    /// A router for these codecs.
    #[must_use]
    pub fn new(media_codecs: Vec<RtpCodecCapability>) -> Self {
        Self { media_codecs }
    }
}

/// Options of a WebRTC transport.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebRtcTransportOptions {
    /// Offer UDP candidates. Default: true.
    pub enable_udp: bool,
    /// Offer TCP candidates, where the worker listens on TCP. Default: true.
    pub enable_tcp: bool,
    /// bit/s; what the path to the peer is taken to carry before anything was measured. Default: 1,000,000.
    pub initial_available_outgoing_bitrate: u32,
    /// Data channels; `None`: none. Default: `None`.
    pub sctp: Option<super::data::SctpOptions>,
    /// bit/s; what the path to the peer is taken to carry at least, until it was seen to carry less. Default: 600,000.
    pub minimum_available_outgoing_bitrate: u32,
    /// bit/s; the most the path to the peer is taken to carry; `None`: no limit. Default: `None`.
    pub max_outgoing_bitrate: Option<u32>,
    /// bit/s; the most the peer may send, by REMB; `None`: no limit. Default: `None`.
    pub max_incoming_bitrate: Option<u32>,
    /// Kept for the application.
    pub app_data: Value,
}

impl Default for WebRtcTransportOptions {
    fn default() -> Self {
        Self {
            enable_udp: true,
            enable_tcp: true,
            initial_available_outgoing_bitrate: 1_000_000,
            sctp: None,
            minimum_available_outgoing_bitrate: 600_000,
            max_outgoing_bitrate: None,
            max_incoming_bitrate: None,
            app_data: Value::Object(serde_json::Map::new()),
        }
    }
}

/// Options of a plain transport.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlainTransportOptions {
    /// Where it listens: an address of this machine. `None`: the first the worker listens on. Default: `None`.
    pub listen: Option<ListenAddress>,
    /// Its RTP port is taken out of these; `None`: the worker's range. Default: `None`.
    pub ports: Option<RangeInclusive<u16>>,
    /// RTCP goes the way of RTP (RFC 5761); else it has the next free port of the range. Default: true.
    pub rtcp_mux: bool,
    /// The peer's address is learnt from its first authentic packet, and kept. Without SRTP, whoever knows the port can
    /// be the first. Default: false.
    pub comedia: bool,
    /// SRTP with keys that are exchanged by the application. Default: `None`.
    pub srtp: Option<SrtpCryptoSuite>,
    /// Data channels, by SCTP over UDP itself. As in mediasoup, it is not encrypted, with SRTP neither. `None`: none.
    /// Default: `None`.
    pub sctp: Option<super::data::SctpOptions>,
    /// Kept for the application.
    pub app_data: Value,
}

impl Default for PlainTransportOptions {
    fn default() -> Self {
        Self {
            listen: None,
            ports: None,
            rtcp_mux: true,
            comedia: false,
            srtp: None,
            sctp: None,
            app_data: Value::Object(serde_json::Map::new()),
        }
    }
}

/// Options of a pipe transport.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PipeTransportOptions {
    /// Where it listens: an address of this machine. `None`: the first the worker listens on. Default: `None`.
    pub listen: Option<ListenAddress>,
    /// Its port is taken out of these; `None`: the worker's range. Default: `None`.
    pub ports: Option<RangeInclusive<u16>>,
    /// Lost packets are asked for and sent again. Default: false.
    pub enable_rtx: bool,
    /// SRTP with AES-256-GCM, with keys that are exchanged by the application. Default: false.
    pub enable_srtp: bool,
    /// Data channels, by SCTP over UDP itself. As in mediasoup, it is not encrypted, with SRTP neither. `None`: none.
    /// Default: `None`.
    pub sctp: Option<super::data::SctpOptions>,
    /// Kept for the application.
    pub app_data: Value,
}

impl Default for PipeTransportOptions {
    fn default() -> Self {
        Self {
            listen: None,
            ports: None,
            enable_rtx: false,
            enable_srtp: false,
            sctp: None,
            app_data: Value::Object(serde_json::Map::new()),
        }
    }
}

/// Options of a pipe from a producer or a data producer to another router.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct PipeToRouterOptions {
    /// The producer in the other router has an id of its own: needed where both routers are on one worker. Default: false:
    /// it has that of the original.
    pub new_id: bool,
}

/// Options of a producer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProducerOptions {
    /// Audio or video.
    pub kind: MediaKind,
    /// As the client states them.
    pub rtp_parameters: RtpParameters,
    /// Starts paused. Default: false.
    pub paused: bool,
    /// Between two key frame requests to the sender of a video track, at least; one a second in the long run is the most in
    /// any case. Default: 0.
    pub key_frame_request_delay: Duration,
    /// Kept for the application.
    pub app_data: Value,
}

impl ProducerOptions {
    /// A producer that flows at once.
    #[must_use]
    pub fn new(kind: MediaKind, rtp_parameters: RtpParameters) -> Self {
        Self {
            kind,
            rtp_parameters,
            paused: false,
            key_frame_request_delay: Duration::ZERO,
            app_data: Value::Object(serde_json::Map::new()),
        }
    }
}

/// Options of a consumer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConsumerOptions {
    /// The producer to consume.
    pub producer_id: crate::ids::ProducerId,
    /// What the viewer can receive.
    pub rtp_capabilities: RtpCapabilities,
    /// Starts paused. Default: false.
    pub paused: bool,
    /// Retransmission over RTX; `None`: for video only, as in mediasoup. Default: `None`.
    pub enable_rtx: Option<bool>,
    /// Kept for the application.
    pub app_data: Value,
}

impl ConsumerOptions {
    /// A consumer that flows at once.
    #[must_use]
    pub fn new(producer_id: crate::ids::ProducerId, rtp_capabilities: RtpCapabilities) -> Self {
        Self {
            producer_id,
            rtp_capabilities,
            paused: false,
            enable_rtx: None,
            app_data: Value::Object(serde_json::Map::new()),
        }
    }
}

/// Options of an observer that measures how loud producers are (mediasoup's `AudioLevelObserver`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AudioLevelObserverOptions {
    /// At most so many producers are told of, the loudest. Default: 1.
    pub max_entries: NonZeroU16,
    /// dBov, -127 to 0; what is quieter is silence. Default: -80.
    pub threshold: i8,
    /// ms between two events, 250 to 5000; what is beyond counts as the bound. Default: 1000.
    pub interval: u16,
}

impl AudioLevelObserverOptions {
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_millis(self.interval.clamp(250, 5_000).into())
    }
}

impl Default for AudioLevelObserverOptions {
    fn default() -> Self {
        Self { max_entries: NonZeroU16::MIN, threshold: -80, interval: 1_000 }
    }
}

/// Options of an observer that tells who speaks (mediasoup's `ActiveSpeakerObserver`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ActiveSpeakerObserverOptions {
    /// ms between two looks, 100 to 5000; what is beyond counts as the bound. Default: 300.
    pub interval: u16,
}

impl ActiveSpeakerObserverOptions {
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_millis(self.interval.clamp(100, 5_000).into())
    }
}

impl Default for ActiveSpeakerObserverOptions {
    fn default() -> Self {
        Self { interval: 300 }
    }
}

/// What an observer is for.
#[derive(Clone, Debug)]
pub enum RtpObserverOptions {
    /// How loud producers are.
    AudioLevel(AudioLevelObserverOptions),
    /// Who speaks.
    ActiveSpeaker(ActiveSpeakerObserverOptions),
}
