//! The media engine, sans I/O: told the time, told its randomness; no sockets, threads, locks or clock.
//!
//! One engine serves one worker. Whoever drives it
//! 1. hands it a datagram ([`Engine::handle_datagram`]), a passed deadline ([`Engine::handle_timeout`]) or
//!    calls one of its commands,
//! 2. drains [`Engine::poll_transmit`] and [`Engine::poll_event`] until they are empty,
//! 3. waits for the next datagram or command, at most until [`Engine::poll_timeout`].

#![allow(unused_variables, clippy::todo)] // while the bodies are written

use std::{sync::Arc, time::Instant};

use crate::{
    ids::{ConsumerId, ProducerId, RouterId, TransportId},
    media::{
        error::{ConsumeError, ProduceError, TransportError},
        event::RouterEvent,
        port::{ConsumeRequest, ProduceRequest},
        stats::{ConsumerStats, ProducerStats, TransportStats},
        transport::{DtlsParameters, DtlsRole, IceCandidate, IceParameters, TransportParameters, Tuple},
    },
};

pub(crate) mod transport;

use transport::DtlsIdentity;

/// What an engine is made from.
pub(crate) struct EngineConfig {
    /// Seed of everything random in it: ICE credentials, first sequence numbers, timestamps.
    pub(crate) seed: [u8; 32],
    /// The certificate of all its transports.
    pub(crate) identity: Arc<DtlsIdentity>,
    /// RFC 7675; `None`: peers may be silent for ever.
    pub(crate) ice_consent_timeout: Option<std::time::Duration>,
}

/// A datagram to be sent.
pub(crate) struct Transmit<'a> {
    /// From where, to where, over what.
    pub(crate) tuple: Tuple,
    /// The payload of one datagram, or of one RFC 4571 frame.
    pub(crate) contents: &'a [u8],
}

/// How many of each thing an engine holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EngineCounts {
    pub(crate) routers: usize,
    pub(crate) transports: usize,
    pub(crate) producers: usize,
    pub(crate) consumers: usize,
}

/// The media of one worker.
pub(crate) struct Engine {}

impl Engine {
    pub(crate) fn new(config: EngineConfig, now: Instant) -> Self {
        todo!()
    }

    // --- Inputs -----------------------------------------------------------------------------------

    /// A datagram (or RFC 4571 frame) came in. It is opened in place.
    pub(crate) fn handle_datagram(&mut self, now: Instant, tuple: Tuple, datagram: &mut [u8]) {
        todo!()
    }

    /// A TCP connection is gone.
    pub(crate) fn handle_tuple_closed(&mut self, now: Instant, tuple: Tuple) {
        todo!()
    }

    /// Time has passed; deadlines up to `now` are carried out.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        todo!()
    }

    // --- Outputs ----------------------------------------------------------------------------------

    /// The next datagram to send, in order.
    pub(crate) fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        todo!()
    }

    /// The next thing to tell a router's owner.
    pub(crate) fn poll_event(&mut self) -> Option<(RouterId, RouterEvent)> {
        todo!()
    }

    /// When [`Engine::handle_timeout`] wants to be called; `None`: not before the next input.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        todo!()
    }

    // --- Commands: each has changed nothing where it fails -------------------------------------------

    pub(crate) fn create_router(&mut self, id: RouterId) {
        todo!()
    }

    /// Closes it and everything in it. Unknown ids are ignored, here and in the other `close_*`.
    pub(crate) fn close_router(&mut self, now: Instant, id: RouterId) {
        todo!()
    }

    /// `candidates` are the addresses its peer may use, as the driver bound and announces them.
    pub(crate) fn create_transport(
        &mut self,
        now: Instant,
        router: RouterId,
        id: TransportId,
        candidates: Vec<IceCandidate>,
        max_incoming_bitrate: Option<u32>,
    ) -> Result<TransportParameters, TransportError> {
        todo!()
    }

    pub(crate) fn connect_transport(
        &mut self,
        now: Instant,
        id: TransportId,
        remote: &DtlsParameters,
    ) -> Result<DtlsRole, TransportError> {
        todo!()
    }

    pub(crate) fn restart_ice(&mut self, id: TransportId) -> Result<IceParameters, TransportError> {
        todo!()
    }

    pub(crate) fn set_max_incoming_bitrate(
        &mut self,
        now: Instant,
        id: TransportId,
        bitrate: Option<u32>,
    ) -> Result<(), TransportError> {
        todo!()
    }

    pub(crate) fn transport_stats(
        &mut self,
        now: Instant,
        id: TransportId,
    ) -> Result<TransportStats, TransportError> {
        todo!()
    }

    pub(crate) fn close_transport(&mut self, now: Instant, id: TransportId) {
        todo!()
    }

    pub(crate) fn produce(
        &mut self,
        now: Instant,
        transport: TransportId,
        request: ProduceRequest,
    ) -> Result<(), ProduceError> {
        todo!()
    }

    pub(crate) fn pause_producer(
        &mut self,
        now: Instant,
        id: ProducerId,
        paused: bool,
    ) -> Result<(), ProduceError> {
        todo!()
    }

    pub(crate) fn producer_stats(
        &mut self,
        now: Instant,
        id: ProducerId,
    ) -> Result<Vec<ProducerStats>, ProduceError> {
        todo!()
    }

    pub(crate) fn close_producer(&mut self, now: Instant, id: ProducerId) {
        todo!()
    }

    pub(crate) fn consume(
        &mut self,
        now: Instant,
        transport: TransportId,
        request: ConsumeRequest,
    ) -> Result<(), ConsumeError> {
        todo!()
    }

    pub(crate) fn pause_consumer(
        &mut self,
        now: Instant,
        id: ConsumerId,
        paused: bool,
    ) -> Result<(), ConsumeError> {
        todo!()
    }

    pub(crate) fn request_key_frame(&mut self, now: Instant, id: ConsumerId) -> Result<(), ConsumeError> {
        todo!()
    }

    pub(crate) fn consumer_stats(
        &mut self,
        now: Instant,
        id: ConsumerId,
    ) -> Result<ConsumerStats, ConsumeError> {
        todo!()
    }

    pub(crate) fn close_consumer(&mut self, now: Instant, id: ConsumerId) {
        todo!()
    }

    pub(crate) fn counts(&self) -> EngineCounts {
        todo!()
    }
}
