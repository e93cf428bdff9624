//! One recording's states, pure: what happens goes in, what people are told comes out.

use std::time::Duration;

use crate::recording::{
    file::{Recording, RecordingFiles, RecordingStatus},
    traits::RecordingEvent,
};

/// Whether files are being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Composing {
    /// Now, or when it is its turn.
    Goes,
    /// Not at all: there are no composers.
    Off,
    /// Not any more.
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Its name is taken; nothing is heard yet.
    Starting,
    Recording,
    /// Nothing more is heard. Whoever stopped it still hopes to be told of files.
    Stopping,
    /// It was said that files will follow.
    Processing,
    /// Nothing more will happen, in this process.
    Over,
}

/// A recording's states.
#[derive(Debug)]
pub(super) struct Lifecycle {
    /// Its progress is 0: only whoever asks knows.
    recording: Recording,
    phase: Phase,
    composing: Composing,
    /// Of recording; 0 until it has been stopped.
    length: Duration,
}

impl Lifecycle {
    /// A recording that is to start.
    pub(super) fn starting(recording: Recording, composing: Composing) -> Self {
        Self { recording, phase: Phase::Starting, composing, length: Duration::ZERO }
    }

    /// A recording that an earlier process has made.
    pub(super) fn recovered(recording: Recording, length: Duration) -> Self {
        let mut lifecycle = Self::starting(recording, Composing::Goes);
        lifecycle.end(length);
        lifecycle.phase = Phase::Processing;
        lifecycle
    }

    /// Whether its room is being recorded by it.
    pub(super) fn is_on(&self) -> bool {
        matches!(self.phase, Phase::Starting | Phase::Recording)
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.phase == Phase::Stopping
    }

    pub(super) fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// As it is now, composed up to `position`.
    pub(super) fn recording(&self, position: Duration) -> Recording {
        let mut recording = self.recording.clone();
        if let RecordingStatus::Processing { progress, .. } = &mut recording.status {
            *progress = progress_of(position, self.length);
        }
        recording
    }

    /// It goes on from now.
    pub(super) fn begun(&mut self) -> Vec<RecordingEvent> {
        self.phase = Phase::Recording;
        vec![RecordingEvent::Started(self.recording.clone())]
    }

    /// Nothing more is heard; `trouble`: because of that.
    pub(super) fn stopped(
        &mut self,
        length: Duration,
        trouble: Option<&str>,
        position: Duration,
    ) -> Vec<RecordingEvent> {
        if !self.is_on() {
            return Vec::new();
        }
        self.end(length);
        self.phase = Phase::Stopping;
        let mut events = Vec::from_iter(trouble.map(|error| self.failure(error, position)));
        if self.composing != Composing::Goes {
            events.extend(self.waited(position));
            self.phase = Phase::Over;
        }
        events
    }

    /// Whoever stopped it has waited for its files long enough.
    pub(super) fn waited(&mut self, position: Duration) -> Vec<RecordingEvent> {
        if self.phase != Phase::Stopping {
            return Vec::new();
        }
        self.phase = Phase::Processing;
        vec![RecordingEvent::Stopped(self.recording(position))]
    }

    /// All its files are final.
    pub(super) fn composed(&mut self, files: RecordingFiles) -> Vec<RecordingEvent> {
        let RecordingStatus::Processing { stopped_at, duration, .. } = self.recording.status else {
            return self.compose_failed("The recorder ended before the recording", Duration::ZERO);
        };
        let was_stopping = self.is_stopping();
        self.phase = Phase::Over;
        self.recording.files = files;
        self.recording.status = RecordingStatus::Ready { stopped_at, duration };
        let stopped = was_stopping.then(|| RecordingEvent::Stopped(self.recording.clone()));
        stopped.into_iter().chain([RecordingEvent::Ready(self.recording.clone())]).collect()
    }

    /// Its files cannot be made.
    pub(super) fn compose_failed(&mut self, error: &str, position: Duration) -> Vec<RecordingEvent> {
        self.composing = Composing::Failed;
        let mut events = self.waited(position);
        events.push(self.failure(error, position));
        if !self.is_on() {
            self.phase = Phase::Over;
        }
        events
    }

    fn end(&mut self, length: Duration) {
        self.length = length;
        let duration = length.as_millis() as u64;
        let stopped_at = self.recording.started_at + duration;
        self.recording.status = RecordingStatus::Processing { stopped_at, duration, progress: 0.0 };
    }

    fn failure(&self, error: &str, position: Duration) -> RecordingEvent {
        RecordingEvent::Failed { recording: self.recording(position), error: error.to_owned() }
    }
}

