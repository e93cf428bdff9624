//! Recordings over REST and Socket.IO, before a manager that records nothing.

use std::{sync::Arc, time::Duration};

use mediasoup_core::{
    ids::RoomId,
    recording::{RecordingError, RecordingManager as _, RecordingOptions},
    room::RoomOptions,
};
use mediasoup_server::{app, config::Config};
use mediasoup_tests::recordings::{CONTENT, FakeRecordings};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    client::Client,
    rest::{code, failure},
    server::{Server, token},
};

async fn with_room() -> Server {
    let server = Server::anonymous().await;
    server.api(Method::POST, "/rooms", &json!({ "roomId": "r" })).await;
    server
}

async fn start(server: &Server) -> Value {
    let (status, body) = server.api(Method::POST, "/rooms/r/recording/start", &json!({})).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
    body["recording"].clone()
}

async fn stop(server: &Server) -> Value {
    let (status, body) = server.api(Method::POST, "/rooms/r/recording/stop", &Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["recording"].clone()
}

/// A recording's files, made.
async fn recorded(server: &Server) -> String {
    start(server).await;
    let path = stop(server).await["files"]["combined"].as_str().unwrap().to_owned();
    path.rsplit('/').next().unwrap().to_owned()
}

fn room_id() -> RoomId {
    "r".parse().unwrap()
}

#[tokio::test]
async fn a_recording_is_started_watched_and_stopped() {
    let server = with_room().await;
    let options =
        json!({ "audio": { "bitrate": 64000 }, "video": { "bitrate": "1000k", "resolution": "1280x720" } });
    let request = json!({ "options": options });
    let (status, body) = server.api(Method::POST, "/rooms/r/recording/start", &request).await;
    assert_eq!((status, &body["success"]), (StatusCode::CREATED, &json!(true)));
    let recording = &body["recording"];
    assert_eq!((&recording["roomId"], &recording["options"]), (&json!("r"), &options));
    let (id, started_at) = (&recording["id"], &recording["startedAt"]);
    assert!(id.is_string() && started_at.as_u64().unwrap() > 1_704_110_400_000);

    let (_, body) = server.api(Method::GET, "/rooms/r/recording/status", &Value::Null).await;
    let mut status = body["recording"].clone();
    assert!(status["duration"].take().as_u64().unwrap() < 60_000);
    let expected = json!({ "isRecording": true, "id": id, "startedAt": started_at, "duration": null,
        "options": options });
    assert_eq!(status, expected);
    for (path, room) in [("/rooms", "/rooms/0"), ("/rooms/r", "/room"), ("/health", "/rooms/rooms/0")] {
        let (_, mut body) = server.api(Method::GET, path, &Value::Null).await;
        let in_room = body.pointer_mut(&format!("{room}/recording")).unwrap();
        assert!(in_room["duration"].take().is_u64(), "{path}");
        assert_eq!(*in_room, json!({ "isRecording": true, "startedAt": started_at, "duration": null }));
    }
    let (_, body) = server.api(Method::GET, "/stats", &Value::Null).await;
    let stats = &body["stats"]["recordings"];
    assert_eq!((&stats["activeRecordings"], &stats["recordings"][0]["id"]), (&json!(1), id));
    assert_eq!(
        (&stats["recordings"][0]["status"], &stats["recordings"][0]["composed"]),
        (&json!("recording"), &json!(1000))
    );

    let stopped = stop(&server).await;
    assert_eq!((&stopped["id"], &stopped["status"]), (id, &json!("ready")));
    let duration = stopped["stoppedAt"].as_u64().unwrap() - started_at.as_u64().unwrap();
    assert_eq!(stopped["duration"], duration);
    for (file, end) in [("audio", "_audio.opus"), ("video", "_video.h264"), ("combined", "_combined.mp4")] {
        assert!(stopped["files"][file].as_str().unwrap().ends_with(end), "{stopped}");
    }
    let (_, body) = server.api(Method::GET, "/rooms/r/recording/status", &Value::Null).await;
    assert_eq!(body["recording"], json!({ "isRecording": false }));
}

#[tokio::test]
async fn what_cannot_be_done_is_told_by_its_code() {
    let server = with_room().await;
    let post = |path: &'static str| server.api(Method::POST, path, &Value::Null);
    let refused = post("/rooms/r/recording/stop").await;
    assert_eq!(refused.1["error"], "No recording in progress");
    assert_eq!(failure(refused), code(409, "NO_RECORDING"));
    start(&server).await;
    let refused = post("/rooms/r/recording/start").await;
    assert_eq!(refused.1["error"], "Recording already in progress");
    assert_eq!(failure(refused), code(409, "RECORDING_IN_PROGRESS"));

    let unrecorded = json!({ "roomId": "private", "options": { "enableRecording": false } });
    server.api(Method::POST, "/rooms", &unrecorded).await;
    assert_eq!(failure(post("/rooms/private/recording/start").await), code(409, "RECORDING_NOT_ENABLED"));
    assert_eq!(failure(post("/rooms/absent/recording/start").await), code(404, "ROOM_NOT_FOUND"));
    assert_eq!(failure(post("/rooms/absent/recording/stop").await), code(404, "ROOM_NOT_FOUND"));

    stop(&server).await;
    server.recordings.fill_disk();
    assert_eq!(failure(post("/rooms/r/recording/start").await), code(507, "DISK_FULL"));
    server.readiness.set_draining(Duration::from_secs(5));
    assert_eq!(failure(post("/rooms/r/recording/start").await), code(503, "SHUTTING_DOWN"));
}

#[tokio::test]
async fn options_that_make_no_sense_are_named_and_nothing_is_started() {
    let server = with_room().await;
    let rows = [
        (json!({ "video": { "resolution": "0x0" } }), "options.video.resolution"),
        (json!({ "video": { "resolution": "1281x720" } }), "options.video.resolution"),
        (json!({ "video": { "bitrate": "fast" } }), "options.video.bitrate"),
        (json!({ "video": { "bitrate": 1e300 } }), "options.video.bitrate"),
        (json!({ "video": { "framerate": 1e9 } }), "options.video.framerate"),
        (json!({ "video": { "framerate": 61 } }), "options.video.framerate"),
        (json!({ "video": { "bitrate": 1 } }), "options.video.bitrate"),
        (json!({ "video": { "resolution": "8192x8192" } }), "options.video.resolution"),
        (json!({ "video": { "codec": "libvpx" } }), "options.video.codec"),
        (json!({ "format": "webm", "audio": { "codec": "aac" } }), "options.audio.codec"),
        (json!({ "video": { "codec": "h266" } }), "options.video.codec"),
        (json!({ "audio": { "codec": "mp3" } }), "options.audio.codec"),
        (json!({ "audio": { "bitrate": 0 } }), "options.audio.bitrate"),
        (json!({ "audio": [] }), "options.audio"),
        (json!({ "format": "../../etc/passwd" }), "options.format"),
        (json!({ "layout": 5 }), "options.layout"),
        (json!({ "tracks": 1 }), "options.tracks"),
        (json!("all"), "options"),
    ];
    for (options, field) in rows {
        let request = json!({ "options": options });
        let answer = server.api(Method::POST, "/rooms/r/recording/start", &request).await;
        assert_eq!(answer.1["field"], field, "{request}");
        assert_eq!(failure(answer), code(400, "INVALID_REQUEST"), "{request}");
    }
    let (_, body) = server.api(Method::GET, "/rooms/r/recording/status", &Value::Null).await;
    assert_eq!(body["recording"], json!({ "isRecording": false }));
    let lenient =
        json!({ "options": { "audio": null, "video": { "framerate": null, "x": 1 }, "y": 2 }, "z": 3 });
    let (status, body) = server.api(Method::POST, "/rooms/r/recording/start", &lenient).await;
    assert_eq!((status, &body["recording"]["options"]), (StatusCode::CREATED, &json!({ "video": {} })));
}

#[tokio::test]
async fn of_two_starts_at_once_one_wins() {
    let server = with_room().await;
    let start = || server.api(Method::POST, "/rooms/r/recording/start", &Value::Null);
    let answers = tokio::join!(start(), start(), start());
    let mut statuses = [answers.0.0, answers.1.0, answers.2.0].map(|status| status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409]);
}

