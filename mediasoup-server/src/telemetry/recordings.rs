//! What happens to recordings, counted.

use mediasoup_core::recording::RecordingEvent;
use metrics::{counter, describe_counter};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    task::JoinHandle,
};

/// Counts what happens to recordings until it is dropped.
#[derive(Debug)]
pub struct RecordingCounters {
    task: JoinHandle<()>,
}

impl RecordingCounters {
    /// Starts with the next event.
    #[must_use]
    pub fn start(events: broadcast::Receiver<RecordingEvent>) -> Self {
        super::metrics::install();
        Self { task: tokio::spawn(follow(events)) }
    }
}

impl Drop for RecordingCounters {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(mut events: broadcast::Receiver<RecordingEvent>) {
    loop {
        match events.recv().await {
            Ok(event) => count(&event),
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(target: "mediasoup::recording", missed, "events of recordings were missed");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

fn count(event: &RecordingEvent) {
    let name = match event {
        RecordingEvent::Started(_) => "mediasoup_recordings_started_total",
        RecordingEvent::Ready(_) => "mediasoup_recordings_ready_total",
        RecordingEvent::Failed { .. } => "mediasoup_recordings_failed_total",
        _ => return,
    };
    counter!(name).increment(1);
}

/// Counters are there from the start, at 0.
pub(super) fn describe() {
    let counters = [
        ("mediasoup_recordings_started_total", "Recordings that were started"),
        ("mediasoup_recordings_ready_total", "Recordings whose files were finished"),
        ("mediasoup_recordings_failed_total", "Recordings that failed"),
    ];
    for (name, what) in counters {
        describe_counter!(name, what);
        counter!(name).absolute(0);
    }
}
