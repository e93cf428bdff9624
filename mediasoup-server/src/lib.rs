//! The server: adapters (REST, Socket.IO) around `mediasoup-core`.

pub mod app;
pub mod auth;
pub mod config;
pub mod ice;
pub mod rest;
pub mod shutdown;
pub mod signaling;
pub mod telemetry;
