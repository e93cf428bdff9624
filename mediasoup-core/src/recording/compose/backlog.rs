//! Packets that need not be decoded yet, and perhaps never.

use super::studio::OrderedPacket;

/// All a decoder needs to catch up: what came since it stopped, or since the last key frame.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    packets: Vec<OrderedPacket>,
    bytes: usize,
}

impl Backlog {
    /// A minute of a small picture.
    const BYTES_MAX: usize = 1 << 22;

    /// Takes the next packet. What is no key frame is kept only if there is something it goes on from: packets that
    /// wait already, or the state of a decoder.
    pub(super) fn push(&mut self, packet: OrderedPacket, has_decoder: bool) {
        let starts_frame = self.packets.first().is_none_or(|first| first.timestamp != packet.timestamp);
        if packet.is_key_frame && starts_frame {
            self.clear();
        }
        if packet.is_key_frame || has_decoder || !self.packets.is_empty() {
            self.bytes += packet.payload.len();
            self.packets.push(packet);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// Nothing more should be put in.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= Self::BYTES_MAX
    }

    pub(super) fn clear(&mut self) {
        self.packets.clear();
        self.bytes = 0;
    }

    /// All that waits, in order.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = OrderedPacket> {
        self.bytes = 0;
        self.packets.drain(..)
    }
}
