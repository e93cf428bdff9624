//! Events of a room, as its clients get them.

use mediasoup_core::{
    ids::RoomId,
    room::{ActiveSpeaker, RoomEvent},
};
use serde_json::{Map, Value, json};

/// Name and object of an event; `None` for those that clients learn elsewhere (their own peer connection
/// tells them of ICE and DTLS).
pub(super) fn to_client(room: &RoomId, event: &RoomEvent) -> Option<(&'static str, Map<String, Value>)> {
    let (name, body) = match event {
        RoomEvent::ParticipantJoined(info) => {
            ("mediasoup:participant-joined", json!({ "participant": info }))
        }
        RoomEvent::ParticipantLeft { participant_id, reason } => {
            ("mediasoup:participant-left", json!({ "participantId": participant_id, "reason": reason }))
        }
        RoomEvent::NewProducer(info) => {
            ("mediasoup:new-producer", json!({ "participantId": info.participant_id, "producer": info }))
        }
        RoomEvent::ProducerClosed { producer_id, participant_id } => (
            "mediasoup:producer-closed",
            json!({ "producerId": producer_id, "participantId": participant_id }),
        ),
        RoomEvent::ProducerPaused { producer_id, participant_id } => (
            "mediasoup:producer-paused",
            json!({ "producerId": producer_id, "participantId": participant_id }),
        ),
        RoomEvent::ProducerResumed { producer_id, participant_id } => (
            "mediasoup:producer-resumed",
            json!({ "producerId": producer_id, "participantId": participant_id }),
        ),
        RoomEvent::ActiveSpeaker(speaker) => ("mediasoup:active-speaker", active_speaker(speaker.as_ref())),
        RoomEvent::ConsumerClosed { consumer_id, producer_id, reason } => (
            "mediasoup:consumer-closed",
            json!({ "consumerId": consumer_id, "producerId": producer_id, "reason": reason }),
        ),
        RoomEvent::ConsumerScore(id, score) => {
            ("mediasoup:consumer-score", json!({ "consumerId": id, "score": score }))
        }
        RoomEvent::ConsumerLayers(id, layers) => {
            ("mediasoup:consumer-layers-changed", json!({ "consumerId": id, "layers": layers }))
        }
        RoomEvent::ProducerScore(id, score) => {
            ("mediasoup:producer-score", json!({ "producerId": id, "score": score }))
        }
        RoomEvent::Left(reason) => ("mediasoup:room-left", json!({ "reason": reason })),
        RoomEvent::RoomClosed(reason) => ("mediasoup:room-closed", json!({ "reason": reason })),
        _ => return None,
    };
    let mut object = Map::new();
    object.insert("roomId".to_owned(), Value::from(room.as_str()));
    if let Value::Object(body) = body {
        object.extend(body);
    }
    Some((name, object))
}

/// Ids are `null` in silence.
fn active_speaker(speaker: Option<&ActiveSpeaker>) -> Value {
    const SILENCE: i8 = -127;
    json!({
        "participantId": speaker.map(|speaker| &speaker.participant_id),
        "producerId": speaker.map(|speaker| speaker.producer_id),
        "volume": speaker.map_or(SILENCE, |speaker| speaker.volume),
    })
}

#[cfg(test)]
mod tests;
