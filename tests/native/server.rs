//! A whole server on ports of its own, and clients of it.

use mediasoup_core::{ids::ProducerId, media::rtp::MediaKind};
use mediasoup_server::{
    app::{self, RunningServer},
    config::Config,
};
use mediasoup_tests::{
    client::{ConnectOptions, JoinOptions, Participant, RemoteTrack, Socket},
    media::{Clip, Player},
};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct Server {
    running: RunningServer,
    _recordings: TempDir,
}

impl Server {
    /// One worker, everyone is admin.
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    /// On ports of its own, else as configured.
    pub(crate) async fn with(mut config: Config) -> Self {
        config.http.port = 0;
        (config.worker.rtc_min_port, config.worker.rtc_max_port) = (0, 0);
        let recordings = TempDir::new().unwrap();
        config.recording.output_dir = recordings.path().to_owned();
        Self { running: app::start(config).await.unwrap(), _recordings: recordings }
    }

    /// All tests end with it: an orderly end is part of each.
    pub(crate) async fn shutdown(self) {
        assert!(self.running.shutdown().await, "the drain timeout passed");
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.running.local_addr())
    }

    pub(crate) fn options(&self) -> ConnectOptions {
        ConnectOptions::new(self.url())
    }

    pub(crate) async fn socket(&self) -> Socket {
        Socket::connect(&self.options()).await.unwrap()
    }

    pub(crate) async fn create_room(&self, id: &str) {
        self.create_room_with(json!({ "roomId": id })).await;
    }

    /// For more participants than usual.
    pub(crate) async fn create_large_room(&self, id: &str, participants: usize) {
        self.create_room_with(json!({ "roomId": id, "options": { "maxParticipants": participants } })).await;
    }

    async fn create_room_with(&self, request: Value) {
        let socket = self.socket().await;
        socket.request("mediasoup:create-room", request).await.unwrap();
        socket.close().await;
    }

    pub(crate) async fn join(&self, room: &str) -> Participant {
        Participant::join(JoinOptions::new(self.options(), room)).await.unwrap()
    }

    /// Asks the REST API; the whole envelope.
    pub(crate) async fn rest(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let url = format!("{}/api/mediasoup{path}", self.url());
        let request = reqwest::Client::new().request(method, url).json(&body);
        request.send().await.unwrap().json().await.unwrap()
    }
}

/// What is published of each kind.
pub(crate) fn codec(kind: MediaKind) -> (&'static str, Clip) {
    match kind {
        MediaKind::Audio => ("audio/opus", Clip::tone_opus()),
        MediaKind::Video => ("video/VP8", Clip::picture_vp8()),
    }
}

/// Publishes a clip that plays until the player is dropped.
pub(crate) async fn play(participant: &Participant, kind: MediaKind) -> (ProducerId, Player) {
    let (mime_type, clip) = codec(kind);
    let track = participant.publish(kind, mime_type).await.unwrap();
    (track.producer_id(), Player::start(clip, track))
}

/// Consumes what another participant publishes next.
pub(crate) async fn consume_next(participant: &mut Participant, kind: MediaKind) -> RemoteTrack {
    let of_kind = |event: &Value| event["producer"]["kind"] == json!(kind);
    let event = participant.events.next_where("mediasoup:new-producer", of_kind).await.unwrap();
    let id = serde_json::from_value(event["producer"]["id"].clone()).unwrap();
    participant.consume(id).await.unwrap()
}
