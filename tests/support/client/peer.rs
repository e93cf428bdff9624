//! One peer connection: built for a transport's addresses, watched for its state.

use std::{sync::Arc, time::Duration};

use mediasoup_core::media::{data::SctpStreamParameters, rtp::MediaKind, transport::IceCandidate};
use rtc::{
    interceptor::Slot,
    media_stream::MediaStreamTrack,
    peer_connection::{configuration::setting_engine::SctpMaxMessageSize, transport::RTCDtlsRole},
    rtp_transceiver::rtp_sender::{RTCRtpCodingParameters, RTCRtpEncodingParameters},
};
use tokio::{sync::watch, time::timeout};
use webrtc::{
    media_stream::{
        track_local::{TrackLocal, static_rtp::TrackLocalStaticRTP},
        track_remote::TrackRemote,
    },
    peer_connection::{
        PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCPeerConnectionState, Registry,
        SettingEngine, SettingEngineBuilder, configure_nack, configure_rtcp_reports, configure_twcc,
    },
    rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit},
};

use super::{
    ClientError, Device,
    channel::{self, Channel},
    device::{codec_parameters, engine_kind},
    rtcp::KeyFrameRequests,
    track::TrackTable,
};

/// How long ICE and DTLS together may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The side of the chain nearest the application: every other interceptor has seen the packet.
const LAST_SLOT: usize = 14_000;

/// A peer connection and its state.
pub(super) struct Peer {
    connection: Arc<dyn PeerConnection>,
    state: watch::Receiver<RTCPeerConnectionState>,
}

struct Handler {
    state: watch::Sender<RTCPeerConnectionState>,
    tracks: TrackTable,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.state.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let tracks = self.tracks.clone();
        // Ends with the track, which ends with the connection.
        tokio::spawn(async move { tracks.read(track).await });
    }
}

impl Peer {
    /// A peer connection that can reach `candidates` and counts inbound tracks in `tracks`.
    pub(super) async fn open(
        device: &Device,
        candidates: &[IceCandidate],
        tracks: TrackTable,
    ) -> Result<Self, ClientError> {
        // Left alone, the crate leaves the first hello to a lite server, which waits for it itself.
        let settings = SettingEngineBuilder::new().with_answering_dtls_role(RTCDtlsRole::Client);
        // As long a message as the server takes; the crate's own limit is lower.
        let settings = settings.with_sctp_max_message_size(SctpMaxMessageSize::Unbounded).build();
        Self::open_with(device, bind_addresses(candidates), tracks, settings).await
    }

    pub(super) async fn open_with(
        device: &Device,
        bind: Vec<String>,
        tracks: TrackTable,
        settings: SettingEngine,
    ) -> Result<Self, ClientError> {
        let mut engine = device.media_engine()?;
        let registry = configure_nack(Registry::new(), &mut engine);
        let registry = configure_twcc(configure_rtcp_reports(registry), &mut engine)?;
        let registry = registry.with(Slot::from(LAST_SLOT), KeyFrameRequests::default());
        let (sender, state) = watch::channel(RTCPeerConnectionState::New);
        let connection = PeerConnectionBuilder::new()
            .with_media_engine(engine)
            .with_setting_engine(settings)
            .with_interceptor_registry(registry)
            .with_handler(Arc::new(Handler { state: sender, tracks }))
            .with_udp_addrs(bind)
            .build()
            .await?;
        Ok(Self { connection: Arc::new(connection), state })
    }

    pub(super) fn connection(&self) -> &dyn PeerConnection {
        self.connection.as_ref()
    }

    /// Adds a media section that sends one stream of one codec.
    pub(super) async fn add_sender(
        &self,
        device: &Device,
        kind: MediaKind,
        mime_type: &str,
        stream_id: &str,
    ) -> Result<Arc<TrackLocalStaticRTP>, ClientError> {
        let (media, rtx) = device.codec(mime_type).ok_or(ClientError::NoCommonCodec(kind))?;
        let media = codec_parameters(media).ok_or(ClientError::NoCommonCodec(kind))?;
        let rtx = rtx.and_then(codec_parameters);
        let encoding = RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(random_ssrc()), ..Default::default() },
            active: true,
            codec: media.rtp_codec.clone(),
            ..Default::default()
        };
        let track_id = uuid::Uuid::new_v4().to_string();
        let track = MediaStreamTrack::new(
            stream_id.to_owned(),
            track_id.clone(),
            track_id,
            engine_kind(kind),
            vec![encoding],
        );
        let track = Arc::new(TrackLocalStaticRTP::new(track));
        let init = RTCRtpTransceiverInit {
            direction: RTCRtpTransceiverDirection::Sendonly,
            streams: vec![],
            send_encodings: vec![],
        };
        let transceiver = self
            .connection
            .add_transceiver_from_track(Arc::clone(&track) as Arc<dyn TrackLocal>, Some(init))
            .await?;
        transceiver.set_codec_preferences([Some(media), rtx].into_iter().flatten().collect()).await?;
        Ok(track)
    }

    /// Adds a data channel that both sides know of.
    pub(super) async fn add_channel(
        &self,
        label: &str,
        protocol: &str,
        stream: SctpStreamParameters,
    ) -> Result<Channel, ClientError> {
        let init = channel::init(stream, protocol);
        Ok(Channel(self.connection.create_data_channel(label, Some(init)).await?))
    }

    /// Waits until ICE and DTLS are through.
    pub(super) async fn connected(&self) -> Result<(), ClientError> {
        let mut state = self.state.clone();
        let settled = |state: &RTCPeerConnectionState| {
            use RTCPeerConnectionState::{Closed, Connected, Failed};
            matches!(state, Connected | Failed | Closed)
        };
        let reached = timeout(PATIENCE, state.wait_for(settled))
            .await
            .map_err(|_| ClientError::Timeout("media connection".into()))?
            .map_err(|_| ClientError::Closed)?;
        if *reached == RTCPeerConnectionState::Connected { Ok(()) } else { Err(ClientError::Closed) }
    }

    pub(super) async fn close(&self) {
        if let Err(error) = self.connection.close().await {
            tracing::debug!(%error, "peer connection closed uncleanly");
        }
    }
}

/// SSRCs are random so that two senders rarely meet (RFC 3550 §8.1); zero is kept out of use.
fn random_ssrc() -> u32 {
    let (bits, _) = uuid::Uuid::new_v4().as_u64_pair();
    u32::try_from(bits >> 32).unwrap_or_default().max(1)
}

/// Where to bind: on loopback for a server on loopback, otherwise on every interface. (A wildcard socket
/// has no loopback candidate.)
fn bind_addresses(candidates: &[IceCandidate]) -> Vec<String> {
    let addresses = || candidates.iter().filter_map(|candidate| candidate.address.parse().ok());
    let any = |wanted: fn(&std::net::IpAddr) -> bool| addresses().any(|address| wanted(&address));
    [
        (any(|ip| ip.is_ipv4() && ip.is_loopback()), "127.0.0.1:0"),
        (any(|ip| ip.is_ipv6() && ip.is_loopback()), "[::1]:0"),
        (addresses().count() == 0 || any(|ip| ip.is_ipv4() && !ip.is_loopback()), "0.0.0.0:0"),
        (any(|ip| ip.is_ipv6() && !ip.is_loopback()), "[::]:0"),
    ]
    .into_iter()
    .filter(|(wanted, _)| *wanted)
    .map(|(_, address)| address.to_owned())
    .collect()
}
