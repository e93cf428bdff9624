//! Data channels: create, close; and pausing what one receives.

use mediasoup_core::{
    ids::{DataConsumerId, DataProducerId, RoomId},
    media::data::{DataConsumerOptions, DataProducerOptions, Delivery, SctpStreamParameters},
    room::{ConsumerCloseReason, RoomError, RoomEvent},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    reply::{Outcome, Reply},
    session::Session,
    transports::transport_id,
};
use crate::{error::ApiError, input::Object, view::DataProducerView};

/// A data producer a client named. What is no id of ours names no data producer.
pub(super) fn data_producer_id(text: &str) -> Result<DataProducerId, ApiError> {
    text.parse().map_err(|_| RoomError::DataProducerNotFound.into())
}

/// A data consumer a client named. What is no id of ours names no data consumer.
pub(super) fn data_consumer_id(text: &str) -> Result<DataConsumerId, ApiError> {
    text.parse().map_err(|_| RoomError::DataConsumerNotFound.into())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateDataProducer {
    room_id: RoomId,
    transport_id: String,
    sctp_stream_parameters: Object<SctpStreamParameters>,
    #[serde(default)]
    label: String,
    #[serde(default)]
    protocol: String,
    #[serde(default)]
    app_data: Map<String, Value>,
}

pub(super) async fn create_producer(session: &mut Session, request: CreateDataProducer) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let Object(stream) = request.sctp_stream_parameters;
    let mut options = DataProducerOptions::new(stream);
    options.label = request.label;
    options.protocol = request.protocol;
    options.app_data = Value::Object(request.app_data);
    let producer = participant.produce_data(transport_id(&request.transport_id)?, options).await?;
    let body = json!({
        "roomId": request.room_id,
        "participantId": session.participant,
        "dataProducer": DataProducerView::from(producer),
    });
    Ok(Reply::new("mediasoup:data-producer-created", body))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfDataProducer {
    room_id: RoomId,
    data_producer_id: String,
}

pub(super) async fn close_producer(session: &mut Session, request: OfDataProducer) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let id = data_producer_id(&request.data_producer_id)?;
    participant.close_data_producer(id).await?;
    let participant_id = session.participant.clone();
    let event = RoomEvent::DataProducerClosed { data_producer_id: id, participant_id };
    Reply::instead_of(request.room_id, event)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateDataConsumer {
    room_id: RoomId,
    transport_id: String,
    data_producer_id: String,
    #[serde(default)]
    paused: bool,
    ordered: Option<bool>,
    max_packet_life_time: Option<u16>,
    max_retransmits: Option<u16>,
}

impl CreateDataConsumer {
    /// How messages are to be delivered; `None`: as they are sent.
    fn delivery(&self) -> Result<Option<Delivery>, ApiError> {
        let Self { ordered, max_packet_life_time, max_retransmits, .. } = *self;
        if ordered.is_none() && max_packet_life_time.is_none() && max_retransmits.is_none() {
            return Ok(None);
        }
        Delivery::from_fields(ordered, max_packet_life_time, max_retransmits)
            .map(Some)
            .map_err(ApiError::malformed)
    }
}

pub(super) async fn create_consumer(session: &mut Session, request: CreateDataConsumer) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let mut options = DataConsumerOptions::new(data_producer_id(&request.data_producer_id)?);
    options.paused = request.paused;
    options.delivery = request.delivery()?;
    let consumer = participant.consume_data(transport_id(&request.transport_id)?, options).await?;
    let body = json!({ "roomId": request.room_id, "dataConsumer": consumer });
    Ok(Reply::new("mediasoup:data-consumer-created", body))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfDataConsumer {
    room_id: RoomId,
    data_consumer_id: String,
}

pub(super) async fn close_consumer(session: &mut Session, request: OfDataConsumer) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let id = data_consumer_id(&request.data_consumer_id)?;
    let data_producer_id = participant.close_data_consumer(id).await?;
    let reason = ConsumerCloseReason::Closed;
    let event = RoomEvent::DataConsumerClosed { data_consumer_id: id, data_producer_id, reason };
    Reply::instead_of(request.room_id, event)
}

pub(super) async fn pause_consumer(session: &mut Session, request: OfDataConsumer) -> Outcome {
    set_paused(session, request, true).await
}

/// Idempotent.
pub(super) async fn resume_consumer(session: &mut Session, request: OfDataConsumer) -> Outcome {
    set_paused(session, request, false).await
}

async fn set_paused(session: &mut Session, request: OfDataConsumer, paused: bool) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let id = data_consumer_id(&request.data_consumer_id)?;
    participant.pause_data_consumer(id, paused).await?;
    let event = if paused { "mediasoup:data-consumer-paused" } else { "mediasoup:data-consumer-resumed" };
    Ok(Reply::new(event, json!({ "roomId": request.room_id, "dataConsumerId": id })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input;

    #[test]
    fn what_makes_no_sense_of_a_stream_is_named() {
        let request = |stream: Value| {
            let request = json!({ "roomId": "a", "transportId": "t", "sctpStreamParameters": stream });
            input::parse::<CreateDataProducer>(Some(request)).map(drop)
        };
        assert!(request(json!({ "streamId": 0, "maxRetransmits": null })).is_ok());
        let field = |stream| request(stream).unwrap_err().field;
        assert_eq!(field(json!([0])).as_deref(), Some("sctpStreamParameters"));
        assert_eq!(field(json!({})).as_deref(), Some("sctpStreamParameters.streamId"));
        let both = json!({ "streamId": 1, "maxRetransmits": 1, "maxPacketLifeTime": 1 });
        let error = request(both).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("sctpStreamParameters"));
        assert!(error.error.contains("cannot provide both"), "{}", error.error);
    }
}
