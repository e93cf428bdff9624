//! Sending: the client offers, the server's answer is written from its parameters.

use std::sync::Arc;

use bytes::Bytes;
use mediasoup_core::{
    ids::{DataProducerId, ProducerId, TransportId},
    media::{
        data::{Delivery, SctpStreamParameters},
        rtp::{MediaKind, RtpParameters},
        transport::{DtlsParameters, DtlsRole, TransportParameters},
    },
};
use rtc::{rtp, sdp::SessionDescription};
use tokio::sync::Mutex;
use webrtc::{
    media_stream::track_local::{TrackLocal, TrackLocalEvent, static_rtp::TrackLocalStaticRTP},
    peer_connection::RTCSessionDescription,
};

use super::{
    ClientError, Device, LocalChannel,
    device::{AUDIO_LEVEL_URI, MID_URI},
    peer::Peer,
    rtcp::asks_for_key_frame,
    sdp::{
        local,
        remote::{RemoteDescription, RemoteSection, Setup},
    },
    track::TrackTable,
};

/// RFC 6464 level of every audio packet sent: -20 dBov, with voice.
const AUDIO_LEVEL: u8 = 0x80 | 20;

/// How a transport tells the server what it did.
#[async_trait::async_trait]
pub trait TransportSignaling: Send + Sync {
    /// Gives the server this side's certificate fingerprint; answered once the server uses it.
    async fn connect(&self, transport: TransportId, dtls: DtlsParameters) -> Result<(), ClientError>;

    /// Announces a track.
    async fn produce(
        &self,
        transport: TransportId,
        kind: MediaKind,
        parameters: RtpParameters,
    ) -> Result<ProducerId, ClientError>;

    /// Announces a data channel.
    async fn produce_data(
        &self,
        transport: TransportId,
        stream: SctpStreamParameters,
        label: &str,
    ) -> Result<DataProducerId, ClientError>;
}

/// A transport from this client to the server.
pub struct SendTransport {
    device: Device,
    pub(super) peer: Peer,
    remote: TransportParameters,
    signaling: Arc<dyn TransportSignaling>,
    /// One negotiation at a time.
    negotiated: Mutex<Negotiated>,
}

#[derive(Default)]
struct Negotiated {
    sections: Vec<RemoteSection>,
    /// Data channels made; their number is the next one's stream.
    channels: u16,
    connected: bool,
    version: u64,
}

impl SendTransport {
    /// A transport for what `create-transport` returned; it connects with the first track.
    ///
    /// # Errors
    /// No socket can be bound.
    pub async fn new(
        device: &Device,
        remote: TransportParameters,
        signaling: Arc<dyn TransportSignaling>,
    ) -> Result<Self, ClientError> {
        let peer = Peer::open(device, &remote.ice_candidates, TrackTable::default()).await?;
        Ok(Self { device: device.clone(), peer, remote, signaling, negotiated: Mutex::default() })
    }

    /// The server's id of it.
    #[must_use]
    pub fn id(&self) -> TransportId {
        self.remote.id
    }

    /// Waits until media can flow.
    ///
    /// # Errors
    /// ICE or DTLS failed, or took over ten seconds.
    pub async fn connected(&self) -> Result<(), ClientError> {
        self.peer.connected().await
    }

    /// Closes this side of it.
    pub async fn close(&self) {
        self.peer.close().await;
    }

    /// Publishes a track of this codec, for example `video/VP8`.
    ///
    /// # Errors
    /// The room has no such codec, or the server refuses.
    pub async fn publish(&self, kind: MediaKind, mime_type: &str) -> Result<LocalTrack, ClientError> {
        let mut negotiated = self.negotiated.lock().await;
        let stream_id = format!("stream-{}", self.id());
        let track = self.peer.add_sender(&self.device, kind, mime_type, &stream_id).await?;
        let offer = self.peer.connection().create_offer(None).await?;
        let session = offer.unmarshal()?;
        let (mid, mut parameters) = local::sent_parameters(&session, negotiated.sections.len())?;
        self.device.keep_negotiated(&mut parameters, kind, mime_type);
        let section = RemoteSection::receiving(&mid, kind, &parameters);
        self.negotiate(&mut negotiated, offer, &session, section).await?;
        drop(negotiated);
        let producer_id = self.signaling.produce(self.id(), kind, parameters.clone()).await?;
        LocalTrack::new(producer_id, kind, track, &mid, &parameters)
    }

