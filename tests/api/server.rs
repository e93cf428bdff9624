//! A server in this process, on a port of its own, and requests to it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jsonwebtoken::{EncodingKey, Header};
use mediasoup_core::room::Rooms;
use mediasoup_server::{
    auth::Authenticator,
    config::{Auth, Config},
    rest, shutdown, signaling,
    state::AppState,
};
use mediasoup_tests::recordings::FakeRecordings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::fake::FakeMedia;

const SECRET: &str = "a secret of 32 bytes for the tests";

/// A token that holds until 2100.
pub(crate) fn token(mut claims: Value) -> String {
    claims["exp"] = json!(4_102_444_800_u64);
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap()
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) readiness: shutdown::Readiness,
    pub(crate) recordings: FakeRecordings,
    client: reqwest::Client,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    /// Everyone is admin.
    pub(crate) async fn anonymous() -> Self {
        Self::start(Auth::default()).await
    }

    /// Tokens are required.
    pub(crate) async fn with_tokens() -> Self {
        Self::start(Auth { jwt_secret: Some(SECRET.to_owned().into()), ..Auth::default() }).await
    }

    async fn start(auth: Auth) -> Self {
        let readiness = shutdown::Readiness::default();
        readiness.set_ready();
        let config = Config::default();
        let recordings = FakeRecordings::new().unwrap();
        let media = Arc::new(FakeMedia::default());
        let rooms = Rooms::new(media.clone(), (&config.router).into(), (&config.web_rtc_transport).into());
        let state = AppState {
            rooms: Arc::new(rooms),
            recordings: Arc::new(recordings.clone()),
            workers: media,
            auth: Arc::new(Authenticator::from_config(&auth).unwrap()),
            config: Arc::new(config),
            readiness: readiness.clone(),
        };
        let cors = rest::cors::layer(&state.config.http);
        let (socket_io, _) = signaling::layer(state.clone());
        let router = rest::router(state).layer(socket_io).layer(cors);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
        Self { address, readiness, recordings, client, serving }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> (StatusCode, Value) {
        let response = request.send().await.unwrap();
        let status = response.status();
        (status, response.json().await.unwrap())
    }

    /// A request to the API, with a JSON body unless it is null.
    pub(crate) async fn api(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.request(method, &format!("/api/mediasoup{path}"));
        self.send(if body.is_null() { request } else { request.json(body) }).await
    }
}
