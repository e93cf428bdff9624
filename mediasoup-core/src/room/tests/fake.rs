//! A media plane in memory: remembers what is open, closes what hangs together, and can be made to wait.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU8,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use tokio::sync::broadcast;

use crate::{
    ids::{ConsumerId, DataConsumerId, DataProducerId, ProducerId, RouterId, TransportId, WorkerId},
    media::{
        MediaPort, Worker, WorkerManager,
        bridge::BridgePort,
        data::{ConsumeDataRequest, DataPort, Delivery, ProduceDataRequest, SctpStreamParameters},
        direct::DirectPort,
        dump::DumpPort,
        error::{ConsumeError, DataError, ProduceError, TransportError, WorkerError},
        event::{ConsumerLayers, RouterEvent},
        observer::ObserverPort,
        options::WebRtcTransportOptions,
        plain::PlainPort,
        port::{ConsumeRequest, ProduceRequest},
        stats::{ConsumerReport, ProducerStats, TransportStats, WorkerStats},
        tap::Tap,
        trace::TracePort,
        transport::{DtlsParameters, DtlsRole, IceParameters, TransportParameters},
    },
};

/// What is open.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub(super) routers: BTreeMap<RouterId, broadcast::Sender<Arc<RouterEvent>>>,
    pub(super) transports: BTreeMap<TransportId, RouterId>,
    /// With its transport, and whether it is paused.
    pub(super) producers: BTreeMap<ProducerId, (TransportId, bool)>,
    /// With its transport and its producer.
    pub(super) consumers: BTreeMap<ConsumerId, (TransportId, ProducerId)>,
    /// Closed one by one; what goes with a transport stays here.
    pub(super) data_producers: BTreeSet<DataProducerId>,
    pub(super) data_consumers: BTreeSet<DataConsumerId>,
    pub(super) key_frames: usize,
}

impl Open {
    fn close_producers(&mut self, is_closed: impl Fn(ProducerId, TransportId) -> bool) {
        self.producers.retain(|id, (transport, _)| !is_closed(*id, *transport));
        self.consumers.retain(|_, (_, producer)| self.producers.contains_key(producer));
    }

    fn close_transports(&mut self, is_closed: impl Fn(TransportId, RouterId) -> bool) {
        self.transports.retain(|id, router| !is_closed(*id, *router));
        let left: Vec<_> = self.transports.keys().copied().collect();
        self.consumers.retain(|_, (transport, _)| left.contains(transport));
        self.close_producers(|_, transport| !left.contains(&transport));
    }
}

/// The media plane, and its workers' manager in one.
#[derive(Debug, Default)]
pub(super) struct FakeMedia {
    open: Mutex<Open>,
    /// Held by a test, every call that opens something waits.
    pub(super) gate: tokio::sync::Mutex<()>,
    pub(super) has_no_worker: AtomicBool,
}

/// `FakeMedia` as the seam's two traits want it.
#[derive(Clone, Debug, Default)]
pub(super) struct Fake(pub(super) Arc<FakeMedia>);

impl Fake {
    pub(super) fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap()
    }

    async fn pass_gate(&self) {
        drop(self.0.gate.lock().await);
    }

    /// How many routers, transports, producers and consumers are open.
    pub(super) fn counts(&self) -> (usize, usize, usize, usize) {
        let open = self.open();
        (open.routers.len(), open.transports.len(), open.producers.len(), open.consumers.len())
    }

    /// Says something in every router.
    pub(super) fn emit(&self, event: &RouterEvent) {
        for router in self.open().routers.values() {
            drop(router.send(Arc::new(event.clone())));
        }
    }
}

#[async_trait]
impl WorkerManager for Fake {
    async fn initialize(&self, _count: usize) -> Result<(), WorkerError> {
        Ok(())
    }

    fn next_worker(&self) -> Result<Worker, WorkerError> {
        if self.0.has_no_worker.load(Ordering::Relaxed) {
            return Err(WorkerError::NoWorker);
        }
        Ok(Worker::new(WorkerId::random(), Arc::new(self.clone())))
    }

    async fn stats(&self) -> Vec<WorkerStats> {
        Vec::new()
    }

    async fn close(&self) {}
}

impl TracePort for Fake {}

impl DumpPort for Fake {}

impl ObserverPort for Fake {}

impl PlainPort for Fake {}

impl DirectPort for Fake {}

impl BridgePort for Fake {}

#[async_trait]
impl DataPort for Fake {
    async fn produce_data(&self, _: TransportId, request: ProduceDataRequest) -> Result<(), DataError> {
        self.open().data_producers.insert(request.id);
        Ok(())
    }

    async fn close_data_producer(&self, id: DataProducerId) -> Result<(), WorkerError> {
        self.open().data_producers.remove(&id);
        Ok(())
    }

