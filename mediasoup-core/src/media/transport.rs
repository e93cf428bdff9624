//! What a WebRTC transport tells its peer and learns from it, in mediasoup's JSON.

use std::net::SocketAddr;

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
