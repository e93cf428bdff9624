//! Data channels of a room: what participants may ask, and how it is done.

use tracing::debug;

use super::{
    api::Participant,
    error::RoomError,
    info::{DataConsumerInfo, DataProducerInfo},
    limits::DATA_NAME_LEN_MAX,
    state::SessionKey,
    task::RoomTask,
};
use crate::{
    ids::{DataConsumerId, DataProducerId, TransportId},
    media::data::{DataConsumerOptions, DataConsumerStats, DataProducerOptions, DataProducerStats},
};

#[allow(clippy::missing_errors_doc, reason = "RoomError's variants say it")]
impl Participant {
    /// Publishes a data channel over a `send` transport; the others are told.
    pub async fn produce_data(
        &self,
        transport: TransportId,
        options: DataProducerOptions,
    ) -> Result<DataProducerInfo, RoomError> {
        self.ask(move |room, who| Box::pin(room.produce_data(who, transport, options))).await
    }

    /// Closes an own data producer.
    pub async fn close_data_producer(&self, id: DataProducerId) -> Result<(), RoomError> {
        self.ask(move |room, who| Box::pin(room.close_own_data_producer(who, id))).await
    }

    /// Counters of an own data producer.
    pub async fn data_producer_stats(&self, id: DataProducerId) -> Result<DataProducerStats, RoomError> {
        self.ask(move |room, who| Box::pin(room.data_producer_stats(who, id))).await
    }

    /// Receives a data channel over a `recv` transport. One's own, too.
    pub async fn consume_data(
        &self,
        transport: TransportId,
        options: DataConsumerOptions,
    ) -> Result<DataConsumerInfo, RoomError> {
        self.ask(move |room, who| Box::pin(room.consume_data(who, transport, options))).await
    }

    /// Pauses or resumes an own data consumer. Idempotent; what comes while it is paused is dropped.
    pub async fn pause_data_consumer(&self, id: DataConsumerId, paused: bool) -> Result<(), RoomError> {
        self.ask(move |room, who| Box::pin(room.pause_data_consumer(who, id, paused))).await
    }

    /// Closes an own data consumer; gives what it consumed. No event tells of it: this answer does.
    pub async fn close_data_consumer(&self, id: DataConsumerId) -> Result<DataProducerId, RoomError> {
        self.ask(move |room, who| Box::pin(room.close_data_consumer(who, id))).await
    }

    /// Counters of an own data consumer.
    pub async fn data_consumer_stats(&self, id: DataConsumerId) -> Result<DataConsumerStats, RoomError> {
        self.ask(move |room, who| Box::pin(room.data_consumer_stats(who, id))).await
    }
}

impl RoomTask {
    async fn produce_data(
        &mut self,
        who: &SessionKey,
        transport: TransportId,
        options: DataProducerOptions,
    ) -> Result<DataProducerInfo, RoomError> {
        for (field, name) in [("label", &options.label), ("protocol", &options.protocol)] {
            if name.len() > DATA_NAME_LEN_MAX {
                return Err(RoomError::Invalid(format!("{field}: at most {DATA_NAME_LEN_MAX} bytes")));
            }
        }
        self.state.may_produce_data(who, transport)?;
        let producer = self.media.transport(transport)?.produce_data(options).await?;
        let info = DataProducerInfo {
            id: producer.id(),
            participant_id: who.participant.clone(),
            sctp_stream_parameters: producer.sctp_stream_parameters(),
            label: producer.label().to_owned(),
            protocol: producer.protocol().to_owned(),
            app_data: producer.app_data().clone(),
        };
        self.media.keep_data_producer(producer);
        let effects = self.state.data_producer_started(who, transport, info.clone());
        debug!(target: "mediasoup::transport", room = %self.id, participant = %who.participant,
            %transport, data_producer = %info.id, "data producer created");
        self.carry_out(effects).await;
        Ok(info)
    }

    async fn close_own_data_producer(
        &mut self,
        who: &SessionKey,
        id: DataProducerId,
    ) -> Result<(), RoomError> {
        self.state.owns_data_producer(who, id)?;
        let effects = self.state.close_data_producer(id)?;
        debug!(target: "mediasoup::transport", room = %self.id, data_producer = %id, "data producer closed");
        self.carry_out(effects).await;
        Ok(())
    }

    async fn data_producer_stats(
        &mut self,
        who: &SessionKey,
        id: DataProducerId,
    ) -> Result<DataProducerStats, RoomError> {
        self.state.owns_data_producer(who, id)?;
        Ok(self.media.data_producer(id)?.stats().await?)
    }

    async fn consume_data(
        &mut self,
        who: &SessionKey,
        transport: TransportId,
        options: DataConsumerOptions,
    ) -> Result<DataConsumerInfo, RoomError> {
        self.state.may_consume_data(who, transport, options.data_producer_id)?;
        let source = self.state.data_producer(options.data_producer_id)?.clone();
        let paused = options.paused;
        let over = self.media.transport(transport)?;
        self.media.routers.bring_data(options.data_producer_id, over).await?;
        let consumer = over.consume_data(options).await?;
        let info = DataConsumerInfo {
            id: consumer.id(),
            data_producer_id: source.id,
            participant_id: source.participant_id,
            sctp_stream_parameters: consumer.sctp_stream_parameters(),
            label: source.label,
            protocol: source.protocol,
            paused,
            app_data: source.app_data,
        };
        self.media.keep_data_consumer(consumer);
        self.state.data_consumer_started(who, transport, info.id, info.data_producer_id);
        debug!(target: "mediasoup::transport", room = %self.id, participant = %who.participant,
            %transport, data_producer = %info.data_producer_id, data_consumer = %info.id,
            "data consumer created");
        Ok(info)
    }

    async fn pause_data_consumer(
        &mut self,
        who: &SessionKey,
        id: DataConsumerId,
        paused: bool,
    ) -> Result<(), RoomError> {
        self.state.own_data_consumer(who, id)?;
        let consumer = self.media.data_consumer(id)?;
        if paused {
            consumer.pause().await?;
        } else {
            consumer.resume().await?;
        }
        Ok(())
    }

    async fn close_data_consumer(
        &mut self,
        who: &SessionKey,
        id: DataConsumerId,
    ) -> Result<DataProducerId, RoomError> {
        let producer = self.state.own_data_consumer(who, id)?;
        let effects = self.state.close_data_consumer(who, id)?;
        self.carry_out(effects).await;
        Ok(producer)
    }

    async fn data_consumer_stats(
        &mut self,
        who: &SessionKey,
        id: DataConsumerId,
    ) -> Result<DataConsumerStats, RoomError> {
        self.state.own_data_consumer(who, id)?;
        Ok(self.media.data_consumer(id)?.stats().await?)
    }
}
