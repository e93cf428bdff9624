//! REST: the documented answers, and the envelope around every failure.

use mediasoup_server::{config::Config, telemetry};
use mediasoup_tests::recordings::DISK;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, token};

/// Status and code of a failure, whose envelope must be whole.
pub(crate) fn failure((status, body): (StatusCode, Value)) -> (u16, String) {
    assert_eq!(body["success"], json!(false), "{body}");
    assert!(body["error"].as_str().is_some_and(|error| !error.is_empty()), "{body}");
    (status.as_u16(), body["code"].as_str().unwrap().to_owned())
}

pub(crate) fn code(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn a_room_is_created_listed_and_closed() {
    let server = Server::anonymous().await;
    let request = json!({ "roomId": "room-123", "options": { "maxParticipants": 2, "timeout": 3_600_000 } });
    let (status, body) = server.api(Method::POST, "/rooms", &request).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!((&body["success"], &body["room"]["id"]), (&json!(true), &json!("room-123")));
    let options = json!({ "maxParticipants": 2, "enableRecording": true, "timeout": 3_600_000 });
    assert_eq!(body["room"]["options"], options);
    assert_eq!(body["room"]["rtpCapabilities"]["codecs"][0]["mimeType"], "audio/opus");
    assert!(body["room"]["rtpCapabilities"]["headerExtensions"].is_array());
    let created_at = body["room"]["createdAt"].as_u64().unwrap();
    assert!(created_at > 1_704_110_400_000, "{created_at}");

    assert_eq!(failure(server.api(Method::POST, "/rooms", &request).await), code(409, "ROOM_EXISTS"));

    let (status, body) = server.api(Method::GET, "/rooms", &Value::Null).await;
    assert_eq!(status, StatusCode::OK);
    let mut entry = body["rooms"][0].clone();
    assert!(entry["uptime"].take().is_u64());
    assert_eq!(
        entry,
        json!({ "id": "room-123", "participants": 0, "maxParticipants": 2, "createdAt": created_at,
            "uptime": null, "recording": { "isRecording": false },
            "stats": { "audioProducers": 0, "videoProducers": 0, "audioConsumers": 0, "videoConsumers": 0 } })
    );

    let (status, body) = server.api(Method::DELETE, "/rooms/room-123", &Value::Null).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, json!({ "success": true, "message": "Room room-123 closed successfully" }));
    let again = server.api(Method::DELETE, "/rooms/room-123", &Value::Null).await;
    assert_eq!(again.1["error"], "Room not found");
    assert_eq!(failure(again), code(404, "ROOM_NOT_FOUND"));
}

#[tokio::test]
async fn what_a_room_is_not_told_the_configuration_says() {
    let server = Server::anonymous().await;
    let (status, body) = server.api(Method::POST, "/rooms", &Value::Null).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(body["room"]["id"].as_str().map(str::len), Some(36));
    let options = json!({ "maxParticipants": 10, "enableRecording": true, "timeout": 0 });
    assert_eq!(body["room"]["options"], options);
    let nulls = json!({ "roomId": "nulls", "options": { "maxParticipants": null, "timeout": null }, "x": 1 });
    let (status, body) = server.api(Method::POST, "/rooms", &nulls).await;
    assert_eq!((status, &body["room"]["options"]), (StatusCode::CREATED, &options));
}

#[tokio::test]
async fn malformed_bodies_are_named_by_their_field() {
    let server = Server::anonymous().await;
    let rows = [
        (json!({ "roomId": 5 }), Some("roomId")),
        (json!({ "roomId": "a/b" }), Some("roomId")),
        (json!({ "roomId": "" }), Some("roomId")),
        (json!({ "roomId": "x".repeat(129) }), Some("roomId")),
        (json!({ "options": [] }), Some("options")),
        (json!({ "options": { "maxParticipants": 0 } }), Some("options.maxParticipants")),
        (json!({ "options": { "maxParticipants": "2" } }), Some("options.maxParticipants")),
        (json!({ "options": { "enableRecording": "yes" } }), Some("options.enableRecording")),
        (json!({ "options": { "timeout": -1 } }), Some("options.timeout")),
        (json!([]), None),
        (json!("room"), None),
    ];
    for (request, field) in rows {
        let answer = server.api(Method::POST, "/rooms", &request).await;
        assert_eq!(answer.1["field"].as_str(), field, "{request}");
        assert_eq!(failure(answer), code(400, "INVALID_REQUEST"), "{request}");
    }
}

