//! The task of a capture: comes by, takes what was heard, hands it to the disk's thread.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval},
};

use super::{Cause, Ended, Gauges, Listening, LogFile, TAP_CAPACITY, Written, disk::Batches, merge::Merge};
use crate::{
    media::tap::Tap,
    recording::{
        log::{LogGrowth, LogHeader, LogWriter, Record},
        roster::RosterEvent,
    },
};

/// Between two visits. A crash of the process costs no more.
const BEAT: Duration = Duration::from_millis(100);
/// Bytes the disk may be behind by: seconds of a large room.
const BACKLOG_MAX: u64 = 32 << 20;

#[derive(Debug)]
pub(super) struct CaptureTask {
    tap: Tap,
    roster: mpsc::Receiver<RosterEvent>,
    merge: Merge,
    log: LogWriter<Batches>,
    /// What is on disk.
    growth: LogGrowth,
    disk_is_full: Arc<AtomicBool>,
    gauges: Arc<Gauges>,
    /// Packets for which the disk was too slow.
    missed: u64,
}

impl CaptureTask {
    pub(super) fn start(
        listening: Listening,
        file: LogFile,
        header: LogHeader,
    ) -> io::Result<(Self, Written)> {
        let Listening { begun, tap, roster } = listening;
        let (growth, disk_is_full) = (file.source().growth().clone(), file.is_full());
        let (batches, written) = file.start()?;
        let mut log = LogWriter::new(batches);
        log.push(&Record::Header(Box::new(header)));
        let merge = Merge::new(begun.into_std());
        let gauges = Arc::default();
        Ok((Self { tap, roster, merge, log, growth, disk_is_full, gauges, missed: 0 }, written))
    }

    pub(super) fn gauges(&self) -> Arc<Gauges> {
        Arc::clone(&self.gauges)
    }

    /// Until the end, whatever it is. It is asked for by dropping the other side of `stopped`.
    pub(super) async fn run(mut self, mut stopped: oneshot::Receiver<()>) -> Ended {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let asked = tokio::select! {
                biased;
                _ = &mut stopped => Some(Cause::Asked),
                _ = beat.tick() => None,
            };
            let now = Instant::now().into_std();
            let cause = self.visit(now).or(asked);
            let at = self.merge.since_start(now);
            self.log.push(&cause.map_or(Record::Tick { at }, |_| Record::End { at }));
            let cause = self.log.flush().err().map(|_gone| self.disk_failure()).or(cause);
            self.gauges.set(at, self.log.flushed(), self.tap.missed() + self.merge.missed() + self.missed);
            if let Some(cause) = cause {
                return Ended { length: at, cause };
            }
        }
    }

    /// Takes all there is. Answers why it was the last time.
    fn visit(&mut self, now: std::time::Instant) -> Option<Cause> {
        let mut records = Vec::new();
        // The roster is read first and believed last: the packets it is about are in the tap by then.
        let (changes, roster_ended) = drain(|| self.roster.try_recv());
        let (heard, tap_ended) = drain(|| self.tap.try_recv());
        heard.into_iter().for_each(|event| self.merge.heard(event, &mut records));
        changes.into_iter().for_each(|change| self.merge.changed(now, change, &mut records));
        self.merge.give_up(now);
        self.push(&records);
        let is_full = self.disk_is_full.load(Ordering::Relaxed);
        let room_closed = (roster_ended || tap_ended).then_some(Cause::RoomClosed);
        if is_full { Some(Cause::DiskFull) } else { room_closed }
    }

    /// All but packets goes into the log however far the disk is behind: it is little, and packets mean nothing
    /// without it.
    fn push(&mut self, records: &[Record]) {
        let is_behind = self.log.flushed().saturating_sub(self.growth.written()) > BACKLOG_MAX;
        for record in records {
            if is_behind && matches!(record, Record::Packet(_)) {
                self.missed += 1;
            } else {
                self.log.push(record);
            }
        }
    }

    fn disk_failure(&self) -> Cause {
        if self.disk_is_full.load(Ordering::Relaxed) { Cause::DiskFull } else { Cause::Broken }
    }
}

/// What is in a queue now, and whether it is at its end.
fn drain<T>(mut next: impl FnMut() -> Result<T, mpsc::error::TryRecvError>) -> (Vec<T>, bool) {
    let mut taken = Vec::new();
    while taken.len() < TAP_CAPACITY {
        match next() {
            Ok(item) => taken.push(item),
            Err(end) => return (taken, end == mpsc::error::TryRecvError::Disconnected),
        }
    }
    (taken, false)
}
