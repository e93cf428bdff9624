//! Producers: create, close, pause, resume; and a host's mute.

use mediasoup_core::{
    ids::{ParticipantId, ProducerId, RoomId},
    media::{
        options::ProducerOptions,
        rtp::{MediaKind, RtpParameters},
    },
    room::{RoomError, RoomEvent},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    reply::{Outcome, Reply},
    session::Session,
    transports::transport_id,
};
use crate::{
    error::{ApiError, Code},
    input::Object,
    view::ProducerView,
};

/// A producer a client named. What is no id of ours names no producer.
pub(super) fn producer_id(text: &str) -> Result<ProducerId, ApiError> {
    text.parse().map_err(|_| RoomError::ProducerNotFound.into())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateProducer {
    room_id: RoomId,
    transport_id: String,
    kind: MediaKind,
    rtp_parameters: Object<RtpParameters>,
    #[serde(default)]
    paused: bool,
    #[serde(default)]
    app_data: Map<String, Value>,
}

pub(super) async fn create(session: &mut Session, request: CreateProducer) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let Object(rtp_parameters) = request.rtp_parameters;
    let mut options = ProducerOptions::new(request.kind, rtp_parameters);
    options.paused = request.paused;
    options.app_data = Value::Object(request.app_data);
    let producer = participant.produce(transport_id(&request.transport_id)?, options).await?;
    let body = json!({
        "roomId": request.room_id,
        "participantId": session.participant,
        "producer": ProducerView::from(producer),
    });
    Ok(Reply::new("mediasoup:producer-created", body))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfProducer {
    room_id: RoomId,
    producer_id: String,
}

/// One's own; a host anyone's.
pub(super) async fn close(session: &mut Session, request: OfProducer) -> Outcome {
    let OfProducer { room_id, producer_id: text } = request;
    let id = producer_id(&text)?;
    let own = match session.participant_in(&room_id) {
        Ok(participant) => participant.close_producer(id).await.map_err(ApiError::from),
        Err(not_in_room) => Err(not_in_room),
    };
    let owner = match own {
        Ok(()) => session.participant.clone(),
        Err(error) if matches!(error.code, Code::ProducerNotFound | Code::ParticipantNotFound) => {
            close_as_host(session, &room_id, id).await.map_err(|refused| match refused.code {
                Code::Forbidden => error,
                _ => refused,
            })?
        }
        Err(error) => return Err(error),
    };
    let event = RoomEvent::ProducerClosed { producer_id: id, participant_id: owner };
    Reply::instead_of(room_id, event)
}

async fn close_as_host(
    session: &Session,
    room_id: &RoomId,
    id: ProducerId,
) -> Result<ParticipantId, ApiError> {
    let room = session.hosted_room(room_id).await?;
    let producers = room.info().await?.producers;
    let producer =
        producers.into_iter().find(|producer| producer.id == id).ok_or(RoomError::ProducerNotFound)?;
    room.close_producer(id).await?;
    Ok(producer.participant_id)
}

pub(super) async fn pause(session: &mut Session, request: OfProducer) -> Outcome {
    set_paused(session, request, true).await
}

pub(super) async fn resume(session: &mut Session, request: OfProducer) -> Outcome {
    set_paused(session, request, false).await
}

async fn set_paused(session: &mut Session, request: OfProducer, paused: bool) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let producer = participant.pause_producer(producer_id(&request.producer_id)?, paused).await?;
    let (producer_id, participant_id) = (producer.id, producer.participant_id);
    let event = if paused {
        RoomEvent::ProducerPaused { producer_id, participant_id }
    } else {
        RoomEvent::ProducerResumed { producer_id, participant_id }
    };
    Reply::instead_of(request.room_id, event)
}

/// Hosts only: a mute its owner cannot undo.
pub(super) async fn lock(session: &mut Session, request: OfProducer) -> Outcome {
    set_locked(session, request, true).await
}

/// Hosts only: takes the mute back; the producer stays paused.
pub(super) async fn unlock(session: &mut Session, request: OfProducer) -> Outcome {
    set_locked(session, request, false).await
}

async fn set_locked(session: &mut Session, request: OfProducer, locked: bool) -> Outcome {
    let id = producer_id(&request.producer_id)?;
    session.hosted_room(&request.room_id).await?.lock_producer(id, locked).await?;
    let event = if locked { "mediasoup:producer-locked" } else { "mediasoup:producer-unlocked" };
    Ok(Reply::new(event, json!({ "roomId": request.room_id, "producerId": id })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input;

    #[test]
    fn explicit_nulls_of_the_dart_clients_count_as_absent() {
        let request: CreateProducer = input::parse(Some(json!({
            "roomId": "a", "transportId": "t", "kind": "audio", "paused": null, "appData": null,
            "rtpParameters": {
                "mid": null,
                "codecs": [{ "mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2,
                    "parameters": null, "rtcpFeedback": [{ "type": "transport-cc", "parameter": null }] }],
                "headerExtensions": null,
                "encodings": [{ "ssrc": 1, "rid": null, "rtx": null }],
                "rtcp": { "cname": null, "reducedSize": null, "mux": null },
            },
        })))
        .unwrap();
        let Object(rtp_parameters) = request.rtp_parameters;
        assert!(rtp_parameters.mid.is_none() && rtp_parameters.header_extensions.is_empty());
        assert!(!request.paused && request.app_data.is_empty());
    }

    #[test]
    fn a_wrong_type_deep_inside_is_named() {
        let request = json!({
            "roomId": "a", "transportId": "t", "kind": "video",
            "rtpParameters": { "codecs": [{ "mimeType": "video/VP8", "payloadType": 300, "clockRate": 90000 }] },
        });
        let error = input::parse::<CreateProducer>(Some(request)).err().unwrap();
        assert_eq!(error.field.as_deref(), Some("rtpParameters.codecs[0].payloadType"));
    }
}
