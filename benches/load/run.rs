//! From the first room to the last figure.

use std::{
    io::{IsTerminal as _, Write as _},
    pin::Pin,
    process::id,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use mediasoup_benches::process::{CpuTimes, cpu_times, raise_file_limit};
use tokio::{
    net::lookup_host,
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, sleep_until, timeout},
};

use crate::{
    Result,
    connect::Identity,
    drops::socket_drops,
    figures::{Clients, Figures, Generator, Percentiles, Received, Sent, Server, Signalling, Used, per},
    histogram::Histogram,
    media::Media,
    options::Options,
    participant::{Participant, Stage},
    stamp,
    totals::Totals,
};

/// How long viewers that have joined may wait for their first packet.
const SETTLING: Duration = Duration::from_secs(5);
/// For all to leave.
const LEAVING: Duration = Duration::from_secs(30);
const ERRORS_KEPT: usize = 5;
/// Descriptors beside those of clients.
const SPARE_FILES: u64 = 100;
/// Publishers that join at a time.
const PUBLISHERS_AT_ONCE: usize = 16;

/// All that is in rooms.
#[derive(Default)]
struct Cast {
    /// Hosts last: their rooms close with them.
    publishers: Vec<Participant>,
    hosts: Vec<Participant>,
    viewers: Vec<Participant>,
    failed: usize,
    errors: Vec<String>,
}

/// Loads the server until its time is over, or SIGINT or SIGTERM comes.
pub(crate) async fn run(options: Options) -> Result<Figures> {
    check_server(&options).await?;
    // A client has two sockets.
    raise_file_limit(2 * u64::from(options.clients()) + SPARE_FILES);
    let stage = Arc::new(Stage {
        identity: Identity::new(options.srtp.profile())?,
        media: Media::start(&options)?,
        replies: Mutex::new(Histogram::default()),
        options,
    });
    let mut cast = Cast::default();
    let mut stop: Stop = Box::pin(stopped());
    let outcome = perform(&stage, &mut cast, &mut stop).await;
    let clients = cast.clients();
    let leaving = timeout(LEAVING, cast.leave());
    tokio::select! {
        left = leaving => drop(left),
        () = stopped() => {} // asked twice
    }
    progress("");
    let (interrupted, signalling, totals, used) = outcome?;
    let options = stage.options.clone();
    let server = used.server.map(|server| Server::of(server, &totals, used.time)).transpose()?;
    Ok(Figures {
        interrupted,
        seconds: used.time.as_secs_f64(),
        clients,
        sent: Sent::of(&totals, used.time),
        received: Received::of(&totals, used.time),
        latency_ms: Percentiles::of(&totals.latency),
        first_rtp_ms: Percentiles::of(&totals.first_rtp),
        signalling,
        server,
        generator: Generator::of(&used, &totals, options.threads),
        options,
    })
}

type Stop = Pin<Box<dyn Future<Output = ()>>>;

async fn perform(
    stage: &Arc<Stage>,
    cast: &mut Cast,
    stop: &mut Stop,
) -> Result<(bool, Signalling, Totals, Used)> {
    let mut before = Usage::now(&stage.options)?;
    let interrupted = tokio::select! {
        filled = fill(stage, cast) => { filled?; false }
        () = &mut *stop => true,
    };
    let replies = stage.replies();
    let signalling = Signalling {
        requests: replies.len(),
        per_second: per(replies.len(), before.at.elapsed()),
        reply_ms: Percentiles::of(&replies),
    };
    // Of what was stopped before all had joined, the figures are those since the start.
    let interrupted = interrupted || {
        stage.media.restart();
        before = Usage::now(&stage.options)?;
        hold(stage, stop).await
    };
    let totals = stage.media.totals().await;
    let used = before.until(&Usage::now(&stage.options)?);
    Ok((interrupted, signalling, totals, used))
}

/// Publishers first, then viewers over the ramp; then until all of them receive.
async fn fill(stage: &Arc<Stage>, cast: &mut Cast) -> Result<()> {
    let options = &stage.options;
    let run = format!("load-{:08x}", stamp::now().subsec_nanos() ^ id());
    let rooms: Vec<_> = (0..options.rooms).map(|room| format!("{run}-{room}")).collect();
    for room in &rooms {
        cast.hosts.push(Participant::host(Arc::clone(stage), room.clone()).await?);
    }
    let mut joining = JoinSet::new();
    for (number, host) in cast.hosts.iter_mut().enumerate() {
        host.publish(number).await?;
    }
    let mut number = rooms.len();
    for room in &rooms {
        for _ in 1..options.publishers {
            if joining.len() >= PUBLISHERS_AT_ONCE {
                cast.publishers.push(joining.join_next().await.ok_or("nobody joins")???);
            }
            joining.spawn(publisher(Arc::clone(stage), room.clone(), number));
            number += 1;
        }
    }
    while let Some(joined) = joining.join_next().await {
        cast.publishers.push(joined??);
    }
    let viewers = options.rooms * options.viewers;
    let step = Duration::from_secs(options.ramp) / viewers.max(1);
    let start = tokio::time::Instant::now();
    let mut joining = JoinSet::new();
    for number in 0..viewers {
        let room = rooms[(number % options.rooms) as usize].clone();
        sleep_until(start + step * number).await;
        joining.spawn(viewer(Arc::clone(stage), room));
        while let Some(joined) = joining.try_join_next() {
            cast.take(joined?);
        }
        if number % 10 == 0 {
            progress(&format!("{} of {viewers} viewers", cast.viewers.len()));
        }
    }
    while let Some(joined) = joining.join_next().await {
        cast.take(joined?);
    }
    settle(stage, cast.viewers.len() as u64).await;
    Ok(())
}

