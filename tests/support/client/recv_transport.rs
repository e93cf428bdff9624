//! Receiving: the server's offer is written from its parameters, the client answers.

use std::sync::Arc;

use mediasoup_core::{
    ids::{ConsumerId, ProducerId, TransportId},
    media::{
        rtp::{MediaKind, RtpParameters},
        transport::{DtlsRole, TransportParameters},
    },
};
use serde::Deserialize;
use tokio::sync::Mutex;
use webrtc::peer_connection::RTCSessionDescription;

use super::{
    ClientError, DataConsumerParameters, Device, RemoteChannel, RemoteTrack, TransportSignaling,
    peer::Peer,
    sdp::{
        local,
        remote::{RemoteDescription, RemoteSection, Setup},
    },
    track::TrackTable,
};

/// What `create-consumer` returns.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerParameters {
    /// The consumer.
    pub id: ConsumerId,
    /// What it consumes.
    pub producer_id: ProducerId,
    /// Audio or video.
    pub kind: MediaKind,
    /// What the receiver is made from.
    pub rtp_parameters: RtpParameters,
}

/// The section of data channels; consumers' mids are numbers.
const DATA_MID: &str = "data";

/// A transport from the server to this client.
pub struct RecvTransport {
    pub(super) peer: Peer,
    tracks: TrackTable,
    remote: TransportParameters,
    signaling: Arc<dyn TransportSignaling>,
    /// One negotiation at a time.
    negotiated: Mutex<Negotiated>,
}

#[derive(Default)]
struct Negotiated {
    sections: Vec<RemoteSection>,
    connected: bool,
    version: u64,
}

impl RecvTransport {
    /// A transport for what `create-transport` returned; it connects with the first consumer.
    ///
    /// # Errors
    /// No socket can be bound.
    pub async fn new(
        device: &Device,
        remote: TransportParameters,
        signaling: Arc<dyn TransportSignaling>,
    ) -> Result<Self, ClientError> {
        let tracks = TrackTable::default();
        let peer = Peer::open(device, &remote.ice_candidates, tracks.clone()).await?;
        Ok(Self { peer, tracks, remote, signaling, negotiated: Mutex::default() })
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

    /// Makes a receiver for a consumer of the server.
    ///
    /// # Errors
    /// The parameters do not fit this client, or the server refuses to connect.
    pub async fn consume(&self, consumer: &ConsumerParameters) -> Result<RemoteTrack, ClientError> {
        let ConsumerParameters { id, kind, rtp_parameters, .. } = consumer;
        let mid = rtp_parameters.mid.as_deref().ok_or(ClientError::Malformed("consumer without a mid"))?;
        let mut negotiated = self.negotiated.lock().await;
        let track = self.tracks.expect(*id, *kind).await;
        negotiated.sections.push(RemoteSection::sending(mid, *kind, rtp_parameters, &id.to_string()));
        self.negotiate(&mut negotiated).await?;
        Ok(track)
    }

    /// Makes a channel for a data consumer of the server, and waits until it is open.
    /// The first one goes before any track: the crate starts SCTP when DTLS is through, or never.
    ///
    /// # Errors
    /// The server refuses to connect, or the transport does not connect.
    pub async fn consume_data(
        &self,
        consumer: &DataConsumerParameters,
    ) -> Result<RemoteChannel, ClientError> {
        let DataConsumerParameters { id, sctp_stream_parameters, label, protocol, .. } = consumer;
        let mut negotiated = self.negotiated.lock().await;
        let channel = self.peer.add_channel(label, protocol, *sctp_stream_parameters).await?;
        if !negotiated.sections.iter().any(|section| section.mid() == DATA_MID) {
            negotiated.sections.push(RemoteSection::data(DATA_MID));
            self.negotiate(&mut negotiated).await?;
        }
        drop(negotiated);
        channel.opened().await?;
        Ok(RemoteChannel::new(*id, channel))
    }

    /// Stops to receive a consumer the server has closed.
    ///
    /// # Errors
    /// The transport is closed.
    pub async fn stop(&self, consumer: &ConsumerParameters) -> Result<(), ClientError> {
        let mut negotiated = self.negotiated.lock().await;
        self.tracks.forget(consumer.id).await;
        let mid = consumer.rtp_parameters.mid.as_deref();
        for section in negotiated.sections.iter_mut().filter(|section| Some(section.mid()) == mid) {
            section.deactivate();
        }
        self.negotiate(&mut negotiated).await
    }

    async fn negotiate(&self, negotiated: &mut Negotiated) -> Result<(), ClientError> {
        negotiated.version += 1;
        let offer = RemoteDescription {
            transport: &self.remote,
            setup: Setup::Actpass,
            sections: &negotiated.sections,
            version: negotiated.version,
        };
        let connection = self.peer.connection();
        connection.set_remote_description(RTCSessionDescription::offer(offer.to_string())?).await?;
        let answer = connection.create_answer(None).await?;
        if !negotiated.connected {
            let dtls = local::dtls_parameters(&answer.unmarshal()?, DtlsRole::Client)?;
            self.signaling.connect(self.id(), dtls).await?;
            negotiated.connected = true;
        }
        Ok(connection.set_local_description(answer).await?)
    }
}