    /// Opens a data channel.
    /// The first one goes before any track: the crate starts SCTP when DTLS is through, or never.
    ///
    /// # Errors
    /// The server refuses, or the transport does not connect.
    pub async fn publish_data(&self, label: &str, delivery: Delivery) -> Result<LocalChannel, ClientError> {
        let mut negotiated = self.negotiated.lock().await;
        let stream = SctpStreamParameters { stream_id: negotiated.channels, delivery };
        let channel = self.peer.add_channel(label, "", stream).await?;
        negotiated.channels += 1;
        if stream.stream_id == 0 {
            let offer = self.peer.connection().create_offer(None).await?;
            let session = offer.unmarshal()?;
            let section = RemoteSection::data(&local::data_mid(&session)?);
            self.negotiate(&mut negotiated, offer, &session, section).await?;
        }
        drop(negotiated);
        let id = self.signaling.produce_data(self.id(), stream, label).await?;
        channel.opened().await?;
        Ok(LocalChannel::new(id, channel))
    }

    /// Makes the offer with one more section the session.
    async fn negotiate(
        &self,
        negotiated: &mut Negotiated,
        offer: RTCSessionDescription,
        session: &SessionDescription,
        section: RemoteSection,
    ) -> Result<(), ClientError> {
        if !negotiated.connected {
            let dtls = local::dtls_parameters(session, DtlsRole::Client)?;
            self.signaling.connect(self.id(), dtls).await?;
            negotiated.connected = true;
        }
        negotiated.sections.push(section);
        negotiated.version += 1;
        self.peer.connection().set_local_description(offer).await?;
        let answer = RemoteDescription {
            transport: &self.remote,
            setup: Setup::Passive,
            sections: &negotiated.sections,
            version: negotiated.version,
        };
        let answer = RTCSessionDescription::answer(answer.to_string())?;
        Ok(self.peer.connection().set_remote_description(answer).await?)
    }
}

/// A published track: whoever holds it writes its packets.
pub struct LocalTrack {
    producer_id: ProducerId,
    kind: MediaKind,
    track: Arc<TrackLocalStaticRTP>,
    header: rtp::Header,
}

impl LocalTrack {
    pub(super) fn new(
        producer_id: ProducerId,
        kind: MediaKind,
        track: Arc<TrackLocalStaticRTP>,
        mid: &str,
        parameters: &RtpParameters,
    ) -> Result<Self, ClientError> {
        let incomplete = || ClientError::Malformed("negotiated parameters");
        let mut header = rtp::Header {
            version: 2,
            payload_type: parameters.codecs.first().ok_or_else(incomplete)?.payload_type,
            ssrc: parameters.encodings.first().and_then(|e| e.ssrc).ok_or_else(incomplete)?,
            ..Default::default()
        };
        for extension in &parameters.header_extensions {
            let payload = match extension.uri.as_str() {
                MID_URI => Bytes::copy_from_slice(mid.as_bytes()),
                AUDIO_LEVEL_URI => Bytes::from_static(&[AUDIO_LEVEL]),
                _ => continue,
            };
            header.set_extension(extension.id, payload)?;
        }
        Ok(Self { producer_id, kind, track, header })
    }

    /// The server's id of it.
    #[must_use]
    pub fn producer_id(&self) -> ProducerId {
        self.producer_id
    }

    /// Audio or video.
    #[must_use]
    pub fn kind(&self) -> MediaKind {
        self.kind
    }

    /// SSRC of its packets.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.header.ssrc
    }

    /// Sends one packet. `timestamp` counts the codec's clock; `marker` ends a video frame.
    ///
    /// # Errors
    /// The transport is closed.
    pub async fn send(&mut self, payload: Bytes, timestamp: u32, marker: bool) -> Result<(), ClientError> {
        self.header.sequence_number = self.header.sequence_number.wrapping_add(1);
        let header = rtp::Header { timestamp, marker, ..self.header.clone() };
        Ok(self.track.write_rtp(rtp::Packet { header, payload }).await?)
    }

    /// Waits until a viewer needs a key frame; for ever, once the transport is closed.
    pub async fn key_frame_requested(&self) {
        while let Some(TrackLocalEvent::OnRtcpPacket(packets)) = self.track.poll().await {
            if packets.iter().any(|packet| asks_for_key_frame(packet.as_ref())) {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}