    async fn consume_data(
        &self,
        _: TransportId,
        request: ConsumeDataRequest,
    ) -> Result<SctpStreamParameters, DataError> {
        self.open().data_consumers.insert(request.id);
        Ok(SctpStreamParameters { stream_id: 0, delivery: Delivery::Ordered })
    }

    async fn close_data_consumer(&self, id: DataConsumerId) -> Result<(), WorkerError> {
        self.open().data_consumers.remove(&id);
        Ok(())
    }
}

#[async_trait]
impl MediaPort for Fake {
    async fn create_router(
        &self,
        id: RouterId,
    ) -> Result<broadcast::Receiver<Arc<RouterEvent>>, WorkerError> {
        self.pass_gate().await;
        let (events, reader) = broadcast::channel(64);
        self.open().routers.insert(id, events);
        Ok(reader)
    }

    fn subscribe(&self, id: RouterId) -> Option<broadcast::Receiver<Arc<RouterEvent>>> {
        self.open().routers.get(&id).map(broadcast::Sender::subscribe)
    }

    async fn close_router(&self, id: RouterId) -> Result<(), WorkerError> {
        let mut open = self.open();
        open.routers.remove(&id);
        open.close_transports(|_, router| router == id);
        Ok(())
    }

    async fn tap_router(&self, _: RouterId, _: usize) -> Result<Tap, WorkerError> {
        Ok(Tap::channel(1).1)
    }

    async fn create_transport(
        &self,
        router: RouterId,
        id: TransportId,
        _options: &WebRtcTransportOptions,
    ) -> Result<TransportParameters, TransportError> {
        self.pass_gate().await;
        self.open().transports.insert(id, router);
        let parameters = serde_json::json!({
            "id": id,
            "iceParameters": ice_parameters(),
            "iceCandidates": [],
            "dtlsParameters": { "role": "auto", "fingerprints": [] },
        });
        Ok(serde_json::from_value(parameters).unwrap())
    }

    async fn connect_transport(
        &self,
        _id: TransportId,
        _remote: DtlsParameters,
    ) -> Result<DtlsRole, TransportError> {
        Ok(DtlsRole::Server)
    }

    async fn restart_ice(&self, _id: TransportId) -> Result<IceParameters, TransportError> {
        Ok(ice_parameters())
    }

    async fn set_max_incoming_bitrate(
        &self,
        _id: TransportId,
        _bitrate: Option<u32>,
    ) -> Result<(), TransportError> {
        Ok(())
    }

    async fn transport_stats(&self, id: TransportId) -> Result<TransportStats, TransportError> {
        Err(TransportError::NotFound(id))
    }

    async fn close_transport(&self, id: TransportId) -> Result<(), WorkerError> {
        self.open().close_transports(|transport, _| transport == id);
        Ok(())
    }

    async fn produce(&self, transport: TransportId, request: ProduceRequest) -> Result<(), ProduceError> {
        self.pass_gate().await;
        self.open().producers.insert(request.id, (transport, request.paused));
        Ok(())
    }

    async fn pause_producer(&self, id: ProducerId, paused: bool) -> Result<(), ProduceError> {
        self.open().producers.get_mut(&id).ok_or(ProduceError::NotFound(id))?.1 = paused;
        Ok(())
    }

    async fn producer_stats(&self, _id: ProducerId) -> Result<Vec<ProducerStats>, ProduceError> {
        Ok(Vec::new())
    }

    async fn close_producer(&self, id: ProducerId) -> Result<(), WorkerError> {
        self.open().close_producers(|producer, _| producer == id);
        Ok(())
    }

    async fn consume(&self, transport: TransportId, request: ConsumeRequest) -> Result<(), ConsumeError> {
        self.open().consumers.insert(request.id, (transport, request.producer_id));
        Ok(())
    }

    async fn pause_consumer(&self, _id: ConsumerId, paused: bool) -> Result<(), ConsumeError> {
        self.open().key_frames += usize::from(!paused);
        Ok(())
    }

    async fn request_key_frame(&self, _id: ConsumerId) -> Result<(), ConsumeError> {
        self.open().key_frames += 1;
        Ok(())
    }

    async fn set_preferred_layers(
        &self,
        _: ConsumerId,
        layers: ConsumerLayers,
    ) -> Result<ConsumerLayers, ConsumeError> {
        Ok(layers)
    }

    async fn set_consumer_priority(&self, _: ConsumerId, _: NonZeroU8) -> Result<(), ConsumeError> {
        Ok(())
    }

    async fn consumer_stats(&self, id: ConsumerId) -> Result<ConsumerReport, ConsumeError> {
        Err(ConsumeError::NotFound(id))
    }

    async fn close_consumer(&self, id: ConsumerId) -> Result<(), WorkerError> {
        self.open().consumers.remove(&id);
        Ok(())
    }
}

fn ice_parameters() -> IceParameters {
    IceParameters { username_fragment: "ufrag".to_owned(), password: "password".to_owned(), ice_lite: true }
}
