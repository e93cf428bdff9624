use std::sync::Arc;

use serde_json::Value;

use super::{log_close, router, tied};
use crate::{
    ids::ProducerId,
    media::{
        dump::ProducerDump,
        error::ProduceError,
        rtp::{MediaKind, RtpParameters, RtpType},
        stats::ProducerStats,
        trace::TraceEventType,
    },
};

/// A track the server receives.
#[derive(Clone, Debug)]
pub struct Producer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    id: ProducerId,
    kind: MediaKind,
    rtp_type: RtpType,
    rtp_parameters: RtpParameters,
    app_data: Value,
    router: Arc<router::Shared>,
}

impl Producer {
    pub(super) fn new(
        id: ProducerId,
        kind: MediaKind,
        rtp_type: RtpType,
        rtp_parameters: RtpParameters,
        app_data: Value,
        router: Arc<router::Shared>,
    ) -> Self {
        Self { inner: Arc::new(Inner { id, kind, rtp_type, rtp_parameters, app_data, router }) }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> ProducerId {
        self.inner.id
    }

    /// Audio or video.
    #[must_use]
    pub fn kind(&self) -> MediaKind {
        self.inner.kind
    }

    /// Shape of its stream.
    #[must_use]
    pub fn rtp_type(&self) -> RtpType {
        self.inner.rtp_type
    }

    /// As the client sends (normalised).
    #[must_use]
    pub fn rtp_parameters(&self) -> &RtpParameters {
        &self.inner.rtp_parameters
    }

    /// Kept for the application.
    #[must_use]
    pub fn app_data(&self) -> &Value {
        &self.inner.app_data
    }

    /// A packet of the track, where its transport is a [`DirectTransport`](super::DirectTransport): header and payload.
    ///
    /// # Errors
    /// A closed producer, one of another kind of transport, something that is no RTP packet.
    pub async fn send(&self, packet: Vec<u8>) -> Result<(), ProduceError> {
        self.inner.router.port.send_rtp(self.inner.id, packet).await
    }

    /// Drops what comes until resumed.
    ///
    /// # Errors
    /// A closed producer.
    pub async fn pause(&self) -> Result<(), ProduceError> {
        self.set_paused(true).await
    }

    /// Lets it flow and asks for a key frame.
    ///
    /// # Errors
    /// A closed producer.
    pub async fn resume(&self) -> Result<(), ProduceError> {
        self.set_paused(false).await
    }

    pub(super) async fn set_paused(&self, paused: bool) -> Result<(), ProduceError> {
        let Inner { id, router, .. } = &*self.inner;
        router.port.pause_producer(*id, paused).await?;
        let tied = router.entities().as_mut().and_then(|entities| {
            let producer = entities.producer_mut(*id)?;
            producer.paused = paused;
            Some(producer.tied.clone())
        });
        tied::set_paused(tied.unwrap_or_default(), paused).await;
        Ok(())
    }

    /// Tells these of it among the router's events from now on, and no others.
    ///
    /// # Errors
    /// A closed producer.
    pub async fn enable_trace_event(&self, types: &[TraceEventType]) -> Result<(), ProduceError> {
        let types = types.iter().copied().collect();
        self.inner.router.port.trace_producer(self.inner.id, types).await
    }

    /// What it is right now.
    ///
    /// # Errors
    /// A closed producer.
    pub async fn dump(&self) -> Result<ProducerDump, ProduceError> {
        let Inner { id, kind, rtp_type, rtp_parameters, router, .. } = &*self.inner;
        let state = router.port.producer_state(*id).await?;
        Ok(ProducerDump {
            id: *id,
            kind: *kind,
            rtp_type: *rtp_type,
            rtp_parameters: rtp_parameters.clone(),
            state,
        })
    }

    /// Counters, an entry a stream.
    ///
    /// # Errors
    /// A closed producer.
    pub async fn stats(&self) -> Result<Vec<ProducerStats>, ProduceError> {
        self.inner.router.port.producer_stats(self.inner.id).await
    }

    /// Closes it and its consumers. Idempotent.
    pub async fn close(&self) {
        let Inner { id, router, .. } = &*self.inner;
        let tied = router.entities().as_mut().map(|entities| entities.remove_producer(*id));
        log_close("producer", id, router.port.close_producer(*id).await);
        tied::close(tied.unwrap_or_default()).await;
    }
}