#[tokio::test]
async fn every_failure_of_http_itself_is_an_envelope() {
    let server = Server::anonymous().await;
    let post = |body: String, content_type: &str| {
        server.request(Method::POST, "/api/mediasoup/rooms").header("content-type", content_type).body(body)
    };
    let rows = [
        (post("{\"roomId\":".to_owned(), "application/json"), code(400, "INVALID_REQUEST")),
        (post("{}".to_owned(), "text/plain"), code(415, "INVALID_REQUEST")),
        (post("roomId=a".to_owned(), "application/x-www-form-urlencoded"), code(415, "INVALID_REQUEST")),
        (post("[".repeat(100_000), "application/json"), code(400, "INVALID_REQUEST")),
        (post(" ".repeat(2 << 20), "application/json"), code(413, "LIMIT_EXCEEDED")),
        (server.request(Method::GET, "/api/mediasoup/nothing"), code(404, "INVALID_REQUEST")),
        (server.request(Method::GET, "/nothing"), code(404, "INVALID_REQUEST")),
        (server.request(Method::PUT, "/api/mediasoup/rooms"), code(405, "INVALID_REQUEST")),
        (server.request(Method::POST, "/api/mediasoup/health"), code(405, "INVALID_REQUEST")),
        (server.request(Method::GET, "/api/mediasoup/rooms/a%2Fb"), code(400, "INVALID_REQUEST")),
        (server.request(Method::GET, "/api/mediasoup/rooms/%FF"), code(400, "INVALID_REQUEST")),
        (server.request(Method::GET, "/api/mediasoup/rooms/.."), code(404, "INVALID_REQUEST")),
        (server.request(Method::GET, "/api/mediasoup/rooms/%2E%2E%2E%20"), code(400, "INVALID_REQUEST")),
        (server.request(Method::GET, "/api/mediasoup/rooms/absent"), code(404, "ROOM_NOT_FOUND")),
        (
            server.request(Method::GET, "/api/mediasoup/rooms/absent/participants"),
            code(404, "ROOM_NOT_FOUND"),
        ),
        (
            server.request(Method::DELETE, "/api/mediasoup/rooms/absent/participants/x"),
            code(404, "ROOM_NOT_FOUND"),
        ),
        (
            server.request(Method::POST, "/api/mediasoup/rooms/absent/recording/start"),
            code(404, "ROOM_NOT_FOUND"),
        ),
        (server.request(Method::DELETE, "/api/mediasoup/recordings/x.mp4"), code(404, "FILE_NOT_FOUND")),
    ];
    for (index, (request, expected)) in rows.into_iter().enumerate() {
        assert_eq!(failure(server.send(request).await), expected, "row {index}");
    }
}

#[tokio::test]
async fn content_type_is_read_with_its_parameters_and_may_be_absent() {
    let server = Server::anonymous().await;
    for content_type in [Some("application/json; charset=utf-8"), Some("Application/JSON"), None] {
        let request = server.request(Method::POST, "/api/mediasoup/rooms").body("{}");
        let request = match content_type {
            Some(content_type) => request.header("content-type", content_type),
            None => request,
        };
        assert_eq!(server.send(request).await.0, StatusCode::CREATED, "{content_type:?}");
    }
}

