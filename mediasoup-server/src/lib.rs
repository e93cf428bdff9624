//! The server: adapters (REST, Socket.IO) around `mediasoup-core`.

pub mod client;
