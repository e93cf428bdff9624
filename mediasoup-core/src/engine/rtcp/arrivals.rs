//! Reading the feedback of transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).

/// Units of receive deltas and of the reference time.
const DELTA_UNIT_US: i64 = 250;
const REFERENCE_UNIT_US: i64 = 64_000;

/// Which packets of a transport arrived, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrivals<'a> {
    base: u16,
    count: u16,
    /// 24 bits, units of 64 ms.
    pub(crate) reference: u32,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

impl<'a> Arrivals<'a> {
    /// From what follows the two SSRCs; `None` where it is cut off.
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        let (head, rest) = body.split_first_chunk::<8>()?;
        let count = u16::from_be_bytes([head[2], head[3]]);
        let mut told = 0;
        let mut chunk_count = 0;
        for chunk in rest.as_chunks::<2>().0 {
            if told >= usize::from(count) {
                break;
            }
            told += symbol_count(u16::from_be_bytes(*chunk));
            chunk_count += 1;
        }
        let (chunks, deltas) = rest.split_at_checked(2 * chunk_count)?;
        Some(Self {
            base: u16::from_be_bytes([head[0], head[1]]),
            count,
            reference: u32::from_be_bytes([0, head[4], head[5], head[6]]),
            chunks,
            deltas,
        })
    }

    /// Each packet's number and, where it arrived, when: µs since the reference time's zero.
    pub(crate) fn packets(self) -> impl Iterator<Item = (u16, Option<i64>)> {
        let mut clock = i64::from(self.reference) * REFERENCE_UNIT_US;
        let mut deltas = self.deltas;
        let symbols = self.chunks.as_chunks::<2>().0.iter().flat_map(|chunk| {
            let chunk = u16::from_be_bytes(*chunk);
            (0..symbol_count(chunk)).map(move |index| symbol(chunk, index))
        });
        symbols.take(usize::from(self.count)).enumerate().map_while(move |(index, symbol)| {
            let delta = match symbol {
                1 => {
                    let (delta, rest) = deltas.split_first()?;
                    deltas = rest;
                    Some(i64::from(*delta))
                }
                2 => {
                    let (delta, rest) = deltas.split_first_chunk()?;
                    deltas = rest;
                    Some(i64::from(i16::from_be_bytes(*delta)))
                }
                _ => None,
            };
            clock += delta.unwrap_or_default() * DELTA_UNIT_US;
            Some((self.base.wrapping_add(index as u16), delta.map(|_| clock)))
        })
    }
}

/// How many packets a status chunk speaks of.
fn symbol_count(chunk: u16) -> usize {
    match chunk >> 14 {
        0 | 1 => usize::from(chunk & 0x1FFF),
        2 => 14,
        _ => 7,
    }
}

fn symbol(chunk: u16, index: usize) -> u16 {
    match chunk >> 14 {
        0 | 1 => (chunk >> 13) & 3,
        2 => (chunk >> (13 - index)) & 1,
        _ => (chunk >> (12 - 2 * index)) & 3,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::rtcp::{Arrival, write_transport_cc};

    #[test]
    fn reads_what_is_written() {
        let at = |sequence, ms| Arrival { sequence, at: Duration::from_millis(ms) };
        let arrivals = [at(65_534, 6_400), at(65_536, 6_402), at(65_537, 6_401), at(65_550, 6_900)];
        let mut buffer = Vec::new();
        write_transport_cc(&mut buffer, 1, 0, 65_533, &arrivals);
        let read: Vec<_> = Arrivals::parse(&buffer[12..]).unwrap().packets().collect();
        assert_eq!(read.len(), 18);
        assert_eq!(read[..2], [(65_533, None), (65_534, Some(6_400_000))]);
        assert_eq!(read[3..5], [(0, Some(6_402_000)), (1, Some(6_401_000))]);
        assert_eq!(read[17], (14, Some(6_900_000)));
    }

    #[test]
    fn reads_vectors_of_one_bit_and_stops_at_what_is_cut_off() {
        // Base 9, 14 packets, reference 1; one bit each: 1 0 1 and then none; two deltas.
        let body = [0, 9, 0, 14, 0, 0, 1, 0, 0b1010_1000, 0, 4, 8];
        let read: Vec<_> = Arrivals::parse(&body).unwrap().packets().collect();
        assert_eq!(read[..3], [(9, Some(65_000)), (10, None), (11, Some(67_000))]);
        assert_eq!(read.len(), 14);
        assert_eq!(Arrivals::parse(&body[..11]).unwrap().packets().count(), 2);
        assert!(Arrivals::parse(&body[..7]).is_none());
    }
}
