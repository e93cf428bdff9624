use std::sync::Arc;

use serde_json::Value;

use super::{log_close, router, tied};
use crate::{
    ids::DataProducerId,
    media::{
        data::{DataMessage, DataProducerOptions, DataProducerStats, SctpStreamParameters, Subchannels},
        dump::DataProducerDump,
        error::DataError,
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
    router: Arc<router::Shared>,
}

impl DataProducer {
    pub(super) fn new(id: DataProducerId, options: DataProducerOptions, router: Arc<router::Shared>) -> Self {
        Self { inner: Arc::new(Inner { id, options, router }) }
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
        self.set_paused(true).await
    }

    /// Lets it flow.
    ///
    /// # Errors
    /// A closed data producer.
    pub async fn resume(&self) -> Result<(), DataError> {
        self.set_paused(false).await
    }

    pub(super) async fn set_paused(&self, paused: bool) -> Result<(), DataError> {
        let Inner { id, router, .. } = &*self.inner;
        router.port.pause_data_producer(*id, paused).await?;
        let tied = router.entities().as_mut().and_then(|entities| {
            let producer = entities.data_producer_mut(*id)?;
            producer.options.paused = paused;
            Some(producer.tied.clone())
        });
        tied::set_paused(tied.unwrap_or_default(), paused).await;
        Ok(())
    }

    /// Sends a message to its consumers, as if it had come from its peer.
    ///
    /// # Errors
    /// A closed data producer.
    pub async fn send(&self, message: DataMessage, subchannels: Subchannels) -> Result<(), DataError> {
        self.inner.router.port.send_from_data_producer(self.inner.id, message, subchannels).await
    }

    /// What it is right now.
    ///
    /// # Errors
    /// A closed data producer.
    pub async fn dump(&self) -> Result<DataProducerDump, DataError> {
        self.inner.router.port.dump_data_producer(self.inner.id).await
    }

    /// Counters.
    ///
    /// # Errors
    /// A closed data producer.
    pub async fn stats(&self) -> Result<DataProducerStats, DataError> {
        self.inner.router.port.data_producer_stats(self.inner.id).await
    }

    /// Closes it and its consumers. Idempotent.
    pub async fn close(&self) {
        let Inner { id, router, .. } = &*self.inner;
        let tied = router.entities().as_mut().map(|entities| entities.remove_data_producer(*id));
        log_close("data producer", id, router.port.close_data_producer(*id).await);
        tied::close(tied.unwrap_or_default()).await;
    }
}
