//! What a worker listens on, and what it tells its peers of it.

use std::net::{IpAddr, SocketAddr};

use crate::media::{
    options::ListenAddress,
    transport::{CandidateType, IceCandidate, Protocol, TcpType},
};

/// Addresses of this machine taken for one wildcard: each costs a socket and a candidate.
const INTERFACE_ADDRESSES_MAX: usize = 16;

/// RFC 8445 §5.1.2.1, as mediasoup has them.
const TYPE_PREFERENCE: u32 = 64;
const LOCAL_PREFERENCE: u32 = 10_000;
const COMPONENT_RTP: u32 = 1;
/// An internal address behind an announced one.
const INTERNAL_BELOW: u32 = 1_000;

/// The addresses to bind, IPv4 first.
///
/// `0.0.0.0` and `::` with nothing announced become this machine's own addresses (`interfaces`): peers must
/// be told real ones, and an answer must leave from the address it was asked at.
pub(super) fn resolve(listen: &[ListenAddress], interfaces: &[IpAddr]) -> Vec<ListenAddress> {
    let mut resolved = Vec::new();
    for address in listen {
        if address.ip.is_unspecified() && address.announced.is_none() {
            let own = reachable(interfaces, address.ip.is_ipv4());
            resolved.extend(own.into_iter().map(|ip| ListenAddress { ip, ..address.clone() }));
        } else {
            resolved.push(address.clone());
        }
    }
    resolved.sort_by_key(|address| address.ip.is_ipv6());
    resolved
}

