//! A recording that never took place: beacons, sent by made-up senders over made-up networks, in a log as a server
//! would have written it. Hours take seconds, and what goes wrong goes wrong the same way every time.

mod clocks;
mod network;
mod sender;
#[cfg(test)]
mod tests;

use std::{fs::File, io, path::Path, time::Duration};

use mediasoup_core::{
    ids::RecordingId,
    recording::{
        RecordingOptions, RosterEvent, Settings,
        log::{LogHeader, LogWriter, Record},
    },
};
use rand::{SeedableRng, rngs::StdRng};

pub use clocks::Clocks;
pub use network::{Loss, Network};

use crate::media::{Beacon, Shot};
use sender::Sender;

/// How often a log says that time has passed.
const TICK: f64 = 0.2;

/// Who comes when, and what becomes of their packets. All times are seconds from the recording's start.
#[derive(Clone, Debug)]
pub struct Scene {
    /// What is to be made of it.
    pub settings: Settings,
    /// Its length.
    pub seconds: f64,
    /// Who takes part, in the order in which they come.
    pub actors: Vec<Actor>,
}

/// A participant that sends a beacon.
#[derive(Clone, Debug)]
pub struct Actor {
    /// What it sends; its name is the participant's.
    pub beacon: Beacon,
    /// How its picture is encoded.
    pub shot: Shot,
    /// When it comes.
    pub joins: f64,
    /// When it goes; after the end of the scene: never.
    pub leaves: f64,
    /// When its sound is paused.
    pub muted: Option<(f64, f64)>,
    /// Its clocks.
    pub clocks: Clocks,
    /// The way of its sound.
    pub audio: Network,
    /// The way of its pictures.
    pub video: Network,
}

impl Actor {
    /// Somebody who is there all the time, with right clocks, on a perfect network.
    #[must_use]
    pub fn new(beacon: Beacon, shot: Shot) -> Self {
        Self {
            beacon,
            shot,
            joins: 0.0,
            leaves: f64::INFINITY,
            muted: None,
            clocks: Clocks::default(),
            audio: Network::default(),
            video: Network::default(),
        }
    }
}

impl Scene {
    /// Writes the log. The same `seed` gives the same log.
    ///
    /// # Errors
    /// ffmpeg does not run, or the file cannot be written.
    pub fn write(&self, path: &Path, seed: u64) -> io::Result<()> {
        let mut random = StdRng::seed_from_u64(seed);
        let mut records = Vec::new();
        for (index, actor) in self.actors.iter().enumerate() {
            Sender::new(actor, index as u32, self.seconds)?.send(&mut random, &mut records);
        }
        let ticks = (1..).map(|tick| f64::from(tick) * TICK).take_while(|at| *at < self.seconds);
        records.extend(ticks.map(|at| Record::Tick { at: time(at) }));
        let end = time(self.seconds);
        records.retain(|record| record.at() < end);
        records.sort_by_key(|record| (record.at(), !matches!(record, Record::Roster { .. })));
        let mut log = LogWriter::new(File::create(path)?);
        log.push(&Record::Header(Box::new(self.header())));
        for record in &records {
            log.push(record);
        }
        log.push(&Record::End { at: end });
        log.flush()
    }

    fn header(&self) -> LogHeader {
        LogHeader {
            id: RecordingId::from_u128(1),
            room_id: "scene".parse().expect("it is a valid id"),
            filename: "room_scene".to_owned(),
            started_at: 1_704_110_400_000,
            options: RecordingOptions::default(),
            settings: self.settings,
        }
    }
}

fn time(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn roster(at: f64, event: RosterEvent) -> Record {
    Record::Roster { at: time(at), event }
}
