//! Data channels between two participants.

use bytes::Bytes;
use mediasoup_core::{
    ids::DataProducerId,
    media::{data::Delivery, rtp::MediaKind},
};
use mediasoup_tests::client::{LocalChannel, Message, Participant, RemoteChannel};
use serde_json::{Value, json};

use crate::server::{Server, consume_next, play};

/// Bytes of the longest message.
const LONGEST: usize = 262_144;

fn text(text: &str) -> Message {
    Message::Text(text.to_owned())
}

/// Bytes that tell whether they came whole and in order.
fn bytes(length: usize) -> Message {
    Message::Bytes((0..length).map(|index| u8::try_from(index % 251).unwrap()).collect())
}

async fn two(server: &Server) -> (Participant, Participant) {
    server.create_room("room").await;
    (server.join("room").await, server.join("room").await)
}

/// What the other opens next.
async fn next_producer(participant: &mut Participant) -> Value {
    participant.events.next("mediasoup:new-data-producer").await.unwrap()["dataProducer"].clone()
}

async fn channel(
    from: &Participant,
    to: &mut Participant,
    delivery: Delivery,
) -> (LocalChannel, RemoteChannel) {
    let local = from.publish_data("chat", delivery).await.unwrap();
    let told = next_producer(to).await;
    assert_eq!((&told["id"], &told["label"]), (&json!(local.data_producer_id()), &json!("chat")));
    let remote = to.consume_data(local.data_producer_id()).await.unwrap();
    (local, remote)
}

#[tokio::test(flavor = "multi_thread")]
async fn text_and_bytes_of_every_length_arrive_in_order() {
    let server = Server::start().await;
    let (alice, mut bob) = two(&server).await;
    let (local, remote) = channel(&alice, &mut bob, Delivery::Ordered).await;
    let nothing = Message::Bytes(Bytes::new());
    let sent =
        [text("grüß dich 👋"), bytes(1), text(""), nothing, bytes(LONGEST), bytes(1_200), text("last")];
    for message in &sent {
        local.send(message).await.unwrap();
    }
    for message in &sent {
        assert!(remote.next().await.unwrap() == *message, "not the {} bytes that were sent", length(message));
    }
    let read = json!({ "dataConsumerId": remote.data_consumer_id() });
    assert_eq!(bob.request("get-stats", read).await.unwrap()["stats"][0]["messagesSent"], sent.len());
    alice.leave().await.unwrap();
    bob.leave().await.unwrap();
    server.shutdown().await;
}

fn length(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Bytes(bytes) => bytes.len(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unordered_and_unreliable_channels_are_what_was_asked_for() {
    let server = Server::start().await;
    let (alice, mut bob) = two(&server).await;
    for (delivery, stated) in [
        (Delivery::Unordered, json!({ "ordered": false })),
        (Delivery::MaxRetransmits(0), json!({ "ordered": false, "maxRetransmits": 0 })),
        (Delivery::MaxRetransmits(3), json!({ "ordered": false, "maxRetransmits": 3 })),
        (Delivery::MaxPacketLifeTime(500), json!({ "ordered": false, "maxPacketLifeTime": 500 })),
    ] {
        let local = alice.publish_data("moves", delivery).await.unwrap();
        let mut told = next_producer(&mut bob).await["sctpStreamParameters"].take();
        told.as_object_mut().unwrap().remove("streamId");
        assert_eq!(told, stated);
        let remote = bob.consume_data(local.data_producer_id()).await.unwrap();
        let sent: Vec<_> = (0..20).map(|number| number.to_string()).collect();
        for number in &sent {
            local.send(&text(number)).await.unwrap();
        }
        let mut got = Vec::new();
        while got.len() < sent.len() {
            got.push(remote.next().await.unwrap());
        }
        for number in &sent {
            assert!(got.contains(&text(number)), "{delivery:?}: {number} is not in {got:?}");
        }
    }
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tracks_and_channels_share_a_transport() {
    let server = Server::start().await;
    let (mut alice, mut bob) = two(&server).await;
    let (there, here) = channel(&alice, &mut bob, Delivery::Ordered).await;
    let (_, _audio) = play(&alice, MediaKind::Audio).await;
    let mut hears = consume_next(&mut bob, MediaKind::Audio).await;
    let (_, _video) = play(&alice, MediaKind::Video).await;
    let mut sees = consume_next(&mut bob, MediaKind::Video).await;
    let (back, again) = channel(&bob, &mut alice, Delivery::Ordered).await;
    for (local, remote) in [(there, here), (back, again)] {
        local.send(&text("hello")).await.unwrap();
        assert_eq!(remote.next().await.unwrap(), text("hello"));
    }
    for track in [&mut hears, &mut sees] {
        let stats = track.wait_for_packets(20).await.unwrap();
        assert_eq!((stats.missing, stats.reordered), (0, 0), "{:?} {stats:?}", track.kind());
    }
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_channel_closes_for_its_reader_and_another_opens() {
    let server = Server::start().await;
    let (alice, mut bob) = two(&server).await;
    let (local, remote) = channel(&alice, &mut bob, Delivery::Ordered).await;
    local.send(&text("once")).await.unwrap();
    assert_eq!(remote.next().await.unwrap(), text("once"));
    let closing = json!({ "dataProducerId": local.data_producer_id() });
    alice.request("close-data-producer", closing).await.unwrap();
    let told = bob.events.next("mediasoup:data-consumer-closed").await.unwrap();
    assert_eq!(told["dataConsumerId"], json!(remote.data_consumer_id()));
    remote.closed().await.unwrap();

    let unknown = bob.consume_data(local.data_producer_id()).await.err().unwrap();
    assert_eq!(unknown.code(), Some("DATA_PRODUCER_NOT_FOUND"));
    let never = bob.consume_data(DataProducerId::random()).await.err().unwrap();
    assert_eq!(never.code(), unknown.code());
    let (local, remote) = channel(&alice, &mut bob, Delivery::Ordered).await;
    local.send(&text("again")).await.unwrap();
    assert_eq!(remote.next().await.unwrap(), text("again"));
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}
