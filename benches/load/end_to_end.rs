//! The generator against the server's own binary.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::{
    path::PathBuf,
    process::{Command as Building, Stdio},
    time::Duration,
};

use nix::{sys::signal, unistd::Pid};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::{sleep, timeout},
};

const PATIENCE: Duration = Duration::from_secs(60);

struct Server {
    child: Child,
    /// Kept, so that what it says does not break it.
    _said: Lines<BufReader<ChildStdout>>,
    url: String,
    recordings: TempDir,
}

/// What cargo builds, from the same source as this test; or another that the environment names.
fn binary() -> PathBuf {
    if let Some(binary) = std::env::var_os("MEDIASOUP_SERVER_BIN") {
        return binary.into();
    }
    let build = ["build", "--quiet", "--locked", "--package", "mediasoup-server"];
    assert!(Building::new(env!("CARGO")).args(build).status().unwrap().success());
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("mediasoup-server")
}

impl Server {
    async fn start() -> Self {
        let recordings = TempDir::new().unwrap();
        let mut child = Command::new(binary())
            .args(["--set", "worker.rtcMinPort=0", "--set", "worker.rtcMaxPort=0"])
            .env("RUST_LOG", "warn")
            .env("PORT", "0")
            .env("MEDIASOUP_LISTEN_IP", "127.0.0.1")
            .env("RECORDING_OUTPUT_DIR", recordings.path())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let listening = async {
            while let Some(line) = said.next_line().await.unwrap() {
                if let Some(url) = line.split_whitespace().find(|word| word.starts_with("http://")) {
                    return url.trim_end_matches('/').to_owned();
                }
            }
            panic!("the server ended before it listened");
        };
        let url = timeout(PATIENCE, listening).await.unwrap();
        Self { child, _said: said, url, recordings }
    }

    /// Begins to load it; gives where the figures will be.
    fn load(&self, arguments: &[&str]) -> (Child, PathBuf) {
        let figures = self.recordings.path().join(format!("figures-{}.json", arguments.join("")));
        let load = Command::new(env!("CARGO_BIN_EXE_load"))
            .args(["--url", &self.url, "--ramp", "0", "--pid", &self.child.id().unwrap().to_string()])
            .args(arguments)
            .arg("--json")
            .arg(&figures)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        (load, figures)
    }

    async fn rooms(&self) -> usize {
        let rooms = reqwest::get(format!("{}/api/mediasoup/rooms", self.url)).await.unwrap();
        rooms.json::<Value>().await.unwrap()["rooms"].as_array().unwrap().len()
    }
}

async fn figures((mut load, path): (Child, PathBuf)) -> Value {
    assert!(timeout(PATIENCE, load.wait()).await.unwrap().unwrap().success());
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[tokio::test]
async fn packets_arrive_and_none_is_lost() {
    let server = Server::start().await;
    for profile in ["gcm", "cm"] {
        let shape = ["--viewers", "3", "--media", "both", "--seconds", "2", "--srtp", profile];
        let figures = figures(server.load(&shape)).await;
        assert_eq!(figures["clients"]["viewers"], 3, "{figures:#}");
        assert_eq!(figures["clients"]["failed"], 0, "{figures:#}");
        assert_eq!(figures["firstRtpMs"]["count"], 3, "{figures:#}");
        // 2 s of 30 pictures of 6 packets and 50 packets of sound, to three viewers; a busy machine may send fewer.
        let received = figures["received"]["packets"].as_u64().unwrap();
        assert!((600..=1_500).contains(&received), "{figures:#}");
        assert_eq!(figures["received"]["lost"], 0, "{figures:#}");
        assert_eq!(figures["received"]["unopened"], 0, "{figures:#}");
        let latency = &figures["latencyMs"];
        assert!(latency["count"].as_u64().unwrap() > received / 10, "{figures:#}");
        assert!(latency["p50"].as_f64().unwrap() > 0.0, "{figures:#}");
        assert!(figures["server"]["memoryMib"].as_f64().unwrap() > 1.0, "{figures:#}");
        assert_eq!(server.rooms().await, 0);
    }
}

#[tokio::test]
async fn sigint_ends_it_in_order() {
    let server = Server::start().await;
    let load = server.load(&["--viewers", "1", "--seconds", "600", "--transport-cc"]);
    timeout(PATIENCE, async {
        while server.rooms().await == 0 {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .unwrap();
    sleep(Duration::from_secs(3)).await;
    let pid = Pid::from_raw(load.0.id().unwrap().try_into().unwrap());
    signal::kill(pid, signal::Signal::SIGINT).unwrap();
    let figures = figures(load).await;
    assert_eq!(figures["interrupted"], true);
    assert!(figures["received"]["feedback"].as_u64().unwrap() > 0, "{figures:#}");
    assert_eq!(server.rooms().await, 0);
}
