//! Rooms come, are found, and go.

use std::{sync::atomic::Ordering, time::Duration};

use super::*;
use crate::{
    media::event::RouterEvent,
    room::{CloseReason, RoomSummary, RoomsStats},
};

#[tokio::test]
async fn a_room_is_what_was_asked_for() {
    let world = World::new();
    let host = Some(participant_id("ada"));
    let info = world.rooms.create_room(room_id("room"), options(3), host.clone()).await.unwrap();
    assert_eq!((&info.id, &info.options, &info.host), (&room_id("room"), &options(3), &host));
    assert!(!info.rtp_capabilities.codecs.is_empty() && info.created_at > 0);
    assert!(info.participants.is_empty() && info.producers.is_empty());
    assert_eq!(world.rooms.room(&room_id("room")).unwrap().info().await.unwrap(), info);
}

#[tokio::test]
async fn a_room_for_nobody_makes_no_sense() {
    let world = World::new();
    let error = world.rooms.create_room(room_id("room"), options(0), None).await.unwrap_err();
    assert!(matches!(&error, RoomError::Invalid(text) if text.contains("maxParticipants")), "{error:?}");
    assert!(matches!(world.rooms.room(&room_id("room")), Err(RoomError::RoomNotFound)));
}

#[tokio::test]
async fn of_two_that_create_the_same_room_one_wins() {
    let world = World::new();
    let gate = world.media.0.gate.lock().await;
    let create = || world.rooms.create_room(room_id("room"), options(2), None);
    let (first, second, ()) = tokio::join!(create(), create(), async { drop(gate) });
    assert!(first.is_ok());
    assert!(matches!(second, Err(RoomError::RoomExists(id)) if id == room_id("room")));
    assert_eq!(world.media.counts(), (1, 0, 0, 0));
}

#[tokio::test]
async fn a_room_that_could_not_be_made_leaves_its_name_free() {
    let world = World::new();
    world.media.0.has_no_worker.store(true, Ordering::Relaxed);
    let create = || world.rooms.create_room(room_id("room"), options(2), None);
    assert!(matches!(create().await, Err(RoomError::Internal(_))));
    assert_eq!(world.rooms.stats(), RoomsStats::default());
    world.media.0.has_no_worker.store(false, Ordering::Relaxed);
    assert!(create().await.is_ok());
}

#[tokio::test]
async fn a_creator_that_goes_away_leaves_a_whole_room() {
    let world = World::new();
    let gate = world.media.0.gate.lock().await;
    let creating = world.rooms.create_room(room_id("room"), options(2), None);
    assert!(tokio::time::timeout(Duration::ZERO, creating).await.is_err(), "the gate is shut");
    drop(gate);
    let room = world.rooms.room(&room_id("room")).unwrap();
    assert_eq!(room.info().await.unwrap().id, room_id("room"));
    world.rooms.close_room(&room_id("room"), CloseReason::Closed).await.unwrap();
    assert_eq!(world.media.counts(), (0, 0, 0, 0));
}

#[tokio::test]
async fn rooms_are_listed_in_order_of_creation_with_their_counts() {
    let world = World::new();
    let (zoo, _ark) = (world.room("zoo", options(2)).await, world.room("ark", options(5)).await);
    let ada = Peer::join(&zoo, "ada").await;
    ada.produce(MediaKind::Video).await;
    zoo.add_participant(participant_id("bob"), json!({})).await.unwrap();

    let rooms = world.rooms.rooms().await;
    let of = |room: &RoomSummary| (room.id.to_string(), room.participants, room.max_participants);
    assert_eq!(
        rooms.iter().map(of).collect::<Vec<_>>(),
        [("zoo".to_owned(), 2, 2), ("ark".to_owned(), 0, 5)]
    );
    assert_eq!(rooms[0].stats, zoo.info().await.unwrap().stats);
    assert_eq!(rooms[0].stats.video_producers, 1);
    assert_eq!(world.rooms.stats(), RoomsStats { total_rooms: 2, total_participants: 2 });
}

