//! This program as the child that makes the files of one recording. It has no configuration, no log and no runtime.

use std::{path::Path, process::ExitCode};

use mediasoup_core::recording::{
    RecorderFiles,
    process::{ChildInput, ProcessBackend, Reporter, run_child},
};

/// What [`run`] answers to: see [`Command::Recorder`](crate::config::Command).
const ARGUMENTS: &[&str] = &["recorder"];

/// The backend whose children are this program.
#[must_use]
pub fn backend() -> ProcessBackend {
    ProcessBackend::for_current_exe(ARGUMENTS)
}

/// To be called first thing in `main`, before any thread is started.
pub fn run() -> ExitCode {
    run_child(prepare, record)
}

fn prepare() -> Result<(), String> {
    Err("this server was built without GStreamer".to_owned())
}

fn record(
    (): (),
    _input: ChildInput,
    _directory: &Path,
    _reporter: Reporter,
) -> Result<RecorderFiles, String> {
    Err("this server was built without GStreamer".to_owned())
}
