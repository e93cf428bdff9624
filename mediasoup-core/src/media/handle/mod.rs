//! The handles: what an application holds of a worker's media.
//!
//! Cheap to clone. Closing is explicit; a dropped handle leaves what it names running. A handle negotiates,
//! asks the [`MediaPort`](super::port::MediaPort), and only then changes what the handles of its router
//! share, so a failed or abandoned call leaves that as it was. What an abandoned call had already opened in
//! the worker ends with the transport or the router it is in.

mod consumer;
mod data;
mod data_consumer;
mod data_producer;
mod direct;
mod entities;
mod observer;
mod pair;
mod pipe;
mod piped;
mod plain;
mod producer;
mod router;
mod tied;
mod transport;
mod worker;

#[cfg(test)]
mod tests;

pub use consumer::Consumer;
pub use data_consumer::DataConsumer;
pub use data_producer::DataProducer;
pub use direct::DirectTransport;
pub use observer::RtpObserver;
pub use pipe::{PipeConsumer, PipeTransport};
pub use piped::{Piped, PipedData};
pub use plain::PlainTransport;
pub use producer::Producer;
pub use router::Router;
pub use transport::{Transport, WebRtcTransport};
pub use worker::Worker;

use std::fmt;

use super::error::WorkerError;

/// A close cannot fail towards its caller: where the worker has ended, nothing is left to close.
fn log_close(what: &'static str, id: impl fmt::Display, result: Result<(), WorkerError>) {
    match result {
        Ok(()) | Err(WorkerError::Closed | WorkerError::NoWorker) => {}
        Err(error) => tracing::error!(%id, %error, "cannot close {what}"),
    }
}
