//! The server: adapters (REST, Socket.IO) around `mediasoup-core`.

mod access;
pub mod app;
pub mod auth;
pub mod client;
pub mod config;
pub mod error;
pub mod ice;
mod input;
#[cfg(all(feature = "gstreamer", target_os = "linux"))]
pub mod recorder;
mod recording;
pub mod rest;
pub mod shutdown;
pub mod signaling;
pub mod state;
pub mod telemetry;
mod timestamp;
mod view;
