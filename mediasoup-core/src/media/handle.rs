//! The handles: what an application holds of a worker's media.
//!
//! Cheap to clone. Closing is explicit; a dropped handle leaves what it names running.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::broadcast;

use super::{
    error::{ConsumeError, ProduceError, RouterError, RtpError, TransportError, WorkerError},
    event::RouterEvent,
    options::{ConsumerOptions, ProducerOptions, RouterOptions, WebRtcTransportOptions},
    port::MediaPort,
    rtp::{MediaKind, RtpCapabilities, RtpParameters, RtpType},
    stats::{ConsumerStats, ProducerStats, TransportStats},
    transport::{DtlsParameters, DtlsRole, IceParameters, TransportParameters},
};
use crate::ids::{ConsumerId, ProducerId, RouterId, TransportId, WorkerId};

/// One worker: a thread that carries media.
#[derive(Clone, Debug)]
pub struct Worker {
    id: WorkerId,
    port: Arc<dyn MediaPort>,
}

impl Worker {
    /// A handle of the worker behind `port`.
    #[must_use]
    pub fn new(id: WorkerId, port: Arc<dyn MediaPort>) -> Self {
        Self { id, port }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> WorkerId {
        self.id
    }

    /// Opens a router.
    ///
    /// # Errors
    /// Codecs that are malformed or not supported, or the worker's end.
    pub async fn create_router(&self, options: RouterOptions) -> Result<Router, RouterError> {
        todo!("{options:?} {:?}", self.port)
    }
}

/// One room's media: transports, and which producer goes to which consumer.
#[derive(Clone, Debug)]
pub struct Router {}

impl Router {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> RouterId {
        todo!()
    }

    /// What clients load into their device.
    #[must_use]
    pub fn rtp_capabilities(&self) -> &RtpCapabilities {
        todo!()
    }

    /// Whether a viewer with these capabilities can consume this producer. Unknown producers: false.
    ///
    /// # Errors
    /// Malformed capabilities.
    pub fn can_consume(
        &self,
        producer: ProducerId,
        capabilities: &RtpCapabilities,
    ) -> Result<bool, RtpError> {
        todo!("{producer} {capabilities:?}")
    }

    /// A reader of what happens in this router from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<RouterEvent> {
        todo!()
    }

    /// Opens a transport.
    ///
    /// # Errors
    /// The worker's end.
    pub async fn create_webrtc_transport(
        &self,
        options: WebRtcTransportOptions,
    ) -> Result<WebRtcTransport, TransportError> {
        todo!("{options:?}")
    }

    /// Closes it and everything in it. Idempotent.
    pub async fn close(&self) {
        todo!()
    }
}

/// The way between the server and one peer.
#[derive(Clone, Debug)]
pub struct WebRtcTransport {}

impl WebRtcTransport {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> TransportId {
        todo!()
    }

    /// What the peer needs to connect.
    #[must_use]
    pub fn parameters(&self) -> &TransportParameters {
        todo!()
    }

    /// Kept for the application.
    #[must_use]
    pub fn app_data(&self) -> &Value {
        todo!()
    }

    /// Gives it the peer's certificate fingerprint, once.
    ///
    /// # Errors
    /// A second call, no or a malformed fingerprint, a closed transport.
    pub async fn connect(&self, remote: DtlsParameters) -> Result<DtlsRole, TransportError> {
        todo!("{remote:?}")
    }

    /// New ICE credentials; the old ones work until the peer uses the new.
    ///
    /// # Errors
    /// A closed transport.
    pub async fn restart_ice(&self) -> Result<IceParameters, TransportError> {
        todo!()
    }

    /// The most the peer may send, bit/s; `None`: no limit.
    ///
    /// # Errors
    /// A closed transport.
    pub async fn set_max_incoming_bitrate(&self, bitrate: Option<u32>) -> Result<(), TransportError> {
        todo!("{bitrate:?}")
    }

    /// Starts to receive a track.
    ///
    /// # Errors
    /// Parameters that do not fit the router, streams in use already, a closed transport.
    pub async fn produce(&self, options: ProducerOptions) -> Result<Producer, ProduceError> {
        todo!("{options:?}")
    }

    /// Starts to send a track.
    ///
    /// # Errors
    /// An unknown producer, capabilities without a codec in common, a closed transport.
    pub async fn consume(&self, options: ConsumerOptions) -> Result<Consumer, ConsumeError> {
        todo!("{options:?}")
    }

    /// Counters.
    ///
    /// # Errors
    /// A closed transport.
    pub async fn stats(&self) -> Result<TransportStats, TransportError> {
        todo!()
    }

    /// Closes it with its producers and consumers, and the consumers of those producers. Idempotent.
    pub async fn close(&self) {
        todo!()
    }
}

/// A track the server receives.
#[derive(Clone, Debug)]
pub struct Producer {}

impl Producer {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> ProducerId {
        todo!()
    }

    /// Audio or video.
    #[must_use]
    pub fn kind(&self) -> MediaKind {
        todo!()
    }

    /// Shape of its stream.
    #[must_use]
    pub fn rtp_type(&self) -> RtpType {
        todo!()
    }

    /// As the client sends (normalised).
    #[must_use]
    pub fn rtp_parameters(&self) -> &RtpParameters {
        todo!()
    }

    /// Kept for the application.
    #[must_use]
    pub fn app_data(&self) -> &Value {
        todo!()
    }

    /// Drops what comes until resumed.
    ///
    /// # Errors
    /// A closed producer.
    pub async fn pause(&self) -> Result<(), ProduceError> {
        todo!()
    }

    /// Lets it flow and asks for a key frame.
    ///
    /// # Errors
    /// A closed producer.
    pub async fn resume(&self) -> Result<(), ProduceError> {
        todo!()
    }

    /// Counters, an entry a stream.
    ///
    /// # Errors
    /// A closed producer.
    pub async fn stats(&self) -> Result<Vec<ProducerStats>, ProduceError> {
        todo!()
    }

    /// Closes it and its consumers. Idempotent.
    pub async fn close(&self) {
        todo!()
    }
}

/// A track the server sends.
#[derive(Clone, Debug)]
pub struct Consumer {}

impl Consumer {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> ConsumerId {
        todo!()
    }

    /// What it consumes.
    #[must_use]
    pub fn producer_id(&self) -> ProducerId {
        todo!()
    }

    /// Audio or video.
    #[must_use]
    pub fn kind(&self) -> MediaKind {
        todo!()
    }

    /// Shape of the producer's stream.
    #[must_use]
    pub fn rtp_type(&self) -> RtpType {
        todo!()
    }

    /// What the client's receiver is made from.
    #[must_use]
    pub fn rtp_parameters(&self) -> &RtpParameters {
        todo!()
    }

    /// Kept for the application.
    #[must_use]
    pub fn app_data(&self) -> &Value {
        todo!()
    }

    /// Sends nothing until resumed.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn pause(&self) -> Result<(), ConsumeError> {
        todo!()
    }

    /// Lets it flow and asks for a key frame. Idempotent.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn resume(&self) -> Result<(), ConsumeError> {
        todo!()
    }

    /// Asks the producer for a key frame.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn request_key_frame(&self) -> Result<(), ConsumeError> {
        todo!()
    }

    /// Counters.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn stats(&self) -> Result<ConsumerStats, ConsumeError> {
        todo!()
    }

    /// Closes it. Idempotent.
    pub async fn close(&self) {
        todo!()
    }
}

// Named so that the seam's error type stays in use while the bodies are written.
const _: Option<WorkerError> = None;
