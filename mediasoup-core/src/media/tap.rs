//! A tap on a router: everything its producers send, as the engine has it after repair.
//!
//! What RTX brought is turned back, what came twice is left out; packets come in the order in which they became
//! known, so that one that was repaired stands behind its successors. [`TapPacket::sequence`] puts them in order.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use tokio::sync::mpsc::{
    self,
    error::{TryRecvError, TrySendError},
};

use crate::ids::ProducerId;

/// One thing heard on a tap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TapEvent {
    /// A packet of a producer that is not paused.
    Packet(TapPacket),
    /// A sender report: how a stream's timestamps relate to its sender's clock.
    SenderReport(TapSenderReport),
}

/// A packet, without its RTP header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapPacket {
    /// Whose.
    pub producer_id: ProducerId,
    /// Index in the producer's encodings: 0 is the lowest layer of simulcast.
    pub encoding: u8,
    /// When it came.
    pub arrival: Instant,
    /// RTP sequence number, unwrapped: counts up by one from packet to packet of an encoding, over resets of its
    /// sender, too.
    pub sequence: u64,
    /// RTP timestamp, in units of the codec's clock rate.
    pub timestamp: u32,
    /// RTP marker bit: the last packet of a frame, or the first after silence.
    pub marker: bool,
    /// The producer's own.
    pub payload_type: u8,
    /// Decoding can start here.
    pub is_key_frame: bool,
    /// Clockwise, in degrees, by which the picture is to be turned (3GPP TS 26.114 §7.4.5): 0, 90, 180 or 270.
    /// `None`: as before.
    pub rotation: Option<u16>,
    /// RTP payload, without padding. At most one datagram.
    pub payload: Box<[u8]>,
}

/// RFC 3550 §6.4.1: `rtp_timestamp` was sampled at `ntp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TapSenderReport {
    /// Whose.
    pub producer_id: ProducerId,
    /// Index in the producer's encodings.
    pub encoding: u8,
    /// When it came.
    pub arrival: Instant,
    /// The sender's clock: seconds since 1900 in the upper 32 bits, fractions in the lower. Only differences mean
    /// something; all tracks of one participant share the clock.
    pub ntp: u64,
    /// The stream's timestamp at that moment.
    pub rtp_timestamp: u32,
}

/// The writing end of a tap, for implementations of [`MediaPort`](super::port::MediaPort). Dropping it ends the tap.
#[derive(Debug)]
pub struct TapSender {
    events: mpsc::Sender<TapEvent>,
    missed: Arc<AtomicU64>,
}

impl TapSender {
    /// Tells the reader, unless it is too far behind. `false`: it has gone.
    #[must_use]
    pub fn send(&self, event: TapEvent) -> bool {
        match self.events.try_send(event) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.missed.fetch_add(1, Ordering::Relaxed);
                true
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }
}

/// The reading end of a tap. Dropping it ends the tap.
#[derive(Debug)]
pub struct Tap {
    events: mpsc::Receiver<TapEvent>,
    missed: Arc<AtomicU64>,
}

impl Tap {
    /// A tap in which at most `capacity` (at least 1) events wait to be read.
    #[must_use]
    pub fn channel(capacity: usize) -> (TapSender, Self) {
        let (sender, events) = mpsc::channel(capacity.max(1));
        let missed = Arc::<AtomicU64>::default();
        (TapSender { events: sender, missed: Arc::clone(&missed) }, Self { events, missed })
    }

    /// The next event; `None` when the router is closed. A reader that is too slow misses packets: the worker never
    /// waits for it. Gaps show in [`TapPacket::sequence`].
    pub async fn recv(&mut self) -> Option<TapEvent> {
        self.events.recv().await
    }

    /// Takes up to `limit` events at once; 0 when the router is closed.
    pub async fn recv_many(&mut self, events: &mut Vec<TapEvent>, limit: usize) -> usize {
        self.events.recv_many(events, limit).await
    }

    /// What is there already, one after another. A reader that comes by now and then, instead of waiting, is not woken by
    /// the worker for every packet.
    ///
    /// # Errors
    /// There is nothing now, or the router is closed.
    pub fn try_recv(&mut self) -> Result<TapEvent, TryRecvError> {
        self.events.try_recv()
    }

    /// Events missed so far, because this reader was too slow.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }
}