#[tokio::test]
async fn tokens_decide_who_may_do_what() {
    let server = Server::with_tokens().await;
    let admin = token(json!({ "role": "admin" }));
    let host = token(json!({ "role": "host", "rooms": ["a"] }));
    let participant = token(json!({ "sub": "ada", "rooms": ["a"] }));
    for room in ["a", "b"] {
        let request = server.request(Method::POST, "/api/mediasoup/rooms").bearer_auth(&admin);
        let (status, _) = server.send(request.json(&json!({ "roomId": room }))).await;
        assert_eq!(status, StatusCode::CREATED);
    }
    let forbidden = || Some(code(403, "FORBIDDEN"));
    let invalid = || Some(code(400, "INVALID_REQUEST"));
    let nobody = || Some(code(404, "PARTICIPANT_NOT_FOUND"));
    let no_file = || Some(code(404, "FILE_NOT_FOUND"));
    let no_room = || Some(code(404, "ROOM_NOT_FOUND"));
    let rows = [
        (Method::GET, "/stats", forbidden(), None),
        (Method::POST, "/rooms", forbidden(), invalid()),
        (Method::GET, "/rooms", None, None),
        (Method::GET, "/rooms/a", None, None),
        (Method::GET, "/rooms/b", forbidden(), None),
        (Method::GET, "/rooms/a/participants", None, None),
        (Method::GET, "/rooms/b/participants", forbidden(), None),
        (Method::POST, "/rooms/a/participants", forbidden(), invalid()),
        (Method::DELETE, "/rooms/a/participants/x", forbidden(), nobody()),
        (Method::POST, "/rooms/absent/recording/start", forbidden(), no_room()),
        (Method::POST, "/rooms/a/recording/stop", forbidden(), Some(code(409, "NO_RECORDING"))),
        (Method::GET, "/rooms/a/recording/status", None, None),
        (Method::GET, "/rooms/b/recording/status", forbidden(), None),
        (Method::GET, "/recordings", forbidden(), None),
        (Method::GET, "/recordings/x.mp4", forbidden(), no_file()),
        (Method::DELETE, "/recordings/x.mp4", forbidden(), no_file()),
        (Method::DELETE, "/rooms/absent", forbidden(), no_room()),
    ];
    for (method, path, for_others, for_admin) in rows {
        let everyone = [
            (None, Some(code(401, "UNAUTHORIZED"))),
            (Some("not.a.token"), Some(code(401, "UNAUTHORIZED"))),
            (Some(&*participant), for_others.clone()),
            (Some(&*host), for_others),
            (Some(&*admin), for_admin),
        ];
        for (token, expected) in everyone {
            let mut request = server.request(method.clone(), &format!("/api/mediasoup{path}"));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            if method == Method::POST {
                request = request.json(&json!({ "roomId": 1 }));
            }
            let answer = server.send(request).await;
            match expected {
                Some(expected) => assert_eq!(failure(answer), expected, "{method} {path}"),
                None => assert_eq!(answer.0, StatusCode::OK, "{method} {path}"),
            }
        }
    }
}

#[tokio::test]
async fn a_participant_is_added_listed_and_removed() {
    let server = Server::anonymous().await;
    let request = json!({ "roomId": "a", "options": { "maxParticipants": 1 } });
    server.api(Method::POST, "/rooms", &request).await;
    let data = json!({ "name": "John Doe", "avatar": "https://example.com/avatar.jpg" });
    let add = json!({ "participantId": "user-123", "participantData": data });
    let (status, mut body) = server.api(Method::POST, "/rooms/a/participants", &add).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(body["participant"]["joinedAt"].take().is_u64());
    let added = json!({ "id": "user-123", "roomId": "a", "data": data, "joinedAt": null });
    assert_eq!(body["participant"], added);

    let another = json!({ "participantId": "user-124" });
    let full = server.api(Method::POST, "/rooms/a/participants", &another).await;
    assert_eq!(full.1["error"], "Room is full");
    assert_eq!(failure(full), code(409, "ROOM_FULL"));

    let (_, mut body) = server.api(Method::GET, "/rooms/a/participants", &Value::Null).await;
    assert!(body["participants"][0]["joinedAt"].take().is_u64());
    let stats =
        json!({ "audioProducer": null, "videoProducer": null, "audioConsumers": [], "videoConsumers": [] });
    let listed = json!([{ "id": "user-123", "data": data, "joinedAt": null, "stats": stats }]);
    assert_eq!(body["participants"], listed);

    let (_, mut body) = server.api(Method::GET, "/rooms/a", &Value::Null).await;
    assert!(body["room"]["participants"][0]["joinedAt"].take().is_u64());
    assert_eq!(body["room"]["participants"], json!([{ "id": "user-123", "data": data, "joinedAt": null }]));
    assert_eq!(body["room"]["recording"], json!({ "isRecording": false }));

    let (status, body) = server.api(Method::DELETE, "/rooms/a/participants/user-123", &Value::Null).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["message"], "Participant user-123 removed from room a");
    let again = server.api(Method::DELETE, "/rooms/a/participants/user-123", &Value::Null).await;
    assert_eq!(again.1["error"], "Participant not found");
    assert_eq!(failure(again), code(404, "PARTICIPANT_NOT_FOUND"));
}

