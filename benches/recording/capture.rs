//! The first stage: what is heard is written as it came.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    Result, block_on,
    call::Call,
    footage::Footage,
    log,
    process::{OffCore, cpu_times, peak_memory},
    report,
    server::{Server, Setup},
};

/// The server's own; everybody else is on the others.
const CORE: usize = 0;
/// Until rooms are as they stay: handshakes over, estimates settled.
const SETTLING: Duration = Duration::from_secs(3);

#[derive(Args)]
pub(crate) struct Options {
    /// Seconds recorded.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Rooms of two, recorded at the same time.
    #[arg(long, default_value_t = 20)]
    rooms: usize,
    /// Everyone also gets what the others send.
    #[arg(long)]
    watching: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 30, rooms: 20, watching: false }
    }
}

/// What is recorded.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Load {
    pub(crate) rooms: usize,
    pub(crate) participants: usize,
    /// Everyone also gets what the others send.
    pub(crate) watching: bool,
}

/// What was seen.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    #[serde(flatten)]
    load: Load,
    seconds: f64,
    packets: u64,
    /// As the server counts them: come faster than they could be written.
    packets_missed: u64,
    /// Sequence numbers that are not in the log, whoever lost them.
    holes: u64,
    /// Packets that viewers did not get.
    not_received: u64,
    /// % of a core, without and with recording.
    cpu_before: f64,
    cpu_recording: f64,
    cpu_after: f64,
    /// % of a core.
    cpu_added_per_room: f64,
    /// To disk, a second.
    bytes_per_second: f64,
    /// Of the server, at most.
    memory: u64,
}

pub(crate) fn run(binary: &Path, footage: &Footage, options: &Options) -> Result<Value> {
    let watching = options.watching;
    let loads = [(options.rooms, 2), (1, 2), (1, 6), (1, 10)];
    let mut all = Vec::new();
    for (rooms, participants) in loads {
        let directory = tempfile::tempdir()?;
        let load = Load { rooms, participants, watching };
        let figures = measure(binary, footage, load, options.seconds, directory.path())?;
        eprintln!("{figures:?}");
        all.push(figures);
    }
    print(&all);
    Ok(serde_json::to_value(all)?)
}

/// Records rooms with nobody making files of it: the logs stay in `directory`.
pub(crate) fn record(
    binary: &Path,
    footage: &Footage,
    load: Load,
    seconds: u64,
    directory: &Path,
) -> Result<()> {
    measure(binary, footage, load, seconds, directory).map(drop)
}

fn measure(binary: &Path, footage: &Footage, load: Load, seconds: u64, directory: &Path) -> Result<Figures> {
    let _elsewhere = OffCore::new(CORE)?;
    let time = Duration::from_secs(seconds);
    let observed = block_on(observe(binary, footage, load, time, directory))?;
    let contents = log::read(&log::in_directory(directory)?)?;
    let [before, recording, after] = observed.cpu;
    Ok(Figures {
        load,
        seconds: contents.length.as_secs_f64(),
        packets: contents.packets,
        packets_missed: observed.packets_missed,
        holes: contents.holes,
        not_received: observed.not_received,
        cpu_before: before,
        cpu_recording: recording,
        cpu_after: after,
        cpu_added_per_room: (recording - f64::midpoint(before, after)) / load.rooms as f64,
        bytes_per_second: contents.bytes as f64 / contents.length.as_secs_f64(),
        memory: observed.memory,
    })
}

struct Observed {
    /// % of a core: before, while and after it recorded.
    cpu: [f64; 3],
    packets_missed: u64,
    not_received: u64,
    memory: u64,
}

async fn observe(
    binary: &Path,
    footage: &Footage,
    load: Load,
    time: Duration,
    directory: &Path,
) -> Result<Observed> {
    let setup = Setup { binary, recordings: directory, composers: 0, core: Some(CORE) };
    let server = Server::start(setup).await?;
    let calls = Call::start_many(&server, footage, load.rooms, load.participants, load.watching).await?;
    sleep(SETTLING).await;
    let before = cpu_percent(server.pid(), time / 2).await?;
    for call in &calls {
        server.record(&call.room).await?;
    }
    let recording = cpu_percent(server.pid(), time).await?;
    let packets_missed = packets_missed(&server.recordings().await?);
    for call in &calls {
        server.stop_recording(&call.room).await?;
    }
    let after = cpu_percent(server.pid(), time / 2).await?;
    let memory = peak_memory(server.pid())?;
    let not_received = calls.iter().map(Call::packets_not_received).sum();
    for call in calls {
        call.stop().await?;
    }
    server.stop().await?;
    Ok(Observed { cpu: [before, recording, after], packets_missed, not_received, memory })
}

/// % of a core that a process uses from now on.
async fn cpu_percent(pid: u32, time: Duration) -> Result<f64> {
    let (begun, before) = (Instant::now(), cpu_times(pid)?.own());
    sleep(time).await;
    let used = cpu_times(pid)?.own() - before;
    Ok(100.0 * used.as_secs_f64() / begun.elapsed().as_secs_f64())
}

fn packets_missed(stats: &Value) -> u64 {
    let recordings = stats["recordings"].as_array().map(Vec::as_slice).unwrap_or_default();
    recordings.iter().filter_map(|recording| recording["packetsMissed"].as_u64()).sum()
}

fn print(all: &[Figures]) {
    let rows: Vec<_> = all
        .iter()
        .map(|f| {
            [
                format!("{} x {}", f.load.rooms, f.load.participants),
                format!("{:.1}", f.seconds),
                f.packets.to_string(),
                f.packets_missed.to_string(),
                f.holes.to_string(),
                if f.load.watching { f.not_received.to_string() } else { "-".to_owned() },
                format!("{:.1}", f64::midpoint(f.cpu_before, f.cpu_after)),
                format!("{:.1}", f.cpu_recording),
                format!("{:.2}", f.cpu_added_per_room),
                format!("{:.2}", f.bytes_per_second / 1e6),
                format!("{:.0}", f.memory as f64 / 1e6),
            ]
        })
        .collect();
    report::table(
        "Writing what is heard: CPU in % of one core",
        [
            "rooms x people",
            "s",
            "packets",
            "missed",
            "holes",
            "not received",
            "CPU without",
            "CPU with",
            "CPU a room",
            "MB/s",
            "peak MB",
        ],
        &rows,
    );
}
