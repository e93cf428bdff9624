//! The server's surface, from outside: REST and Socket.IO over real sockets, on a media plane that carries nothing.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod call;
mod client;
mod fake;
mod recordings;
mod rest;
mod server;
mod socket;
