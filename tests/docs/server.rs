//! The server the documentation is about, in this process, on ports of the system's choice.

use std::sync::Arc;

use jsonwebtoken::{EncodingKey, Header};
use mediasoup_server::{
    app::{self, RunningServer},
    config::{Config, Log},
    telemetry,
};
use mediasoup_tests::recordings::FakeRecordings;
use serde_json::json;

const SECRET: &str = "a secret of 32 bytes for the tests";

/// A token that holds until 2100.
pub(crate) fn token(role: &str) -> String {
    let claims = json!({ "sub": "user-123", "role": role, "exp": 4_102_444_800_u64 });
    jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

/// A server without a key: everyone is admin.
pub(crate) async fn anonymous() -> RunningServer {
    anonymous_with(FakeRecordings::new().unwrap()).await
}

/// The same, with recordings the test has a hand in.
pub(crate) async fn anonymous_with(recordings: FakeRecordings) -> RunningServer {
    start(Config::default(), recordings).await
}

/// A server that wants [`token`]s.
pub(crate) async fn with_tokens() -> RunningServer {
    let mut config = Config::default();
    config.auth.jwt_secret = Some(SECRET.to_owned().into());
    config.http.listen_ip = Some([127, 0, 0, 1].into());
    start(config, FakeRecordings::new().unwrap()).await
}

/// The answers and events that are shown are the server's own, whoever records.
async fn start(mut config: Config, recordings: FakeRecordings) -> RunningServer {
    config.http.port = 0;
    (config.worker.rtc_min_port, config.worker.rtc_max_port) = (0, 0);
    // Its logs can be changed, as those of the binary; the first server of this process has started them.
    let quiet = Log { filter: Some("off".to_owned()), ..Log::default() };
    drop(telemetry::init(&Config { log: quiet, ..Config::default() }));
    app::start_with(config, Arc::new(recordings)).await.unwrap()
}

/// `http://127.0.0.1:…`, without a path.
pub(crate) fn url(server: &RunningServer) -> String {
    format!("http://{}", server.local_addr())
}
