//! This program as the child that makes the files of one recording. It has no configuration, no log and no runtime.

use std::{path::Path, process::ExitCode};

use mediasoup_core::recording::{
    RecorderFiles, gstreamer,
    process::{ChildInput, ProcessBackend, Reporter, run_child},
};

/// What [`run`] answers to: see [`Command::Recorder`](crate::config::Command).
const ARGUMENTS: &[&str] = &["recorder"];

/// The backend whose children are this program.
#[must_use]
pub fn backend() -> ProcessBackend {
    ProcessBackend::for_current_exe(ARGUMENTS).with_check(gstreamer::check)
}

/// To be called first thing in `main`, before any thread is started.
pub fn run() -> ExitCode {
    run_child(gstreamer::init, record)
}

#[expect(clippy::needless_pass_by_value, reason = "what a child is given")]
fn record((): (), input: ChildInput, directory: &Path, reporter: Reporter) -> Result<RecorderFiles, String> {
    let mut report = |position| reporter.progress(position);
    gstreamer::record(input, directory, &mut report).map_err(|error| error.to_string())
}
