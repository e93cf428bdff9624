//! What recording costs: the real server, real clients on loopback, figures from the system.
//!
//! `cargo build --release -p mediasoup-server`, then
//! `cargo run --release -p mediasoup-benches --bin recording-cost -- all`. Needs ffmpeg, and two cores.

mod call;
mod capture;
mod compose;
mod footage;
mod latency;
mod log;
mod server;
mod wire;

use std::{fs, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use footage::Footage;
use mediasoup_benches::{Result, process, report};
use serde_json::{Map, Value};

#[derive(Parser)]
#[command(about = "Measures what recording costs")]
struct Cli {
    #[command(subcommand)]
    scenario: Scenario,
    /// The server's binary; built for release unless told otherwise.
    #[arg(long, global = true)]
    server: Option<PathBuf>,
    /// Where to write all figures as JSON, too.
    #[arg(long, global = true)]
    json: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Scenario {
    /// Writing what is heard: many rooms of two on one core, and rooms of 2, 6 and 10.
    Capture(capture::Options),
    /// Making the files of rooms of 2, 6 and 10.
    Compose(compose::Options),
    /// What packets of a call wait longer while recordings compose on the same machine.
    Latency(latency::Options),
    /// All three.
    All,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    let binary = server::binary(cli.server.clone())?;
    let footage = Footage::make()?;
    let mut figures = Map::new();
    let mut keep = |name: &str, value: Value| figures.insert(name.to_owned(), value);
    match &cli.scenario {
        Scenario::Capture(options) => drop(keep("capture", capture::run(&binary, &footage, options)?)),
        Scenario::Compose(options) => drop(keep("compose", compose::run(&binary, &footage, options)?)),
        Scenario::Latency(options) => drop(keep("latency", latency::run(&binary, &footage, options)?)),
        Scenario::All => {
            keep("capture", capture::run(&binary, &footage, &capture::Options::default())?);
            keep("compose", compose::run(&binary, &footage, &compose::Options::default())?);
            keep("latency", latency::run(&binary, &footage, &latency::Options::default())?);
        }
    }
    if let Some(path) = &cli.json {
        fs::write(path, serde_json::to_string_pretty(&figures)?)?;
    }
    Ok(())
}

/// Runs a scenario on threads that are made now, so that they are on the cores this thread is on.
fn block_on<T>(scenario: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(scenario)
}
