use std::sync::Arc;

use super::{DataConsumer, DataProducer, Transport};
use crate::{
    ids::{DataConsumerId, DataProducerId},
    media::{
        data::{ConsumeDataRequest, DataConsumerOptions, DataProducerOptions, ProduceDataRequest},
        error::DataError,
    },
};

/// Data channels: of WebRTC transports with SCTP, and of direct transports.
impl<P> Transport<P> {
    /// Starts to receive a data channel.
    ///
    /// # Errors
    /// A transport without SCTP, a stream that is in use or out of range, a closed transport.
    pub async fn produce_data(&self, options: DataProducerOptions) -> Result<DataProducer, DataError> {
        let id = DataProducerId::random();
        let request = ProduceDataRequest {
            id,
            sctp_stream_parameters: options.sctp_stream_parameters,
            label: options.label.clone(),
            protocol: options.protocol.clone(),
            paused: options.paused,
        };
        self.port().produce_data(self.id(), request).await?;
        Ok(DataProducer::new(id, options, Arc::clone(self.port())))
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
