//! The life of one recorder: a child, watched, and another should it die.

use std::{
    collections::BTreeSet,
    io::{self, Read as _},
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::watch;

use super::{
    LOG_TARGET, ambient,
    command::{Process, RecorderCommand, RunningChild},
    feeder::{FeedEnd, Feeder},
    files,
    health::{CHECK_INTERVAL, Health, Stage},
    protocol::{self, Lines, Order, Progress, Report},
    restarts::{DEATHS_MAX, Next, Restarts},
    stderr::StderrLog,
    usage::usage,
};
use crate::recording::{RecorderFiles, RecorderJob};

/// More than a list of a room's files needs.
const REPORT_LEN_MAX: usize = 1 << 20;
/// Warnings remembered, so that each is logged once.
const WARNINGS_MAX: usize = 16;

/// What children have warned of, of one backend.
pub(super) type Warnings = Arc<Mutex<BTreeSet<String>>>;

/// All a recorder's thread works with.
#[derive(Debug)]
pub(super) struct Supervisor {
    pub(super) command: RecorderCommand,
    pub(super) job: RecorderJob,
    pub(super) warnings: Warnings,
    pub(super) position: watch::Sender<Duration>,
    /// Hung up by who holds the recorder: the end.
    pub(super) stop: UnixStream,
}

/// How a child's life ended.
enum End {
    /// All files are made.
    Finished(RecorderFiles),
    /// Nobody wants them any more.
    Stopped,
    /// Why.
    Died(String),
}

impl Supervisor {
    /// Until the files are made, cannot be made, or nobody wants them: `None`.
    pub(super) fn run(&self, first: RunningChild) -> Option<Result<RecorderFiles, String>> {
        let mut restarts = Restarts::default();
        let mut child = Ok(first);
        loop {
            let end = match child.and_then(|child| Life::begin(self, child)) {
                Ok(mut life) => life.live(),
                Err(error) => End::Died(format!("it could not be started: {error}")),
            };
            let why = match end {
                End::Finished(files) => return Some(Ok(files)),
                End::Stopped => return None,
                End::Died(why) => why,
            };
            let position = *self.position.borrow();
            match restarts.died(position) {
                Next::GiveUp => return Some(Err(given_up(position, &why))),
                Next::Restart(pause) => {
                    tracing::warn!(
                        target: LOG_TARGET,
                        directory = %self.job.directory.display(),
                        ?position,
                        "a recorder died and is started again: {why}"
                    );
                    if self.stopped_within(pause) {
                        return None;
                    }
                }
            }
            child = self.command.spawn();
        }
    }

    fn stopped_within(&self, pause: Duration) -> bool {
        let mut fds = [PollFd::new(&self.stop, PollFlags::IN)];
        let timeout = Timespec { tv_sec: 0, tv_nsec: pause.subsec_nanos().into() };
        poll(&mut fds, Some(&timeout)).is_ok_and(|ready| ready > 0)
    }

    fn warn_once(&self, warning: String) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if warnings.len() < WARNINGS_MAX && !warnings.contains(&warning) {
            tracing::warn!(target: LOG_TARGET, "recorders: {}", warning.escape_debug());
            warnings.insert(warning);
        }
    }
}

/// For people.
fn given_up(position: Duration, why: &str) -> String {
    let (minutes, seconds) = (position.as_secs() / 60, position.as_secs() % 60);
    format!("the recorder failed {DEATHS_MAX} times at {minutes}:{seconds:02}; the last time {why}")
}

/// One child's. Dropped in order: the process ends first, then nothing can be fed any more.
struct Life<'a> {
    supervisor: &'a Supervisor,
    process: Process,
    feeder: Feeder,
    socket: UnixStream,
    stderr: Option<std::process::ChildStderr>,
    stderr_log: StderrLog,
    lines: Lines,
    health: Health,
    reported: Option<Progress>,
}

impl<'a> Life<'a> {
    fn begin(supervisor: &'a Supervisor, child: RunningChild) -> io::Result<Self> {
        let RunningChild { process, socket, stderr } = child;
        let order = Order { directory: supervisor.job.directory.clone(), parent: std::process::id() };
        let feeder = Feeder::start(protocol::line(&order)?, &supervisor.job.log, socket.try_clone()?)?;
        Ok(Self {
            supervisor,
            feeder,
            socket,
            stderr,
            stderr_log: StderrLog::new(process.id()),
            process,
            lines: Lines::new(REPORT_LEN_MAX),
            health: Health::new(ambient::now()),
            reported: None,
        })
    }

