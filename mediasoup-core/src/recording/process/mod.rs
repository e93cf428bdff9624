//! Recorders in processes of their own, so that a decoder that crashes, hangs or is taken over costs a call nothing.
//!
//! ```text
//! server                                   │ child: one a recording, niced, sandboxed
//!   Feeder: the log's bytes ───────────────┼──▶ ChildInput ─▶ record(..) ─▶ files in the job's directory
//!   Supervisor: life, restarts, result ◀───┼─── Reporter: a line of JSON for each step
//! ```
//!
//! [`ProcessBackend`] is the server's side, [`run_child`] the child's. They share one Unix socket, the child's standard
//! input. The log on disk is the queue between them: a child that is slow, or gone, holds nobody up.
//!
//! Linux only: the watchdog reads `/proc`, and the sandbox is seccomp and Landlock.

mod ambient;
mod backend;
mod child;
mod command;
mod feeder;
mod files;
mod health;
mod protocol;
mod restarts;
mod stderr;
mod supervisor;
#[cfg(test)]
mod tests;
mod usage;

pub use backend::ProcessBackend;
pub use child::{ChildInput, Reporter, run_child};
pub use command::RecorderCommand;

/// Target of the log lines about recorders.
const LOG_TARGET: &str = "mediasoup::recording";