#[tokio::test]
async fn lists_show_the_rooms_a_token_may_enter() {
    let server = Server::with_tokens().await;
    let admin = token(json!({ "role": "admin" }));
    for room in ["a", "b"] {
        let request = server.request(Method::POST, "/api/mediasoup/rooms").bearer_auth(&admin);
        server.send(request.json(&json!({ "roomId": room }))).await;
    }
    let ids = |rooms: &Value| -> Vec<String> {
        let rooms = rooms.as_array().unwrap().iter();
        rooms.map(|room| room["id"].as_str().unwrap().to_owned()).collect()
    };
    let participant = token(json!({ "sub": "ada", "rooms": ["b"] }));
    let rows = [(Some(&admin), vec!["a", "b"]), (Some(&participant), vec!["b"]), (None, vec![])];
    for (token, expected) in rows {
        let with_token = |path: &str| {
            let request = server.request(Method::GET, path);
            token.map_or(request.try_clone().unwrap(), |token| request.bearer_auth(token))
        };
        let (status, health) = server.send(with_token("/api/mediasoup/health")).await;
        assert_eq!((status, health["rooms"]["totalRooms"].as_u64()), (StatusCode::OK, Some(2)));
        assert_eq!(ids(&health["rooms"]["rooms"]), expected);
        if token.is_some() {
            let (_, list) = server.send(with_token("/api/mediasoup/rooms")).await;
            assert_eq!(ids(&list["rooms"]), expected);
        }
    }
}

#[tokio::test]
async fn health_and_stats_have_the_documented_shape() {
    let server = Server::anonymous().await;
    let (_, health) = server.api(Method::GET, "/health", &Value::Null).await;
    assert_eq!((&health["success"], &health["status"]), (&json!(true), &json!("healthy")));
    let worker = &health["workers"]["workers"][0];
    assert_eq!(health["workers"]["totalWorkers"], 1);
    assert_eq!((&worker["index"], &worker["pid"]), (&json!(0), &json!(12345)));
    assert_eq!(worker["resourceUsage"], json!({ "cpu": 0.5, "memory": 512 }));
    assert_eq!(health["rooms"], json!({ "totalRooms": 0, "totalParticipants": 0, "rooms": [] }));
    let timestamp = health["timestamp"].as_str().unwrap();
    assert!(timestamp.len() == 24 && timestamp.ends_with('Z'), "{timestamp}");

    let (_, body) = server.api(Method::GET, "/stats", &Value::Null).await;
    assert_eq!(body["stats"]["rooms"], json!({ "totalRooms": 0, "totalParticipants": 0 }));
    assert_eq!(
        body["stats"]["recordings"],
        json!({ "activeRecordings": 0, "recordings": [],
        "diskFree": DISK.0, "diskReserve": DISK.1 })
    );
    assert_eq!(body["stats"]["workers"]["totalWorkers"], 1);
    assert!(body["stats"]["timestamp"].is_string());
}

