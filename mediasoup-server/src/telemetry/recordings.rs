//! What happens to recordings, for logs and counters.

use mediasoup_core::recording::RecordingEvent;
use metrics::{counter, describe_counter};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    task::JoinHandle,
};

/// Logs and counts what happens to recordings until it is dropped.
#[derive(Debug)]
pub struct RecordingLog {
    task: JoinHandle<()>,
}

impl RecordingLog {
    /// Starts with the next event.
    #[must_use]
    pub fn start(events: broadcast::Receiver<RecordingEvent>) -> Self {
        super::metrics::install();
        Self { task: tokio::spawn(follow(events)) }
    }
}

impl Drop for RecordingLog {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(mut events: broadcast::Receiver<RecordingEvent>) {
    loop {
        match events.recv().await {
            Ok(event) => note(&event),
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(target: "mediasoup::recording", missed, "events of recordings were missed");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

fn note(event: &RecordingEvent) {
    match event {
        RecordingEvent::Started(recording) => {
            counter!("mediasoup_recordings_started_total").increment(1);
            tracing::info!(target: "mediasoup::recording", room = %recording.room_id, recording = %recording.id,
                file = recording.filename, "recording started");
        }
        RecordingEvent::Stopped(recording) => {
            tracing::info!(target: "mediasoup::recording", room = %recording.room_id, recording = %recording.id,
                "recording stopped");
        }
        RecordingEvent::Ready(recording) => {
            counter!("mediasoup_recordings_ready_total").increment(1);
            tracing::info!(target: "mediasoup::recording", room = %recording.room_id, recording = %recording.id,
                file = recording.filename, "recording ready");
        }
        RecordingEvent::Failed { recording, error } => {
            counter!("mediasoup_recordings_failed_total").increment(1);
            tracing::error!(target: "mediasoup::recording", room = %recording.room_id, recording = %recording.id,
                error, "recording failed");
        }
        _ => {}
    }
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
