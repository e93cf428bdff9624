//! What recordings that compose on the same machine cost the packets of calls.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use bytes::{BufMut as _, Bytes, BytesMut};
use clap::Args;
use mediasoup_core::media::rtp::MediaKind;
use mediasoup_tests::{
    client::{JoinOptions, Participant, ReceivedPacket, RemoteTrack},
    media::Player,
};
use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{
    net::UdpSocket,
    sync::mpsc,
    task::JoinHandle,
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    Result, block_on,
    call::Call,
    footage::Footage,
    process::cpu_times,
    report,
    server::{Server, Setup},
    wire::Wire,
};

const ROOM: &str = "measured";
const SETTLING: Duration = Duration::from_secs(3);
/// How long composing may take to begin, or to come to its end.
const PATIENCE: Duration = Duration::from_secs(240);
const PERIOD: Duration = Duration::from_millis(200);
/// Of the packets that only the kernel carries.
const ECHO_PERIOD: Duration = Duration::from_millis(5);
const ECHO_LEN: usize = 1000;

#[derive(Args)]
pub(crate) struct Options {
    /// Seconds of each turn.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Turns without recordings, and as many with.
    #[arg(long, default_value_t = 3)]
    turns: usize,
    /// Rooms of two beside the one that is measured: a call each.
    #[arg(long, default_value_t = 6)]
    rooms: usize,
    /// How many of them are recorded.
    #[arg(long, default_value_t = 2)]
    recordings: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 20, turns: 3, rooms: 6, recordings: 2 }
    }
}

/// One turn; latencies in ms.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Turn {
    recording: bool,
    packets: usize,
    /// In the server, from socket to socket.
    server: Percentiles,
    /// From a publisher, through the server, to a subscriber; both in this process.
    call: Percentiles,
    /// From this process to itself, through nothing but the kernel: what is not the server's.
    kernel: Percentiles,
    /// % of a core.
    server_cpu: f64,
    /// % of a core of all that ran on this machine.
    machine_cpu: f64,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Percentiles {
    p50: f64,
    p99: f64,
    max: f64,
}

impl Percentiles {
    fn of(latencies: &mut [Duration]) -> Self {
        latencies.sort_unstable();
        let at = |share: f64| {
            let index = (share * latencies.len().saturating_sub(1) as f64).round() as usize;
            latencies.get(index).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
        };
        Self { p50: at(0.5), p99: at(0.99), max: at(1.0) }
    }
}

pub(crate) fn run(binary: &Path, footage: &Footage, options: &Options) -> Result<Value> {
    let directory = tempfile::tempdir()?;
    let turns = block_on(measure(binary, footage, options, directory.path()))?;
    let added = print(&turns);
    Ok(json!({ "turns": turns, "addedMs": added }))
}

async fn measure(binary: &Path, footage: &Footage, options: &Options, directory: &Path) -> Result<Vec<Turn>> {
    let composers = options.recordings;
    let server = Server::start(Setup { binary, recordings: directory, composers, core: None }).await?;
    let calls = Call::start_many(&server, footage, options.rooms, 2, true).await?;
    let mut probes = Probes::start(&server, footage).await?;
    sleep(SETTLING).await;
    let mut turns = Vec::new();
    for number in 0..2 * options.turns {
        let recording = number % 2 == 1;
        let recorded = &calls[..if recording { options.recordings.min(calls.len()) } else { 0 }];
        for call in recorded {
            server.record(&call.room).await?;
        }
        until(&server, |recordings| recordings.iter().all(|r| r["composed"].as_u64() > Some(0))).await?;
        sleep(SETTLING).await;
        let turn = probes.turn(&server, recording, Duration::from_secs(options.seconds)).await?;
        eprintln!("{turn:?}");
        turns.push(turn);
        for call in recorded {
            server.stop_recording(&call.room).await?;
        }
        until(&server, <[Value]>::is_empty).await?;
    }
    probes.stop().await?;
    for call in calls {
        call.stop().await?;
    }
    server.stop().await?;
    Ok(turns)
}

/// Waits until what the server says of its recordings is so.
async fn until(server: &Server, condition: impl Fn(&[Value]) -> bool) -> Result<()> {
    let begun = Instant::now();
    loop {
        let stats = server.recordings().await?;
        if condition(stats["recordings"].as_array().map(Vec::as_slice).unwrap_or_default()) {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("recordings do not get on: {stats}").into());
        }
        sleep(PERIOD).await;
    }
}

/// What sends packets with the time in them, and what gets them.
struct Probes {
    begun: Instant,
    people: [Participant; 2],
    player: Player,
    published: u32,
    track: RemoteTrack,
    call: mpsc::Receiver<ReceivedPacket>,
    kernel: mpsc::UnboundedReceiver<Duration>,
    echo: JoinHandle<std::io::Result<()>>,
}

impl Probes {
    async fn start(server: &Server, footage: &Footage) -> Result<Self> {
        server.ask(Method::POST, "/rooms", &json!({ "roomId": ROOM })).await?;
        let join = || Participant::join(JoinOptions::new(server.connect_options(), ROOM));
        let people = [join().await?, join().await?];
        let begun = Instant::now();
        let track = people[0].publish(MediaKind::Video, "video/VP8").await?;
        let (producer, published) = (track.producer_id(), track.ssrc());
        let player =
            Player::start_altered(footage.picture(0), track, move |payload| stamped(&payload, begun));
        let track = people[1].consume(producer).await?;
        let call = track.listen();
        let (samples, kernel) = mpsc::unbounded_channel();
        let echo = tokio::spawn(echo(begun, samples));
        Ok(Self { begun, people, player, published, track, call, kernel, echo })
    }

