//! Media between two participants.

use std::time::Duration;

use mediasoup_core::{ids::ProducerId, media::rtp::MediaKind};
use mediasoup_tests::client::JoinOptions;
use mediasoup_tests::client::Participant;
use tokio::time::Instant;

use crate::server::{Server, consume_next, play};

const KINDS: [MediaKind; 2] = [MediaKind::Audio, MediaKind::Video];

/// One in each namespace: they share the rooms.
async fn two(server: &Server) -> (Participant, Participant) {
    server.create_room("room").await;
    let root = server.join("room").await;
    let ws = JoinOptions::new(server.options().namespace("/ws"), "room");
    (root, Participant::join(ws).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_participants_hear_and_see_each_other() {
    let server = Server::start().await;
    let (mut alice, mut bob) = two(&server).await;
    let mut players = Vec::new();
    for kind in KINDS {
        players.push(play(&alice, kind).await.1);
        players.push(play(&bob, kind).await.1);
    }
    let mut tracks = Vec::new();
    for kind in KINDS {
        tracks.push(consume_next(&mut alice, kind).await);
        tracks.push(consume_next(&mut bob, kind).await);
    }
    for track in &mut tracks {
        let stats = track.wait_for_packets(60).await.unwrap();
        assert_eq!((stats.missing, stats.reordered), (0, 0), "{:?} {stats:?}", track.kind());
        assert!(stats.bytes > 0 && stats.ssrc.is_some());
    }
    for player in players {
        assert!(player.stop().await.unwrap() > 0);
    }
    alice.leave().await.unwrap();
    bob.leave().await.unwrap();
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_joiner_finds_the_producers_and_sees_at_once() {
    let server = Server::start().await;
    server.create_room("room").await;
    let alice = server.join("room").await;
    let (producer, _player) = play(&alice, MediaKind::Video).await;

    let bob = server.join("room").await;
    let known = &bob.room()["producers"][0];
    assert_eq!(known["id"], producer.to_string());
    assert_eq!(known["participantId"], alice.id());
    let mut track = bob.consume(serde_json::from_value(known["id"].clone()).unwrap()).await.unwrap();
    let resumed_at = Instant::now();
    let stats = track.wait_for_packets(1).await.unwrap();
    let waited = stats.first_packet_at.unwrap().saturating_duration_since(resumed_at);
    assert!(waited < Duration::from_secs(1), "{waited:?}");

    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_takes_everything_along() {
    let server = Server::start().await;
    let (alice, mut bob) = two(&server).await;
    let (producer, player) = play(&alice, MediaKind::Video).await;
    let track = consume_next(&mut bob, MediaKind::Video).await;
    let alice_id = alice.id().to_owned();
    player.stop().await.unwrap();
    alice.leave().await.unwrap();

    let closed = bob.events.next("mediasoup:consumer-closed").await.unwrap();
    assert_eq!(closed["consumerId"], track.consumer_id().to_string());
    assert_eq!(closed["producerId"], producer.to_string());
    let left = bob.events.next("mediasoup:participant-left").await.unwrap();
    assert_eq!(left["participantId"], alice_id);
    let unknown = bob.consume(producer).await.err().unwrap();
    assert_eq!(unknown.code(), Some("PRODUCER_NOT_FOUND"));
    bob.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sudden_disconnect_is_a_leave() {
    let server = Server::start().await;
    let (alice, mut bob) = two(&server).await;
    let (_, player) = play(&alice, MediaKind::Audio).await;
    let mut track = consume_next(&mut bob, MediaKind::Audio).await;
    track.wait_for_packets(5).await.unwrap();
    player.stop().await.unwrap();
    let alice_id = alice.id().to_owned();
    alice.close().await;
    let left = bob.events.next("mediasoup:participant-left").await.unwrap();
    assert_eq!(left["participantId"], alice_id);
    assert_eq!(bob.events.next("mediasoup:producer-closed").await.unwrap()["participantId"], alice_id);
    bob.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tracks_come_and_go_on_one_transport() {
    let server = Server::start().await;
    let (alice, mut bob) = two(&server).await;
    let mut producers: Vec<ProducerId> = Vec::new();
    for kind in [MediaKind::Video, MediaKind::Audio, MediaKind::Video] {
        let (producer, player) = play(&alice, kind).await;
        let mut track = consume_next(&mut bob, kind).await;
        track.wait_for_packets(10).await.unwrap();
        if kind == MediaKind::Audio {
            alice.request("close-producer", serde_json::json!({ "producerId": producer })).await.unwrap();
            bob.events.next("mediasoup:consumer-closed").await.unwrap();
        }
        player.stop().await.unwrap();
        assert!(!producers.contains(&producer));
        producers.push(producer);
    }
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}