/// Of one family: no link-local ones, and loopback only where there is nothing else.
fn reachable(interfaces: &[IpAddr], ipv4: bool) -> Vec<IpAddr> {
    let of_family = || interfaces.iter().copied().filter(|ip| ip.is_ipv4() == ipv4 && !is_link_local(*ip));
    let mut own: Vec<IpAddr> = of_family().filter(|ip| !ip.is_loopback()).collect();
    if own.is_empty() {
        own = of_family().collect();
    }
    own.truncate(INTERFACE_ADDRESSES_MAX);
    own
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// A socket and the address it is told by.
pub(super) struct Listening {
    pub(super) protocol: Protocol,
    pub(super) bound: SocketAddr,
    pub(super) announced: Option<String>,
    /// It is told by its own, too.
    pub(super) expose_internal_ip: bool,
}

impl Listening {
    pub(super) fn new(protocol: Protocol, bound: SocketAddr, address: &ListenAddress) -> Self {
        let ListenAddress { announced, expose_internal_ip, .. } = address.clone();
        Self { protocol, bound, announced, expose_internal_ip }
    }
}

/// The candidates of these sockets, the preferred first.
pub(super) fn candidates(listening: &[Listening]) -> Vec<IceCandidate> {
    (0..).zip(listening).flat_map(|(index, socket)| candidates_of(index, socket)).collect()
}

/// What peers are told, and where that is wanted the address behind it.
fn candidates_of(index: u32, socket: &Listening) -> impl Iterator<Item = IceCandidate> {
    let internal = socket.bound.ip().to_string();
    let address = socket.announced.clone().unwrap_or_else(|| internal.clone());
    let is_second = socket.expose_internal_ip && !socket.bound.ip().is_unspecified() && address != internal;
    let first = candidate(index, socket, address);
    let second = is_second.then(|| IceCandidate {
        priority: first.priority - INTERNAL_BELOW,
        ip: internal.clone(),
        address: internal,
        ..first.clone()
    });
    std::iter::once(first).chain(second)
}

fn candidate(index: u32, socket: &Listening, address: String) -> IceCandidate {
    let (foundation, tcp_type) = match socket.protocol {
        Protocol::Udp => ("udpcandidate", None),
        Protocol::Tcp => ("tcpcandidate", Some(TcpType::Passive)),
    };
    IceCandidate {
        foundation: foundation.to_owned(),
        priority: (TYPE_PREFERENCE << 24)
            + (LOCAL_PREFERENCE.saturating_sub(index) << 8)
            + (256 - COMPONENT_RTP),
        ip: address.clone(),
        address,
        protocol: socket.protocol,
        transport: socket.protocol,
        port: socket.bound.port(),
        candidate_type: CandidateType::Host,
        tcp_type,
    }
}

/// Whether nobody but this machine can use any of them.
pub(super) fn only_loopback(candidates: &[IceCandidate]) -> bool {
    candidates.iter().all(|candidate| candidate.address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(ip: &str, announced: Option<&str>) -> ListenAddress {
        let announced = announced.map(str::to_owned);
        ListenAddress { announced, ..ListenAddress::new(ip.parse().unwrap()) }
    }

    fn listening(protocol: Protocol, bound: &str, announced: Option<&str>) -> Listening {
        let bound: SocketAddr = bound.parse().unwrap();
        Listening::new(protocol, bound, &listen(&bound.ip().to_string(), announced))
    }

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn resolved(addresses: &[ListenAddress], interfaces: &[&str]) -> Vec<String> {
        resolve(addresses, &ips(interfaces)).iter().map(|address| address.ip.to_string()).collect()
    }

    #[test]
    fn a_wildcard_without_a_name_becomes_the_machines_addresses() {
        let interfaces = ["127.0.0.1", "::1", "192.0.2.2", "169.254.3.4", "fe80::1", "2001:db8::2"];
        assert_eq!(resolved(&[listen("0.0.0.0", None)], &interfaces), ["192.0.2.2"]);
        assert_eq!(resolved(&[listen("::", None)], &interfaces), ["2001:db8::2"]);
        assert_eq!(resolved(&[listen("0.0.0.0", Some("203.0.113.9"))], &interfaces), ["0.0.0.0"]);
        assert_eq!(resolved(&[listen("0.0.0.0", None)], &["127.0.0.1"]), ["127.0.0.1"]);
        assert!(resolved(&[listen("::", None)], &["127.0.0.1"]).is_empty());
    }

    #[test]
    fn ipv4_comes_first() {
        let addresses = [listen("::1", None), listen("192.0.2.2", None), listen("192.0.2.1", None)];
        assert_eq!(resolved(&addresses, &[]), ["192.0.2.2", "192.0.2.1", "::1"]);
    }

    #[test]
    fn candidates_are_mediasoups() {
        let made = candidates(&[
            listening(Protocol::Udp, "0.0.0.0:10000", Some("sfu.example")),
            listening(Protocol::Tcp, "0.0.0.0:10000", Some("sfu.example")),
            listening(Protocol::Udp, "[2001:db8::2]:10001", None),
        ]);
        let udp = serde_json::json!({
            "foundation": "udpcandidate", "priority": 1_076_302_079, "ip": "sfu.example", "address": "sfu.example",
            "protocol": "udp", "transport": "udp", "port": 10_000, "type": "host",
        });
        assert_eq!(serde_json::to_value(&made[0]).unwrap(), udp);
        let tcp = serde_json::json!({
            "foundation": "tcpcandidate", "priority": 1_076_301_823, "ip": "sfu.example", "address": "sfu.example",
            "protocol": "tcp", "transport": "tcp", "port": 10_000, "type": "host", "tcpType": "passive",
        });
        assert_eq!(serde_json::to_value(&made[1]).unwrap(), tcp);
        assert_eq!((made[2].address.as_str(), made[2].port), ("2001:db8::2", 10_001));
        assert!(made[0].priority > made[1].priority && made[1].priority > made[2].priority);
    }

    #[test]
    fn a_wildcard_and_an_address_told_already_have_nothing_to_expose() {
        let exposed = |bound, announced| {
            let listening = listening(Protocol::Udp, bound, announced);
            candidates(&[Listening { expose_internal_ip: true, ..listening }]).len()
        };
        assert_eq!(exposed("192.0.2.2:1", Some("sfu.example")), 2);
        assert_eq!(exposed("0.0.0.0:1", Some("sfu.example")), 1);
        assert_eq!(exposed("192.0.2.2:1", Some("192.0.2.2")), 1);
        assert_eq!(exposed("192.0.2.2:1", None), 1);
    }

    #[test]
    fn loopback_alone_is_noticed() {
        let on = |bound, announced| listening(Protocol::Udp, bound, announced);
        assert!(only_loopback(&candidates(&[on("127.0.0.1:1", None), on("[::1]:1", None)])));
        assert!(!only_loopback(&candidates(&[on("127.0.0.1:1", None), on("192.0.2.2:1", None)])));
        assert!(!only_loopback(&candidates(&[on("127.0.0.1:1", Some("192.0.2.2"))])));
    }
}
