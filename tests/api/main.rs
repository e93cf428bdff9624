//! The server's surface, from outside: REST and Socket.IO over real sockets, in front of managers without media.

mod fake;
mod rest;
mod server;
mod socket;
