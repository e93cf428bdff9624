use std::sync::Arc;

use serde_json::Value;

use super::log_close;
use crate::{
    ids::{DataConsumerId, DataProducerId},
    media::{
        data::{DataConsumerStats, DataMessage, SctpStreamParameters},
        dump::DataConsumerDump,
        error::DataError,
        port::MediaPort,
    },
};

/// A data channel the server sends.
#[derive(Clone, Debug)]
pub struct DataConsumer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    id: DataConsumerId,
    data_producer_id: DataProducerId,
    sctp_stream_parameters: SctpStreamParameters,
    app_data: Value,
    port: Arc<dyn MediaPort>,
}

impl DataConsumer {
    pub(super) fn new(
        id: DataConsumerId,
        data_producer_id: DataProducerId,
        sctp_stream_parameters: SctpStreamParameters,
        app_data: Value,
        port: Arc<dyn MediaPort>,
    ) -> Self {
        Self { inner: Arc::new(Inner { id, data_producer_id, sctp_stream_parameters, app_data, port }) }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> DataConsumerId {
        self.inner.id
    }

    /// What it consumes.
    #[must_use]
    pub fn data_producer_id(&self) -> DataProducerId {
        self.inner.data_producer_id
    }

    /// The stream the client receives on.
    #[must_use]
    pub fn sctp_stream_parameters(&self) -> SctpStreamParameters {
        self.inner.sctp_stream_parameters
    }

    /// Kept for the application.
    #[must_use]
    pub fn app_data(&self) -> &Value {
        &self.inner.app_data
    }

    /// Sends nothing until resumed; what comes meanwhile is dropped.
    ///
    /// # Errors
    /// A closed data consumer.
    pub async fn pause(&self) -> Result<(), DataError> {
        self.inner.port.pause_data_consumer(self.inner.id, true).await
    }

    /// Lets it flow. Idempotent.
    ///
    /// # Errors
    /// A closed data consumer.
    pub async fn resume(&self) -> Result<(), DataError> {
        self.inner.port.pause_data_consumer(self.inner.id, false).await
    }

    /// Changes the subchannels it listens to: see [`Subchannels`](crate::media::data::Subchannels).
    ///
    /// # Errors
    /// A closed data consumer.
    pub async fn set_subchannels(
        &self,
        subchannels: impl IntoIterator<Item = u16> + Send,
    ) -> Result<(), DataError> {
        let subchannels = subchannels.into_iter().collect();
        self.inner.port.set_subchannels(self.inner.id, subchannels).await
    }

    /// Bytes at which it counts as drained: then
    /// [`RouterEvent::DataConsumerBufferedAmountLow`](crate::media::event::RouterEvent) comes. 0 until set.
    ///
    /// # Errors
    /// A closed data consumer.
    pub async fn set_buffered_amount_low_threshold(&self, bytes: u32) -> Result<(), DataError> {
        self.inner.port.set_buffered_amount_low_threshold(self.inner.id, bytes).await
    }

    /// Sends a message to this consumer alone. Gives the bytes waiting to be sent.
    ///
    /// # Errors
    /// A message that is too long, too much that waits already, a closed data consumer.
    pub async fn send(&self, message: DataMessage) -> Result<u64, DataError> {
        self.inner.port.send_to_data_consumer(self.inner.id, message).await
    }

    /// What it is right now.
    ///
    /// # Errors
    /// A closed data consumer.
    pub async fn dump(&self) -> Result<DataConsumerDump, DataError> {
        self.inner.port.dump_data_consumer(self.inner.id).await
    }

    /// Counters.
    ///
    /// # Errors
    /// A closed data consumer.
    pub async fn stats(&self) -> Result<DataConsumerStats, DataError> {
        self.inner.port.data_consumer_stats(self.inner.id).await
    }

    /// Closes it; its stream is reset. Idempotent.
    pub async fn close(&self) {
        let Inner { id, port, .. } = &*self.inner;
        log_close("data consumer", id, port.close_data_consumer(*id).await);
    }
}
