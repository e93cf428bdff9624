//! The control side of a worker: every call is a job on its thread.

use std::{
    num::NonZeroU8,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::{
    jobs::JobSender, plain::PlainPorts, router_events::RouterEvents, router_taps::RouterTaps, worker::Media,
};
use crate::{
    engine::{Bounds, Engine, EngineCounts},
    ids::{ConsumerId, ProducerId, RouterId, TransportId},
    media::{
        bridge::BridgeInbox,
        error::{ConsumeError, ProduceError, TransportError, WorkerError},
        event::{ConsumerLayers, RouterEvent},
        options::WebRtcTransportOptions,
        port::{ConsumeRequest, MediaPort, ProduceRequest},
        stats::{ConsumerReport, ProducerStats, TransportStats},
        tap::Tap,
        transport::{
            DtlsParameters, DtlsRole, IceCandidate, IceParameters, OutgoingLimit, Protocol,
            TransportParameters,
        },
    },
};

/// A worker as its handles see it. Outlives the worker; then every call says [`WorkerError::Closed`].
///
/// A caller that goes away while it waits leaves nothing behind: what is created without an owner is closed.
#[derive(Debug)]
pub(super) struct WorkerPort {
    pub(super) jobs: JobSender<Media>,
    routers: Arc<RouterEvents>,
    taps: Arc<RouterTaps>,
    candidates: Vec<IceCandidate>,
    plain: PlainPorts,
    inbox: BridgeInbox,
    load: Arc<AtomicUsize>,
}

impl WorkerPort {
    pub(super) fn new(
        jobs: JobSender<Media>,
        routers: Arc<RouterEvents>,
        taps: Arc<RouterTaps>,
        candidates: Vec<IceCandidate>,
        plain: PlainPorts,
        inbox: BridgeInbox,
        load: Arc<AtomicUsize>,
    ) -> Self {
        Self { jobs, routers, taps, candidates, plain, inbox, load }
    }

    /// The ports of plain transports.
    pub(super) fn plain(&self) -> &PlainPorts {
        &self.plain
    }

    pub(super) fn jobs(&self) -> &JobSender<Media> {
        &self.jobs
    }

    /// Where other workers bring what is for this one.
    pub(super) fn inbox(&self) -> &BridgeInbox {
        &self.inbox
    }

    /// Transports and consumers, as of a moment ago.
    pub(super) fn load(&self) -> usize {
        self.load.load(Ordering::Relaxed)
    }

    /// What the worker holds.
    pub(super) async fn counts(&self) -> Result<EngineCounts, WorkerError> {
        self.jobs.call(|media, _| media.engine.counts()).await
    }

    /// Where peers reach the worker.
    pub(super) fn candidates(&self) -> &[IceCandidate] {
        &self.candidates
    }

    /// Makes the worker look whether it is to stop.
    pub(super) fn wake(&self) {
        self.jobs.wake();
    }

    /// Tells the routers' owners that the worker is gone.
    pub(super) fn worker_closed(&self) {
        self.routers.close_all();
        self.taps.close_all();
    }

    /// The candidates of a transport with these options.
    fn candidates_for(&self, options: &WebRtcTransportOptions) -> Vec<IceCandidate> {
        let enabled = |candidate: &&IceCandidate| match candidate.protocol {
            Protocol::Udp => options.enable_udp,
            Protocol::Tcp => options.enable_tcp,
        };
        self.candidates.iter().filter(enabled).cloned().collect()
    }

    /// A job whose own errors and the worker's are of one family.
    pub(super) async fn run<T, E>(
        &self,
        job: impl FnOnce(&mut Engine, Instant) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<WorkerError> + Send + 'static,
    {
        self.jobs.call(move |media, now| job(&mut media.engine, now)).await?
    }

    /// A job that closes something: it always finds a place in the queue.
    pub(super) async fn free(
        &self,
        job: impl FnOnce(&mut Engine, Instant) + Send + 'static,
    ) -> Result<(), WorkerError> {
        self.jobs.call_freeing(move |media, now| job(&mut media.engine, now)).await
    }

    /// Like [`WorkerPort::run`], undone where nobody is left to take the answer.
    pub(super) async fn create<T, E>(
        &self,
        job: impl FnOnce(&mut Engine, Instant) -> Result<T, E> + Send + 'static,
        undo: impl FnOnce(&mut Engine, Instant) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<WorkerError> + Send + 'static,
    {
        let job = move |media: &mut Media, now| job(&mut media.engine, now);
        self.jobs.call_creating(job, move |media, now| undo(&mut media.engine, now)).await
    }
}

#[async_trait]
impl MediaPort for WorkerPort {
    async fn create_router(
        &self,
        id: RouterId,
    ) -> Result<broadcast::Receiver<Arc<RouterEvent>>, WorkerError> {
        let (opening, closing) = (Arc::clone(&self.routers), Arc::clone(&self.routers));
        let create = move |media: &mut Media, _| {
            media.engine.create_router(id);
            Ok(opening.open(id))
        };
        let undo = move |media: &mut Media, now| {
            media.engine.close_router(now, id);
            closing.close(id);
        };
        self.jobs.call_creating(create, undo).await
    }

    fn subscribe(&self, id: RouterId) -> Option<broadcast::Receiver<Arc<RouterEvent>>> {
        self.routers.subscribe(id)
    }

    async fn close_router(&self, id: RouterId) -> Result<(), WorkerError> {
        let (routers, taps) = (Arc::clone(&self.routers), Arc::clone(&self.taps));
        let close = move |engine: &mut Engine, now| {
            engine.close_router(now, id);
            routers.close(id);
            taps.close(id);
        };
        self.free(close).await
    }

    async fn tap_router(&self, id: RouterId, capacity: usize) -> Result<Tap, WorkerError> {
        let taps = Arc::clone(&self.taps);
        let open =
            move |media: &mut Media, now| media.engine.tap_router(now, id).then(|| taps.open(id, capacity));
        self.jobs.call(open).await?.ok_or(WorkerError::Closed)
    }

    async fn create_transport(
        &self,
        router: RouterId,
        id: TransportId,
        options: &WebRtcTransportOptions,
    ) -> Result<TransportParameters, TransportError> {
        let (candidates, bitrate) = (self.candidates_for(options), options.max_incoming_bitrate);
        let sctp = options.sctp;
        let outgoing = Bounds {
            initial: options.initial_available_outgoing_bitrate,
            minimum: options.minimum_available_outgoing_bitrate,
            maximum: options.max_outgoing_bitrate,
            floor: None,
        };
        self.create(
            move |engine, now| {
                let mut parameters =
                    engine.create_transport(now, router, id, candidates, bitrate, outgoing)?;
                parameters.sctp_parameters =
                    sctp.map(|options| engine.enable_sctp(now, id, options)).transpose()?;
                Ok(parameters)
            },
            move |engine, now| engine.close_transport(now, id),
        )
        .await
    }

    async fn connect_transport(
        &self,
        id: TransportId,
        remote: DtlsParameters,
    ) -> Result<DtlsRole, TransportError> {
        self.run(move |engine, now| engine.connect_transport(now, id, &remote)).await
    }

    async fn restart_ice(&self, id: TransportId) -> Result<IceParameters, TransportError> {
        self.run(move |engine, _| engine.restart_ice(id)).await
    }

    async fn set_max_incoming_bitrate(
        &self,
        id: TransportId,
        bitrate: Option<u32>,
    ) -> Result<(), TransportError> {
        self.run(move |engine, now| engine.set_max_incoming_bitrate(now, id, bitrate)).await
    }

    async fn set_outgoing_limit(&self, id: TransportId, limit: OutgoingLimit) -> Result<(), TransportError> {
        self.run(move |engine, now| engine.set_outgoing_limit(now, id, limit)).await
    }

    async fn transport_stats(&self, id: TransportId) -> Result<TransportStats, TransportError> {
        self.run(move |engine, now| engine.transport_stats(now, id)).await
    }

    async fn close_transport(&self, id: TransportId) -> Result<(), WorkerError> {
        self.free(move |engine, now| engine.close_transport(now, id)).await
    }

    async fn produce(&self, transport: TransportId, request: ProduceRequest) -> Result<(), ProduceError> {
        let id = request.id;
        self.create(
            move |engine, now| engine.produce(now, transport, request),
            move |engine, now| engine.close_producer(now, id),
        )
        .await
    }

    async fn pause_producer(&self, id: ProducerId, paused: bool) -> Result<(), ProduceError> {
        self.run(move |engine, now| engine.pause_producer(now, id, paused)).await
    }

    async fn producer_stats(&self, id: ProducerId) -> Result<Vec<ProducerStats>, ProduceError> {
        self.run(move |engine, now| engine.producer_stats(now, id)).await
    }

    async fn close_producer(&self, id: ProducerId) -> Result<(), WorkerError> {
        self.free(move |engine, now| engine.close_producer(now, id)).await
    }

    async fn consume(&self, transport: TransportId, request: ConsumeRequest) -> Result<(), ConsumeError> {
        let id = request.id;
        self.create(
            move |engine, now| engine.consume(now, transport, request),
            move |engine, now| engine.close_consumer(now, id),
        )
        .await
    }

    async fn pause_consumer(&self, id: ConsumerId, paused: bool) -> Result<(), ConsumeError> {
        self.run(move |engine, now| engine.pause_consumer(now, id, paused)).await
    }

    async fn request_key_frame(&self, id: ConsumerId) -> Result<(), ConsumeError> {
        self.run(move |engine, now| engine.request_key_frame(now, id)).await
    }

    async fn set_preferred_layers(
        &self,
        id: ConsumerId,
        layers: ConsumerLayers,
    ) -> Result<ConsumerLayers, ConsumeError> {
        self.run(move |engine, now| engine.set_preferred_layers(now, id, layers)).await
    }

    async fn set_consumer_priority(&self, id: ConsumerId, priority: NonZeroU8) -> Result<(), ConsumeError> {
        self.run(move |engine, _| engine.set_consumer_priority(id, priority)).await
    }

    async fn consumer_stats(&self, id: ConsumerId) -> Result<ConsumerReport, ConsumeError> {
        self.run(move |engine, now| engine.consumer_stats(now, id)).await
    }

    async fn close_consumer(&self, id: ConsumerId) -> Result<(), WorkerError> {
        self.free(move |engine, now| engine.close_consumer(now, id)).await
    }
}
