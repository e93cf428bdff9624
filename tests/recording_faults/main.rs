//! Recordings of the real server, whose processes are killed and whose disk is full.
//!
//! `RECORDING_CRASHES` and `RECORDING_ROUNDS` say how often (docs/testing.md); `-- --nocapture` prints what was measured.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod call;
mod crashes;
mod disk;
mod process;
mod rounds;
mod server;

/// A number that the environment may state.
fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |number| number.parse().unwrap())
}
