//! The surface of a media engine: plain data, pure negotiation, handles, and one seam.
//!
//! People hold handles ([`Worker`], [`Router`], [`WebRtcTransport`], [`Producer`], [`Consumer`]); the handles
//! negotiate with [`ortc`] and speak to whatever carries the media through [`MediaPort`].

pub mod bridge;
mod codecs;
pub mod data;
pub mod direct;
pub mod dump;
pub mod error;
pub mod event;
pub mod feed;
mod handle;
pub mod observer;
pub mod options;
pub mod ortc;
pub mod plain;
pub mod port;
pub mod rtp;
pub mod stats;
pub mod tap;
pub mod trace;
pub mod transport;

pub use codecs::{default_media_codecs, with_h264_defaults};
pub use handle::{
    Consumer, DataConsumer, DataProducer, DirectTransport, PipeConsumer, PipeTransport, Piped, PipedData,
    PlainTransport, Producer, Router, RtpObserver, Transport, WebRtcTransport, Worker,
};
pub use port::{MediaPort, WorkerManager};
