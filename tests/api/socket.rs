//! Socket.IO: connections, replies, and requests that make no sense.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::Client,
    server::{Server, token},
};

#[tokio::test]
async fn both_namespaces_reply_with_event_and_acknowledgement_alike() {
    let server = Server::anonymous().await;
    for (namespace, room) in [("/", "room-1"), ("/ws", "room-2")] {
        let mut client = Client::connect(&server, namespace, &json!({}), "").await.ok().unwrap();
        let request = json!({ "roomId": room, "requestId": "r1", "options": { "maxParticipants": 2 } });
        client.emit_with_ack(7, "mediasoup:create-room", &request).await;
        let ack = client.ack(7).await;
        assert_eq!((&ack["success"], &ack["requestId"]), (&json!(true), &json!("r1")));
        assert_eq!(ack["room"]["id"], room);
        assert_eq!(ack["room"]["options"]["maxParticipants"], 2);
        assert_eq!(client.event().await, ("mediasoup:room-created".to_owned(), ack));
    }
}

#[tokio::test]
async fn requests_are_handled_in_the_order_they_came() {
    let server = Server::anonymous().await;
    let mut client = Client::connect(&server, "/", &json!({}), "").await.ok().unwrap();
    for id in 0..20 {
        client.emit_with_ack(id, "mediasoup:create-room", &json!({ "roomId": format!("r{}", id / 2) })).await;
    }
    for id in 0..20 {
        let ack = client.ack(id).await;
        if id % 2 == 0 {
            assert_eq!(ack["room"]["id"], format!("r{}", id / 2));
            assert_eq!(client.event().await.0, "mediasoup:room-created");
        } else {
            assert_eq!((&ack["code"], &ack["error"]), (&json!("ROOM_EXISTS"), &json!("Room already exists")));
        }
    }
}

#[tokio::test]
async fn a_failure_without_acknowledgement_is_two_events_and_the_socket_stays() {
    let server = Server::anonymous().await;
    let mut client = Client::connect(&server, "/ws", &json!({}), "").await.ok().unwrap();
    client.emit("mediasoup:join-room", &json!({ "roomId": "absent", "requestId": "9" })).await;
    let failure = json!({ "success": false, "error": "Room not found", "code": "ROOM_NOT_FOUND",
        "event": "mediasoup:join-room", "requestId": "9" });
    assert_eq!(client.event().await, ("error".to_owned(), failure.clone()));
    assert_eq!(client.event().await, ("mediasoup:error".to_owned(), failure));
    client.emit_with_ack(1, "mediasoup:create-room", &json!({ "roomId": "a" })).await;
    assert_eq!(client.ack(1).await["success"], true);
}

#[tokio::test]
async fn every_malformed_request_is_answered() {
    let server = Server::anonymous().await;
    let mut client = Client::connect(&server, "/", &json!({}), "").await.ok().unwrap();
    let rows = [
        ("1[\"mediasoup:join-room\"]", "INVALID_REQUEST", Some("roomId")),
        ("1[\"mediasoup:join-room\",null]", "INVALID_REQUEST", Some("roomId")),
        ("1[\"mediasoup:join-room\",\"room\"]", "INVALID_REQUEST", None),
        ("1[\"mediasoup:join-room\",[\"room\"]]", "INVALID_REQUEST", None),
        ("1[\"mediasoup:join-room\",{\"roomId\":{}}]", "INVALID_REQUEST", Some("roomId")),
        ("1[\"mediasoup:join-room\",{\"roomId\":\"a b\"}]", "INVALID_REQUEST", Some("roomId")),
        (
            "1[\"mediasoup:join-room\",{\"roomId\":\"a\",\"requestId\":1}]",
            "INVALID_REQUEST",
            Some("requestId"),
        ),
        (
            "1[\"mediasoup:create-transport\",{\"roomId\":\"a\",\"direction\":\"up\"}]",
            "INVALID_REQUEST",
            Some("direction"),
        ),
        ("1[\"mediasoup:get-stats\",{\"roomId\":\"a\"}]", "ROOM_NOT_FOUND", None),
        ("1[\"mediasoup:close-room\",{\"roomId\":\"a\"}]", "ROOM_NOT_FOUND", None),
        ("1[\"mediasoup:start-recording\",{\"roomId\":\"a\"}]", "ROOM_NOT_FOUND", None),
        ("1[\"mediasoup:create-data-producer\",{}]", "INVALID_REQUEST", Some("roomId")),
        (
            "1[\"mediasoup:set-consumer-priority\",{\"roomId\":\"a\",\"consumerId\":\"b\",\"priority\":0}]",
            "INVALID_REQUEST",
            Some("priority"),
        ),
        ("1[\"mediasoup:nonsense\"]", "UNSUPPORTED", None),
    ];
    for (packet, code, field) in rows {
        client.send(format!("42{packet}")).await;
        let ack = client.ack(1).await;
        assert_eq!((ack["code"].as_str(), ack["field"].as_str()), (Some(code), field), "{packet}");
        assert_eq!(ack["success"], false);
    }
}

