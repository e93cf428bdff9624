//! Transports, producers and consumers: whose they are, and who hears of them.

use super::*;
use crate::{
    ids::RtpObserverId,
    media::{
        event::{AudioLevel, RouterEvent},
        rtp::RtpCapabilities,
        transport::{DtlsParameters, DtlsState, IceState},
    },
    room::{
        ActiveSpeaker, ConsumerCloseReason,
        limits::{PRODUCERS_MAX, TRANSPORTS_MAX},
    },
};

#[tokio::test]
async fn what_is_anothers_is_not_found() {
    let (_world, room) = World::with_room(3).await;
    let (ada, eve) = (Peer::join(&room, "ada").await, Peer::join(&room, "eve").await);
    let transport = ada.transport(TransportDirection::Send).await;
    let producer = ada.me.produce(transport, track(MediaKind::Audio)).await.unwrap();
    let consumer = ada.consume(producer.id).await;

    let no_certificate = DtlsParameters { role: Default::default(), fingerprints: Vec::new() };
    macro_rules! assert_not_found {
        ($error:ident: $($call:expr),+ $(,)?) => {$(
            assert!(matches!($call.await, Err(RoomError::$error)), stringify!($call));
        )+};
    }
    assert_not_found!(TransportNotFound:
        eve.me.connect_transport(transport, no_certificate),
        eve.me.restart_ice(transport),
        eve.me.transport_stats(transport),
        eve.me.close_transport(transport),
        eve.me.produce(transport, track(MediaKind::Audio)),
        eve.me.consume(transport, eve.watch(producer.id)),
    );
    assert_not_found!(ProducerNotFound:
        eve.me.pause_producer(producer.id, true),
        eve.me.producer_stats(producer.id),
        eve.me.close_producer(producer.id),
    );
    assert_not_found!(ConsumerNotFound:
        eve.me.pause_consumer(consumer.id, true),
        eve.me.request_key_frame(consumer.id),
        eve.me.consumer_stats(consumer.id),
        eve.me.close_consumer(consumer.id),
    );
    ada.me.restart_ice(transport).await.unwrap();
    ada.me.producer_stats(producer.id).await.unwrap();
}

#[tokio::test]
async fn a_track_of_another_room_is_not_found() {
    let (world, room) = World::with_room(3).await;
    let other = world.room("other", options(3)).await;
    let (ada, eve) = (Peer::join(&room, "ada").await, Peer::join(&other, "eve").await);
    let producer = ada.produce(MediaKind::Audio).await;
    let transport = eve.transport(TransportDirection::Recv).await;
    let error = eve.me.consume(transport, eve.watch(producer.id)).await.unwrap_err();
    assert!(matches!(error, RoomError::ProducerNotFound), "{error:?}");
    assert!(matches!(other.close_producer(producer.id).await, Err(RoomError::ProducerNotFound)));
}

#[tokio::test]
async fn transports_carry_media_one_way() {
    let (_world, room) = World::with_room(3).await;
    let ada = Peer::join(&room, "ada").await;
    let (send, recv) =
        (ada.transport(TransportDirection::Send).await, ada.transport(TransportDirection::Recv).await);
    let producer = ada.me.produce(send, track(MediaKind::Audio)).await.unwrap();
    let errors = [
        ada.me.produce(recv, track(MediaKind::Audio)).await.unwrap_err(),
        ada.me.consume(send, ada.watch(producer.id)).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(&error, RoomError::Invalid(text) if text.contains("transportId")), "{error:?}");
    }
}

#[tokio::test]
async fn capabilities_without_the_tracks_codec_are_unsupported() {
    let (world, room) = World::with_room(3).await;
    let ada = Peer::join(&room, "ada").await;
    let producer = ada.produce(MediaKind::Video).await;
    let transport = ada.transport(TransportDirection::Recv).await;
    let deaf = ConsumerOptions::new(producer.id, RtpCapabilities::default());
    let error = ada.me.consume(transport, deaf).await.unwrap_err();
    assert!(matches!(error, RoomError::Unsupported(_)), "{error:?}");
    assert_eq!(world.media.counts(), (1, 2, 1, 0));
}

