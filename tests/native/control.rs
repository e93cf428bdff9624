//! Pausing and resuming, from either side.

use std::time::Duration;

use mediasoup_core::media::rtp::MediaKind;
use mediasoup_tests::client::RemoteTrack;
use serde_json::json;
use tokio::time::sleep;

use crate::server::{Server, consume_next, play};

/// Long enough for five video frames, had they been sent.
const SILENCE: Duration = Duration::from_millis(350);

/// Nothing comes once what was under way has arrived.
async fn is_silent(track: &RemoteTrack) -> bool {
    sleep(Duration::from_millis(100)).await;
    let before = track.stats().packets;
    sleep(SILENCE).await;
    track.stats().packets == before
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_consumer_is_silent_and_goes_on_without_a_gap() {
    let server = Server::start().await;
    server.create_room("room").await;
    let alice = server.join("room").await;
    let mut bob = server.join("room").await;
    let (_, _player) = play(&alice, MediaKind::Video).await;
    let mut track = consume_next(&mut bob, MediaKind::Video).await;
    track.wait_for_packets(10).await.unwrap();

    let consumer = json!({ "consumerId": track.consumer_id() });
    bob.request("pause-consumer", consumer.clone()).await.unwrap();
    assert!(is_silent(&track).await);
    for _ in 0..2 {
        bob.request("resume-consumer", consumer.clone()).await.unwrap();
    }
    let stats = track.wait_for_packets(10).await.unwrap();
    assert_eq!((stats.missing, stats.reordered), (0, 0), "{stats:?}");
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_producer_is_silent_for_everyone() {
    let server = Server::start().await;
    server.create_room("room").await;
    let alice = server.join("room").await;
    let mut bob = server.join("room").await;
    let (producer, _player) = play(&alice, MediaKind::Video).await;
    let mut track = consume_next(&mut bob, MediaKind::Video).await;
    track.wait_for_packets(10).await.unwrap();

    let request = json!({ "producerId": producer });
    alice.request("pause-producer", request.clone()).await.unwrap();
    let paused = bob.events.next("mediasoup:producer-paused").await.unwrap();
    assert_eq!(paused["producerId"], producer.to_string());
    assert!(is_silent(&track).await);
    alice.request("resume-producer", request).await.unwrap();
    let resumed = bob.events.next("mediasoup:producer-resumed").await.unwrap();
    assert_eq!(resumed["producerId"], producer.to_string());
    let stats = track.wait_for_packets(10).await.unwrap();
    assert_eq!((stats.missing, stats.reordered), (0, 0), "{stats:?}");
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_asks_for_a_key_frame_and_reads_counters() {
    let server = Server::start().await;
    server.create_room("room").await;
    let alice = server.join("room").await;
    let mut bob = server.join("room").await;
    let (producer, _player) = play(&alice, MediaKind::Video).await;
    let mut track = consume_next(&mut bob, MediaKind::Video).await;
    track.wait_for_packets(10).await.unwrap();

    let consumer = json!({ "consumerId": track.consumer_id() });
    bob.request("request-consumer-key-frame", consumer.clone()).await.unwrap();
    let sent = bob.request("get-stats", consumer).await.unwrap();
    let types = [&sent["stats"][0]["type"], &sent["stats"][1]["type"]];
    assert_eq!(types, ["outbound-rtp", "inbound-rtp"], "{sent}");
    assert!(sent["stats"][0]["packetCount"].as_u64() >= Some(10), "{sent}");
    assert_eq!(sent["stats"][1]["producerId"], producer.to_string());
    let received = alice.request("get-stats", json!({ "producerId": producer })).await.unwrap();
    assert!(received["stats"].to_string().contains("packetCount"), "{received}");
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}
