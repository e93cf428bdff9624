//! What a plain transport tells its peer and learns from it, in mediasoup's JSON.

use std::{fmt, net::IpAddr};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    data::SctpParameters, error::TransportError, options::PlainTransportOptions, transport::TransportTuple,
};
use crate::ids::{RouterId, TransportId};

/// How RTP is protected where there is no handshake (RFC 4568 §6.2, RFC 7714 §14.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SrtpCryptoSuite {
    /// AES-256-GCM.
    #[serde(rename = "AEAD_AES_256_GCM")]
    AeadAes256Gcm,
    /// AES-128-GCM.
    #[serde(rename = "AEAD_AES_128_GCM")]
    AeadAes128Gcm,
    /// AES-128 in counter mode, HMAC-SHA1 of 80 bits. What every peer has.
    #[default]
    #[serde(rename = "AES_CM_128_HMAC_SHA1_80")]
    AesCm128HmacSha1_80,
    /// The same, with a tag of 32 bits on RTP: six bytes less a packet, and easier to forge.
    #[serde(rename = "AES_CM_128_HMAC_SHA1_32")]
    AesCm128HmacSha1_32,
}

impl SrtpCryptoSuite {
    /// Bytes of its master key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm => 32,
            Self::AeadAes128Gcm | Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 => 16,
        }
    }

    /// Bytes of its master salt.
    #[must_use]
    pub const fn salt_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::AeadAes128Gcm => 12,
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 => 14,
        }
    }
}

/// The key of one direction.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SrtpParameters {
    /// How it is used.
    pub crypto_suite: SrtpCryptoSuite,
    /// Master key and salt, one behind the other, in Base64. Secret; never logged.
    pub key_base64: String,
}

impl fmt::Debug for SrtpParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SrtpParameters").field("crypto_suite", &self.crypto_suite).finish_non_exhaustive()
    }
}

/// Where and how a plain transport sends and receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlainTransportParameters {
    /// The transport.
    pub id: TransportId,
    /// RTCP goes the way of RTP.
    pub rtcp_mux: bool,
    /// The peer's address is learnt from what it sends.
    pub comedia: bool,
    /// The way of RTP. Without the remote half until the peer is known.
    pub tuple: TransportTuple,
    /// The way of RTCP, where it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rtcp_tuple: Option<TransportTuple>,
    /// The key of what the server sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub srtp_parameters: Option<SrtpParameters>,
    /// SCTP, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sctp_parameters: Option<SctpParameters>,
}

/// Where the peer of a plain transport is. What `comedia` learns is not stated, and what is not in use is not, either.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlainRemote {
    /// Required without `comedia`.
    #[serde(default)]
    pub ip: Option<IpAddr>,
    /// Required without `comedia`.
    #[serde(default)]
    pub port: Option<u16>,
    /// Required without `comedia` and without `rtcpMux`.
    #[serde(default)]
    pub rtcp_port: Option<u16>,
    /// The key of what the peer sends. Required with SRTP.
    #[serde(default)]
    pub srtp_parameters: Option<SrtpParameters>,
}

/// Plain transports' part of the seam between handles and whatever carries the media. Object safe; every call is complete
/// when it returns, and has changed nothing where it fails. What a port without them answers is already here.
#[async_trait]
#[expect(unused_variables, reason = "the answers of a port without plain transports")]
pub trait PlainPort: Send + Sync + 'static {
    /// Opens a plain transport on a port of its own.
    async fn create_plain_transport(
        &self,
        router: RouterId,
        id: TransportId,
        options: &PlainTransportOptions,
    ) -> Result<PlainTransportParameters, TransportError> {
        Err(TransportError::NotFound(id))
    }
    /// Tells a plain transport where its peer is. Gives what it is then.
    async fn connect_plain_transport(
        &self,
        id: TransportId,
        remote: PlainRemote,
    ) -> Result<PlainTransportParameters, TransportError> {
        Err(TransportError::NotFound(id))
    }
}
