//! Calls through a whole server in this process, between native clients: real sockets, ICE, DTLS and SRTP,
//! no browser.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod bad_input;
mod call;
mod control;
mod data;
mod network;
mod rest;
mod server;
mod workers;
