//! Whole recordings, from records to what a studio is given.

mod fake;
mod faults;
mod layers;
mod resume;
mod sender;
mod stage;
mod sync;

use std::time::Duration;

use super::{Composer, LOOK_AHEAD};
use crate::recording::{log::Record, settings::Settings};
use fake::FakeStudio;
use sender::time;

/// In the order of a log, with its ticks.
fn log(parts: Vec<Vec<Record>>, end: f64) -> Vec<Record> {
    let ticks = (1..(end * 5.0) as u32).map(|tick| Record::Tick { at: time(f64::from(tick) / 5.0) });
    let mut records: Vec<Record> = parts.into_iter().flatten().chain(ticks).collect();
    records.sort_by_key(Record::at);
    records.retain(|record| record.at() <= time(end));
    records
}

fn compose_with(settings: &Settings, records: &[Record], end: f64, resume_at: f64) -> FakeStudio {
    let mut composer = Composer::new(FakeStudio::default(), settings, time(resume_at));
    for record in records {
        composer.take(record.clone()).unwrap();
        assert!(composer.position() <= record.at().saturating_sub(LOOK_AHEAD));
        assert!(record.at() < composer.position() + LOOK_AHEAD + Duration::from_millis(40));
    }
    composer.finish(time(end)).unwrap()
}

fn compose(parts: Vec<Vec<Record>>, end: f64) -> FakeStudio {
    compose_with(&Settings::default(), &log(parts, end), end, 0.0)
}
