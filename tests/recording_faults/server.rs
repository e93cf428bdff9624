//! The server's own binary, in a process of its own.

use std::{
    path::{Path, PathBuf},
    process::{Command as Building, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use mediasoup_tests::client::ConnectOptions;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::{sleep, timeout},
};

use crate::process::Process;

/// Until it listens, ends, or has made a file.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    child: Child,
    /// Kept, so that what it says does not break it.
    _said: Lines<BufReader<ChildStdout>>,
    url: String,
}

/// What cargo builds, from the same source as this test; or another that the environment names.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(binary) = std::env::var_os("MEDIASOUP_SERVER_BIN") {
            return binary.into();
        }
        let build = ["build", "--quiet", "--locked", "--package", "mediasoup-server"];
        assert!(Building::new(env!("CARGO")).args(build).status().unwrap().success());
        let test = std::env::current_exe().unwrap();
        let target = test.ancestors().nth(2).unwrap();
        target.join("mediasoup-server")
    })
}

impl Server {
    /// Records into `directory`.
    pub(crate) async fn start(directory: &Path) -> Self {
        Self::run(Command::new(binary()), directory, &[]).await
    }

    /// Records onto a disk of this size that is its own, and ends with it.
    pub(crate) async fn start_on_disk_of(size: &str, directory: &Path, settings: &[&str]) -> Self {
        let mount = r#"mount -t tmpfs -o "size=$1" recordings "$2" && shift 2 && exec "$@""#;
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--map-root-user", "--", "sh", "-c", mount, "sh", size])
            .arg(directory)
            .arg(binary());
        Self::run(command, directory, settings).await
    }

    async fn run(mut command: Command, directory: &Path, settings: &[&str]) -> Self {
        let settings =
            ["worker.rtcMinPort=0", "worker.rtcMaxPort=0", "worker.numWorkers=1"].iter().chain(settings);
        let mut child = command
            .args(settings.flat_map(|setting| ["--set", setting]))
            .env("PORT", "0")
            .env("MEDIASOUP_LISTEN_IP", "127.0.0.1")
            .env("RECORDING_OUTPUT_DIR", directory)
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
        Self { child, _said: said, url }
    }

    pub(crate) fn process(&self) -> Process {
        Process(self.child.id().unwrap())
    }

    /// The process that makes the files of a recording, once there is one.
    pub(crate) async fn recorder(&self) -> Process {
        let child = async || loop {
            if let [recorder, ..] = self.process().children()[..] {
                return recorder;
            }
            sleep(Duration::from_millis(10)).await;
        };
        timeout(PATIENCE, child()).await.unwrap()
    }

    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end, as a service manager does.
    pub(crate) async fn stop(mut self) {
        let id = self.process().0.to_string();
        assert!(Building::new("kill").arg(id).status().unwrap().success());
        assert!(timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap().success());
    }

    pub(crate) fn options(&self) -> ConnectOptions {
        ConnectOptions::new(self.url.clone())
    }

    fn api(&self, path: &str) -> String {
        format!("{}/api/mediasoup{path}", self.url)
    }

    pub(crate) async fn rest(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let request = reqwest::Client::new().request(method, self.api(path)).json(&body);
        let envelope: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(envelope["success"], true, "{path}: {envelope}");
        envelope
    }

    /// Waits until a file whose name ends so is listed; its name.
    pub(crate) async fn lists(&self, end: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let listed = self.rest(reqwest::Method::GET, "/recordings", Value::Null).await;
            let mut names =
                listed["files"].as_array().unwrap().iter().filter_map(|file| file["name"].as_str());
            if let Some(name) = names.find(|name| name.ends_with(end)) {
                return name.to_owned();
            }
            assert!(Instant::now() < deadline, "no {end} in {listed}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Downloads a recorded file.
    pub(crate) async fn download(&self, name: &str, to: &Path) {
        let response = reqwest::get(self.api(&format!("/recordings/{name}"))).await.unwrap();
        assert!(response.status().is_success(), "{name}: {}", response.status());
        std::fs::write(to, response.bytes().await.unwrap()).unwrap();
    }
}
