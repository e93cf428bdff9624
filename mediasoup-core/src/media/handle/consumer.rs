use std::{num::NonZeroU8, sync::Arc};

use serde_json::Value;

use super::log_close;
use crate::{
    ids::{ConsumerId, ProducerId},
    media::{
        dump::ConsumerDump,
        error::ConsumeError,
        event::ConsumerLayers,
        port::MediaPort,
        rtp::{MediaKind, RtpParameters, RtpType},
        stats::ConsumerReport,
        trace::TraceEventType,
    },
};

/// A track the server sends.
#[derive(Clone, Debug)]
pub struct Consumer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    id: ConsumerId,
    producer_id: ProducerId,
    kind: MediaKind,
    rtp_type: RtpType,
    rtp_parameters: RtpParameters,
    app_data: Value,
    port: Arc<dyn MediaPort>,
}

impl Consumer {
    pub(super) fn new(
        id: ConsumerId,
        producer_id: ProducerId,
        kind: MediaKind,
        rtp_type: RtpType,
        rtp_parameters: RtpParameters,
        app_data: Value,
        port: Arc<dyn MediaPort>,
    ) -> Self {
        Self { inner: Arc::new(Inner { id, producer_id, kind, rtp_type, rtp_parameters, app_data, port }) }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> ConsumerId {
        self.inner.id
    }

    /// What it consumes.
    #[must_use]
    pub fn producer_id(&self) -> ProducerId {
        self.inner.producer_id
    }

    /// Audio or video.
    #[must_use]
    pub fn kind(&self) -> MediaKind {
        self.inner.kind
    }

    /// Shape of the producer's stream.
    #[must_use]
    pub fn rtp_type(&self) -> RtpType {
        self.inner.rtp_type
    }

    /// What the client's receiver is made from.
    #[must_use]
    pub fn rtp_parameters(&self) -> &RtpParameters {
        &self.inner.rtp_parameters
    }

    /// Kept for the application.
    #[must_use]
    pub fn app_data(&self) -> &Value {
        &self.inner.app_data
    }

    /// Sends nothing until resumed.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn pause(&self) -> Result<(), ConsumeError> {
        self.inner.port.pause_consumer(self.inner.id, true).await
    }

    /// Lets it flow and asks for a key frame. Idempotent.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn resume(&self) -> Result<(), ConsumeError> {
        self.inner.port.pause_consumer(self.inner.id, false).await
    }

    /// Asks the producer for a key frame.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn request_key_frame(&self) -> Result<(), ConsumeError> {
        self.inner.port.request_key_frame(self.inner.id).await
    }

    /// Wants no layer above these, of a producer with several; gives what that comes to. Other producers have no such choice:
    /// then it changes nothing.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn set_preferred_layers(&self, layers: ConsumerLayers) -> Result<ConsumerLayers, ConsumeError> {
        self.inner.port.set_preferred_layers(self.inner.id, layers).await
    }

    /// Where there is not room for all consumers of the transport, those of a higher priority come first; 1 at first.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn set_priority(&self, priority: NonZeroU8) -> Result<(), ConsumeError> {
        self.inner.port.set_consumer_priority(self.inner.id, priority).await
    }

    /// Tells these of it among the router's events from now on, and no others.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn enable_trace_event(&self, types: &[TraceEventType]) -> Result<(), ConsumeError> {
        self.inner.port.trace_consumer(self.inner.id, types.iter().copied().collect()).await
    }

    /// What it is right now.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn dump(&self) -> Result<ConsumerDump, ConsumeError> {
        let Inner { id, producer_id, kind, rtp_type, rtp_parameters, port, .. } = &*self.inner;
        let state = port.consumer_state(*id).await?;
        Ok(ConsumerDump {
            id: *id,
            producer_id: *producer_id,
            kind: *kind,
            rtp_type: *rtp_type,
            rtp_parameters: rtp_parameters.clone(),
            state,
        })
    }

    /// Counters: of what goes out, and of what comes in that it is made from.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn stats(&self) -> Result<ConsumerReport, ConsumeError> {
        self.inner.port.consumer_stats(self.inner.id).await
    }

    /// Closes it. Idempotent.
    pub async fn close(&self) {
        log_close("consumer", self.inner.id, self.inner.port.close_consumer(self.inner.id).await);
    }
}