async fn settle(stage: &Stage, viewers: u64) {
    let begun = Instant::now();
    while begun.elapsed() < SETTLING && stage.media.totals().await.first_rtp.len() < viewers {
        sleep(Duration::from_millis(50)).await;
    }
}

async fn publisher(stage: Arc<Stage>, room: String, number: usize) -> Result<Participant> {
    let mut participant = Participant::join(stage, room).await?;
    participant.publish(number).await?;
    Ok(participant)
}

async fn viewer(stage: Arc<Stage>, room: String) -> Result<Participant> {
    let begun = Instant::now();
    let mut participant = Participant::join(stage, room).await?;
    match participant.watch(begun).await {
        Ok(()) => Ok(participant),
        Err(error) => {
            // Why it left is what matters.
            let _left = participant.leave().await;
            Err(error)
        }
    }
}

/// `true`: it was stopped.
async fn hold(stage: &Stage, stop: &mut Stop) -> bool {
    let end = sleep(stage.options.hold());
    tokio::pin!(end);
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Skip);
    seconds.tick().await;
    let (begun, mut before) = (Instant::now(), 0);
    loop {
        tokio::select! {
            () = &mut end => return false,
            () = &mut *stop => return true,
            _ = seconds.tick() => {
                let totals = stage.media.totals().await;
                let rate = totals.received - before;
                before = totals.received;
                let at = begun.elapsed().as_secs();
                let of = stage.options.seconds;
                progress(&format!("{at} of {of} s, {rate} packet/s, {} lost", totals.lost));
            }
        }
    }
}

/// One line, where somebody looks.
fn progress(text: &str) {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        // A terminal that is gone shows nothing.
        let _gone = write!(terminal, "\r\x1b[K{text}").and_then(|()| terminal.flush());
    }
}

impl Cast {
    fn take(&mut self, joined: Result<Participant>) {
        match joined {
            Ok(participant) => self.viewers.push(participant),
            Err(error) => {
                self.failed += 1;
                if self.errors.len() < ERRORS_KEPT {
                    self.errors.push(error.to_string());
                }
            }
        }
    }

    fn clients(&mut self) -> Clients {
        Clients {
            publishers: self.publishers.len() + self.hosts.len(),
            viewers: self.viewers.len(),
            failed: self.failed,
            errors: std::mem::take(&mut self.errors),
        }
    }

    async fn leave(self) {
        for group in [self.viewers, self.publishers, self.hosts] {
            let mut leaving: JoinSet<_> = group.into_iter().map(Participant::leave).collect();
            // Who cannot leave is gone with its socket.
            while leaving.join_next().await.is_some() {}
        }
    }
}

/// What was used so far.
struct Usage {
    at: Instant,
    server: Option<(u32, CpuTimes)>,
    own: CpuTimes,
    drops: u64,
}

impl Usage {
    fn now(options: &Options) -> Result<Self> {
        let server = options.pid.map(|pid| cpu_times(pid).map(|times| (pid, times))).transpose()?;
        Ok(Self { at: Instant::now(), server, own: cpu_times(id())?, drops: socket_drops()? })
    }

    fn until(&self, later: &Self) -> Used {
        let between = |before: CpuTimes, after: CpuTimes| CpuTimes {
            user: after.user.saturating_sub(before.user),
            system: after.system.saturating_sub(before.system),
            children: Duration::ZERO,
        };
        Used {
            time: later.at - self.at,
            server: self
                .server
                .zip(later.server)
                .map(|((pid, before), (_, after))| (pid, between(before, after))),
            own: between(self.own, later.own),
            drops: later.drops.saturating_sub(self.drops),
        }
    }
}

/// Refuses a server on another machine, unless that is allowed, and one whose process does not exist.
async fn check_server(options: &Options) -> Result<()> {
    options.pid.map(cpu_times).transpose().map_err(|error| format!("--pid: {error}"))?;
    let url = reqwest::Url::parse(&options.url)?;
    let host = url.host_str().ok_or("the URL has no host")?.trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(80);
    for address in lookup_host((host, port)).await? {
        options.check_address(address)?;
    }
    Ok(())
}

/// Ctrl-C, or an orderly end.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}
