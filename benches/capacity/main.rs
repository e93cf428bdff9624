//! What a worker holds, and how fast it makes more of it: memory of each thing, how many are made a second, and whether
//! media waits while peers connect. Each figure stands beside its target.
//!
//! `cargo bench --bench capacity -- [part...]`

mod creation;
mod flow;
mod handshakes;
mod memory;
mod peers;
mod setup;
mod table;

use std::{alloc::System, env, process::Command};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use table::Row;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The one that the worker and its callers share, and the one where peers run.
const MEASURED: usize = 0;
const OTHER: usize = 1;

/// Says which part a process of its own is to measure.
const PART: &str = "CAPACITY_PART";

/// Measures; `true`: a little only, to see that it runs.
type Measure = fn(bool) -> Vec<Row>;

/// What is measured, each in a process of its own: what one leaves behind is not the other's.
const PARTS: [(&str, Measure); 10] = [
    ("memory-transports", memory::transports),
    ("memory-connected", memory::connected),
    ("memory-consumers", memory::consumers),
    ("memory-rooms", memory::rooms),
    ("create-transports", creation::transports),
    ("create-producers", creation::producers),
    ("create-consumers", creation::consumers),
    ("connect-calls", handshakes::calls),
    ("connect-handshakes", handshakes::handshakes),
    ("connect-burst", handshakes::burst),
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    // `--test` runs everything once, to see that it runs.
    let is_test = arguments.iter().any(|argument| argument == "--test");
    if let Ok(part) = env::var(PART) {
        let (_, measure) = PARTS.iter().find(|(name, _)| *name == part).expect("it is one of them");
        return table::print(&measure(is_test));
    }
    table::print_head();
    let wanted =
        |name: &str| is_test || arguments.is_empty() || arguments.iter().any(|it| name.contains(it.as_str()));
    for (name, _) in PARTS.iter().filter(|(name, _)| wanted(name)) {
        let program = env::current_exe().expect("it runs");
        let status = Command::new(program).args(&arguments).env(PART, name).status();
        assert!(status.is_ok_and(|status| status.success()), "{name} failed");
    }
}
