//! A room over several workers.

use std::{collections::BTreeMap, num::NonZeroU16};

use mediasoup_core::media::{data::Delivery, rtp::MediaKind};
use mediasoup_server::config::Config;
use mediasoup_tests::client::{Message, Participant};
use serde_json::{Value, json};

use crate::server::{Server, consume_next, play};

/// More than one worker takes alone, and as many again.
const CROWD: usize = 30;
const TRANSPORTS_EACH: usize = 8;

async fn two_workers() -> Server {
    let mut config = Config::default();
    config.worker.num_workers = NonZeroU16::new(2).unwrap();
    Server::with(config).await
}

/// Participants who would watch, and how many of their transports are on each port.
async fn crowd(server: &Server) -> (Vec<Participant>, BTreeMap<u64, usize>) {
    let (mut crowd, mut ports) = (Vec::new(), BTreeMap::new());
    for _ in 0..CROWD {
        let participant = server.join("room").await;
        for _ in 0..TRANSPORTS_EACH {
            let reply =
                participant.request("create-transport", json!({ "direction": "recv" })).await.unwrap();
            *ports.entry(port(&reply["transport"])).or_default() += 1;
        }
        crowd.push(participant);
    }
    (crowd, ports)
}

fn port(transport: &Value) -> u64 {
    transport["iceCandidates"][0]["port"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_when_a_worker_has_much_to_do_watches_from_another() {
    let server = two_workers().await;
    server.create_large_room("room", 2 * CROWD).await;
    let alice = server.join("room").await;
    let chat = alice.publish_data("chat", Delivery::Ordered).await.unwrap();
    let (first, _player) = play(&alice, MediaKind::Video).await;
    let (_crowd, ports) = crowd(&server).await;
    let counts: Vec<usize> = ports.into_values().collect();
    assert!(counts.len() == 2 && counts[0].abs_diff(counts[1]) < CROWD, "{counts:?}");

    // The next is on the worker that has less; one more there, and the other's turn has come.
    let (mut bob, mut carol) = (server.join("room").await, server.join("room").await);
    let mut tracks = Vec::new();
    for viewer in [&bob, &carol] {
        let channel = viewer.consume_data(chat.data_producer_id()).await.unwrap();
        let message = Message::Text("to all workers".to_owned());
        chat.send(&message).await.unwrap();
        assert!(channel.next().await.unwrap() == message);
        let mut track = viewer.consume(first).await.unwrap();
        track.wait_for_packets(15).await.unwrap();
        tracks.push(track);
    }
    let (second, player) = play(&alice, MediaKind::Audio).await;
    for viewer in [&mut bob, &mut carol] {
        tracks.push(consume_next(viewer, MediaKind::Audio).await);
    }
    for track in &mut tracks {
        let stats = track.wait_for_packets(30).await.unwrap();
        assert_eq!((stats.missing, stats.reordered), (0, 0), "{:?} {stats:?}", track.kind());
    }

    // What becomes of a producer becomes of it everywhere.
    alice.request("pause-producer", json!({ "producerId": first })).await.unwrap();
    alice.request("resume-producer", json!({ "producerId": first })).await.unwrap();
    for track in &mut tracks[..2] {
        track.wait_for_packets(15).await.unwrap();
    }
    player.stop().await.unwrap();
    alice.request("close-producer", json!({ "producerId": second })).await.unwrap();
    for viewer in [&mut bob, &mut carol] {
        let closed = viewer.events.next("mediasoup:consumer-closed").await.unwrap();
        assert_eq!(closed["producerId"], second.to_string());
    }
    server.shutdown().await;
}
