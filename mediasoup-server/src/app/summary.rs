//! What a person is told at the start.

use std::fmt::Write as _;

use super::RunningServer;
use crate::config::ListenIp;

impl RunningServer {
    /// Where to go, and what matters most: a few lines for a person.
    #[must_use]
    pub fn summary(&self) -> String {
        let config = &self.state.config;
        let port = self.local_addr.port();
        let ip = self.local_addr.ip();
        let host =
            if ip.is_unspecified() || ip.is_loopback() { "localhost".to_owned() } else { url_host(ip) };
        let mut lines = vec![
            ("Open", format!("http://{host}:{port}/")),
            (
                "HTTP",
                format!("{}, Socket.IO namespaces / and /ws, API description at /docs", self.local_addr),
            ),
            ("Media", self.media()),
        ];
        lines.push((
            "Access",
            if self.state.auth.is_anonymous() {
                "anonymous: no key is configured, everyone is admin (set JWT_SECRET to change that)"
                    .to_owned()
            } else {
                "tokens (JWT)".to_owned()
            },
        ));
        lines.push(("Rooms", format!("up to {} participants", config.room.max_participants)));
        lines.push(("Records", config.recording.output_dir.display().to_string()));
        let mut text = format!("mediasoup-server {}\n", env!("CARGO_PKG_VERSION"));
        for (name, value) in lines {
            let _ = writeln!(text, "  {name:<7} {value}");
        }
        text
    }

    fn media(&self) -> String {
        let config = &self.state.config;
        let addresses: Vec<_> = config.web_rtc_transport.listen_ips.iter().map(address).collect();
        let workers = config.worker.num_workers;
        let ports = match (config.worker.rtc_min_port, config.worker.rtc_max_port) {
            (0, 0) => "ports chosen by the system".to_owned(),
            (min, max) => format!("ports {min}-{max}"),
        };
        let protocols = match (config.web_rtc_transport.enable_udp, config.web_rtc_transport.enable_tcp) {
            (true, true) => "UDP and TCP",
            (true, false) => "UDP",
            _ => "TCP",
        };
        format!("{} ({protocols}, {ports}, workers: {workers})", addresses.join(", "))
    }
}

fn address(listen: &ListenIp) -> String {
    match &listen.announced_ip {
        Some(announced) if *announced != listen.ip.to_string() => {
            format!("{} announced as {announced}", listen.ip)
        }
        _ => listen.ip.to_string(),
    }
}

fn url_host(ip: std::net::IpAddr) -> String {
    match ip {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
