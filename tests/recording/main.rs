//! Recordings are what they should be: in sync, whole, playable; composed from logs whose every fault is known.
//!
//! `cargo test -p mediasoup-tests --test recording -- --nocapture` prints what was measured.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod composed;
mod formats;
mod losses;
mod sync;