#[tokio::test]
async fn an_admin_changes_what_is_logged_and_nobody_else_does() {
    // Nothing is logged before or after: other tests run in this process, too.
    let mut config = Config::default();
    config.log.filter = Some("off".to_owned());
    telemetry::init(&config).unwrap();
    let server = Server::with_tokens().await;
    let put = |body: Value| server.request(Method::PUT, "/api/mediasoup/log").json(&body);
    let quiet = json!({ "filter": "off" });
    assert_eq!(failure(server.send(put(quiet.clone())).await), code(401, "UNAUTHORIZED"));
    let (host, admin) = (token(json!({ "sub": "ada", "role": "host" })), token(json!({ "role": "admin" })));
    assert_eq!(failure(server.send(put(quiet.clone()).bearer_auth(host)).await), code(403, "FORBIDDEN"));
    let (status, body) = server.send(put(quiet.clone()).bearer_auth(&admin)).await;
    assert_eq!((status, body), (StatusCode::OK, json!({ "success": true, "filter": "off" })));
    for (wrong, field) in [(json!({ "filter": "==" }), "filter"), (json!({ "logLevel": "loud" }), "logLevel")]
    {
        let (status, body) = server.send(put(wrong).bearer_auth(&admin)).await;
        assert_eq!((status, &body["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{body}");
    }
}

#[tokio::test]
async fn a_draining_server_is_alive_but_not_ready_and_takes_no_new_room() {
    let server = Server::anonymous().await;
    let status = async |path: &str| server.request(Method::GET, path).send().await.unwrap().status().as_u16();
    assert_eq!((status("/healthz").await, status("/readyz").await), (200, 200));
    server.readiness.set_draining(std::time::Duration::from_secs(10));
    assert_eq!((status("/healthz").await, status("/readyz").await), (200, 503));
    let answer = server.api(Method::POST, "/rooms", &json!({})).await;
    assert_eq!(failure(answer), code(503, "SHUTTING_DOWN"));
    assert_eq!(server.api(Method::GET, "/health", &Value::Null).await.1["status"], "draining");
}

#[tokio::test]
async fn the_api_describes_itself() {
    let server = Server::anonymous().await;
    let (_, api) = server.send(server.request(Method::GET, "/openapi.json")).await;
    let documented = [
        ("/api/mediasoup/health", "get"),
        ("/api/mediasoup/stats", "get"),
        ("/api/mediasoup/log", "put"),
        ("/api/mediasoup/rooms", "post"),
        ("/api/mediasoup/rooms", "get"),
        ("/api/mediasoup/rooms/{roomId}", "get"),
        ("/api/mediasoup/rooms/{roomId}", "delete"),
        ("/api/mediasoup/rooms/{roomId}/participants", "post"),
        ("/api/mediasoup/rooms/{roomId}/participants", "get"),
        ("/api/mediasoup/rooms/{roomId}/participants/{participantId}", "delete"),
        ("/api/mediasoup/rooms/{roomId}/recording/start", "post"),
        ("/api/mediasoup/rooms/{roomId}/recording/stop", "post"),
        ("/api/mediasoup/rooms/{roomId}/recording/status", "get"),
        ("/api/mediasoup/recordings", "get"),
        ("/api/mediasoup/recordings/{filename}", "get"),
        ("/api/mediasoup/recordings/{filename}", "delete"),
        ("/healthz", "get"),
        ("/readyz", "get"),
        ("/metrics", "get"),
    ];
    for (path, method) in documented {
        assert!(api["paths"][path][method]["responses"].is_object(), "{method} {path}");
    }
    let docs = server.request(Method::GET, "/docs/").send().await.unwrap();
    assert!(docs.text().await.unwrap().contains("swagger"));
}

#[tokio::test]
async fn other_origins_are_let_in_from_loopback_only() {
    let server = Server::anonymous().await;
    let allowed = async |origin: &str| {
        let request = server.request(Method::OPTIONS, "/api/mediasoup/rooms").header("origin", origin);
        let response = request.header("access-control-request-method", "POST").send().await.unwrap();
        response.headers().get("access-control-allow-origin").is_some()
    };
    assert!(allowed("http://localhost:8080").await);
    assert!(allowed(&format!("http://{}", server.address)).await);
    assert!(!allowed("https://evil.example").await);
}
