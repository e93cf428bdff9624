//! Two in a room: who hears what, and in which order. A client's next packet is always the one asked for
//! here, so an event too many fails as surely as one too few.

use serde_json::{Value, json};

use crate::{
    client::Client,
    server::{Server, token},
};

/// Ada, who created the room, and Bob, both in it.
struct Call {
    ada: Client,
    bob: Client,
    capabilities: Value,
}

async fn connect(server: &Server, namespace: &'static str, subject: &str) -> Client {
    let auth = json!({ "token": token(json!({ "sub": subject, "name": subject.to_uppercase() })) });
    Client::connect(server, namespace, &auth, "").await.ok().unwrap()
}

fn in_room(mut fields: Value) -> Value {
    fields["roomId"] = json!("r");
    fields
}

impl Call {
    async fn start(server: &Server) -> Self {
        let mut ada = connect(server, "/", "ada").await;
        let mut bob = connect(server, "/ws", "bob").await;
        ada.request("create-room", &in_room(json!({})), "room-created").await;
        let joined =
            ada.request("join-room", &in_room(json!({ "participantData": {} })), "room-joined").await;
        assert_eq!(joined["participant"]["data"], json!({ "name": "ADA" }));
        assert_eq!((&joined["iceServers"], &joined["room"]["producers"]), (&json!([]), &json!([])));
        assert_eq!(joined["room"]["recording"], json!({ "isRecording": false }));
        let joined = bob.request("join-room", &in_room(json!({})), "room-joined").await;
        let ids = joined["room"]["participants"].as_array().unwrap().iter().map(|it| it["id"].as_str());
        assert_eq!(ids.collect::<Vec<_>>(), [Some("ada"), Some("bob")]);
        let event = ada.hears("participant-joined").await;
        assert_eq!((&event["roomId"], &event["participant"]["id"]), (&json!("r"), &json!("bob")));
        Self { ada, bob, capabilities: joined["room"]["rtpCapabilities"].clone() }
    }

