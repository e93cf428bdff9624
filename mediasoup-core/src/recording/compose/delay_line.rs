//! Where packets wait for those before them.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use crate::recording::log::LoggedPacket;

/// Puts the packets of one stream in order.
#[derive(Debug, Default)]
pub(super) struct DelayLine {
    waiting: BTreeMap<u64, LoggedPacket>,
    /// When which sequence number came, as they came.
    heard: VecDeque<(Duration, u64)>,
    bytes: usize,
    /// The latest that may leave, and when it was heard.
    open: Option<(u64, Duration)>,
    /// The last that has left.
    left: Option<u64>,
}

impl DelayLine {
    /// Far more than a few seconds of any stream; what a flood brings beyond is dropped.
    const PACKETS_MAX: usize = 1 << 14;
    const BYTES_MAX: usize = 1 << 24;

    /// Takes a packet. What comes twice, or after its successors have left, is dropped.
    pub(super) fn push(&mut self, packet: LoggedPacket) {
        let sequence = packet.sequence;
        let too_late = self.left.is_some_and(|left| sequence <= left);
        let too_much = self.waiting.len() >= Self::PACKETS_MAX || self.bytes >= Self::BYTES_MAX;
        if too_late || too_much || self.waiting.contains_key(&sequence) {
            return;
        }
        self.bytes += packet.payload.len();
        self.heard.push_back((packet.at, sequence));
        self.waiting.insert(sequence, packet);
    }

    /// The next packet in order that came until `until`, or before one that did; and since when it could have been
    /// known: the earliest arrival of it and of its successors.
    pub(super) fn pop(&mut self, until: Duration) -> Option<(Duration, LoggedPacket)> {
        loop {
            if let Some((open, heard)) = self.open {
                if let Some(first) = self.waiting.first_entry().filter(|first| *first.key() <= open) {
                    let packet = first.remove();
                    self.bytes -= packet.payload.len();
                    self.left = Some(packet.sequence);
                    return Some((heard, packet));
                }
                self.open = None;
            }
            let (heard, sequence) = self.heard.pop_front_if(|(heard, _)| *heard <= until)?;
            self.open = Some((sequence, heard));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(millis: u64, sequence: u64) -> LoggedPacket {
        LoggedPacket {
            at: Duration::from_millis(millis),
            track: 0,
            encoding: 0,
            sequence,
            timestamp: 0,
            marker: false,
            is_key_frame: false,
            rotation: None,
            payload: [1].into(),
        }
    }

    fn leave(line: &mut DelayLine, until: u64) -> Vec<(u64, u64)> {
        std::iter::from_fn(|| line.pop(Duration::from_millis(until)))
            .map(|(heard, packet)| (heard.as_millis() as u64, packet.sequence))
            .collect()
    }

    #[test]
    fn a_repaired_packet_gets_to_its_place() {
        let mut line = DelayLine::default();
        for (millis, sequence) in [(0, 1), (20, 3), (30, 3), (40, 4), (300, 2), (310, 4)] {
            line.push(packet(millis, sequence));
        }
        assert_eq!(leave(&mut line, 10), [(0, 1)]);
        assert_eq!(leave(&mut line, 30), [(20, 2), (20, 3)]);
        line.push(packet(320, 2));
        assert_eq!(leave(&mut line, 1000), [(40, 4)]);
        assert_eq!((line.bytes, line.waiting.len(), line.heard.len()), (0, 0, 0));
    }

    #[test]
    fn a_flood_is_bounded() {
        let mut line = DelayLine::default();
        for sequence in 0..100_000 {
            line.push(packet(0, sequence));
        }
        assert_eq!(leave(&mut line, 0).len(), DelayLine::PACKETS_MAX);
        assert_eq!(line.bytes, 0);
    }
}