/// In thousandths.
fn progress_of(position: Duration, length: Duration) -> f64 {
    let done = position.as_secs_f64() / length.as_secs_f64().max(0.001);
    (done.min(1.0) * 1000.0).floor() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::RecordingId,
        recording::{RecordingError, options::RecordingOptions},
    };

    const SECOND: Duration = Duration::from_secs(1);

    fn starting(composing: Composing) -> Lifecycle {
        let recording = Recording {
            id: RecordingId::from_u128(1),
            room_id: "a".parse().unwrap(),
            filename: "room_a".to_owned(),
            started_at: 1000,
            options: RecordingOptions::default(),
            files: RecordingFiles::default(),
            status: RecordingStatus::Recording,
        };
        Lifecycle::starting(recording, composing)
    }

    fn going(composing: Composing) -> Lifecycle {
        let mut lifecycle = starting(composing);
        assert!(lifecycle.is_on());
        assert_eq!(told(&lifecycle.begun()), ["started recording"]);
        lifecycle
    }

    fn files() -> RecordingFiles {
        RecordingFiles { audio: Some("a.opus".into()), ..RecordingFiles::default() }
    }

    /// Events, with the status in them.
    fn told(events: &[RecordingEvent]) -> Vec<String> {
        let tell = |event: &RecordingEvent| {
            let (kind, recording) = match event {
                RecordingEvent::Started(recording) => ("started", recording),
                RecordingEvent::Stopped(recording) => ("stopped", recording),
                RecordingEvent::Ready(recording) => ("ready", recording),
                RecordingEvent::Failed { recording, .. } => ("failed", recording),
            };
            let status = match recording.status {
                RecordingStatus::Recording => "recording".to_owned(),
                RecordingStatus::Processing { progress, .. } => format!("processing {progress}"),
                RecordingStatus::Ready { duration, .. } => format!("ready {duration}"),
            };
            format!("{kind} {status}")
        };
        events.iter().map(tell).collect()
    }

    #[test]
    fn files_in_time_make_it_ready_at_once() {
        let mut lifecycle = going(Composing::Goes);
        assert_eq!(told(&lifecycle.stopped(SECOND, None, SECOND / 2)), [""; 0]);
        assert!(lifecycle.is_stopping() && !lifecycle.is_on());
        assert_eq!(told(&lifecycle.composed(files())), ["stopped ready 1000", "ready ready 1000"]);
        assert!(lifecycle.is_over());
        assert_eq!(lifecycle.recording(SECOND).files, files());
    }

    #[test]
    fn files_that_take_longer_follow() {
        let mut lifecycle = going(Composing::Goes);
        lifecycle.stopped(SECOND, None, SECOND / 2);
        assert_eq!(told(&lifecycle.waited(SECOND / 2)), ["stopped processing 0.5"]);
        assert_eq!(told(&lifecycle.waited(SECOND)), [""; 0], "once");
        assert_eq!(told(&lifecycle.stopped(SECOND, None, SECOND)), [""; 0], "once");
        assert_eq!(told(&lifecycle.composed(files())), ["ready ready 1000"]);
    }

    #[test]
    fn a_failure_is_told_wherever_it_comes() {
        let mut early = going(Composing::Goes);
        assert_eq!(told(&early.compose_failed("x", SECOND)), ["failed recording"]);
        assert!(early.is_on());
        assert_eq!(told(&early.stopped(SECOND, None, Duration::ZERO)), ["stopped processing 0"]);
        assert!(early.is_over());

        let mut late = going(Composing::Goes);
        late.stopped(SECOND, None, SECOND);
        let both = ["stopped processing 1", "failed processing 1"];
        assert_eq!(told(&late.compose_failed("x", 2 * SECOND)), both, "no more than all of it");
        assert!(late.is_over());

        let mut hopeless = going(Composing::Goes);
        assert_eq!(told(&hopeless.composed(files())), ["failed recording"], "it has not even ended");
    }

    #[test]
    fn trouble_with_the_disk_is_told_and_its_files_follow() {
        let mut lifecycle = going(Composing::Goes);
        let text = RecordingError::DiskFull.to_string();
        let events = lifecycle.stopped(SECOND, Some(&text), Duration::ZERO);
        assert!(matches!(&events[..], [RecordingEvent::Failed { error, .. }] if *error == text));
        assert_eq!(told(&lifecycle.composed(files())), ["stopped ready 1000", "ready ready 1000"]);
    }

    #[test]
    fn without_composers_it_is_over_when_it_is_stopped() {
        let mut lifecycle = going(Composing::Off);
        assert_eq!(told(&lifecycle.stopped(SECOND, None, Duration::ZERO)), ["stopped processing 0"]);
        assert!(lifecycle.is_over());
    }

    #[test]
    fn one_that_was_recovered_is_being_finished() {
        let Lifecycle { recording, .. } = starting(Composing::Goes);
        let mut lifecycle = Lifecycle::recovered(recording, SECOND);
        assert!(!lifecycle.is_on() && !lifecycle.is_over());
        assert_eq!(told(&lifecycle.composed(files())), ["ready ready 1000"]);
    }
}
