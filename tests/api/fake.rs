//! A media plane that carries nothing: real rooms run on it, without a thread or a port.

use std::{
    collections::BTreeMap,
    num::NonZeroU8,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use mediasoup_core::{
    ids::{ConsumerId, DataConsumerId, ProducerId, RouterId, TransportId, WorkerId},
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
        stats::{ConsumerReport, ProducerStats, ResourceUsage, TransportStats, WorkerStats},
        tap::Tap,
        trace::TracePort,
        transport::{DtlsParameters, DtlsRole, IceParameters, TransportParameters},
    },
};
use serde_json::json;
use tokio::sync::broadcast;

#[derive(Clone, Debug, Default)]
pub(crate) struct FakeMedia {
    routers: Arc<Mutex<BTreeMap<RouterId, broadcast::Sender<Arc<RouterEvent>>>>>,
}

#[async_trait]
impl WorkerManager for FakeMedia {
    async fn initialize(&self, _: usize) -> Result<(), WorkerError> {
        Ok(())
    }

    fn next_worker(&self) -> Result<Worker, WorkerError> {
        Ok(Worker::new(WorkerId::from_u128(1), Arc::new(self.clone())))
    }

    async fn stats(&self) -> Vec<WorkerStats> {
        vec![WorkerStats {
            index: 0,
            id: WorkerId::from_u128(1),
            pid: 12345,
            tid: 12346,
            resource_usage: ResourceUsage { cpu: 0.5, memory: 512 },
            routers: 0,
            transports: 0,
            producers: 0,
            consumers: 0,
        }]
    }

    async fn close(&self) {}
}

impl TracePort for FakeMedia {}

impl DumpPort for FakeMedia {}

impl ObserverPort for FakeMedia {}

impl PlainPort for FakeMedia {}

impl DirectPort for FakeMedia {}

impl BridgePort for FakeMedia {}

#[async_trait]
impl DataPort for FakeMedia {
    async fn produce_data(&self, _: TransportId, _: ProduceDataRequest) -> Result<(), DataError> {
        Ok(())
    }

    async fn consume_data(
        &self,
        _: TransportId,
        request: ConsumeDataRequest,
    ) -> Result<SctpStreamParameters, DataError> {
        let delivery = request.delivery.unwrap_or(Delivery::Ordered);
        Ok(SctpStreamParameters { stream_id: 3, delivery })
    }

    async fn pause_data_consumer(&self, _: DataConsumerId, _: bool) -> Result<(), DataError> {
        Ok(())
    }
}

#[async_trait]
impl MediaPort for FakeMedia {
    async fn create_router(
        &self,
        id: RouterId,
    ) -> Result<broadcast::Receiver<Arc<RouterEvent>>, WorkerError> {
        // A slow start: what a client sends right behind `create-room` has every chance to overtake it.
        tokio::time::sleep(Duration::from_millis(10)).await;
        let (events, reader) = broadcast::channel(16);
        self.routers.lock().unwrap().insert(id, events);
        Ok(reader)
    }

    fn subscribe(&self, id: RouterId) -> Option<broadcast::Receiver<Arc<RouterEvent>>> {
        self.routers.lock().unwrap().get(&id).map(broadcast::Sender::subscribe)
    }

    async fn close_router(&self, id: RouterId) -> Result<(), WorkerError> {
        self.routers.lock().unwrap().remove(&id);
        Ok(())
    }

    async fn tap_router(&self, _: RouterId, _: usize) -> Result<Tap, WorkerError> {
        Ok(Tap::channel(1).1)
    }

    async fn create_transport(
        &self,
        _: RouterId,
        id: TransportId,
        _: &WebRtcTransportOptions,
    ) -> Result<TransportParameters, TransportError> {
        let parameters = json!({
            "id": id,
            "iceParameters": ice_parameters(),
            "iceCandidates": [{ "foundation": "udp", "priority": 1, "ip": "127.0.0.1", "address": "127.0.0.1",
                "protocol": "udp", "transport": "udp", "port": 10_000, "type": "host" }],
            "dtlsParameters": { "role": "auto", "fingerprints": [] },
        });
        Ok(serde_json::from_value(parameters).unwrap())
    }

    async fn connect_transport(&self, _: TransportId, _: DtlsParameters) -> Result<DtlsRole, TransportError> {
        Ok(DtlsRole::Server)
    }

    async fn restart_ice(&self, _: TransportId) -> Result<IceParameters, TransportError> {
        Ok(ice_parameters())
    }

    async fn set_max_incoming_bitrate(&self, _: TransportId, _: Option<u32>) -> Result<(), TransportError> {
        Ok(())
    }

    async fn transport_stats(&self, id: TransportId) -> Result<TransportStats, TransportError> {
        Err(TransportError::NotFound(id))
    }

    async fn close_transport(&self, _: TransportId) -> Result<(), WorkerError> {
        Ok(())
    }

    async fn produce(&self, _: TransportId, _: ProduceRequest) -> Result<(), ProduceError> {
        Ok(())
    }

    async fn pause_producer(&self, _: ProducerId, _: bool) -> Result<(), ProduceError> {
        Ok(())
    }

    async fn producer_stats(&self, _: ProducerId) -> Result<Vec<ProducerStats>, ProduceError> {
        Ok(Vec::new())
    }

    async fn close_producer(&self, _: ProducerId) -> Result<(), WorkerError> {
        Ok(())
    }

    async fn consume(&self, _: TransportId, _: ConsumeRequest) -> Result<(), ConsumeError> {
        Ok(())
    }

    async fn pause_consumer(&self, _: ConsumerId, _: bool) -> Result<(), ConsumeError> {
        Ok(())
    }

    async fn request_key_frame(&self, _: ConsumerId) -> Result<(), ConsumeError> {
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

    async fn close_consumer(&self, _: ConsumerId) -> Result<(), WorkerError> {
        Ok(())
    }
}

fn ice_parameters() -> IceParameters {
    IceParameters { username_fragment: "ufrag".to_owned(), password: "password".to_owned(), ice_lite: true }
}