#[tokio::test]
async fn files_are_listed_and_deleted() {
    let server = with_room().await;
    let name = recorded(&server).await;
    let (_, body) = server.api(Method::GET, "/recordings", &Value::Null).await;
    let files = body["files"].as_array().unwrap();
    assert_eq!(files.len(), 3);
    let file = files.iter().find(|file| file["name"] == *name).unwrap();
    assert_eq!(file["size"], CONTENT.len());
    assert_eq!(file["path"], server.recordings.directory().join(&name).to_str().unwrap());
    for time in ["created", "modified"] {
        let time = file[time].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    }

    let path = format!("/recordings/{name}");
    let audio = name.replace("combined.mp4", "audio.opus");
    server.recordings.use_file(&audio);
    let in_use = server.api(Method::DELETE, &format!("/recordings/{audio}"), &Value::Null).await;
    assert_eq!(failure(in_use), code(409, "FILE_IN_USE"));
    let (status, body) = server.api(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, json!({ "success": true, "message": format!("File {name} deleted successfully") }));
    assert_eq!(failure(server.api(Method::DELETE, &path, &Value::Null).await), code(404, "FILE_NOT_FOUND"));
    assert_eq!(failure(server.api(Method::GET, &path, &Value::Null).await), code(404, "FILE_NOT_FOUND"));
}

