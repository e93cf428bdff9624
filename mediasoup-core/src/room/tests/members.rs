//! Participants come, are replaced, and go.

use std::time::Duration;

use super::*;
use crate::room::{LeaveReason, ParticipantInfo, limits::SESSION_QUEUE_LEN};

fn left(id: &str, reason: LeaveReason) -> RoomEvent {
    RoomEvent::ParticipantLeft { participant_id: participant_id(id), reason }
}

fn ids(participants: &[ParticipantInfo]) -> Vec<&str> {
    participants.iter().map(|participant| participant.id.as_str()).collect()
}

#[tokio::test]
async fn what_was_there_is_in_the_snapshot_and_what_comes_is_an_event() {
    let (_world, room) = World::with_room(3).await;
    let mut ada = Peer::join(&room, "ada").await;
    let camera = ada.produce(MediaKind::Video).await;
    let joined = room.join(participant_id("bob"), Some(json!({ "name": "Bob" }))).await.unwrap();
    assert_eq!((&joined.info.id, &joined.info.data), (joined.participant.id(), &json!({ "name": "Bob" })));
    let (info, mut bob) = (joined.info.clone(), Peer::of(joined));

    assert_eq!(ids(&bob.room.participants), ["ada", "bob"]);
    assert_eq!(bob.room.producers, [camera]);
    assert_eq!(bob.heard(), []);
    let microphone = bob.produce(MediaKind::Audio).await;
    assert_eq!(bob.heard(), [], "the answer tells the owner");
    assert_eq!(ada.heard(), [RoomEvent::ParticipantJoined(info), RoomEvent::NewProducer(microphone)]);
    assert_eq!(ada.room.participants[0].data, json!({}), "who says nothing has no data");
}

#[tokio::test]
async fn a_full_room_takes_nobody_but_a_newer_session() {
    let (_world, room) = World::with_room(2).await;
    room.add_participant(participant_id("ada"), json!({})).await.unwrap();
    let _bob = Peer::join(&room, "bob").await;
    let eve = room.join(participant_id("eve"), None).await;
    assert!(matches!(eve, Err(RoomError::RoomFull)));
    let eve = room.add_participant(participant_id("eve"), json!({})).await;
    assert!(matches!(eve, Err(RoomError::RoomFull)));
    let newer = Peer::join(&room, "bob").await;
    assert_eq!(ids(&newer.room.participants), ["ada", "bob"]);
}

#[tokio::test]
async fn the_newest_session_of_an_id_wins() {
    let (world, room) = World::with_room(2).await;
    let mut ada = Peer::join(&room, "ada").await;
    let mut older = Peer::of(room.join(participant_id("bob"), Some(json!({ "name": "Bob" }))).await.unwrap());
    let camera = older.produce(MediaKind::Video).await;
    let watching = ada.consume(camera.id).await;
    ada.heard();

    let joined = room.join(participant_id("bob"), None).await.unwrap();
    assert_eq!(joined.info.data, json!({ "name": "Bob" }), "kept");
    assert_eq!(older.heard_to_the_end().await, [RoomEvent::Left(LeaveReason::Replaced)]);
    assert_eq!(
        ada.heard(),
        [
            RoomEvent::ConsumerClosed {
                consumer_id: watching.id,
                producer_id: camera.id,
                reason: crate::room::ConsumerCloseReason::ProducerClosed
            },
            RoomEvent::ProducerClosed { producer_id: camera.id, participant_id: participant_id("bob") },
            left("bob", LeaveReason::Replaced),
            RoomEvent::ParticipantJoined(joined.info.clone()),
        ]
    );
    assert!(joined.room.producers.is_empty());
    assert_eq!(world.media.counts(), (1, 1, 0, 0), "ada's transport is left");

    let late = older.me.create_transport(TransportDirection::Send).await;
    assert!(matches!(late, Err(RoomError::ParticipantNotFound)));
    older.me.leave().await;
    let mut newer = Peer::of(joined);
    assert!(newer.is_listening(), "an old session's leaving is nothing to the newer");
    newer.transport(TransportDirection::Send).await;
}

#[tokio::test]
async fn the_first_session_takes_an_added_participant_over() {
    let (_world, room) = World::with_room(3).await;
    let mut ada = Peer::join(&room, "ada").await;
    let added = room.add_participant(participant_id("bob"), json!({ "name": "Bob" })).await.unwrap();
    let again = room.add_participant(participant_id("bob"), json!({ "name": "Robert" })).await.unwrap();
    assert_eq!(again, added);
    let joined = room.join(participant_id("bob"), None).await.unwrap();
    assert_eq!(joined.info, added);
    assert_eq!(ada.heard(), [RoomEvent::ParticipantJoined(added.clone())], "once");
    let again = room.add_participant(participant_id("bob"), json!({})).await.unwrap();
    assert_eq!(again, added);

    room.add_participant(participant_id("eve"), json!({})).await.unwrap();
    let eve = room.join(participant_id("eve"), Some(json!({ "name": "Eve" }))).await.unwrap();
    assert_eq!(eve.info.data, json!({ "name": "Eve" }));
}

