//! Capture: what is heard of a room goes into the recording's log.
//!
//! Three parts, so that nobody waits for a disk. The engine pushes into the tap's bounded queue and wakes nobody. A
//! task comes by ten times a second, takes what is there, and makes [records](super::log::Record) of it. A thread
//! writes them: one for each recording, because a disk may stall for seconds, and the runtime's pool of blocking threads
//! is everyone's. What the thread is behind by is bounded; beyond it packets are missed, and counted.

mod disk;
mod merge;
mod task;
#[cfg(test)]
mod tests;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

pub(super) use self::disk::LogFile;
use self::task::CaptureTask;
use super::{
    ambient,
    error::RecordingError,
    log::{LogHeader, LogSource},
    roster::RosterEvent,
    traits::RecordedRoom,
};
use crate::media::{error::WorkerError, tap::Tap};

/// Events that may wait between two visits: 0.4 s of 10 000 packets a second.
const TAP_CAPACITY: usize = 4096;

/// An ear at a room: what is said from now on is kept for whoever [captures](Capture::start) it.
#[derive(Debug)]
pub(super) struct Listening {
    begun: Instant,
    tap: Tap,
    roster: mpsc::Receiver<RosterEvent>,
}

impl Listening {
    /// The tap comes first: of tracks the roster starts with, no packet is missed.
    pub(super) async fn to(room: &dyn RecordedRoom) -> Result<Self, RecordingError> {
        let router = room.router().await?;
        let begun = Instant::now();
        let tap = router.tap(TAP_CAPACITY).await.map_err(|error| match error {
            WorkerError::Closed => RecordingError::RoomNotFound,
            other => RecordingError::Backend(other.into()),
        })?;
        Ok(Self { begun, tap, roster: room.roster().await? })
    }
}

/// How far a capture is.
#[derive(Debug, Default)]
pub(super) struct Gauges {
    heard_ms: AtomicU64,
    bytes: AtomicU64,
    missed: AtomicU64,
}

impl Gauges {
    pub(super) fn set(&self, heard: Duration, bytes: u64, missed: u64) {
        self.heard_ms.store(heard.as_millis() as u64, Ordering::Relaxed);
        self.bytes.store(bytes, Ordering::Relaxed);
        self.missed.store(missed, Ordering::Relaxed);
    }

    /// Of recording.
    pub(super) fn heard_ms(&self) -> u64 {
        self.heard_ms.load(Ordering::Relaxed)
    }

    /// Of the log.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Packets.
    pub(super) fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }
}

/// Why nothing more is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// It was stopped.
    Asked,
    /// The room has closed, or its worker has died.
    RoomClosed,
    /// The disk has no more room.
    DiskFull,
    /// The disk, or the capture itself.
    Broken,
}

/// The end of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    /// Of the recording.
    pub(super) length: Duration,
    pub(super) cause: Cause,
}

/// A recording's capture. Dropped, it ends in order, but nobody hears of it.
#[derive(Debug)]
pub(super) struct Capture {
    log: LogSource,
    gauges: Arc<Gauges>,
    stop: Option<oneshot::Sender<()>>,
    ended: oneshot::Receiver<Ended>,
}

impl Capture {
    /// Starts to write what is heard.
    pub(super) fn start(
        listening: Listening,
        file: LogFile,
        header: LogHeader,
    ) -> io::Result<(Self, Written)> {
        let log = file.source();
        let (task, written) = CaptureTask::start(listening, file, header)?;
        let gauges = task.gauges();
        let (stop, stopped) = oneshot::channel();
        let (report, ended) = oneshot::channel();
        let run = async move {
            // A capture that was dropped ends unheard.
            let _ = report.send(task.run(stopped).await);
        };
        ambient::spawn(run);
        Ok((Self { log, gauges, stop: Some(stop), ended }, written))
    }

    pub(super) fn log(&self) -> &LogSource {
        &self.log
    }

    pub(super) fn gauges(&self) -> &Arc<Gauges> {
        &self.gauges
    }

    /// Nothing more is to be heard: [`Capture::ended`] follows at once.
    pub(super) fn stop(&mut self) {
        self.stop = None;
    }

    /// Waits until nothing more is heard. The disk may still be busy: see [`Written`]. Not to be called again after
    /// it has answered.
    pub(super) async fn ended(&mut self) -> Ended {
        let broken = Ended { length: Duration::from_millis(self.gauges.heard_ms()), cause: Cause::Broken };
        (&mut self.ended).await.unwrap_or(broken)
    }
}

/// The log's end on disk. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Written(watch::Receiver<()>);

impl Written {
    /// Waits until the log is on disk, and nobody writes it any more.
    pub(super) async fn wait(mut self) {
        // The thread says nothing: its end does.
        while self.0.changed().await.is_ok() {}
    }
}
