//! The child's side.

mod input;
mod limits;
mod reporter;
mod sandbox;

use std::{
    fmt::Display,
    io::{self, BufRead as _, BufReader, Read as _},
    os::{fd::AsFd as _, unix::net::UnixStream},
    path::Path,
    process::ExitCode,
    time::Duration,
};

pub use input::ChildInput;
pub use reporter::Reporter;

use super::protocol::{Order, Report};
use crate::recording::RecorderFiles;

/// The server's line is shorter.
const ORDER_LEN_MAX: u64 = 1 << 16;

/// Runs a recorder in this process, whose standard input is the socket of a [`ProcessBackend`](super::ProcessBackend).
/// To be called before the process has started any thread: they would keep its rights.
///
/// First `prepare` loads what is needed (libraries, registries) with all rights but the priority of the lowest; then the
/// process gives up the network, other programs and all files but the system's libraries and the job's directory; then
/// `record` makes the files, of untrusted media. It is given the log, the directory and a reporter, which it must call
/// at least twice a second while it has something to do, also while it makes files final; else it is taken for hung.
/// Reading the log counts as a report.
///
/// What either of them fails with is told to the server, in whose log it ends, and perhaps before people.
pub fn run_child<P, E: Display>(
    prepare: impl FnOnce() -> Result<P, E>,
    record: impl FnOnce(P, ChildInput, &Path, Reporter) -> Result<RecorderFiles, E>,
) -> ExitCode {
    match take_order() {
        Ok((order, input)) => {
            let reporter = input.reporter();
            let result = run(&order, input, prepare, record);
            reporter.send(&match result {
                Ok(files) => Report::Finished(files),
                Err(why) => Report::Failed(why),
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("a recorder is started by its server only: {error}");
            ExitCode::FAILURE
        }
    }
}

fn take_order() -> io::Result<(Order, ChildInput)> {
    limits::close_inherited()?;
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Whoever calls it by hand, from a terminal or a pipe, is told so.
    socket.peer_addr()?;
    let mut log = BufReader::new(socket.try_clone()?);
    let mut line = Vec::new();
    log.by_ref().take(ORDER_LEN_MAX).read_until(b'\n', &mut line)?;
    let order: Order = serde_json::from_slice(&line)?;
    let input = ChildInput::new(log, Reporter::new(socket), order.parent);
    Ok((order, input))
}

fn run<P, E: Display>(
    order: &Order,
    input: ChildInput,
    prepare: impl FnOnce() -> Result<P, E>,
    record: impl FnOnce(P, ChildInput, &Path, Reporter) -> Result<RecorderFiles, E>,
) -> Result<RecorderFiles, String> {
    let reporter = input.reporter();
    let mut warnings = limits::apply();
    if limits::is_orphan(order.parent) {
        return Err("its server has gone".to_owned());
    }
    let prepared = prepare().map_err(|error| error.to_string())?;
    warnings.extend(sandbox::enter(&order.directory));
    for warning in warnings {
        reporter.send(&Report::Warning(warning));
    }
    reporter.progress(Duration::ZERO);
    record(prepared, input, &order.directory, reporter).map_err(|error| error.to_string())
}
