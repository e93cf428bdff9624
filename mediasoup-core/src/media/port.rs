//! The seam between the handles people hold and whatever carries the media.
//!
//! Everything here is already negotiated: [`ortc`](super::ortc) has run, ids are chosen. An implementation
//! moves packets and answers; [`driver`](crate::driver) has the one that does it for real.

use std::{fmt, num::NonZeroU8, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::{
    bridge::BridgePort,
    data::DataPort,
    direct::DirectPort,
    dump::DumpPort,
    error::{ConsumeError, ProduceError, TransportError, WorkerError},
    event::{ConsumerLayers, RouterEvent},
    handle::Worker,
    observer::ObserverPort,
    options::WebRtcTransportOptions,
    plain::PlainPort,
    rtp::{MediaKind, RtpMapping, RtpParameters, RtpType},
    stats::{ConsumerReport, ProducerStats, TransportStats, WorkerStats},
    tap::Tap,
    trace::TracePort,
    transport::{DtlsParameters, DtlsRole, IceParameters, OutgoingLimit, TransportParameters},
};
use crate::ids::{ConsumerId, ProducerId, RouterId, TransportId, WorkerId};

/// Starts workers and hands them out.
#[async_trait]
pub trait WorkerManager: fmt::Debug + Send + Sync + 'static {
    /// Starts `count` workers (at least one).
    ///
    /// # Errors
    /// A socket or a thread could not be had; then none is left running.
    async fn initialize(&self, count: usize) -> Result<(), WorkerError>;

    /// The next worker, round-robin over those alive.
    ///
    /// # Errors
    /// [`WorkerError::NoWorker`].
    fn next_worker(&self) -> Result<Worker, WorkerError>;

    /// Who is to take what comes next to a room that began on this worker: another one, where this one has much to do
    /// and that one clearly less. `None`: the worker itself.
    fn helper_of(&self, worker: WorkerId) -> Option<Worker> {
        let _ = worker;
        None
    }

    /// One entry for each worker alive.
    async fn stats(&self) -> Vec<WorkerStats>;

    /// Ends all workers and waits for their threads. Idempotent.
    async fn close(&self);
}

/// A producer, negotiated.
#[derive(Clone, Debug)]
pub struct ProduceRequest {
    /// Its id.
    pub id: ProducerId,
    /// Audio or video.
    pub kind: MediaKind,
    /// Shape of its stream.
    pub rtp_type: RtpType,
    /// As the client sends.
    pub rtp_parameters: RtpParameters,
    /// To the router's names.
    pub mapping: RtpMapping,
    /// Between two key frame requests to the sender, at least.
    pub key_frame_request_delay: Duration,
    /// Drop what comes.
    pub paused: bool,
}

/// A consumer, negotiated.
#[derive(Clone, Debug)]
pub struct ConsumeRequest {
    /// Its id.
    pub id: ConsumerId,
    /// What it consumes.
    pub producer_id: ProducerId,
    /// Audio or video.
    pub kind: MediaKind,
    /// Shape of the producer's streams.
    pub rtp_type: RtpType,
    /// As the server sends.
    pub rtp_parameters: RtpParameters,
    /// Router SSRCs of the producer's streams, lowest layer first; or only one of them: then that is what is sent, whole.
    pub mapped_ssrcs: Vec<u32>,
    /// Send nothing for now.
    pub paused: bool,
}

/// One worker's media, as its handles need it. Object safe; every call is complete when it returns, and
/// has changed nothing where it fails.
#[async_trait]
pub trait MediaPort:
    BridgePort + DataPort + DirectPort + DumpPort + ObserverPort + PlainPort + TracePort + fmt::Debug
{
    /// Opens a router and its event channel.
    async fn create_router(&self, id: RouterId)
    -> Result<broadcast::Receiver<Arc<RouterEvent>>, WorkerError>;
    /// A further reader of a router's events; `None` where the router does not exist.
    fn subscribe(&self, id: RouterId) -> Option<broadcast::Receiver<Arc<RouterEvent>>>;
    /// Closes a router and everything in it. Unknown ids are none of its business.
    async fn close_router(&self, id: RouterId) -> Result<(), WorkerError>;

    /// Everything a router's producers send from now on; at most `capacity` events wait to be read.
    async fn tap_router(&self, id: RouterId, capacity: usize) -> Result<Tap, WorkerError>;

    /// Opens a transport.
    async fn create_transport(
        &self,
        router: RouterId,
        id: TransportId,
        options: &WebRtcTransportOptions,
    ) -> Result<TransportParameters, TransportError>;
    /// Gives a transport its peer's certificate fingerprint. Answers with the server's role.
    async fn connect_transport(
        &self,
        id: TransportId,
        remote: DtlsParameters,
    ) -> Result<DtlsRole, TransportError>;
    /// New ICE credentials; the old ones work until the peer uses the new.
    async fn restart_ice(&self, id: TransportId) -> Result<IceParameters, TransportError>;
    /// Changes the most the peer may send, bit/s.
    async fn set_max_incoming_bitrate(
        &self,
        id: TransportId,
        bitrate: Option<u32>,
    ) -> Result<(), TransportError>;
    /// Bounds what the path to the peer is taken to carry.
    async fn set_outgoing_limit(&self, id: TransportId, limit: OutgoingLimit) -> Result<(), TransportError> {
        let _ = limit;
        Err(TransportError::NotFound(id))
    }
    /// Counters of a transport.
    async fn transport_stats(&self, id: TransportId) -> Result<TransportStats, TransportError>;
    /// Closes a transport with its producers and consumers, and the consumers of those producers.
    async fn close_transport(&self, id: TransportId) -> Result<(), WorkerError>;

    /// Starts to receive a track.
    async fn produce(&self, transport: TransportId, request: ProduceRequest) -> Result<(), ProduceError>;
    /// Pauses or resumes a producer; resuming asks for a key frame.
    async fn pause_producer(&self, id: ProducerId, paused: bool) -> Result<(), ProduceError>;
    /// Counters of a producer, one entry a stream.
    async fn producer_stats(&self, id: ProducerId) -> Result<Vec<ProducerStats>, ProduceError>;
    /// Closes a producer and its consumers.
    async fn close_producer(&self, id: ProducerId) -> Result<(), WorkerError>;

    /// Starts to send a track.
    async fn consume(&self, transport: TransportId, request: ConsumeRequest) -> Result<(), ConsumeError>;
    /// Pauses or resumes a consumer; resuming asks for a key frame.
    async fn pause_consumer(&self, id: ConsumerId, paused: bool) -> Result<(), ConsumeError>;
    /// Asks the consumer's producer for a key frame.
    async fn request_key_frame(&self, id: ConsumerId) -> Result<(), ConsumeError>;
    /// Limits a consumer to these of its producer's layers; what does not exist is the highest there is. Gives what it is.
    async fn set_preferred_layers(
        &self,
        id: ConsumerId,
        layers: ConsumerLayers,
    ) -> Result<ConsumerLayers, ConsumeError>;
    /// Where there is not room for all consumers of a transport, those of a higher priority come first; 1 at first.
    async fn set_consumer_priority(&self, id: ConsumerId, priority: NonZeroU8) -> Result<(), ConsumeError>;
    /// Counters of a consumer, and of its producer's stream.
    async fn consumer_stats(&self, id: ConsumerId) -> Result<ConsumerReport, ConsumeError>;
    /// Closes a consumer.
    async fn close_consumer(&self, id: ConsumerId) -> Result<(), WorkerError>;
}
