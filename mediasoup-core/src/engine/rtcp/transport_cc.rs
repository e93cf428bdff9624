//! Feedback of transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).

use std::time::Duration;

use super::build::transport_feedback;

/// A packet that arrived: its transport-wide number on a line that does not wrap, and when, since some fixed moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) sequence: u64,
    pub(crate) at: Duration,
}

/// Units of receive deltas.
const DELTA_UNIT_US: i64 = 250;
/// Units of the reference time.
const REFERENCE_UNIT_US: i64 = 64_000;
/// Most packets one message may speak of; keeps it within a datagram.
const STATUS_COUNT_MAX: u64 = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    NotReceived = 0,
    SmallDelta = 1,
    LargeDelta = 2,
}

/// Appends one feedback message for the first of `arrivals` (ascending by sequence, not empty) and gives how many of
/// them it covers. `base` is the first number to speak of: what is missing between it and the arrivals counts as lost.
pub(crate) fn write_transport_cc(
    buffer: &mut Vec<u8>,
    media_ssrc: u32,
    feedback_count: u8,
    base: u64,
    arrivals: &[Arrival],
) -> usize {
    // A gap that no message could tell of is given up: the sender learns of it by the next base.
    let base = base.max(arrivals[0].sequence.saturating_sub(STATUS_COUNT_MAX / 2)).min(arrivals[0].sequence);
    let reference = arrivals[0].at.as_micros() as i64 / REFERENCE_UNIT_US;
    let mut clock_us = reference * REFERENCE_UNIT_US;
    let mut statuses = Vec::with_capacity(arrivals.len());
    let mut deltas = Vec::with_capacity(2 * arrivals.len());
    let mut next = base;
    let mut covered = 0;
    for arrival in arrivals {
        let units = (arrival.at.as_micros() as i64 - clock_us).div_euclid(DELTA_UNIT_US);
        let (status, delta) = match (u8::try_from(units), i16::try_from(units)) {
            (Ok(_), _) => (Status::SmallDelta, units),
            (_, Ok(_)) => (Status::LargeDelta, units),
            _ => break, // 8 s between two packets: the rest goes into the next message, with its own reference
        };
        if arrival.sequence - base >= STATUS_COUNT_MAX {
            break;
        }
        statuses.resize(statuses.len() + (arrival.sequence - next) as usize, Status::NotReceived);
        statuses.push(status);
        match status {
            Status::SmallDelta => deltas.push(delta as u8),
            _ => deltas.extend_from_slice(&(delta as i16).to_be_bytes()),
        }
        clock_us += delta * DELTA_UNIT_US;
        next = arrival.sequence + 1;
        covered += 1;
    }
    transport_feedback(buffer, 15, media_ssrc, |buffer| {
        buffer.extend_from_slice(&(base as u16).to_be_bytes());
        buffer.extend_from_slice(&(statuses.len() as u16).to_be_bytes());
        buffer.extend_from_slice(
            &((((reference as u32) & 0x00FF_FFFF) << 8) | u32::from(feedback_count)).to_be_bytes(),
        );
        write_chunks(buffer, &statuses);
        buffer.extend_from_slice(&deltas);
    });
    covered
}

/// Packet status chunks: a run where one pays, else seven two-bit symbols.
fn write_chunks(buffer: &mut Vec<u8>, mut statuses: &[Status]) {
    while let Some(&first) = statuses.first() {
        let run = statuses.iter().take_while(|status| **status == first).count();
        let (chunk, taken) = if run >= 7 || run == statuses.len() {
            (((first as u16) << 13) | run as u16, run)
        } else {
            let taken = statuses.len().min(7);
            let symbols = (0..7).fold(0, |chunk, index| {
                (chunk << 2) | statuses.get(index).map_or(0, |status| *status as u16)
            });
            (0xC000 | symbols, taken)
        };
        buffer.extend_from_slice(&chunk.to_be_bytes());
        statuses = &statuses[taken..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sequence: u64, ms: u64) -> Arrival {
        Arrival { sequence, at: Duration::from_millis(ms) }
    }

    /// Reads a message back: (base, [(sequence, Some(250 µs units since the reference))]).
    fn read(bytes: &[u8]) -> Vec<(u16, Option<i64>)> {
        let half = |index: usize| u16::from_be_bytes([bytes[index], bytes[index + 1]]);
        let (base, count) = (half(12), usize::from(half(14)));
        let mut symbols = Vec::new();
        let mut cursor = 20;
        while symbols.len() < count {
            let chunk = half(cursor);
            cursor += 2;
            if chunk & 0x8000 == 0 {
                symbols.extend(std::iter::repeat_n(chunk >> 13, usize::from(chunk & 0x1FFF)));
            } else {
                symbols.extend((0..7).map(|index| (chunk >> (12 - 2 * index)) & 3));
            }
        }
        symbols.truncate(count);
        let mut clock = 0;
        symbols
            .iter()
            .enumerate()
            .map(|(index, symbol)| {
                let sequence = base.wrapping_add(index as u16);
                let delta = match symbol {
                    0 => return (sequence, None),
                    1 => i64::from(bytes[cursor]),
                    _ => i64::from(half(cursor).cast_signed()),
                };
                cursor += if *symbol == 1 { 1 } else { 2 };
                clock += delta;
                (sequence, Some(clock))
            })
            .collect()
    }

    #[test]
    fn tells_arrivals_losses_and_reordering() {
        let mut buffer = Vec::new();
        // 64 ms is the reference; 12 came before 11; 13 and 14 are lost; 100 ms is more than a small delta holds.
        let arrivals = [at(10, 64), at(11, 66), at(12, 65), at(15, 165)];
        assert_eq!(write_transport_cc(&mut buffer, 7, 3, 9, &arrivals), 4);
        assert!(buffer.len().is_multiple_of(4));
        assert_eq!(usize::from(u16::from_be_bytes([buffer[2], buffer[3]])) * 4 + 4, buffer.len());
        assert_eq!(
            read(&buffer),
            [(9, None), (10, Some(0)), (11, Some(8)), (12, Some(4)), (13, None), (14, None), (15, Some(404))]
        );
    }

    #[test]
    fn long_runs_are_one_chunk_and_the_message_is_bounded() {
        let arrivals: Vec<_> = (0..1000).map(|index| at(65_000 + index, 1_000)).collect();
        let mut buffer = Vec::new();
        let covered = write_transport_cc(&mut buffer, 7, 0, 65_000, &arrivals);
        assert_eq!(covered, STATUS_COUNT_MAX as usize);
        assert!(buffer.len() < 500);
        assert_eq!(read(&buffer).len(), covered);
    }

    #[test]
    fn a_long_silence_starts_a_new_message() {
        let arrivals = [at(1, 0), at(2, 20_000)];
        let mut buffer = Vec::new();
        assert_eq!(write_transport_cc(&mut buffer, 7, 0, 1, &arrivals), 1);
        buffer.clear();
        assert_eq!(write_transport_cc(&mut buffer, 7, 1, 2, &arrivals[1..]), 1);
    }
}
