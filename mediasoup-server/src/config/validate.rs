//! What no value can say alone.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use mediasoup_core::{
    media::{options::RouterOptions, ortc::router_rtp_capabilities, rtp::MediaKind},
    recording::{RecordingOptions, Settings},
};

use super::{Auth, Config, ConfigError, IceServer, Recording};

type Check = Result<(), ConfigError>;

impl Config {
    /// Checks what no value can say alone.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`]: the first contradiction.
    pub fn validate(&self) -> Check {
        self.check_http()?;
        self.check_ports()?;
        self.check_transport()?;
        self.check_codecs()?;
        self.check_ice()?;
        self.check_recording()?;
        require(self.room.timeout <= i64::MAX.unsigned_abs(), "room.timeout", "too large")
    }

    /// Where HTTP listens. While anonymous only loopback is safe; whoever has a key means to be reached.
    #[must_use]
    pub fn http_address(&self) -> SocketAddr {
        let unasked = if self.auth.has_key() { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        SocketAddr::new(self.http.listen_ip.unwrap_or(IpAddr::V4(unasked)), self.http.port)
    }

    /// What is allowed, but most likely not meant.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let is_local = |address: &str| {
            address == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        };
        let local_media =
            self.web_rtc_transport.listen_ips.iter().all(|listen| {
                listen.ip.is_loopback() || listen.announced_ip.as_deref().is_some_and(is_local)
            });
        if !self.http_address().ip().is_loopback() && local_media {
            warnings.push(
                "HTTP can be reached from other machines, but media cannot: calls from there will connect and stay \
                 without sound and picture. Set MEDIASOUP_LISTEN_IP=0.0.0.0 and MEDIASOUP_ANNOUNCED_IP to the address \
                 clients reach this machine at."
                    .to_owned(),
            );
        }
        if self.auth.jwt_secret.as_ref().is_some_and(|secret| secret.expose().len() < HS256_SECRET_LEN_MIN) {
            warnings.push(format!(
                "JWT_SECRET is shorter than {HS256_SECRET_LEN_MIN} bytes and can be guessed (RFC 7518 section 3.2). \
                 Make one with: openssl rand -hex 32"
            ));
        }
        warnings
    }

    fn check_http(&self) -> Check {
        let anonymous_and_open =
            !self.auth.has_key() && !self.auth.allow_anonymous && !self.http_address().ip().is_loopback();
        require(
            !anonymous_and_open,
            "http.listenIp",
            "without a key everyone is admin, so the server listens on loopback only; set JWT_SECRET, or \
             ALLOW_ANONYMOUS=true if that is what you want",
        )?;
        require(self.http.max_body_size >= BODY_SIZE_MIN, "http.maxBodySize", "must be at least 16384")?;
        let valid = self.http.cors_origins.iter().all(|origin| is_origin(origin));
        require(valid, "http.corsOrigins", "expected origins such as https://app.example.org, or *")
    }

    fn check_ports(&self) -> Check {
        let (min, max) = (self.worker.rtc_min_port, self.worker.rtc_max_port);
        let workers = self.worker.num_workers.get();
        require(workers <= WORKERS_MAX, "worker.numWorkers", "must be at most 256")?;
        if (min, max) == (0, 0) {
            return Ok(());
        }
        require(min > 0, "worker.rtcMinPort", "must be above zero, or zero together with rtcMaxPort")?;
        require(min <= max, "worker.rtcMaxPort", "must not be below rtcMinPort")?;
        let enough = u32::from(max - min) + 1 >= u32::from(workers);
        require(
            enough,
            "worker.rtcMaxPort",
            "each worker needs a port of its own between rtcMinPort and this one",
        )
    }

    fn check_transport(&self) -> Check {
        const LISTEN_IPS: &str = "webRtcTransport.listenIps";
        let transport = &self.web_rtc_transport;
        require(!transport.listen_ips.is_empty(), LISTEN_IPS, "must name at least one address")?;
        let valid = |listen: &super::ListenIp| listen.announced_ip.as_deref().is_none_or(is_host);
        require(
            transport.listen_ips.iter().all(valid),
            LISTEN_IPS,
            "announcedIp must be an IP address or a host name, without port or scheme",
        )?;
        require(
            transport
                .listen_ips
                .iter()
                .all(|listen| !(listen.expose_internal_ip && listen.ip.is_unspecified())),
            LISTEN_IPS,
            "with exposeInternalIp, ip must be one address of this machine",
        )?;
        require(
            transport.enable_udp || transport.enable_tcp,
            "webRtcTransport.enableUdp",
            "enableUdp and enableTcp cannot both be false",
        )?;
        require(
            transport.minimum_available_outgoing_bitrate
                <= transport.initial_available_outgoing_bitrate.get(),
            "webRtcTransport.minimumAvailableOutgoingBitrate",
            "must not be above initialAvailableOutgoingBitrate",
        )
    }

    fn check_codecs(&self) -> Check {
        const MEDIA_CODECS: &str = "router.mediaCodecs";
        let codecs = RouterOptions::from(&self.router).media_codecs;
        require(!codecs.is_empty(), MEDIA_CODECS, "must name at least one codec")?;
        let of_its_kind = codecs.iter().all(|codec| {
            let kind = codec.mime_type.split('/').next().unwrap_or_default();
            match codec.kind {
                MediaKind::Audio => kind.eq_ignore_ascii_case("audio"),
                MediaKind::Video => kind.eq_ignore_ascii_case("video"),
            }
        });
        require(of_its_kind, MEDIA_CODECS, "kind must be what mimeType starts with")?;
        match router_rtp_capabilities(&codecs) {
            Ok(_) => Ok(()),
            Err(error) => Err(ConfigError::Invalid { key: MEDIA_CODECS, reason: error.to_string() }),
        }
    }

    fn check_ice(&self) -> Check {
        let valid = |server: &IceServer| {
            !server.urls.is_empty() && are_urls(&server.urls, &["stun:", "stuns:", "turn:", "turns:"])
        };
        require(
            self.ice.servers.iter().all(valid),
            "ice.servers",
            "urls must be stun:, stuns:, turn: or turns: URLs",
        )?;
        let turn = &self.ice.turn;
        require(
            are_urls(&turn.urls, &["turn:", "turns:"]),
            "ice.turn.urls",
            "expected turn: or turns: URLs",
        )?;
        require(turn.urls.is_empty() == turn.secret.is_none(), "ice.turn", "urls and secret go together")
    }

    fn check_recording(&self) -> Check {
        let Recording { min_free_space, max_total_size, .. } = &self.recording;
        let printable = |bytes: u64| i64::try_from(bytes).is_ok();
        let settings = Settings::from(&self.recording).with(&RecordingOptions::default());
        settings
            .check()
            .map_err(|invalid| ConfigError::Invalid { key: "recording", reason: invalid.to_string() })?;
        require(printable(*min_free_space), "recording.minFreeSpace", "too large")?;
        require(
            max_total_size.is_none_or(|bytes| printable(bytes.get())),
            "recording.maxTotalSize",
            "too large",
        )
    }
}

/// As long as the hash (RFC 7518 §3.2).
const HS256_SECRET_LEN_MIN: usize = 32;
/// RTP parameters of one track fit with room to spare.
const BODY_SIZE_MIN: u32 = 16 * 1024;
const WORKERS_MAX: u16 = 256;

impl Auth {
    /// Whether a key is configured; without one everyone is admin.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.jwt_secret.is_some() || self.jwt_secret_file.is_some() || self.jwt_public_key_file.is_some()
    }
}

fn require(holds: bool, key: &'static str, reason: &str) -> Check {
    if holds { Ok(()) } else { Err(ConfigError::Invalid { key, reason: reason.to_owned() }) }
}

fn is_origin(origin: &str) -> bool {
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    origin == "*" || authority.is_some_and(|authority| !authority.is_empty() && !authority.contains('/'))
}

fn is_host(host: &str) -> bool {
    let is_name = |host: &str| {
        (1..=253).contains(&host.len())
            && host.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_'))
    };
    host.parse::<IpAddr>().is_ok() || is_name(host)
}

fn are_urls(urls: &[String], schemes: &[&str]) -> bool {
    urls.iter()
        .all(|url| schemes.iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|host| !host.is_empty())))
}
