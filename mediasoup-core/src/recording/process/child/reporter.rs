//! What the child says.

use std::{
    io::Write as _,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::super::{
    ambient,
    protocol::{self, Progress, REPORT_INTERVAL_MAX, Report},
};

/// Reports come at most this often: often enough for the watchdog, seldom enough to cost nothing.
const INTERVAL: Duration = Duration::from_millis(REPORT_INTERVAL_MAX.as_millis() as u64 / 3);

/// Tells the server how far the recorder is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reporter(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    socket: UnixStream,
    progress: Progress,
    /// Which of it was said last, and when.
    said: Option<(Progress, Instant)>,
}

impl Reporter {
    pub(super) fn new(socket: UnixStream) -> Self {
        Self(Arc::new(Mutex::new(State { socket, progress: Progress::default(), said: None })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Files are made up to `position`, in the recording's time; the same one again says that there is some work going
    /// on that has no position. May be called as often as one likes.
    pub fn progress(&self, position: Duration) {
        let mut state = self.state();
        state.progress.position = u64::try_from(position.as_millis()).unwrap_or(u64::MAX);
        state.say_now_and_then();
    }

    /// `read` bytes of the log have been taken.
    pub(super) fn read(&self, read: u64) {
        let mut state = self.state();
        state.progress.read = read;
        state.say_now_and_then();
    }

    /// From here on there is nothing to do until there is more of the log.
    pub(super) fn idle(&self) {
        let mut state = self.state();
        if state.said.is_none_or(|(progress, _)| progress != state.progress) {
            state.say();
        }
    }

    pub(super) fn send(&self, report: &Report) {
        self.state().send(report);
    }
}

impl State {
    fn say_now_and_then(&mut self) {
        if self.said.is_none_or(|(_, at)| ambient::now().duration_since(at) >= INTERVAL) {
            self.say();
        }
    }

    fn say(&mut self) {
        self.said = Some((self.progress, ambient::now()));
        self.send(&Report::Progress(self.progress));
    }

    /// Says nothing where nobody listens: a child whose server has gone is about to end.
    fn send(&mut self, report: &Report) {
        if let Ok(line) = protocol::line(report) {
            let _ = self.socket.write_all(&line);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use super::*;

    #[test]
    fn reports_are_few_but_for_what_matters() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let reporter = Reporter::new(theirs);
        for position in 0..1000 {
            reporter.progress(Duration::from_millis(position));
        }
        reporter.idle();
        reporter.idle();
        drop(reporter);
        let lines: Vec<_> = BufReader::new(ours).lines().map(Result::unwrap).collect();
        assert_eq!(lines.first().unwrap(), r#"{"progress":{"position":0,"read":0}}"#);
        assert_eq!(lines.last().unwrap(), r#"{"progress":{"position":999,"read":0}}"#);
        assert!(lines.len() < 10, "{lines:?}");
    }
}