#[tokio::test]
async fn leaving_closes_all_one_owns_and_tells_the_others() {
    let (world, room) = World::with_room(3).await;
    let (mut ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let camera = ada.produce(MediaKind::Video).await;
    let (theirs, own) = (bob.produce(MediaKind::Audio).await, ada.consume(camera.id).await);
    ada.consume(theirs.id).await;
    let watching = bob.consume(camera.id).await;
    assert_eq!((bob.heard().len(), own.participant_id), (1, participant_id("ada")));
    assert_eq!(world.media.counts(), (1, 5, 2, 3));

    ada.me.leave().await;
    ada.me.leave().await;
    assert_eq!(ada.heard_to_the_end().await.last(), Some(&RoomEvent::Left(LeaveReason::Left)));
    let heard = bob.heard();
    assert!(
        matches!(&heard[..], [
            RoomEvent::ConsumerClosed { consumer_id, .. },
            RoomEvent::ProducerClosed { producer_id, .. },
            gone,
        ] if (*consumer_id, *producer_id) == (watching.id, camera.id) && *gone == left("ada", LeaveReason::Left)),
        "{heard:?}"
    );
    assert_eq!(world.media.counts(), (1, 2, 1, 0));
    let stats = room.info().await.unwrap().stats;
    assert_eq!((stats.audio_producers, stats.video_producers, stats.video_consumers), (1, 0, 0));
}

#[tokio::test]
async fn who_is_removed_hears_why() {
    let (world, room) = World::with_room(3).await;
    let (mut ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    bob.transport(TransportDirection::Recv).await;
    room.remove_participant(&participant_id("bob"), LeaveReason::Removed).await.unwrap();
    assert_eq!(bob.heard_to_the_end().await, [RoomEvent::Left(LeaveReason::Removed)]);
    assert_eq!(ada.heard().last(), Some(&left("bob", LeaveReason::Removed)));
    assert_eq!(world.media.counts(), (1, 0, 0, 0));
    let again = room.remove_participant(&participant_id("bob"), LeaveReason::Removed).await;
    assert!(matches!(again, Err(RoomError::ParticipantNotFound)));
}

#[tokio::test]
async fn a_session_that_does_not_read_is_removed_and_can_hear_it() {
    let (_world, room) = World::with_room(3).await;
    let (mut ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let producer = ada.produce(MediaKind::Audio).await;
    ada.heard();
    // Two more than fit: new-producer takes a place, too.
    for round in 0..=SESSION_QUEUE_LEN {
        ada.me.pause_producer(producer.id, round % 2 == 0).await.unwrap();
        if let Some(event) = ada.heard().into_iter().find(|event| *event == left("bob", LeaveReason::Left)) {
            assert_eq!((round, event), (SESSION_QUEUE_LEN - 1, left("bob", LeaveReason::Left)));
        }
    }
    assert_eq!(ids(&room.info().await.unwrap().participants), ["ada"]);
    let heard = bob.heard_to_the_end().await;
    assert_eq!(
        (heard.len(), heard.last()),
        (SESSION_QUEUE_LEN + 1, Some(&RoomEvent::Left(LeaveReason::Left)))
    );
}

#[tokio::test]
async fn a_session_nobody_reads_any_more_leaves() {
    let (world, room) = World::with_room(3).await;
    let (mut ada, bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    bob.produce(MediaKind::Audio).await;
    assert_eq!(ada.heard().len(), 2);
    drop(bob);
    assert!(matches!(ada.events.recv().await, Some(RoomEvent::ProducerClosed { .. })));
    assert_eq!(ada.events.recv().await, Some(left("bob", LeaveReason::Left)));
    assert_eq!(world.media.counts(), (1, 0, 0, 0));
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_nothing_half_done() {
    let (world, room) = World::with_room(3).await;
    let mut ada = Peer::join(&room, "ada").await;
    let bob = Peer::join(&room, "bob").await;
    let transport = bob.transport(TransportDirection::Send).await;
    ada.heard();

    let gate = world.media.0.gate.lock().await;
    let producing = bob.me.produce(transport, track(MediaKind::Audio));
    assert!(tokio::time::timeout(Duration::ZERO, producing).await.is_err());
    let joining = room.join(participant_id("eve"), None);
    assert!(tokio::time::timeout(Duration::ZERO, joining).await.is_err());
    drop(gate);

    assert!(matches!(ada.events.recv().await, Some(RoomEvent::NewProducer(_))), "done to its end");
    assert!(matches!(ada.events.recv().await, Some(RoomEvent::ParticipantJoined(_))));
    assert_eq!(ada.events.recv().await, Some(left("eve", LeaveReason::Left)), "nobody has the session");
    assert_eq!(world.media.counts(), (1, 1, 1, 0));
}
