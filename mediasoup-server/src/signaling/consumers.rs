//! Consumers: create, close, pause, resume, ask for a key frame.

use std::num::NonZeroU8;

use mediasoup_core::{
    ids::{ConsumerId, RoomId},
    media::{event::ConsumerLayers, options::ConsumerOptions, rtp::RtpCapabilities},
    room::{ConsumerCloseReason, RoomError, RoomEvent},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    producers::producer_id,
    reply::{Outcome, Reply},
    session::Session,
    transports::transport_id,
};
use crate::{error::ApiError, input::Object};

/// A consumer a client named. What is no id of ours names no consumer.
pub(super) fn consumer_id(text: &str) -> Result<ConsumerId, ApiError> {
    text.parse().map_err(|_| RoomError::ConsumerNotFound.into())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateConsumer {
    room_id: RoomId,
    transport_id: String,
    producer_id: String,
    rtp_capabilities: Object<RtpCapabilities>,
    #[serde(default)]
    paused: bool,
    enable_rtx: Option<bool>,
}

pub(super) async fn create(session: &mut Session, request: CreateConsumer) -> Outcome {
    let CreateConsumer { room_id, rtp_capabilities: Object(rtp_capabilities), .. } = request;
    let participant = session.participant_in(&room_id)?;
    let transport = transport_id(&request.transport_id)?;
    let mut options = ConsumerOptions::new(producer_id(&request.producer_id)?, rtp_capabilities);
    options.paused = request.paused;
    options.enable_rtx = request.enable_rtx;
    let consumer = participant.consume(transport, options).await?;
    session.remember_consumer(&room_id, consumer.id, consumer.producer_id);
    Ok(Reply::new("mediasoup:consumer-created", json!({ "roomId": room_id, "consumer": consumer })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfConsumer {
    room_id: RoomId,
    consumer_id: String,
}

pub(super) async fn close(session: &mut Session, request: OfConsumer) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let id = consumer_id(&request.consumer_id)?;
    let producer_id = session.producer_of(&request.room_id, id)?;
    participant.close_consumer(id).await?;
    let event =
        RoomEvent::ConsumerClosed { consumer_id: id, producer_id, reason: ConsumerCloseReason::Closed };
    Reply::instead_of(request.room_id, event)
}

pub(super) async fn pause(session: &mut Session, request: OfConsumer) -> Outcome {
    set_paused(session, request, true).await
}

/// Idempotent; asks for a key frame.
pub(super) async fn resume(session: &mut Session, request: OfConsumer) -> Outcome {
    set_paused(session, request, false).await
}

async fn set_paused(session: &mut Session, request: OfConsumer, paused: bool) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let id = consumer_id(&request.consumer_id)?;
    participant.pause_consumer(id, paused).await?;
    let event = if paused { "mediasoup:consumer-paused" } else { "mediasoup:consumer-resumed" };
    Ok(Reply::new(event, json!({ "roomId": request.room_id, "consumerId": id })))
}

pub(super) async fn request_key_frame(session: &mut Session, request: OfConsumer) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let id = consumer_id(&request.consumer_id)?;
    participant.request_key_frame(id).await?;
    let body = json!({ "roomId": request.room_id, "consumerId": id });
    Ok(Reply::new("mediasoup:consumer-key-frame-requested", body))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PreferLayers {
    room_id: RoomId,
    consumer_id: String,
    #[serde(flatten)]
    layers: ConsumerLayers,
}

/// Answers with the layers that come of it.
pub(super) async fn set_preferred_layers(session: &mut Session, request: PreferLayers) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let id = consumer_id(&request.consumer_id)?;
    let layers = participant.set_preferred_layers(id, request.layers).await?;
    let body = json!({ "roomId": request.room_id, "consumerId": id, "layers": layers });
    Ok(Reply::new("mediasoup:consumer-preferred-layers-set", body))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Prioritize {
    room_id: RoomId,
    consumer_id: String,
    priority: NonZeroU8,
}

pub(super) async fn set_priority(session: &mut Session, request: Prioritize) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let id = consumer_id(&request.consumer_id)?;
    participant.set_consumer_priority(id, request.priority).await?;
    let body = json!({ "roomId": request.room_id, "consumerId": id, "priority": request.priority });
    Ok(Reply::new("mediasoup:consumer-priority-set", body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input;

    #[test]
    fn capabilities_without_header_extensions_are_read() {
        let request: CreateConsumer = input::parse(Some(json!({
            "roomId": "a", "transportId": "t", "producerId": "p",
            "rtpCapabilities": { "codecs": [{ "kind": "audio", "mimeType": "audio/opus", "clockRate": 48000,
                "channels": 2, "parameters": {}, "rtcpFeedback": [{ "type": "nack", "parameter": null }] }] },
        })))
        .unwrap();
        let Object(capabilities) = request.rtp_capabilities;
        assert_eq!((capabilities.codecs.len(), capabilities.header_extensions.len()), (1, 0));
        let array = json!({ "roomId": "a", "transportId": "t", "producerId": "p", "rtpCapabilities": [] });
        let error = input::parse::<CreateConsumer>(Some(array)).err().unwrap();
        assert_eq!(error.field.as_deref(), Some("rtpCapabilities"));
    }
}
