//! A media plane of which only taps are there.

use std::{
    num::NonZeroU8,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use tokio::sync::broadcast;

use crate::{
    ids::{ConsumerId, ProducerId, RouterId, TransportId},
    media::{
        MediaPort,
        bridge::BridgePort,
        data::DataPort,
        direct::DirectPort,
        dump::DumpPort,
        error::{ConsumeError, ProduceError, TransportError, WorkerError},
        event::{ConsumerLayers, RouterEvent},
        observer::ObserverPort,
        options::WebRtcTransportOptions,
        plain::PlainPort,
        port::{ConsumeRequest, ProduceRequest},
        stats::{ConsumerReport, ProducerStats, TransportStats},
        tap::{Tap, TapEvent, TapSender},
        trace::TracePort,
        transport::{DtlsParameters, DtlsRole, IceParameters, TransportParameters},
    },
};

/// Remembers who listens; `None`: the worker has died.
#[derive(Debug)]
pub(crate) struct Taps(Mutex<Option<Vec<TapSender>>>);

impl Default for Taps {
    fn default() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }
}

impl Taps {
    /// To everyone who listens.
    pub(crate) fn send(&self, event: &TapEvent) {
        if let Some(taps) = &mut *self.0.lock().unwrap() {
            taps.retain(|tap| tap.send(event.clone()));
        }
    }

    pub(crate) fn close(&self) {
        *self.0.lock().unwrap() = None;
    }
}

impl DataPort for Taps {}

impl TracePort for Taps {}

impl DumpPort for Taps {}

impl ObserverPort for Taps {}

impl PlainPort for Taps {}

impl DirectPort for Taps {}

impl BridgePort for Taps {}

#[async_trait]
impl MediaPort for Taps {
    async fn create_router(&self, _: RouterId) -> Result<broadcast::Receiver<Arc<RouterEvent>>, WorkerError> {
        Ok(broadcast::channel(1).1)
    }

    fn subscribe(&self, _: RouterId) -> Option<broadcast::Receiver<Arc<RouterEvent>>> {
        None
    }

    async fn close_router(&self, _: RouterId) -> Result<(), WorkerError> {
        Ok(())
    }

    async fn tap_router(&self, _: RouterId, capacity: usize) -> Result<Tap, WorkerError> {
        let mut taps = self.0.lock().unwrap();
        let (sender, tap) = Tap::channel(capacity);
        taps.as_mut().ok_or(WorkerError::Closed)?.push(sender);
        Ok(tap)
    }

    async fn create_transport(
        &self,
        _: RouterId,
        id: TransportId,
        _: &WebRtcTransportOptions,
    ) -> Result<TransportParameters, TransportError> {
        Err(TransportError::NotFound(id))
    }

    async fn connect_transport(
        &self,
        id: TransportId,
        _: DtlsParameters,
    ) -> Result<DtlsRole, TransportError> {
        Err(TransportError::NotFound(id))
    }

    async fn restart_ice(&self, id: TransportId) -> Result<IceParameters, TransportError> {
        Err(TransportError::NotFound(id))
    }

    async fn set_max_incoming_bitrate(&self, id: TransportId, _: Option<u32>) -> Result<(), TransportError> {
        Err(TransportError::NotFound(id))
    }

    async fn transport_stats(&self, id: TransportId) -> Result<TransportStats, TransportError> {
        Err(TransportError::NotFound(id))
    }

    async fn close_transport(&self, _: TransportId) -> Result<(), WorkerError> {
        Ok(())
    }

    async fn produce(&self, _: TransportId, request: ProduceRequest) -> Result<(), ProduceError> {
        Err(ProduceError::NotFound(request.id))
    }

    async fn pause_producer(&self, id: ProducerId, _: bool) -> Result<(), ProduceError> {
        Err(ProduceError::NotFound(id))
    }

    async fn producer_stats(&self, id: ProducerId) -> Result<Vec<ProducerStats>, ProduceError> {
        Err(ProduceError::NotFound(id))
    }

    async fn close_producer(&self, _: ProducerId) -> Result<(), WorkerError> {
        Ok(())
    }

    async fn consume(&self, _: TransportId, request: ConsumeRequest) -> Result<(), ConsumeError> {
        Err(ConsumeError::NotFound(request.id))
    }

    async fn pause_consumer(&self, id: ConsumerId, _: bool) -> Result<(), ConsumeError> {
        Err(ConsumeError::NotFound(id))
    }

    async fn set_preferred_layers(
        &self,
        id: ConsumerId,
        _: ConsumerLayers,
    ) -> Result<ConsumerLayers, ConsumeError> {
        Err(ConsumeError::NotFound(id))
    }

    async fn request_key_frame(&self, id: ConsumerId) -> Result<(), ConsumeError> {
        Err(ConsumeError::NotFound(id))
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