#[tokio::test]
async fn closing_a_room_tells_everyone_last_and_leaves_nothing() {
    let (world, room) = World::with_room(3).await;
    let (mut ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let producer = ada.produce(MediaKind::Audio).await;
    bob.consume(producer.id).await;
    assert_eq!(world.media.counts(), (1, 2, 1, 1));

    world.rooms.close_room(room.id(), CloseReason::Closed).await.unwrap();
    assert_eq!(world.media.counts(), (0, 0, 0, 0));
    for peer in [&mut ada, &mut bob] {
        let heard = peer.heard_to_the_end().await;
        assert_eq!(heard.last(), Some(&RoomEvent::RoomClosed(CloseReason::Closed)));
    }
    assert!(matches!(room.info().await, Err(RoomError::RoomNotFound)));
    let late = ada.me.create_transport(TransportDirection::Send).await;
    assert!(matches!(late, Err(RoomError::RoomNotFound)));
    ada.me.leave().await;
    let again = world.rooms.close_room(room.id(), CloseReason::Closed).await;
    assert!(matches!(again, Err(RoomError::RoomNotFound)));
    world.room("room", options(1)).await;
}

#[tokio::test]
async fn who_hears_of_the_end_may_open_the_room_anew() {
    let (world, room) = World::with_room(3).await;
    let mut ada = Peer::join(&room, "ada").await;
    let closing = world.rooms.close_room(room.id(), CloseReason::Closed);
    let reopening = async {
        assert_eq!(ada.heard_to_the_end().await, [RoomEvent::RoomClosed(CloseReason::Closed)]);
        world.rooms.create_room(room_id("room"), options(1), None).await
    };
    let (closed, reopened) = tokio::join!(closing, reopening);
    closed.unwrap();
    reopened.unwrap();
    assert!(world.rooms.room(room.id()).is_ok(), "the old room's end does not take the new one's name");
}

#[tokio::test]
async fn the_end_of_all_rooms_is_waited_for() {
    let (world, room) = World::with_room(3).await;
    world.room("other", options(1)).await;
    let mut ada = Peer::join(&room, "ada").await;
    world.rooms.close(CloseReason::Shutdown).await;
    assert_eq!(world.media.counts(), (0, 0, 0, 0));
    assert_eq!(ada.heard_to_the_end().await, [RoomEvent::RoomClosed(CloseReason::Shutdown)]);
    let late = world.rooms.create_room(room_id("late"), options(1), None).await;
    assert!(matches!(late, Err(RoomError::ShuttingDown)));
    world.rooms.close(CloseReason::Shutdown).await;
}

#[tokio::test(start_paused = true)]
async fn a_room_ends_when_its_time_is_over() {
    let world = World::new();
    let timed = RoomOptions { timeout: 60_000, ..options(2) };
    let (empty, used) = (world.room("empty", timed.clone()).await, world.room("used", timed).await);
    let forever = world.room("forever", options(2)).await;
    let mut ada = Peer::join(&used, "ada").await;

    tokio::time::sleep(Duration::from_millis(59_999)).await;
    assert_eq!(world.rooms.stats().total_rooms, 3);
    assert_eq!(ada.heard_to_the_end().await, [RoomEvent::RoomClosed(CloseReason::Timeout)]);
    empty.ended().await;
    used.ended().await;
    assert_eq!(world.media.counts(), (1, 0, 0, 0));
    tokio::time::sleep(Duration::from_secs(1_000_000)).await;
    let summary = world.rooms.rooms().await.remove(0);
    assert_eq!((&summary.id, summary.uptime), (forever.id(), 1_000_060_000));
}

#[tokio::test]
async fn a_timeout_beyond_all_time_is_no_timeout() {
    let world = World::new();
    let room = world.room("room", RoomOptions { timeout: u64::MAX, ..options(1) }).await;
    assert!(room.info().await.is_ok());
}

#[tokio::test]
async fn a_room_dies_with_its_worker() {
    let (world, room) = World::with_room(2).await;
    let mut ada = Peer::join(&room, "ada").await;
    world.media.emit(&RouterEvent::WorkerClosed);
    assert_eq!(ada.heard_to_the_end().await, [RoomEvent::RoomClosed(CloseReason::WorkerDied)]);
    room.ended().await;
    assert!(matches!(world.rooms.room(room.id()), Err(RoomError::RoomNotFound)));
}

#[tokio::test]
async fn rooms_nobody_can_reach_close_by_themselves() {
    let (World { media, rooms }, room) = World::with_room(2).await;
    let Peer { me, mut events, .. } = Peer::join(&room, "ada").await;
    drop((rooms, room, me));
    assert_eq!(events.recv().await, Some(RoomEvent::RoomClosed(CloseReason::Shutdown)));
    assert_eq!(events.recv().await, None);
    tokio::task::yield_now().await;
    assert_eq!(media.counts(), (0, 0, 0, 0));
}