/// Sends a request line as it stands: client libraries tidy paths up.
async fn raw(server: &Server, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request =
        format!("{method} /api/mediasoup{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn names_never_leave_the_directory() {
    let server = with_room().await;
    let name = recorded(&server).await;
    let directory = server.recordings.directory();
    let hidden = directory.join(".recordings");
    std::fs::create_dir(&hidden).unwrap();
    std::fs::write(hidden.join("media.log"), "secret").unwrap();
    std::fs::write(directory.join(".hidden"), "secret").unwrap();
    let outside = tempfile::NamedTempFile::new_in(directory.parent().unwrap()).unwrap();
    let outside = outside.path().file_name().unwrap().to_str().unwrap().to_owned();
    let names = [
        format!("..%2f{outside}"),
        format!("../{outside}"),
        format!("..%5c{outside}"),
        format!("%2e%2e%2f{outside}"),
        format!(".%2f{name}"),
        format!("{name}%00"),
        format!("%00{name}"),
        format!("{name}/"),
        format!("{name}%2f.."),
        format!("x/..%2f{name}"),
        "..".to_owned(),
        ".".to_owned(),
        "%2e".to_owned(),
        ".hidden".to_owned(),
        ".recordings".to_owned(),
        ".recordings%2fmedia.log".to_owned(),
        "%2fetc%2fpasswd".to_owned(),
        "/etc/passwd".to_owned(),
        "%ff".to_owned(),
        "x".repeat(5000),
    ];
    for name in names {
        for method in ["GET", "DELETE"] {
            let answer = raw(&server, method, &format!("/recordings/{name}")).await;
            let status = &answer[9..12];
            assert!(status == "404" || status == "400", "{method} {name}: {answer}");
            assert!(answer.contains("\"success\":false") && !answer.contains("secret"), "{name}: {answer}");
        }
    }
    assert!(directory.join(&name).exists() && hidden.join("media.log").exists());
}

#[tokio::test]
async fn a_file_is_sent_whole_or_in_ranges() {
    let server = with_room().await;
    let name = recorded(&server).await;
    let get = |method: Method, headers: &[(header::HeaderName, &str)]| {
        let request = server.request(method, &format!("/api/mediasoup/recordings/{name}"));
        headers.iter().fold(request, |request, (name, value)| request.header(name, *value)).send()
    };
    let whole = get(Method::GET, &[]).await.unwrap();
    assert_eq!(whole.status(), StatusCode::OK);
    let headers = whole.headers().clone();
    let text = |name: header::HeaderName| headers[name].to_str().unwrap().to_owned();
    assert_eq!(text(header::CONTENT_TYPE), "video/mp4");
    assert_eq!(text(header::CONTENT_LENGTH), CONTENT.len().to_string());
    assert_eq!(text(header::ACCEPT_RANGES), "bytes");
    assert_eq!(text(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(text(header::CONTENT_DISPOSITION), format!("attachment; filename=\"{name}\""));
    assert_eq!(whole.bytes().await.unwrap(), CONTENT);

    let head = get(Method::HEAD, &[]).await.unwrap();
    assert_eq!(
        (head.status(), &head.headers()[header::CONTENT_LENGTH]),
        (StatusCode::OK, &headers[header::CONTENT_LENGTH])
    );
    assert!(head.bytes().await.unwrap().is_empty());

    let (etag, modified) = (text(header::ETAG), text(header::LAST_MODIFIED));
    let range = |range| (header::RANGE, range);
    type Row<'a> = (&'a [(header::HeaderName, &'a str)], u16, &'a [u8]);
    let rows: [Row<'_>; 9] = [
        (&[range("bytes=0-9")], 206, &CONTENT[..10]),
        (&[range("bytes=30-")], 206, &CONTENT[30..]),
        (&[range("bytes=-6")], 206, &CONTENT[30..]),
        (&[range("bytes=0-9,20-29")], 200, CONTENT),
        (&[range("bytes=0-9"), (header::IF_RANGE, &etag)], 206, &CONTENT[..10]),
        (&[range("bytes=0-9"), (header::IF_RANGE, &modified)], 206, &CONTENT[..10]),
        (&[range("bytes=0-9"), (header::IF_RANGE, "\"another\"")], 200, CONTENT),
        (&[range("bytes=0-9"), (header::IF_RANGE, "Mon, 01 Jan 2024 12:00:00 GMT")], 200, CONTENT),
        (&[(header::IF_NONE_MATCH, &etag)], 304, b""),
    ];
    for (headers, status, expected) in rows {
        let answer = get(Method::GET, headers).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{headers:?}");
        assert_eq!(answer.bytes().await.unwrap(), expected, "{headers:?}");
    }
    let answer = get(Method::GET, &[range("bytes=10-19")]).await.unwrap();
    assert_eq!(answer.headers()[header::CONTENT_RANGE], format!("bytes 10-19/{}", CONTENT.len()));
    for beyond in ["bytes=36-", "bytes=100-200"] {
        let answer = get(Method::GET, &[range(beyond)]).await.unwrap();
        assert_eq!(answer.headers()[header::CONTENT_RANGE], format!("bytes */{}", CONTENT.len()));
        let answer = (answer.status(), answer.json().await.unwrap());
        assert_eq!(failure(answer), code(416, "INVALID_REQUEST"), "{beyond}");
    }
}

/// Ada, who hosts the room, and Bob, both in it.
struct Call {
    server: Server,
    ada: Client,
    bob: Client,
}

fn in_room(mut fields: Value) -> Value {
    fields["roomId"] = json!("r");
    fields
}

async fn connect(server: &Server, namespace: &'static str, claims: Value) -> Client {
    let auth = json!({ "token": token(claims) });
    Client::connect(server, namespace, &auth, "").await.ok().unwrap()
}

impl Call {
    async fn start() -> Self {
        let server = Server::with_tokens().await;
        let mut ada = connect(&server, "/", json!({ "sub": "ada" })).await;
        let mut bob = connect(&server, "/ws", json!({ "sub": "bob" })).await;
        ada.request("create-room", &in_room(json!({})), "room-created").await;
        ada.request("join-room", &in_room(json!({})), "room-joined").await;
        bob.request("join-room", &in_room(json!({})), "room-joined").await;
        ada.hears("participant-joined").await;
        Self { server, ada, bob }
    }

    async fn start_recording(&mut self) -> Value {
        let request = in_room(json!({ "options": { "video": { "bitrate": "1000k" } } }));
        let reply = self.ada.request("start-recording", &request, "recording-started").await;
        assert_eq!(reply["roomId"], "r");
        assert_eq!(reply["recording"]["options"], json!({ "video": { "bitrate": "1000k" } }));
        let heard = self.bob.hears("recording-started").await;
        assert_eq!(heard, json!({ "roomId": "r", "recording": reply["recording"] }));
        reply["recording"].clone()
    }

    /// Over REST, as an admin.
    async fn api(&self, method: Method, path: &str) -> (StatusCode, Value) {
        let request = self.server.request(method, &format!("/api/mediasoup{path}"));
        self.server.send(request.bearer_auth(token(json!({ "role": "admin" })))).await
    }
}

#[tokio::test]
async fn everyone_in_the_room_hears_of_its_recording_once() {
    let mut call = Call::start().await;
    let started = call.start_recording().await;
    let refused = call.ada.acknowledged("start-recording", &in_room(json!({}))).await;
    assert_eq!(refused["code"], "RECORDING_IN_PROGRESS");

    let reply = call.ada.request("stop-recording", &in_room(json!({})), "recording-stopped").await;
    let stopped = reply["recording"].clone();
    assert_eq!((&stopped["id"], &stopped["status"]), (&started["id"], &json!("ready")));
    assert!(stopped["files"]["combined"].is_string() && stopped["duration"].is_u64());
    let event = json!({ "roomId": "r", "recording": stopped });
    assert_eq!(call.bob.hears("recording-stopped").await, event);
    assert_eq!(call.bob.hears("recording-ready").await, event);
    assert_eq!(call.ada.hears("recording-ready").await, event, "and no second recording-stopped");
    let refused = call.ada.acknowledged("stop-recording", &in_room(json!({}))).await;
    assert_eq!(refused["code"], "NO_RECORDING");
}

#[tokio::test]
async fn only_hosts_start_and_stop() {
    let mut call = Call::start().await;
    for request in ["start-recording", "stop-recording"] {
        let refused = call.bob.acknowledged(request, &in_room(json!({}))).await;
        assert_eq!((&refused["code"], &refused["success"]), (&json!("FORBIDDEN"), &json!(false)));
    }
    let mut stranger =
        connect(&call.server, "/", json!({ "sub": "eve", "role": "host", "rooms": ["x"] })).await;
    let refused = stranger.acknowledged("start-recording", &in_room(json!({}))).await;
    assert_eq!(refused["code"], "FORBIDDEN");
    let mut host = connect(&call.server, "/", json!({ "sub": "hal", "role": "host", "rooms": ["r"] })).await;
    host.request("start-recording", &in_room(json!({})), "recording-started").await;
    call.bob.hears("recording-started").await;
    call.ada.hears("recording-started").await;
    let bad = in_room(json!({ "options": { "video": { "framerate": 0 } } }));
    let refused = host.acknowledged("start-recording", &bad).await;
    assert_eq!(refused["field"], "options.video.framerate");
    // Not in the room, it hears no more than its replies.
    host.request("stop-recording", &in_room(json!({})), "recording-stopped").await;
    let refused = host.acknowledged("stop-recording", &in_room(json!({}))).await;
    assert_eq!(refused["code"], "NO_RECORDING");
}

#[tokio::test]
async fn what_is_done_over_rest_is_heard_in_the_room() {
    let mut call = Call::start().await;
    let (status, body) = call.api(Method::POST, "/rooms/r/recording/start").await;
    assert_eq!(status, StatusCode::CREATED);
    let started = json!({ "roomId": "r", "recording": body["recording"] });
    assert_eq!(call.ada.hears("recording-started").await, started);
    assert_eq!(call.bob.hears("recording-started").await, started);

    call.server.recordings.fail(&room_id(), "the disk is full");
    let failed = call.bob.hears("recording-failed").await;
    assert_eq!(
        (&failed["error"], &failed["recording"]["id"]),
        (&json!("the disk is full"), &body["recording"]["id"])
    );
    call.ada.hears("recording-failed").await;

    call.server.recordings.slow_down();
    let (_, body) = call.api(Method::POST, "/rooms/r/recording/stop").await;
    let stopped = &body["recording"];
    assert_eq!((&stopped["status"], &stopped["progress"]), (&json!("processing"), &json!(0.25)));
    assert_eq!(call.bob.hears("recording-stopped").await["recording"], *stopped);
    call.ada.hears("recording-stopped").await;
    call.server.recordings.complete().unwrap();
    let ready = call.bob.hears("recording-ready").await;
    assert_eq!((&ready["recording"]["id"], &ready["recording"]["status"]), (&stopped["id"], &json!("ready")));
    call.ada.hears("recording-ready").await;
}

#[tokio::test]
async fn a_stop_that_takes_its_time_holds_nobody_up() {
    let mut call = Call::start().await;
    call.start_recording().await;
    let recordings = call.server.recordings.clone();
    let held = recordings.hold_stops().await;
    call.ada.emit_with_ack(1, "mediasoup:stop-recording", &in_room(json!({}))).await;
    // Meanwhile the same socket is served, and hears of others.
    call.ada.request("create-transport", &in_room(json!({ "direction": "send" })), "transport-created").await;
    call.bob.request("leave-room", &in_room(json!({})), "room-left").await;
    call.ada.hears("participant-left").await;
    drop(held);
    let reply = call.ada.ack(1).await;
    assert_eq!(call.ada.hears("recording-stopped").await, reply);
    call.ada.hears("recording-ready").await;
}

#[tokio::test]
async fn a_stop_goes_on_where_its_client_has_gone() {
    let mut call = Call::start().await;
    call.start_recording().await;
    let recordings = call.server.recordings.clone();
    let held = recordings.hold_stops().await;
    call.ada.emit_with_ack(1, "mediasoup:stop-recording", &in_room(json!({}))).await;
    call.ada.request("get-room-info", &in_room(json!({})), "room-info").await;
    drop(call.ada);
    call.bob.hears("participant-left").await;
    drop(held);
    assert_eq!(call.bob.hears("recording-stopped").await["recording"]["status"], "ready");
    call.bob.hears("recording-ready").await;
}

#[tokio::test]
async fn who_joins_learns_of_the_recording_from_the_reply_alone() {
    let mut call = Call::start().await;
    let recording = call.start_recording().await;
    let mut eve = connect(&call.server, "/", json!({ "sub": "eve" })).await;
    let joined = eve.request("join-room", &in_room(json!({})), "room-joined").await;
    let told = &joined["room"]["recording"];
    assert_eq!((&told["isRecording"], &told["startedAt"]), (&json!(true), &recording["startedAt"]));
    let info = eve.request("get-room-info", &in_room(json!({})), "room-info").await;
    assert_eq!(info["room"]["recording"]["isRecording"], true);
    call.ada.hears("participant-joined").await;
    call.ada.request("stop-recording", &in_room(json!({})), "recording-stopped").await;
    eve.hears("recording-stopped").await;
}

#[tokio::test]
async fn a_room_that_closes_ends_its_recording() {
    let mut call = Call::start().await;
    call.start_recording().await;
    call.ada.request("close-room", &in_room(json!({})), "room-closed").await;
    call.ada.hears("room-left").await;
    let mut stats = Value::Null;
    while stats["activeRecordings"] != 0 {
        stats = call.api(Method::GET, "/stats").await.1["stats"]["recordings"].clone();
    }
    let (_, body) = call.api(Method::GET, "/recordings").await;
    assert_eq!(body["files"].as_array().unwrap().len(), 3);
    assert_eq!(
        failure(call.api(Method::GET, "/rooms/r/recording/status").await),
        code(404, "ROOM_NOT_FOUND")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_completes_its_recordings() {
    let mut config = Config::default();
    config.http.port = 0;
    (config.worker.rtc_min_port, config.worker.rtc_max_port) = (0, 0);
    let recordings = FakeRecordings::new().unwrap();
    let server = app::start_with(config, Arc::new(recordings.clone())).await.unwrap();
    let rooms = server.state().rooms.clone();
    let options = RoomOptions { max_participants: 2, enable_recording: true, timeout: 0 };
    rooms.create_room(room_id(), options, None).await.unwrap();
    let room = rooms.room(&room_id()).unwrap();
    recordings.start_recording(&room, RecordingOptions::default()).await.unwrap();

    let metrics = async || {
        let url = format!("http://{}/metrics", server.local_addr());
        reqwest::get(url).await.unwrap().text().await.unwrap()
    };
    let gauges = metrics().await;
    for line in ["mediasoup_recordings_active 1", "mediasoup_recordings_lag_seconds 2"] {
        assert!(gauges.contains(line), "{line}: {gauges}");
    }
    // The counters follow the events.
    while !metrics().await.contains("mediasoup_recordings_started_total 1") {}

    assert!(server.shutdown().await);
    assert_eq!(recordings.list_recorded_files().await.unwrap().len(), 3);
    let refused = recordings.start_recording(&room, RecordingOptions::default()).await;
    assert!(
        matches!(refused, Err(RecordingError::RoomNotFound | RecordingError::ShuttingDown)),
        "{refused:?}"
    );
}
