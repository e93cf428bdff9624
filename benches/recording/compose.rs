//! The second stage: files are made of what was written.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use clap::Args;
use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    Result, block_on,
    capture::{self, Load},
    footage::Footage,
    log,
    process::{children, cpu_times, peak_memory},
    report,
    server::{Server, Setup},
};

/// How often processes are looked at.
const PERIOD: Duration = Duration::from_millis(50);

#[derive(Args)]
pub(crate) struct Options {
    /// Seconds recorded.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Participants of each recording.
    #[arg(long, value_delimiter = ',', default_values_t = [2, 6, 10])]
    participants: Vec<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 30, participants: vec![2, 6, 10] }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    participants: usize,
    /// Recorded.
    seconds: f64,
    /// Of CPU time, all cores together.
    cpu_seconds: f64,
    /// From the recorder's start until the files were there.
    wall_seconds: f64,
    /// Of the recorder, at most, in bytes.
    memory: u64,
    /// Bytes of each file.
    files: Vec<u64>,
}

pub(crate) fn run(binary: &Path, footage: &Footage, options: &Options) -> Result<Value> {
    let mut all = Vec::new();
    for &participants in &options.participants {
        let directory = tempfile::tempdir()?;
        let load = Load { rooms: 1, participants, watching: false };
        capture::record(binary, footage, load, options.seconds, directory.path())?;
        let length = log::read(&log::in_directory(directory.path())?)?.length;
        let figures = block_on(compose(binary, directory.path(), participants, length))?;
        eprintln!("{figures:?}");
        all.push(figures);
    }
    print(&all);
    Ok(serde_json::to_value(all)?)
}

/// Starts a server where a recording was left without files: it makes them.
async fn compose(binary: &Path, directory: &Path, participants: usize, length: Duration) -> Result<Figures> {
    let setup = Setup { binary, recordings: directory, composers: 1, core: None };
    let server = Server::start(setup).await?;
    let (begun, mut memory) = (Instant::now(), 0);
    let files = loop {
        for child in children(server.pid())? {
            // It may have ended just now.
            memory = memory.max(peak_memory(child).unwrap_or_default());
        }
        let files = files(&server).await?;
        if !files.is_empty() {
            break files;
        }
        if begun.elapsed() > patience(length) {
            return Err("the files are not made".into());
        }
        sleep(PERIOD).await;
    };
    let wall = begun.elapsed();
    while !children(server.pid())?.is_empty() {
        sleep(PERIOD).await;
    }
    let cpu = cpu_times(server.pid())?.children;
    server.stop().await?;
    Ok(Figures {
        participants,
        seconds: length.as_secs_f64(),
        cpu_seconds: cpu.as_secs_f64(),
        wall_seconds: wall.as_secs_f64(),
        memory,
        files,
    })
}

/// Ten times real time, for the slowest machine.
fn patience(length: Duration) -> Duration {
    length * 10 + Duration::from_secs(30)
}

/// Sizes of the files that are listed.
async fn files(server: &Server) -> Result<Vec<u64>> {
    let reply = server.ask(Method::GET, "/recordings", &json!({})).await?;
    let files = reply["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(files.iter().filter_map(|file| file["size"].as_u64()).collect())
}

fn print(all: &[Figures]) {
    let rows: Vec<_> = all
        .iter()
        .map(|f| {
            [
                f.participants.to_string(),
                format!("{:.1}", f.seconds),
                format!("{:.1}", f.cpu_seconds),
                format!("{:.0}", 100.0 * f.cpu_seconds / f.seconds),
                format!("{:.1}", f.seconds / f.wall_seconds),
                format!("{:.0}", f.memory as f64 / 1e6),
            ]
        })
        .collect();
    report::table(
        "Making the files: CPU in % of one core for a recording in real time",
        ["people", "s", "CPU s", "CPU", "x real time", "peak MB"],
        &rows,
    );
}