#[tokio::test]
async fn what_a_participant_may_have_is_bounded() {
    let (world, room) = World::with_room(3).await;
    let ada = Peer::join(&room, "ada").await;
    let transport = ada.transport(TransportDirection::Send).await;
    for _ in 1..TRANSPORTS_MAX {
        ada.transport(TransportDirection::Send).await;
    }
    let error = ada.me.create_transport(TransportDirection::Recv).await.unwrap_err();
    assert!(matches!(error, RoomError::LimitExceeded(_)));
    for _ in 0..PRODUCERS_MAX {
        ada.me.produce(transport, track(MediaKind::Audio)).await.unwrap();
    }
    let error = ada.me.produce(transport, track(MediaKind::Audio)).await.unwrap_err();
    assert!(matches!(error, RoomError::LimitExceeded(_)));
    assert_eq!(world.media.counts(), (1, TRANSPORTS_MAX, PRODUCERS_MAX, 0));
    ada.me.close_transport(transport).await.unwrap();
    ada.produce(MediaKind::Audio).await;
}

#[tokio::test]
async fn everyone_hears_of_a_pause_once() {
    let (world, room) = World::with_room(3).await;
    let (mut ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let id = ada.produce(MediaKind::Audio).await.id;
    ada.heard();
    bob.heard();
    let participant_id = participant_id("ada");
    for paused in [true, true, false, false] {
        assert_eq!(ada.me.pause_producer(id, paused).await.unwrap().paused, paused);
        assert_eq!(world.media.open().producers[&id].1, paused);
    }
    let expected = [
        RoomEvent::ProducerPaused { producer_id: id, participant_id: participant_id.clone() },
        RoomEvent::ProducerResumed { producer_id: id, participant_id },
    ];
    assert_eq!(ada.heard(), expected);
    assert_eq!(bob.heard(), expected);
}

#[tokio::test]
async fn a_hosts_mute_is_not_its_owners_to_undo() {
    let (world, room) = World::with_room(3).await;
    let mut ada = Peer::join(&room, "ada").await;
    let id = ada.produce(MediaKind::Audio).await.id;
    room.lock_producer(id, true).await.unwrap();
    room.lock_producer(id, true).await.unwrap();
    assert!(world.media.open().producers[&id].1);
    assert!(matches!(ada.me.pause_producer(id, false).await, Err(RoomError::ProducerLocked)));
    assert!(ada.me.pause_producer(id, true).await.unwrap().paused, "it is paused already");
    room.lock_producer(id, false).await.unwrap();
    assert!(room.info().await.unwrap().producers[0].paused, "unlocking does not resume");
    assert_eq!(ada.heard().len(), 1);
    assert!(!ada.me.pause_producer(id, false).await.unwrap().paused);
    assert!(!world.media.open().producers[&id].1);
    let unknown = ProducerId::random();
    for locked in [true, false] {
        assert!(matches!(room.lock_producer(unknown, locked).await, Err(RoomError::ProducerNotFound)));
    }
}

#[tokio::test]
async fn a_track_that_starts_paused_is_paused_for_everyone() {
    let (_world, room) = World::with_room(3).await;
    let (ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let transport = ada.transport(TransportDirection::Send).await;
    let paused =
        ProducerOptions { paused: true, app_data: json!({ "source": "mic" }), ..track(MediaKind::Audio) };
    let producer = ada.me.produce(transport, paused).await.unwrap();
    assert_eq!(bob.heard(), [RoomEvent::NewProducer(producer.clone())]);
    let consumer = bob.consume(producer.id).await;
    assert!(producer.paused && consumer.producer_paused && !consumer.paused);
    assert_eq!(consumer.app_data, json!({ "source": "mic" }));
}

#[tokio::test]
async fn a_closed_track_takes_its_consumers_along() {
    let (world, room) = World::with_room(3).await;
    let (mut ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let (first, second) = (ada.produce(MediaKind::Audio).await.id, ada.produce(MediaKind::Video).await.id);
    let (hearing, watching) = (bob.consume(first).await.id, bob.consume(second).await.id);
    ada.heard();
    bob.heard();
    ada.me.close_producer(first).await.unwrap();
    room.close_producer(second).await.unwrap();

    let participant_id = participant_id("ada");
    let gone = |id| RoomEvent::ProducerClosed { producer_id: id, participant_id: participant_id.clone() };
    let lost = |consumer_id, producer_id| RoomEvent::ConsumerClosed {
        consumer_id,
        producer_id,
        reason: ConsumerCloseReason::ProducerClosed,
    };
    assert_eq!(ada.heard(), [gone(first), gone(second)]);
    assert_eq!(bob.heard(), [lost(hearing, first), gone(first), lost(watching, second), gone(second)]);
    assert_eq!(world.media.counts(), (1, 4, 0, 0));
    assert!(matches!(ada.me.close_producer(first).await, Err(RoomError::ProducerNotFound)));
    assert!(matches!(bob.me.close_consumer(hearing).await, Err(RoomError::ConsumerNotFound)));
}

#[tokio::test]
async fn a_closed_transport_takes_all_it_carries_along() {
    let (world, room) = World::with_room(3).await;
    let (mut ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let (send, recv) =
        (ada.transport(TransportDirection::Send).await, bob.transport(TransportDirection::Recv).await);
    let first = ada.me.produce(send, track(MediaKind::Audio)).await.unwrap().id;
    let second = ada.me.produce(send, track(MediaKind::Audio)).await.unwrap().id;
    let consumer = bob.me.consume(recv, bob.watch(first)).await.unwrap().id;
    ada.heard();
    bob.heard();

    bob.me.close_transport(recv).await.unwrap();
    let reason = ConsumerCloseReason::TransportClosed;
    assert_eq!(
        bob.heard(),
        [RoomEvent::ConsumerClosed { consumer_id: consumer, producer_id: first, reason }]
    );
    ada.me.close_transport(send).await.unwrap();
    let gone = |id| RoomEvent::ProducerClosed { producer_id: id, participant_id: participant_id("ada") };
    assert_eq!(ada.heard(), [gone(first), gone(second)]);
    assert_eq!(bob.heard(), [gone(first), gone(second)]);
    assert_eq!(world.media.counts(), (1, 0, 0, 0));
    assert!(matches!(ada.me.close_transport(send).await, Err(RoomError::TransportNotFound)));
}

#[tokio::test]
async fn closing_an_own_consumer_is_nobodys_news() {
    let (world, room) = World::with_room(3).await;
    let (mut ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let producer = ada.produce(MediaKind::Video).await;
    let (one, other) = (bob.consume(producer.id).await, bob.consume(producer.id).await);
    ada.heard();
    bob.heard();
    bob.me.close_consumer(one.id).await.unwrap();
    assert_eq!((ada.heard(), bob.heard()), (vec![], vec![]));
    let detail = room.participants().await.unwrap().remove(1);
    assert_eq!(detail.stats.video_consumers, [other.id]);
    assert_eq!(world.media.counts(), (1, 3, 1, 1));
}

#[tokio::test]
async fn every_resume_of_a_consumer_asks_for_a_key_frame() {
    let (world, room) = World::with_room(3).await;
    let ada = Peer::join(&room, "ada").await;
    let consumer = ada.consume(ada.produce(MediaKind::Video).await.id).await;
    ada.me.pause_consumer(consumer.id, true).await.unwrap();
    ada.me.pause_consumer(consumer.id, false).await.unwrap();
    ada.me.pause_consumer(consumer.id, false).await.unwrap();
    ada.me.request_key_frame(consumer.id).await.unwrap();
    assert_eq!(world.media.open().key_frames, 3);
}

#[tokio::test]
async fn participants_are_listed_with_their_tracks() {
    let (_world, room) = World::with_room(3).await;
    let (ada, bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let camera = ada.produce(MediaKind::Video).await;
    let screen = ada.produce(MediaKind::Video).await;
    let watching = [bob.consume(screen.id).await.id, bob.consume(camera.id).await.id];
    let participants = room.participants().await.unwrap();
    assert_eq!(participants[0].stats.video_producer, Some(camera.id), "the first");
    assert_eq!(participants[0].stats.audio_producer, None);
    assert_eq!(participants[1].stats.video_consumers, watching);
    ada.me.close_producer(camera.id).await.unwrap();
    let participants = room.participants().await.unwrap();
    assert_eq!(participants[0].stats.video_producer, Some(screen.id));
    assert_eq!(participants[1].stats.video_consumers, watching[..1]);
}

#[tokio::test]
async fn what_the_media_plane_says_is_for_the_owner() {
    let (world, room) = World::with_room(3).await;
    let (mut ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let transport = ada.transport(TransportDirection::Send).await;
    let producer = ada.me.produce(transport, track(MediaKind::Audio)).await.unwrap().id;
    ada.heard();
    bob.heard();
    world.media.emit(&RouterEvent::IceState(transport, IceState::Disconnected));
    world.media.emit(&RouterEvent::DtlsState(transport, DtlsState::Failed));
    world.media.emit(&RouterEvent::ProducerScore(producer, Vec::new()));
    world.media.emit(&RouterEvent::IceState(TransportId::random(), IceState::Connected));
    let expected = [
        RoomEvent::IceState(transport, IceState::Disconnected),
        RoomEvent::DtlsState(transport, DtlsState::Failed),
        RoomEvent::ProducerScore(producer, Vec::new()),
    ];
    for event in expected {
        assert_eq!(ada.events.recv().await, Some(event));
    }
    assert_eq!(room.info().await.unwrap().participants.len(), 2, "nobody is removed for it");
    assert!(ada.is_listening() && bob.is_listening());
}

#[tokio::test]
async fn everyone_is_told_who_speaks_and_of_silence() {
    let (world, room) = World::with_room(3).await;
    let (mut ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let (hers, his) = (ada.produce(MediaKind::Audio).await.id, bob.produce(MediaKind::Audio).await.id);
    ada.heard();
    bob.heard();
    let observer = RtpObserverId::random();
    let level = |producer_id, volume| AudioLevel { producer_id, volume };
    let speaker = |who: &str, producer_id, volume| {
        Some(ActiveSpeaker { participant_id: participant_id(who), producer_id, volume })
    };
    let tell = |event| world.media.emit(&event);
    // Who dominates is the speaker only once there is something to hear.
    tell(RouterEvent::DominantSpeaker(observer, hers));
    tell(RouterEvent::AudioLevels(observer, vec![level(his, -20), level(hers, -30)]));
    tell(RouterEvent::AudioLevels(observer, vec![level(his, -20)]));
    tell(RouterEvent::DominantSpeaker(observer, his));
    for expected in [speaker("ada", hers, -30), speaker("bob", his, -20)] {
        assert_eq!(ada.events.recv().await, Some(RoomEvent::ActiveSpeaker(expected.clone())));
        assert_eq!(bob.events.recv().await, Some(RoomEvent::ActiveSpeaker(expected)));
    }
    let late = Peer::join(&room, "eve").await;
    assert_eq!(late.room.active_speaker, speaker("bob", his, -20), "what there is at the join is no event");
    ada.heard();

    bob.me.pause_producer(his, true).await.unwrap();
    let paused = RoomEvent::ProducerPaused { producer_id: his, participant_id: participant_id("bob") };
    assert_eq!(ada.heard(), [paused, RoomEvent::ActiveSpeaker(None)]);
    tell(RouterEvent::AudioLevels(observer, vec![level(hers, -30)]));
    assert_eq!(ada.events.recv().await, Some(RoomEvent::ActiveSpeaker(speaker("ada", hers, -30))));
    tell(RouterEvent::Silence(observer));
    assert_eq!(ada.events.recv().await, Some(RoomEvent::ActiveSpeaker(None)));
    assert_eq!(room.info().await.unwrap().active_speaker, None);
}
