//! What a WebRTC transport tells its peer and learns from it, in mediasoup's JSON.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

/// ICE credentials of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IceParameters {
    /// Unique on its worker; datagrams are told apart by it.
    pub username_fragment: String,
    /// Secret; never logged.
    pub password: String,
    /// Always true: the peer does the checks.
    pub ice_lite: bool,
}

/// UDP or TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Datagrams.
    Udp,
    /// RFC 4571 frames (RFC 6544, passive).
    Tcp,
}

/// `tcptype` of RFC 6544.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TcpType {
    /// The server listens.
    Passive,
}

/// `host`: the only type a lite server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CandidateType {
    /// An address of this machine, or the one announced for it.
    Host,
}

/// An address the peer may reach the server at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IceCandidate {
    /// RFC 8445 §5.1.1.3.
    pub foundation: String,
    /// RFC 8445 §5.1.2.
    pub priority: u32,
    /// The same as `address`: older clients read only this one.
    pub ip: String,
    /// An IP address, or a host name where one is announced.
    pub address: String,
    /// UDP or TCP.
    pub protocol: Protocol,
    /// The same as `protocol`: the Dart clients read only this one.
    pub transport: Protocol,
    /// Port.
    pub port: u16,
    /// Always `host`.
    #[serde(rename = "type")]
    pub candidate_type: CandidateType,
    /// TCP only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp_type: Option<TcpType>,
}

/// Who starts the DTLS handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DtlsRole {
    /// The peer decides.
    #[default]
    Auto,
    /// Sends the first hello.
    Client,
    /// Waits for it.
    Server,
}

/// Hash of a certificate fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FingerprintAlgorithm {
    /// SHA-1; accepted from no peer, stated for old ones.
    #[serde(rename = "sha-1")]
    Sha1,
    /// SHA-224.
    #[serde(rename = "sha-224")]
    Sha224,
    /// SHA-256.
    #[serde(rename = "sha-256")]
    Sha256,
    /// SHA-384.
    #[serde(rename = "sha-384")]
    Sha384,
    /// SHA-512.
    #[serde(rename = "sha-512")]
    Sha512,
}

/// Fingerprint of a certificate (RFC 8122 §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DtlsFingerprint {
    /// Hash.
    pub algorithm: FingerprintAlgorithm,
    /// Hex bytes with colons between; upper case when sent, either when received.
    pub value: String,
}

/// DTLS role and certificate fingerprints of one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DtlsParameters {
    /// Absent counts as `auto`.
    #[serde(default, deserialize_with = "super::rtp::null_as_default")]
    pub role: DtlsRole,
    /// At least one.
    pub fingerprints: Vec<DtlsFingerprint>,
}

/// How far ICE has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IceState {
    /// No check has come.
    New,
    /// A tuple is in use.
    Connected,
    /// A tuple was nominated.
    Completed,
    /// Consent (RFC 7675) has run out.
    Disconnected,
    /// The transport was closed.
    Closed,
}

/// How far DTLS has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DtlsState {
    /// `connect` was not called.
    New,
    /// The handshake is under way.
    Connecting,
    /// Keys are agreed and the peer's certificate is the one it announced.
    Connected,
    /// The handshake failed or the certificate was another one.
    Failed,
    /// Either side closed.
    Closed,
}

/// The way of a packet: what it came in on, or goes out on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tuple {
    /// UDP or TCP.
    pub protocol: Protocol,
    /// The server's address (the bound one, not the announced one).
    pub local: SocketAddr,
    /// The peer's address.
    pub remote: SocketAddr,
}

/// The way of a transport's packets, as it is told outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransportTuple {
    /// The server's address; mediasoup's former name of `local_address`.
    pub local_ip: String,
    /// The server's address.
    pub local_address: String,
    /// The server's port.
    pub local_port: u16,
    /// The peer's address, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_ip: Option<IpAddr>,
    /// The peer's port, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_port: Option<u16>,
    /// UDP or TCP.
    pub protocol: Protocol,
}

impl TransportTuple {
    /// Over UDP, to a peer or to nobody yet.
    #[must_use]
    pub fn udp(local: SocketAddr, remote: Option<SocketAddr>) -> Self {
        Self::new(Protocol::Udp, local, remote)
    }

    fn new(protocol: Protocol, local: SocketAddr, remote: Option<SocketAddr>) -> Self {
        let address = local.ip().to_string();
        Self {
            local_ip: address.clone(),
            local_address: address,
            local_port: local.port(),
            remote_ip: remote.map(|remote| remote.ip()),
            remote_port: remote.map(|remote| remote.port()),
            protocol,
        }
    }

    /// With the address that peers are told instead of the bound one.
    #[must_use]
    pub fn announced(self, address: &str) -> Self {
        Self { local_ip: address.to_owned(), local_address: address.to_owned(), ..self }
    }
}

impl From<Tuple> for TransportTuple {
    fn from(tuple: Tuple) -> Self {
        Self::new(tuple.protocol, tuple.local, Some(tuple.remote))
    }
}

/// A bound of what the path to a peer is taken to carry, bit/s; 0 or `None` takes it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutgoingLimit {
    /// At most.
    Max(Option<u32>),
    /// At least.
    Min(Option<u32>),
}

/// Everything a peer needs to connect to a transport.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransportParameters {
    /// The transport.
    pub id: crate::ids::TransportId,
    /// Credentials.
    pub ice_parameters: IceParameters,
    /// The first is the one every client can use: UDP, IPv4 where there is one.
    pub ice_candidates: Vec<IceCandidate>,
    /// The server's role is `auto`; the last fingerprint is the one mediasoup-client takes.
    pub dtls_parameters: DtlsParameters,
    /// `None`: no data channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sctp_parameters: Option<super::data::SctpParameters>,
}
