//! From parameters of a transport to keys: ICE, then DTLS.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::BytesMut;
use mediasoup_core::{
    benching::{ClientKeys, Profile, ice_check},
    media::transport::IceParameters,
};
use rtc_dtls::{
    config::{ConfigBuilder, ExtendedMasterSecretType},
    crypto::Certificate,
    crypto_provider::{RTCCryptoProvider, default_provider},
    endpoint::{Endpoint, EndpointEvent},
    extension::extension_use_srtp::SrtpProtectionProfile,
};
use serde_json::{Value, json};
use tokio::{
    net::{UdpSocket, lookup_host},
    time::timeout,
};

use crate::{Result, options::Options};

/// For ICE and DTLS together.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two checks that nobody has answered.
const CHECK_PERIOD: Duration = Duration::from_millis(200);
/// First byte of a STUN success response.
const SUCCESS: [u8; 2] = [1, 1];

/// Who all clients say they are. One certificate does for all: nobody compares them.
pub(crate) struct Identity {
    provider: Arc<dyn RTCCryptoProvider>,
    certificate: Certificate,
    profile: Profile,
}

/// A transport that carries media.
pub(crate) struct Connected {
    pub(crate) socket: std::net::UdpSocket,
    pub(crate) keys: ClientKeys,
    /// For the checks that keep it.
    pub(crate) ice: IceParameters,
}

impl Identity {
    pub(crate) fn new(profile: Profile) -> Result<Self> {
        let provider = default_provider().map_err(|error| error.to_string())?;
        let certificate = Certificate::generate_self_signed(vec!["load".into()], provider.crypto())?;
        Ok(Self { provider, certificate, profile })
    }

    /// What `connect-transport` takes.
    pub(crate) fn dtls_parameters(&self) -> Value {
        let digest = digest(&SHA256, &self.certificate.certificate[0]);
        let value: Vec<_> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        json!({ "role": "client", "fingerprints": [{ "algorithm": "sha-256", "value": value.join(":") }] })
    }

    /// Connects to a transport, as `transport-created` states it.
    pub(crate) async fn connect(&self, options: &Options, transport: &Value) -> Result<Connected> {
        let server = candidate(transport).await?;
        options.check_address(server)?;
        let ice: IceParameters = serde_json::from_value(transport["iceParameters"].clone())?;
        let local: IpAddr = match server.ip() {
            loopback if loopback.is_loopback() => loopback,
            IpAddr::V4(_) => [0; 4].into(),
            IpAddr::V6(_) => [0_u16; 8].into(),
        };
        let socket = UdpSocket::bind((local, 0)).await?;
        socket.connect(server).await?;
        let connecting = async {
            validate(&socket, &ice).await?;
            self.shake_hands(&socket, server).await
        };
        let keys = timeout(PATIENCE, connecting).await.map_err(|_| "ICE and DTLS take too long")??;
        Ok(Connected { socket: socket.into_std()?, keys, ice })
    }

    async fn shake_hands(&self, socket: &UdpSocket, server: SocketAddr) -> Result<ClientKeys> {
        let config = ConfigBuilder::default()
            .with_crypto_provider(Arc::clone(&self.provider))
            .with_certificates(vec![self.certificate.clone()])
            .with_srtp_protection_profiles(vec![offer(self.profile)])
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_insecure_skip_verify(true)
            .build(true, Some(server))?;
        let mut endpoint = Endpoint::new(socket.local_addr()?, Default::default(), None);
        endpoint.connect(Instant::now(), server, Arc::new(config), None)?;
        let mut buffer = [0; 2048];
        let mut connected = false;
        loop {
            while let Some(sent) = endpoint.poll_transmit() {
                socket.send(&sent.message).await?;
            }
            if connected {
                break;
            }
            let due = endpoint.poll_timeout(&server).unwrap_or_else(|| Instant::now() + PATIENCE);
            let received = timeout(due.saturating_duration_since(Instant::now()), socket.recv(&mut buffer));
            match received.await {
                Err(_) => endpoint.handle_timeout(server, Instant::now())?,
                Ok(len) => {
                    let datagram = &buffer[..len?];
                    if !matches!(datagram.first(), Some(20..=63)) {
                        continue; // a late answer to a check
                    }
                    let events = endpoint.read(Instant::now(), server, None, BytesMut::from(datagram))?;
                    connected = events.iter().any(|event| matches!(event, EndpointEvent::HandshakeComplete));
                }
            }
        }
        let state = endpoint.get_connection_state(server).ok_or("DTLS has ended")?;
        if state.srtp_protection_profile() != offer(self.profile) {
            return Err("the server took none of the SRTP profiles offered".into());
        }
        let length = self.profile.keying_material_len();
        let material = state.export_keying_material("EXTRACTOR-dtls_srtp", &[], length)?;
        Ok(ClientKeys::new(self.profile, material.as_ref()).ok_or("keys of the wrong length")?)
    }
}

/// The first UDP candidate.
async fn candidate(transport: &Value) -> Result<SocketAddr> {
    let candidates = transport["iceCandidates"].as_array().ok_or("no iceCandidates")?;
    let udp = candidates.iter().find(|candidate| candidate["protocol"] == "udp").ok_or("no UDP candidate")?;
    let host = udp["address"].as_str().or_else(|| udp["ip"].as_str()).ok_or("a candidate without address")?;
    let port =
        udp["port"].as_u64().and_then(|port| u16::try_from(port).ok()).ok_or("a candidate without port")?;
    Ok(lookup_host((host, port)).await?.next().ok_or("a candidate that has no address")?)
}

/// Asks until the server has answered.
async fn validate(socket: &UdpSocket, ice: &IceParameters) -> Result<()> {
    let mut buffer = [0; 2048];
    loop {
        socket.send(&ice_check(ice)).await?;
        if let Ok(len) = timeout(CHECK_PERIOD, socket.recv(&mut buffer)).await
            && buffer[..len?].starts_with(&SUCCESS)
        {
            return Ok(());
        }
    }
}

fn offer(profile: Profile) -> SrtpProtectionProfile {
    match profile {
        Profile::AesCm128HmacSha1_80 => SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
        Profile::AeadAes128Gcm => SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
        Profile::AeadAes256Gcm => SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
    }
}
