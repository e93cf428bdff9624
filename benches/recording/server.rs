//! The server's binary, in a process of its own.

use std::{
    env,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use mediasoup_tests::client::ConnectOptions;
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::Result;

/// How long it may take to start, or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// How to start it.
pub(crate) struct Setup<'a> {
    pub(crate) binary: &'a Path,
    /// Where its recordings go.
    pub(crate) recordings: &'a Path,
    /// How many recordings have their files made at a time.
    pub(crate) composers: usize,
    /// The only core it may run on.
    pub(crate) core: Option<usize>,
}

/// A server without keys. Dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    pid: u32,
    url: String,
    http: reqwest::Client,
}

/// The binary to be measured: the one named, or that beside this one.
pub(crate) fn binary(named: Option<PathBuf>) -> Result<PathBuf> {
    let beside = || Ok::<_, std::io::Error>(env::current_exe()?.with_file_name("mediasoup-server"));
    let path = named.map_or_else(beside, Ok)?;
    if path.exists() {
        Ok(path)
    } else {
        Err(format!("{} is not there: cargo build --release -p mediasoup-server", path.display()).into())
    }
}

impl Server {
    /// Starts it, and waits until it listens.
    pub(crate) async fn start(setup: Setup<'_>) -> Result<Self> {
        let mut command = match setup.core {
            Some(core) => {
                let mut pinned = Command::new("taskset");
                pinned.args(["--cpu-list", &core.to_string()]).arg(setup.binary);
                pinned
            }
            None => Command::new(setup.binary),
        };
        command
            .env("RUST_LOG", "warn")
            .env("PORT", "0")
            .env("MEDIASOUP__WORKER__RTC_MIN_PORT", "0")
            .env("MEDIASOUP__WORKER__RTC_MAX_PORT", "0")
            .env("MEDIASOUP__RECORDING__COMPOSERS", setup.composers.to_string())
            .env("RECORDING_OUTPUT_DIR", setup.recordings);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let pid = child.id().ok_or("it has ended")?;
        let port =
            timeout(PATIENCE, listening_port(&mut child)).await.map_err(|_| "it does not listen")??;
        // Connections that were idle may be closed by the server the moment they are used again.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build()?;
        Ok(Self { child, pid, url: format!("http://127.0.0.1:{port}"), http })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn connect_options(&self) -> ConnectOptions {
        ConnectOptions::new(&self.url)
    }

    /// Asks its REST API.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}/api/mediasoup{path}", self.url);
        let reply: Value = self.http.request(method, url).json(body).send().await?.json().await?;
        if reply["success"] == json!(true) { Ok(reply) } else { Err(format!("{path}: {reply}").into()) }
    }

    /// What it says of its recordings.
    pub(crate) async fn recordings(&self) -> Result<Value> {
        Ok(self.ask(Method::GET, "/stats", &json!({})).await?["stats"]["recordings"].take())
    }

    /// Starts to record a room.
    pub(crate) async fn record(&self, room: &str) -> Result<()> {
        self.ask(Method::POST, &format!("/rooms/{room}/recording/start"), &json!({})).await.map(drop)
    }

    /// Stops to record a room.
    pub(crate) async fn stop_recording(&self, room: &str) -> Result<()> {
        self.ask(Method::POST, &format!("/rooms/{room}/recording/stop"), &json!({})).await.map(drop)
    }

    /// Ends it in order.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.pid)?).ok_or("no process has this id")?;
        kill_process(pid, Signal::TERM)?;
        timeout(PATIENCE, self.child.wait()).await.map_err(|_| "the server does not end")??;
        Ok(())
    }
}

/// Reads the summary it begins with.
async fn listening_port(child: &mut Child) -> Result<u16> {
    let output = child.stdout.take().ok_or("its output is not to be read")?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some(url) = line.trim().strip_prefix("Open") {
            let port = url.trim().trim_end_matches('/').rsplit(':').next().unwrap_or_default().parse()?;
            // What else it has to say must not fill the pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port);
        }
    }
    Err("the server ended before it listened".into())
}
