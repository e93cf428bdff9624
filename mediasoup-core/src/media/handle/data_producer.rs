use std::sync::Arc;

use serde_json::Value;

use super::log_close;
use crate::{
    ids::DataProducerId,
    media::{
        data::{DataMessage, DataProducerOptions, DataProducerStats, SctpStreamParameters, Subchannels},
        dump::DataProducerDump,
        error::DataError,
        port::MediaPort,
    },
};

/// A data channel the server receives.
#[derive(Clone, Debug)]
pub struct DataProducer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    id: DataProducerId,
    options: DataProducerOptions,
    port: Arc<dyn MediaPort>,
}

impl DataProducer {
    pub(super) fn new(id: DataProducerId, options: DataProducerOptions, port: Arc<dyn MediaPort>) -> Self {
        Self { inner: Arc::new(Inner { id, options, port }) }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> DataProducerId {
        self.inner.id
    }

    /// The stream the client sends on.
    #[must_use]
    pub fn sctp_stream_parameters(&self) -> SctpStreamParameters {
        self.inner.options.sctp_stream_parameters
    }

    /// Name of the channel.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.inner.options.label
    }

    /// Its subprotocol.
    #[must_use]
    pub fn protocol(&self) -> &str {
        &self.inner.options.protocol
    }

    /// Kept for the application.
    #[must_use]
    pub fn app_data(&self) -> &Value {
        &self.inner.options.app_data
    }

    /// Drops what comes until resumed.
    ///
    /// # Errors
    /// A closed data producer.
    pub async fn pause(&self) -> Result<(), DataError> {
        self.inner.port.pause_data_producer(self.inner.id, true).await
    }

    /// Lets it flow.
    ///
    /// # Errors
    /// A closed data producer.
    pub async fn resume(&self) -> Result<(), DataError> {
        self.inner.port.pause_data_producer(self.inner.id, false).await
    }

    /// Sends a message to its consumers, as if it had come from its peer.
    ///
    /// # Errors
    /// A closed data producer.
    pub async fn send(&self, message: DataMessage, subchannels: Subchannels) -> Result<(), DataError> {
        self.inner.port.send_from_data_producer(self.inner.id, message, subchannels).await
    }

    /// What it is right now.
    ///
    /// # Errors
    /// A closed data producer.
    pub async fn dump(&self) -> Result<DataProducerDump, DataError> {
        self.inner.port.dump_data_producer(self.inner.id).await
    }

    /// Counters.
    ///
    /// # Errors
    /// A closed data producer.
    pub async fn stats(&self) -> Result<DataProducerStats, DataError> {
        self.inner.port.data_producer_stats(self.inner.id).await
    }

    /// Closes it and its consumers. Idempotent.
    pub async fn close(&self) {
        let Inner { id, port, .. } = &*self.inner;
        log_close("data producer", id, port.close_data_producer(*id).await);
    }
}