#[tokio::test]
async fn a_packet_that_is_no_json_ends_the_connection_as_in_socket_io() {
    let server = Server::anonymous().await;
    let mut client = Client::connect(&server, "/", &json!({}), "").await.ok().unwrap();
    client.send("421[\"mediasoup:join-room\",{\"roomId\":]".to_owned()).await;
    assert_eq!(client.packet().await, "1");
    assert!(Client::connect(&server, "/", &json!({}), "").await.is_ok());
}

#[tokio::test]
async fn binary_attachments_are_no_parameters() {
    let server = Server::anonymous().await;
    let mut client = Client::connect(&server, "/", &json!({}), "").await.ok().unwrap();
    client.send("451-1[\"mediasoup:join-room\",{\"_placeholder\":true,\"num\":0}]".to_owned()).await;
    client.send_binary(vec![1, 2, 3]).await;
    let ack = client.ack(1).await;
    assert_eq!((&ack["code"], &ack["field"]), (&json!("INVALID_REQUEST"), &json!("roomId")));
}

#[tokio::test]
async fn a_flood_is_refused_but_not_cut_off() {
    let server = Server::anonymous().await;
    let mut client = Client::connect(&server, "/", &json!({}), "").await.ok().unwrap();
    for id in 0..200 {
        client.emit_with_ack(id, "mediasoup:create-room", &json!({ "roomId": format!("r{id}") })).await;
    }
    let (mut created, mut refused) = (0, 0);
    while created + refused < 200 {
        let packet = client.packet().await;
        if packet.starts_with("43") && packet.contains("\"success\":true") {
            created += 1;
        } else if packet.starts_with("43") {
            assert!(packet.contains("LIMIT_EXCEEDED"), "{packet}");
            refused += 1;
        }
    }
    assert!(created >= 64 && refused > 0, "{created} created, {refused} refused");
}

#[tokio::test]
async fn a_token_is_taken_from_auth_or_query_and_a_bad_one_is_told() {
    let server = Server::with_tokens().await;
    let good = token(json!({ "sub": "ada", "rooms": ["a"] }));
    let query = format!("&token={good}");
    for namespace in ["/", "/ws"] {
        let refused = Client::connect(&server, namespace, &json!({}), "").await.err().unwrap();
        assert_eq!(refused["message"], "UNAUTHORIZED: Token required");
        let refused =
            Client::connect(&server, namespace, &json!({ "token": "a.b.c" }), "").await.err().unwrap();
        assert_eq!(refused["message"], "UNAUTHORIZED: Invalid token");
        assert!(Client::connect(&server, namespace, &json!({ "token": 5 }), &query).await.is_ok());
        let auth = json!({ "token": good });
        let mut client = Client::connect(&server, namespace, &auth, "").await.ok().unwrap();
        client.emit_with_ack(1, "mediasoup:create-room", &json!({ "roomId": "b" })).await;
        assert_eq!(client.ack(1).await["code"], "FORBIDDEN");
        client.emit_with_ack(2, "mediasoup:join-room", &json!({ "roomId": "b" })).await;
        assert_eq!(client.ack(2).await["code"], "FORBIDDEN");
    }
}

#[tokio::test]
async fn draining_is_told_once() {
    let server = Server::anonymous().await;
    let mut client = Client::connect(&server, "/", &json!({}), "").await.ok().unwrap();
    client.emit_with_ack(1, "mediasoup:create-room", &json!({ "roomId": "a" })).await;
    client.ack(1).await;
    client.event().await;
    server.readiness.set_draining(Duration::from_secs(5));
    let (event, body) = client.event().await;
    assert_eq!(event, "mediasoup:server-draining");
    assert!(body["deadline"].as_u64().is_some());
    client.emit_with_ack(2, "mediasoup:create-room", &json!({ "roomId": "b" })).await;
    assert_eq!(client.ack(2).await["code"], "SHUTTING_DOWN");
}

#[tokio::test]
async fn long_polling_works_without_websocket() {
    let server = Server::anonymous().await;
    let open = server.request(Method::GET, "/socket.io/?EIO=4&transport=polling").send().await.unwrap();
    let open = open.text().await.unwrap();
    let handshake: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
    assert_eq!((&handshake["pingInterval"], &handshake["pingTimeout"]), (&json!(25_000), &json!(20_000)));
    let url = format!("/socket.io/?EIO=4&transport=polling&sid={}", handshake["sid"].as_str().unwrap());
    let post = server.request(Method::POST, &url).body("40/ws,").send().await.unwrap();
    assert_eq!(post.text().await.unwrap(), "ok");
    // A poll may bring Engine.IO's first ping as well, before the answer or in a payload of its own.
    loop {
        let payload = server.request(Method::GET, &url).send().await.unwrap().text().await.unwrap();
        let mut packets = payload.split('\u{1e}').filter(|packet| *packet != "2");
        let Some(connected) = packets.next() else { continue };
        assert!(connected.starts_with("40/ws,{\"sid\":"), "{payload}");
        break;
    }
}
