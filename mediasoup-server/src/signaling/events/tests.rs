use mediasoup_core::{
    ids::{ConsumerId, ProducerId},
    media::{
        event::{ConsumerLayers, ConsumerScore, StreamScore},
        rtp::{MediaKind, RtpType},
        transport::{DtlsState, IceState},
    },
    room::{ActiveSpeaker, CloseReason, ConsumerCloseReason, LeaveReason, ParticipantInfo, ProducerInfo},
};

use super::*;

const PRODUCER: ProducerId = ProducerId::from_u128(1);
const PRODUCER_TEXT: &str = "00000000-0000-0000-0000-000000000001";
const CONSUMER: ConsumerId = ConsumerId::from_u128(2);
const CONSUMER_TEXT: &str = "00000000-0000-0000-0000-000000000002";

fn producer() -> ProducerInfo {
    ProducerInfo {
        id: PRODUCER,
        participant_id: "user-123".parse().unwrap(),
        kind: MediaKind::Video,
        rtp_type: RtpType::Simple,
        paused: false,
        app_data: json!({}),
    }
}

/// Every event beside the object protocol.md gives it.
#[expect(clippy::too_many_lines, reason = "a table")]
fn rows() -> Vec<(RoomEvent, &'static str, Value)> {
    let participant = ParticipantInfo {
        id: "user-123".parse().unwrap(),
        data: json!({ "name": "John Doe" }),
        joined_at: 1_704_110_400_000,
    };
    let participant_id: mediasoup_core::ids::ParticipantId = "user-123".parse().unwrap();
    let of_producer = json!({ "producerId": PRODUCER_TEXT, "participantId": "user-123" });
    vec![
        (
            RoomEvent::ParticipantJoined(participant),
            "participant-joined",
            json!({ "participant": {
                "id": "user-123", "data": { "name": "John Doe" }, "joinedAt": 1_704_110_400_000_u64 } }),
        ),
        (
            RoomEvent::ParticipantLeft { participant_id: participant_id.clone(), reason: LeaveReason::Left },
            "participant-left",
            json!({ "participantId": "user-123", "reason": "left" }),
        ),
        (
            RoomEvent::NewProducer(producer()),
            "new-producer",
            json!({ "participantId": "user-123", "producer": {
                "id": PRODUCER_TEXT, "participantId": "user-123", "kind": "video", "type": "simple",
                "paused": false, "appData": {} } }),
        ),
        (
            RoomEvent::ActiveSpeaker(Some(ActiveSpeaker {
                participant_id: participant_id.clone(),
                producer_id: PRODUCER,
                volume: -32,
            })),
            "active-speaker",
            json!({ "participantId": "user-123", "producerId": PRODUCER_TEXT, "volume": -32 }),
        ),
        (
            RoomEvent::ActiveSpeaker(None),
            "active-speaker",
            json!({ "participantId": null, "producerId": null, "volume": -127 }),
        ),
        (
            RoomEvent::ProducerClosed { producer_id: PRODUCER, participant_id: participant_id.clone() },
            "producer-closed",
            of_producer.clone(),
        ),
        (
            RoomEvent::ProducerPaused { producer_id: PRODUCER, participant_id: participant_id.clone() },
            "producer-paused",
            of_producer.clone(),
        ),
        (
            RoomEvent::ProducerResumed { producer_id: PRODUCER, participant_id },
            "producer-resumed",
            of_producer,
        ),
        (
            RoomEvent::ConsumerClosed {
                consumer_id: CONSUMER,
                producer_id: PRODUCER,
                reason: ConsumerCloseReason::ProducerClosed,
            },
            "consumer-closed",
            json!({ "consumerId": CONSUMER_TEXT, "producerId": PRODUCER_TEXT, "reason": "producer-closed" }),
        ),
        (
            RoomEvent::ConsumerScore(
                CONSUMER,
                ConsumerScore { score: 9, producer_score: 10, producer_scores: vec![10] },
            ),
            "consumer-score",
            json!({ "consumerId": CONSUMER_TEXT,
                "score": { "score": 9, "producerScore": 10, "producerScores": [10] } }),
        ),
        (
            RoomEvent::ConsumerLayers(CONSUMER, ConsumerLayers { spatial_layer: 2, temporal_layer: None }),
            "consumer-layers-changed",
            json!({ "consumerId": CONSUMER_TEXT, "layers": { "spatialLayer": 2 } }),
        ),
        (
            RoomEvent::ProducerScore(
                PRODUCER,
                vec![StreamScore { encoding_idx: 0, ssrc: 7, rid: None, score: 10 }],
            ),
            "producer-score",
            json!({ "producerId": PRODUCER_TEXT, "score": [{ "encodingIdx": 0, "ssrc": 7, "score": 10 }] }),
        ),
        (RoomEvent::Left(LeaveReason::Replaced), "room-left", json!({ "reason": "replaced" })),
        (RoomEvent::RoomClosed(CloseReason::WorkerDied), "room-closed", json!({ "reason": "worker-died" })),
    ]
}

#[test]
fn every_event_has_the_protocols_name_and_object() {
    let room = "room-123".parse().unwrap();
    for (event, name, mut object) in rows() {
        object["roomId"] = json!("room-123");
        let (got_name, got_object) = to_client(&room, &event).unwrap();
        assert_eq!(got_name, format!("mediasoup:{name}"));
        assert_eq!(Value::Object(got_object), object, "{name}");
    }
}

#[test]
fn the_clients_own_peer_connection_tells_of_ice_and_dtls() {
    let room = "room-123".parse().unwrap();
    let transport = mediasoup_core::ids::TransportId::from_u128(3);
    assert!(to_client(&room, &RoomEvent::IceState(transport, IceState::Connected)).is_none());
    assert!(to_client(&room, &RoomEvent::DtlsState(transport, DtlsState::Connected)).is_none());
}
