//! The documentation against the code: its commands run, what it shows is what is answered, its lists are complete.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod architecture;
mod commands;
mod configuration;
mod errors;
mod events;
mod features;
mod markdown;
mod rest;
mod server;
mod shape;
mod source;
