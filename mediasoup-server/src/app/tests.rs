//! The whole server, started in this process.

use std::{num::NonZeroU32, time::Instant};

use axum::{Router, routing::get};
use mediasoup_core::room::RoomOptions;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::*;
use crate::{config::Config, shutdown::Phase};

/// With a directory for recordings that goes with the test.
fn config() -> (Config, TempDir) {
    let directory = TempDir::new().unwrap();
    let mut config = Config::default();
    config.http.port = 0;
    config.recording.output_dir = directory.path().join("recordings");
    (config.worker.rtc_min_port, config.worker.rtc_max_port) = (0, 0);
    (config, directory)
}

/// Sends a request as it stands and reads to the end.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn fetch(address: SocketAddr, path: &str) -> String {
    exchange(address, &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")).await
}

/// A router behind the server's own listener and layers.
async fn behind_layers(router: Router, http: &crate::config::Http) -> (SocketAddr, http::Server) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = layers::outer(layers::inner(router, http), http);
    (address, http::Server::start(listener, router, http))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_starts_serves_and_ends_with_nothing_left() {
    let (config, directory) = config();
    let server = start(config).await.unwrap();
    assert!(directory.path().join("recordings").is_dir());
    let (address, state) = (server.local_addr(), server.state().clone());
    assert!(address.ip().is_loopback() && address.port() != 0);
    assert!(server.summary().contains(&format!("http://localhost:{}/", address.port())));
    assert!(fetch(address, "/readyz").await.starts_with("HTTP/1.1 200 OK"));
    assert!(fetch(address, "/").await.contains("text/html"));
    let handshake = fetch(address, "/socket.io/?EIO=4&transport=polling").await;
    assert!(handshake.contains("\"sid\""), "{handshake}");

    let options = RoomOptions::from(&state.config.room);
    state.rooms.create_room("a".parse().unwrap(), options.clone(), None).await.unwrap();
    let metrics = fetch(address, "/metrics").await;
    for line in ["mediasoup_ready 1", "mediasoup_workers 1", "mediasoup_worker_routers{worker=\"0\"} 1"] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }

    assert!(server.shutdown().await);
    assert!(matches!(state.readiness.phase(), Phase::Draining { .. }));
    assert!(TcpStream::connect(address).await.is_err());
    assert_eq!(state.rooms.stats().total_rooms, 0);
    assert!(state.rooms.create_room("b".parse().unwrap(), options, None).await.is_err());
    assert!(state.workers.stats().await.is_empty());
}

#[tokio::test]
async fn what_cannot_start_says_why_and_leaves_nothing() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let (mut config, directory) = config();
    config.http.port = taken.local_addr().unwrap().port();
    let error = start(config.clone()).await.unwrap_err().to_string();
    assert!(error.starts_with("http: cannot listen on 127.0.0.1:"), "{error}");

    config.http.port = 0;
    config.auth.jwt_secret = Some(String::new().into());
    assert_eq!(start(config.clone()).await.unwrap_err().to_string(), "auth.jwtSecret: the secret is empty");

    config.recording.output_dir = directory.path().join("file");
    std::fs::write(&config.recording.output_dir, "no directory").unwrap();
    let error = start(config).await.unwrap_err().to_string();
    assert!(
        error.starts_with("recording.outputDir: cannot write to ") && error.contains("file: "),
        "{error}"
    );
}

#[tokio::test]
async fn unspecified_addresses_announce_this_machines_own() {
    let (mut config, _directory) = config();
    config.web_rtc_transport.listen_ips[0] = crate::config::ListenIp {
        ip: "0.0.0.0".parse().unwrap(),
        announced_ip: None,
        expose_internal_ip: false,
    };
    match network::announce_own_addresses(&mut config) {
        Ok(()) => {
            let announced = config.web_rtc_transport.listen_ips[0].announced_ip.clone().unwrap();
            assert!(!announced.parse::<std::net::IpAddr>().unwrap().is_unspecified());
        }
        // A machine without any network has no such address.
        Err(error) => assert!(error.to_string().contains("set announcedIp"), "{error}"),
    }
}

#[tokio::test]
async fn a_panic_is_answered_as_internal() {
    async fn panics() {
        panic!("on purpose");
    }
    let (address, _server) =
        behind_layers(Router::new().route("/", get(panics)), &crate::config::Http::default()).await;
    let answer = fetch(address, "/").await;
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    assert!(answer.contains("\"code\":\"INTERNAL\"") && !answer.contains("on purpose"), "{answer}");
}

#[tokio::test]
async fn slow_handlers_and_slow_clients_are_ended() {
    let http = crate::config::Http {
        request_timeout: NonZeroU32::new(20).unwrap(),
        header_timeout: NonZeroU32::new(50).unwrap(),
        ..crate::config::Http::default()
    };
    let router = Router::new().route("/", get(std::future::pending::<()>));
    let (address, _server) = behind_layers(router, &http).await;
    assert!(fetch(address, "/").await.starts_with("HTTP/1.1 503 "));

    let started = Instant::now();
    let unfinished = exchange(address, "GET / HTTP/1.1\r\nhost: local").await;
    assert!(!unfinished.starts_with("HTTP/1.1 200"), "{unfinished}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn requests_under_way_are_answered_while_the_listener_is_closed() {
    let (entered, mut has_entered) = tokio::sync::mpsc::channel(1);
    let (release, released) = tokio::sync::watch::channel(false);
    let router = Router::new().route(
        "/",
        get(move || async move {
            entered.send(()).await.unwrap();
            released.clone().wait_for(|released| *released).await.unwrap();
            "done"
        }),
    );
    let (address, mut server) = behind_layers(router, &crate::config::Http::default()).await;
    let request = tokio::spawn(async move { fetch(address, "/").await });
    has_entered.recv().await.unwrap();
    server.stop_accepting();
    release.send_replace(true);
    server.finish().await;
    assert!(request.await.unwrap().ends_with("done"));
    assert!(TcpStream::connect(address).await.is_err());
}