    fn live(&mut self) -> End {
        let mut next_check = ambient::now() + CHECK_INTERVAL;
        loop {
            if let Some(end) = self.wait(next_check) {
                return end;
            }
            let now = ambient::now();
            if now >= next_check {
                next_check = now + CHECK_INTERVAL;
                if let Some(end) = self.check(now) {
                    return end;
                }
            }
        }
    }

    /// Waits for the child to say something, until `deadline`.
    fn wait(&mut self, deadline: Instant) -> Option<End> {
        let timeout = deadline.saturating_duration_since(ambient::now());
        let timeout = Timespec { tv_sec: 0, tv_nsec: timeout.min(CHECK_INTERVAL).subsec_nanos().into() };
        let mut fds =
            vec![PollFd::new(&self.supervisor.stop, PollFlags::IN), PollFd::new(&self.socket, PollFlags::IN)];
        fds.extend(self.stderr.as_ref().map(|stderr| PollFd::new(stderr, PollFlags::IN)));
        if poll(&mut fds, Some(&timeout)).is_err() {
            return None;
        }
        let is_ready = |index: usize| fds.get(index).is_some_and(|fd| !fd.revents().is_empty());
        let (stop, report, stderr) = (is_ready(0), is_ready(1), is_ready(2));
        if stop {
            return Some(End::Stopped);
        }
        if stderr {
            self.read_stderr();
        }
        if report { self.read_reports() } else { None }
    }

    fn read_stderr(&mut self) {
        let mut piece = [0; 4096];
        match self.stderr.as_mut().map(|stderr| stderr.read(&mut piece)) {
            Some(Ok(len)) if len > 0 => self.stderr_log.push(&piece[..len], ambient::now()),
            _ => self.stderr = None,
        }
    }

    fn read_reports(&mut self) -> Option<End> {
        let mut piece = [0; 4096];
        let len = match (&self.socket).read(&mut piece) {
            Ok(len) if len > 0 => len,
            _ => return Some(self.died("ended without a result")),
        };
        let Ok(lines) = self.lines.push(&piece[..len]) else {
            return Some(self.died("does not speak sense"));
        };
        lines.iter().find_map(|line| match serde_json::from_slice(line) {
            Ok(report) => self.take(report),
            Err(_) => Some(self.died("does not speak sense")),
        })
    }

    fn take(&mut self, report: Report) -> Option<End> {
        match report {
            Report::Progress(progress) => {
                self.progress(progress);
                None
            }
            Report::Warning(warning) => {
                self.supervisor.warn_once(warning);
                None
            }
            Report::Failed(why) => {
                self.process.end();
                Some(End::Died(format!("because {}", why.escape_debug())))
            }
            Report::Finished(files) => {
                // Nothing may be changed any more once it has been looked at.
                self.process.end();
                Some(match files::check(&files, &self.supervisor.job.directory) {
                    Ok(()) => End::Finished(files),
                    Err(why) => End::Died(why),
                })
            }
        }
    }

    fn progress(&mut self, progress: Progress) {
        let fed = self.feeder.fed();
        let is_finishing =
            Stage::of(Some(progress), fed.bytes, fed.end == FeedEnd::Complete) == Stage::Finishing;
        // Words alone are no life, as long as there are numbers that should grow.
        if is_finishing || self.reported != Some(progress) {
            self.health.reported(ambient::now());
        }
        self.reported = Some(progress);
        let position = Duration::from_millis(progress.position);
        // One that was started again begins a little before where the last one was.
        self.supervisor.position.send_if_modified(|furthest| {
            let is_further = position > *furthest;
            *furthest = position.max(*furthest);
            is_further
        });
    }

    fn check(&mut self, now: Instant) -> Option<End> {
        let fed = self.feeder.fed();
        if let FeedEnd::Unreadable(why) = fed.end {
            return Some(End::Died(format!("the log could not be read: {why}")));
        }
        let stage = Stage::of(self.reported, fed.bytes, fed.end == FeedEnd::Complete);
        let pid = self.process.id();
        if let Some(hang) = self.health.check(stage, now, || usage(pid).ok()) {
            self.process.end();
            return Some(End::Died(hang.to_string()));
        }
        // Its socket tells of its end, unless some helper of a library holds it open.
        (self.process.has_ended() && !self.has_report()).then(|| self.died("ended without a result"))
    }

    fn has_report(&self) -> bool {
        let mut fds = [PollFd::new(&self.socket, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok_and(|ready| ready > 0)
    }

    fn died(&mut self, how: &str) -> End {
        // One that is about to end keeps its own status.
        let status = self.process.end();
        End::Died(format!("it {how} ({status})"))
    }
}
