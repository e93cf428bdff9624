use std::sync::Arc;

use super::{DataConsumer, DataProducer, Transport, entities::ConsumableData};
use crate::{
    ids::{DataConsumerId, DataProducerId},
    media::{
        data::{ConsumeDataRequest, DataConsumerOptions, DataProducerOptions, ProduceDataRequest},
        error::{DataError, TransportError},
    },
};

/// Data channels: of transports with SCTP, and of direct transports.
impl<P> Transport<P> {
    /// Starts to receive a data channel.
    ///
    /// # Errors
    /// A transport without SCTP, a stream that is in use or out of range, a closed transport.
    pub async fn produce_data(&self, options: DataProducerOptions) -> Result<DataProducer, DataError> {
        self.produce_data_as(DataProducerId::random(), options).await
    }

    pub(super) async fn produce_data_as(
        &self,
        id: DataProducerId,
        options: DataProducerOptions,
    ) -> Result<DataProducer, DataError> {
        let request = ProduceDataRequest {
            id,
            sctp_stream_parameters: options.sctp_stream_parameters,
            label: options.label.clone(),
            protocol: options.protocol.clone(),
            paused: options.paused,
        };
        self.port().produce_data(self.id(), request).await?;
        let consumable = ConsumableData { transport: self.id(), options: options.clone(), tied: Vec::new() };
        let mut entities = self.router().entities();
        if !entities.as_mut().is_some_and(|entities| entities.add_data_producer(id, consumable)) {
            return Err(TransportError::NotFound(self.id()).into());
        }
        drop(entities);
        Ok(DataProducer::new(id, options, Arc::clone(self.router())))
    }

    /// Starts to send a data channel.
    ///
    /// # Errors
    /// An unknown data producer, a transport without SCTP or without a free stream, a closed transport.
    pub async fn consume_data(&self, options: DataConsumerOptions) -> Result<DataConsumer, DataError> {
        let id = DataConsumerId::random();
        let DataConsumerOptions { data_producer_id, delivery, paused, subchannels, app_data } = options;
        let subchannels = subchannels.into_iter().collect();
        let request = ConsumeDataRequest { id, data_producer_id, delivery, subchannels, paused };
        let stream = self.port().consume_data(self.id(), request).await?;
        Ok(DataConsumer::new(id, data_producer_id, stream, app_data, Arc::clone(self.port())))
    }
}
