//! A tap on a router: everything its producers send, as the engine has it after repair.
//!
//! What RTX brought is turned back, what came twice is left out; packets come in the order in which they became
//! known, so that one that was repaired stands behind its successors. [`TapPacket::sequence`] puts them in order.

use std::time::Instant;

use super::feed::{Feed, FeedSender};
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

/// The writing end of a tap, for implementations of [`MediaPort`](super::port::MediaPort).
pub type TapSender = FeedSender<TapEvent>;

/// The reading end of a tap, until the router is closed. What its reader missed shows as gaps in [`TapPacket::sequence`].
pub type Tap = Feed<TapEvent>;