    /// Measures for a while.
    async fn turn(&mut self, server: &Server, recording: bool, time: Duration) -> Result<Turn> {
        while self.call.try_recv().is_ok() {}
        while self.kernel.try_recv().is_ok() {}
        let (begun, cpu, machine) = (Instant::now(), cpu_times(server.pid())?.own(), machine_busy()?);
        let wire = Wire::watch(self.published, self.track.stats().ssrc.ok_or("nothing has come yet")?)?;
        sleep(time).await;
        let mut server_delays = wire.stop()?;
        let mut call = Vec::new();
        while let Ok(packet) = self.call.try_recv() {
            let at = packet.at.into_std().saturating_duration_since(self.begun);
            call.extend(stamp(&packet.payload).map(|sent| at.saturating_sub(sent)));
        }
        let mut kernel: Vec<_> = std::iter::from_fn(|| self.kernel.try_recv().ok()).collect();
        let percent = |used: Duration| 100.0 * used.as_secs_f64() / begun.elapsed().as_secs_f64();
        Ok(Turn {
            recording,
            packets: call.len(),
            server: Percentiles::of(&mut server_delays),
            call: Percentiles::of(&mut call),
            kernel: Percentiles::of(&mut kernel),
            server_cpu: percent(cpu_times(server.pid())?.own() - cpu),
            machine_cpu: percent(machine_busy()?.saturating_sub(machine)),
        })
    }

    async fn stop(self) -> Result<()> {
        self.echo.abort();
        self.player.stop().await?;
        for participant in self.people {
            participant.close().await;
        }
        Ok(())
    }
}

/// A payload with the time at its end: nobody decodes it.
fn stamped(payload: &Bytes, begun: Instant) -> Bytes {
    let mut stamped = BytesMut::with_capacity(payload.len() + 8);
    stamped.extend_from_slice(payload);
    stamped.put_u64(begun.elapsed().as_nanos() as u64);
    stamped.freeze()
}

/// When it was sent.
fn stamp(payload: &[u8]) -> Option<Duration> {
    payload.last_chunk().map(|nanos| Duration::from_nanos(u64::from_be_bytes(*nanos)))
}

/// Sends packets to itself, and says how long each took.
async fn echo(begun: Instant, samples: mpsc::UnboundedSender<Duration>) -> std::io::Result<()> {
    let (from, to) = (UdpSocket::bind("127.0.0.1:0").await?, UdpSocket::bind("127.0.0.1:0").await?);
    from.connect(to.local_addr()?).await?;
    let receive = async {
        let mut buffer = [0; ECHO_LEN];
        loop {
            let len = to.recv(&mut buffer).await?;
            let sent = stamp(&buffer[..len]).unwrap_or_default();
            if samples.send(begun.elapsed().saturating_sub(sent)).is_err() {
                return Ok(());
            }
        }
    };
    let send = async {
        let filler = Bytes::from_static(&[0; ECHO_LEN - 8]);
        let mut ticks = interval(ECHO_PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            from.send(&stamped(&filler, begun)).await?;
        }
    };
    tokio::select! { ended = receive => ended, ended = send => ended }
}

/// CPU time that all processes together have used.
fn machine_busy() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let fields: Vec<u64> = stat
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .map_while(|f| f.parse().ok())
        .collect();
    let [user, nice, system, _idle, _waiting, irq, softirq, ..] = fields[..] else {
        return Err("/proc/stat is too short".into());
    };
    Ok(Duration::from_millis((user + nice + system + irq + softirq) * 10))
}

/// Prints the turns; gives by how much the medians differ, of p50 and of p99.
fn print(turns: &[Turn]) -> Value {
    let rows: Vec<_> = turns
        .iter()
        .map(|turn| {
            [
                if turn.recording { "composing" } else { "no recording" }.to_owned(),
                turn.packets.to_string(),
                format!("{:.2}", turn.server.p50),
                format!("{:.2}", turn.server.p99),
                format!("{:.2}", turn.server.max),
                format!("{:.2}", turn.call.p50),
                format!("{:.2}", turn.call.p99),
                format!("{:.2}", turn.call.max),
                format!("{:.2}", turn.kernel.p50),
                format!("{:.2}", turn.kernel.p99),
                format!("{:.0}", turn.server_cpu),
                format!("{:.0}", turn.machine_cpu),
            ]
        })
        .collect();
    report::table(
        "In the server, and from a publisher through it to a subscriber, in ms; CPU in % of one core",
        [
            "turn",
            "packets",
            "server p50",
            "server p99",
            "server max",
            "call p50",
            "call p99",
            "call max",
            "kernel p50",
            "kernel p99",
            "server CPU",
            "machine CPU",
        ],
        &rows,
    );
    let added = |p: fn(&Turn) -> f64| median(turns, true, p) - median(turns, false, p);
    let server = [added(|turn| turn.server.p50), added(|turn| turn.server.p99)];
    let call = [added(|turn| turn.call.p50), added(|turn| turn.call.p99)];
    let kernel = [added(|turn| turn.kernel.p50), added(|turn| turn.kernel.p99)];
    for (what, [p50, p99]) in [("server", server), ("call", call), ("kernel", kernel)] {
        println!("{what}: p50 {p50:+.2} ms, p99 {p99:+.2} ms, by the medians");
    }
    json!({ "server": server, "call": call, "kernel": kernel })
}

fn median(turns: &[Turn], recording: bool, value: fn(&Turn) -> f64) -> f64 {
    let mut values: Vec<f64> = turns.iter().filter(|turn| turn.recording == recording).map(value).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
