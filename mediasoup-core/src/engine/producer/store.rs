//! The newest packets of a stream, kept once for all its consumers, to be sent again to whoever lost one.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Bounds of a store: packets, bytes, age.
const PACKETS_MAX: usize = 2_500;
const BYTES_MAX: usize = 4 << 20;
const AGE_MAX: Duration = Duration::from_secs(2);

/// A packet as the producer sent it, plain.
#[derive(Debug)]
pub(crate) struct StoredPacket {
    /// On the stream's line.
    pub(crate) sequence: u64,
    at: Instant,
    bytes: Vec<u8>,
}

impl StoredPacket {
    /// The packet, header and payload.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Ascending by sequence.
#[derive(Debug, Default)]
pub(crate) struct PacketStore {
    packets: VecDeque<StoredPacket>,
    bytes: usize,
    /// Buffers of packets that went, for those that come: nothing is allocated in steady state.
    spare: Vec<Vec<u8>>,
}

impl PacketStore {
    /// Keeps a packet. One that is older than all that is kept, or kept already, is passed over.
    pub(crate) fn insert(&mut self, now: Instant, sequence: u64, packet: &[u8]) {
        self.prune(now, packet.len());
        let index = match self.packets.back() {
            Some(newest) if newest.sequence >= sequence => {
                match self.packets.binary_search_by_key(&sequence, |stored| stored.sequence) {
                    Ok(_) | Err(0) => return,
                    Err(index) => index,
                }
            }
            _ => self.packets.len(),
        };
        let mut bytes = self.spare.pop().unwrap_or_default();
        bytes.clear();
        bytes.extend_from_slice(packet);
        self.bytes += bytes.len();
        self.packets.insert(index, StoredPacket { sequence, at: now, bytes });
    }

    fn prune(&mut self, now: Instant, coming: usize) {
        while let Some(oldest) = self.packets.front() {
            let kept = self.packets.len() < PACKETS_MAX
                && self.bytes + coming <= BYTES_MAX
                && now.saturating_duration_since(oldest.at) <= AGE_MAX;
            if kept {
                return;
            }
            if let Some(oldest) = self.packets.pop_front() {
                self.bytes -= oldest.bytes.len();
                if self.spare.len() < 64 {
                    self.spare.push(oldest.bytes);
                }
            }
        }
    }

    /// What came after a packet, in order.
    pub(crate) fn after(&self, sequence: u64) -> impl Iterator<Item = &StoredPacket> {
        let start = self.packets.partition_point(|stored| stored.sequence <= sequence);
        self.packets.range(start..)
    }

    pub(crate) fn find(&self, sequence: u64) -> Option<&StoredPacket> {
        let index = self.packets.binary_search_by_key(&sequence, |stored| stored.sequence).ok()?;
        self.packets.get(index)
    }

    pub(crate) fn clear(&mut self) {
        self.packets.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    #[test]
    fn keeps_order_and_bounds() {
        let start = Instant::now();
        let mut store = PacketStore::default();
        for sequence in [10, 12, 11, 12, 9] {
            store.insert(start, sequence, &[sequence as u8]);
        }
        let kept: Vec<_> = store.packets.iter().map(|packet| packet.sequence).collect();
        assert_eq!(kept, [10, 11, 12], "9 is older than the oldest");
        assert_eq!(store.find(11).map(StoredPacket::bytes), Some(&[11][..]));

        store.insert(start + Duration::from_millis(2_001), 13, &[0; 100]);
        assert!(store.find(12).is_none(), "too old");
        for sequence in 14..10_000 {
            store.insert(start + Duration::from_secs(3), sequence, &[0; 1_200]);
        }
        assert!(store.packets.len() <= PACKETS_MAX);
        for sequence in 10_000..10_100 {
            store.insert(start + Duration::from_secs(3), sequence, &[0; 65_000]);
        }
        assert!(store.bytes <= BYTES_MAX);
        assert_eq!(store.bytes, store.packets.iter().map(|packet| packet.bytes.len()).sum::<usize>());
    }
}
