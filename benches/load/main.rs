//! Loads a server that speaks the documented protocol, and measures what it does: `load --help`, docs/performance.md.

mod client;
mod connect;
mod drops;
mod figures;
mod loss;
mod media;
mod options;
mod packet;
mod participant;
mod run;
mod schedule;
mod totals;
mod track;

use std::{fs, process::ExitCode};

use clap::Parser;
use mediasoup_benches::{Result, histogram, socket, stamp};
use options::Options;

fn main() -> ExitCode {
    match load(Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// `false`: some clients could not join.
fn load(options: Options) -> Result<bool> {
    let json = options.json.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let figures = runtime.block_on(run::run(options))?;
    figures.print();
    if let Some(path) = json {
        fs::write(path, serde_json::to_string_pretty(&figures)?)?;
    }
    Ok(figures.clients.failed == 0)
}