    /// Ada publishes her microphone.
    async fn produce(&mut self) -> String {
        let transport = transport(&mut self.ada, "send").await;
        let codec =
            json!({ "mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2 });
        let parameters = json!({ "mid": "0", "codecs": [codec], "encodings": [{ "ssrc": 1 }] });
        let request = in_room(json!({
            "transportId": transport, "kind": "audio", "rtpParameters": parameters, "appData": { "source": "mic" } }));
        let created = self.ada.request("create-producer", &request, "producer-created").await;
        let id = created["producer"]["id"].as_str().unwrap().to_owned();
        let producer = json!({ "id": id, "participantId": "ada", "kind": "audio", "type": "simple",
            "paused": false, "appData": { "source": "mic" } });
        let event = self.bob.hears("new-producer").await;
        assert_eq!(event, json!({ "roomId": "r", "participantId": "ada", "producer": producer }));
        assert_eq!((&created["participantId"], &created["producer"]), (&json!("ada"), &producer));
        id
    }

    /// Bob listens to it.
    async fn consume(&mut self, producer: &str) -> Value {
        let transport = transport(&mut self.bob, "recv").await;
        let request = in_room(json!({
            "transportId": transport, "producerId": producer, "rtpCapabilities": self.capabilities }));
        self.bob.request("create-consumer", &request, "consumer-created").await["consumer"].clone()
    }
}

async fn transport(client: &mut Client, direction: &str) -> String {
    let request = in_room(json!({ "direction": direction }));
    let created = client.request("create-transport", &request, "transport-created").await;
    assert_eq!((&created["roomId"], &created["direction"]), (&json!("r"), &json!(direction)));
    let transport = &created["transport"];
    assert_eq!((&transport["direction"], &transport["sctpParameters"]), (&json!(direction), &Value::Null));
    assert_eq!(transport["iceParameters"]["iceLite"], true);
    assert_eq!(
        (&transport["iceCandidates"][0]["ip"], &transport["iceServers"]),
        (&json!("127.0.0.1"), &json!([]))
    );
    transport["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_track_is_published_heard_paused_and_closed() {
    let server = Server::with_tokens().await;
    let mut call = Call::start(&server).await;
    let producer = call.produce().await;
    let consumer = call.consume(&producer).await;
    assert_eq!((&consumer["producerId"], &consumer["participantId"]), (&json!(producer), &json!("ada")));
    assert_eq!((&consumer["kind"], &consumer["type"]), (&json!("audio"), &json!("simple")));
    assert_eq!((&consumer["paused"], &consumer["producerPaused"]), (&json!(false), &json!(false)));
    assert_eq!(consumer["rtpParameters"]["codecs"][0]["mimeType"], "audio/opus");

    let of_producer = in_room(json!({ "producerId": producer }));
    let told = json!({ "roomId": "r", "producerId": producer, "participantId": "ada" });
    for (request, reply) in [
        ("pause-producer", "producer-paused"),
        ("resume-producer", "producer-resumed"),
        ("close-producer", "producer-closed"),
    ] {
        let mut answer = call.ada.request(request, &of_producer, reply).await;
        answer.as_object_mut().unwrap().remove("success");
        assert_eq!(answer, told);
        if reply == "producer-closed" {
            break;
        }
        assert_eq!(call.bob.hears(reply).await, told);
    }
    let closed = [call.bob.event().await, call.bob.event().await];
    let consumer_closed = json!({ "roomId": "r", "consumerId": consumer["id"], "producerId": producer,
        "reason": "producer-closed" });
    assert!(closed.contains(&("mediasoup:consumer-closed".to_owned(), consumer_closed)), "{closed:?}");
    assert!(closed.contains(&("mediasoup:producer-closed".to_owned(), told)), "{closed:?}");
    let again = call.ada.acknowledged("close-producer", &of_producer).await;
    assert_eq!(again["code"], "PRODUCER_NOT_FOUND");
}

#[tokio::test]
async fn a_data_channel_is_published_read_and_closed() {
    let server = Server::with_tokens().await;
    let mut call = Call::start(&server).await;
    let sends = transport(&mut call.ada, "send").await;
    let stream = json!({ "streamId": 0, "maxRetransmits": 2 });
    let request = in_room(json!({ "transportId": sends, "sctpStreamParameters": stream, "label": "chat" }));
    let created = call.ada.request("create-data-producer", &request, "data-producer-created").await;
    let producer = json!({ "id": created["dataProducer"]["id"], "participantId": "ada", "label": "chat",
        "protocol": "", "appData": {},
        "sctpStreamParameters": { "streamId": 0, "ordered": false, "maxRetransmits": 2 } });
    assert_eq!(created["dataProducer"], producer);
    let told = json!({ "roomId": "r", "participantId": "ada", "dataProducer": producer });
    assert_eq!(call.bob.hears("new-data-producer").await, told);

    let receives = transport(&mut call.bob, "recv").await;
    let request =
        in_room(json!({ "transportId": receives, "dataProducerId": producer["id"], "paused": true }));
    let created = call.bob.request("create-data-consumer", &request, "data-consumer-created").await;
    let consumer = &created["dataConsumer"];
    assert_eq!((&consumer["label"], &consumer["paused"]), (&json!("chat"), &json!(true)));
    assert_eq!(consumer["sctpStreamParameters"], json!({ "streamId": 3, "ordered": true }));
    let of_consumer = in_room(json!({ "dataConsumerId": consumer["id"] }));
    call.bob.request("resume-data-consumer", &of_consumer, "data-consumer-resumed").await;
    let refused = call.ada.acknowledged("close-data-consumer", &of_consumer).await;
    assert_eq!(refused["code"], "DATA_CONSUMER_NOT_FOUND");

    let of_producer = in_room(json!({ "dataProducerId": producer["id"] }));
    let refused = call.bob.acknowledged("close-data-producer", &of_producer).await;
    assert_eq!(refused["code"], "DATA_PRODUCER_NOT_FOUND");
    call.ada.request("close-data-producer", &of_producer, "data-producer-closed").await;
    let consumer_closed = json!({ "roomId": "r", "dataConsumerId": consumer["id"],
        "dataProducerId": producer["id"], "reason": "producer-closed" });
    assert_eq!(call.bob.hears("data-consumer-closed").await, consumer_closed);
    let closed = json!({ "roomId": "r", "dataProducerId": producer["id"], "participantId": "ada" });
    assert_eq!(call.bob.hears("data-producer-closed").await, closed);
}

#[tokio::test]
async fn a_consumer_is_paused_resumed_and_closed() {
    let server = Server::with_tokens().await;
    let mut call = Call::start(&server).await;
    let producer = call.produce().await;
    let consumer = call.consume(&producer).await;
    let of_consumer = in_room(json!({ "consumerId": consumer["id"] }));
    call.bob.request("pause-consumer", &of_consumer, "consumer-paused").await;
    call.bob.request("resume-consumer", &of_consumer, "consumer-resumed").await;
    call.bob.request("resume-consumer", &of_consumer, "consumer-resumed").await;
    call.bob.request("request-consumer-key-frame", &of_consumer, "consumer-key-frame-requested").await;
    assert_eq!(call.ada.acknowledged("pause-consumer", &of_consumer).await["code"], "CONSUMER_NOT_FOUND");
    let closed = call.bob.request("close-consumer", &of_consumer, "consumer-closed").await;
    assert_eq!((&closed["producerId"], &closed["reason"]), (&json!(producer), &json!("closed")));
    assert_eq!(call.bob.acknowledged("close-consumer", &of_consumer).await["code"], "CONSUMER_NOT_FOUND");
}

#[tokio::test]
async fn what_is_anothers_is_not_found() {
    let server = Server::with_tokens().await;
    let mut call = Call::start(&server).await;
    let producer = call.produce().await;
    let transport = transport(&mut call.ada, "recv").await;
    let dtls = json!({ "role": "client", "fingerprints": [{ "algorithm": "sha-256", "value": "00" }] });
    let rows = [
        (
            "connect-transport",
            json!({ "transportId": transport, "dtlsParameters": dtls }),
            "TRANSPORT_NOT_FOUND",
        ),
        ("restart-ice", json!({ "transportId": transport }), "TRANSPORT_NOT_FOUND"),
        ("close-transport", json!({ "transportId": "transport-123" }), "TRANSPORT_NOT_FOUND"),
        ("pause-producer", json!({ "producerId": producer }), "PRODUCER_NOT_FOUND"),
        ("close-producer", json!({ "producerId": producer }), "PRODUCER_NOT_FOUND"),
        ("get-stats", json!({ "transportId": transport }), "TRANSPORT_NOT_FOUND"),
        ("get-stats", json!({ "producerId": "x", "consumerId": "y" }), "INVALID_REQUEST"),
        ("lock-producer", json!({ "producerId": producer }), "FORBIDDEN"),
        ("remove-participant", json!({ "participantId": "ada" }), "FORBIDDEN"),
        ("close-room", json!({}), "FORBIDDEN"),
        ("start-recording", json!({}), "FORBIDDEN"),
    ];
    for (request, fields, code) in rows {
        let answer = call.bob.acknowledged(request, &in_room(fields)).await;
        assert_eq!((&answer["success"], &answer["code"]), (&json!(false), &json!(code)), "{request}");
    }
    let mut eve = connect(&server, "/", "eve").await;
    let answer = eve.acknowledged("create-transport", &in_room(json!({ "direction": "send" }))).await;
    assert_eq!(
        (&answer["code"], &answer["error"]),
        (&json!("PARTICIPANT_NOT_FOUND"), &json!("Participant not found"))
    );
}

#[tokio::test]
async fn the_creator_of_a_room_rules_it() {
    let server = Server::with_tokens().await;
    let mut call = Call::start(&server).await;
    let producer = call.produce().await;
    call.ada.emit("mediasoup:lock-producer", &in_room(json!({ "producerId": producer }))).await;
    let mut heard = [call.ada.event().await.0, call.ada.event().await.0];
    heard.sort();
    assert_eq!(heard, ["mediasoup:producer-locked", "mediasoup:producer-paused"]);
    call.bob.hears("producer-paused").await;
    let resumed = call.ada.acknowledged("resume-producer", &in_room(json!({ "producerId": producer }))).await;
    assert_eq!(resumed["code"], "FORBIDDEN");

    let remove = in_room(json!({ "participantId": "bob" }));
    call.ada.emit("mediasoup:remove-participant", &remove).await;
    let mut heard = [call.ada.event().await.0, call.ada.event().await.0];
    heard.sort();
    assert_eq!(heard, ["mediasoup:participant-left", "mediasoup:participant-removed"]);
    assert_eq!(call.bob.hears("room-left").await, in_room(json!({ "reason": "removed" })));

    let closed = call.ada.request("close-room", &in_room(json!({})), "room-closed").await;
    assert_eq!(closed["reason"], "closed");
    assert_eq!(call.ada.hears("room-left").await["reason"], "room-closed");
    assert_eq!(call.ada.acknowledged("get-room-info", &in_room(json!({}))).await["code"], "ROOM_NOT_FOUND");
}

#[tokio::test]
async fn leaving_is_told_once_to_oneself_and_to_the_others() {
    let server = Server::with_tokens().await;
    let mut call = Call::start(&server).await;
    let left = call.bob.request("leave-room", &in_room(json!({})), "room-left").await;
    assert_eq!(left["reason"], "left");
    let told = json!({ "roomId": "r", "participantId": "bob", "reason": "left" });
    assert_eq!(call.ada.hears("participant-left").await, told);
    assert_eq!(
        call.bob.acknowledged("leave-room", &in_room(json!({}))).await["code"],
        "PARTICIPANT_NOT_FOUND"
    );

    call.bob.request("join-room", &in_room(json!({})), "room-joined").await;
    call.ada.hears("participant-joined").await;
    drop(call.bob);
    assert_eq!(call.ada.hears("participant-left").await, told);
    let info = call.ada.request("get-room-info", &in_room(json!({})), "room-info").await;
    assert_eq!(info["room"]["participants"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_newest_socket_of_a_participant_wins() {
    let server = Server::with_tokens().await;
    let mut call = Call::start(&server).await;
    let mut newer = connect(&server, "/", "bob").await;
    newer.request("join-room", &in_room(json!({})), "room-joined").await;
    assert_eq!(call.bob.hears("room-left").await, in_room(json!({ "reason": "replaced" })));
    let answer = call.bob.acknowledged("create-transport", &in_room(json!({ "direction": "send" }))).await;
    assert_eq!(answer["code"], "PARTICIPANT_NOT_FOUND");
    transport(&mut newer, "send").await;
}
