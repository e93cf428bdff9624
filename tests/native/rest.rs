//! REST and Socket.IO are two ways to the same rooms.

use mediasoup_core::media::rtp::MediaKind;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Server, consume_next, play};

#[tokio::test(flavor = "multi_thread")]
async fn rest_shows_what_sockets_do() {
    let server = Server::start().await;
    let created = server.rest(Method::POST, "/rooms", json!({ "roomId": "room" })).await;
    assert_eq!(created["room"]["id"], "room");
    let alice = server.join("room").await;
    assert_eq!(alice.room()["rtpCapabilities"], created["room"]["rtpCapabilities"]);
    let mut bob = server.join("room").await;
    let (producer, _player) = play(&alice, MediaKind::Video).await;
    let track = consume_next(&mut bob, MediaKind::Video).await;

    let listed = server.rest(Method::GET, "/rooms/room/participants", Value::Null).await;
    let participant = |id: &str| {
        let all = listed["participants"].as_array().unwrap();
        all.iter().find(|p| p["id"] == id).unwrap_or_else(|| panic!("{id} is not in {listed}")).clone()
    };
    assert_eq!(participant(alice.id())["stats"]["videoProducer"], producer.to_string());
    assert_eq!(participant(bob.id())["stats"]["videoConsumers"], json!([track.consumer_id()]));
    let rooms = server.rest(Method::GET, "/rooms", Value::Null).await;
    assert_eq!(rooms["rooms"][0]["stats"]["videoProducers"], 1, "{rooms}");
    assert_eq!(rooms["rooms"][0]["stats"]["videoConsumers"], 1, "{rooms}");
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_are_told_what_rest_does() {
    let server = Server::start().await;
    server.create_room("room").await;
    let mut alice = server.join("room").await;
    let mut bob = server.join("room").await;
    let path = format!("/rooms/room/participants/{}", alice.id());
    assert_eq!(server.rest(Method::DELETE, &path, Value::Null).await["success"], true);
    let left = alice.events.next("mediasoup:room-left").await.unwrap();
    assert_eq!(left["reason"], "removed");
    assert_eq!(bob.events.next("mediasoup:participant-left").await.unwrap()["participantId"], alice.id());

    assert_eq!(server.rest(Method::DELETE, "/rooms/room", Value::Null).await["success"], true);
    assert_eq!(bob.events.next("mediasoup:room-closed").await.unwrap()["reason"], "closed");
    let gone = bob.create_consumer(mediasoup_core::ids::ProducerId::random(), true).await.err().unwrap();
    assert_eq!(gone.code(), Some("ROOM_NOT_FOUND"));
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}
