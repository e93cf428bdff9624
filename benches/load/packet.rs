//! RTP and RTCP, as far as they are needed here.

use std::time::Duration;

const HEADER_LEN: usize = 12;
/// Seconds from the epoch of NTP to that of Unix.
const NTP_OFFSET: u64 = 2_208_988_800;
/// Whose reports ours are: any SSRC that no stream has.
const OWN_SSRC: u32 = 1;

pub(crate) struct Header {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
}

impl Header {
    pub(crate) fn write(&self, buffer: &mut Vec<u8>) {
        buffer.push(0x80);
        buffer.push((u8::from(self.marker) << 7) | self.payload_type);
        buffer.extend_from_slice(&self.sequence.to_be_bytes());
        buffer.extend_from_slice(&self.timestamp.to_be_bytes());
        buffer.extend_from_slice(&self.ssrc.to_be_bytes());
    }
}

/// Number and SSRC of an RTP packet.
pub(crate) fn stream(packet: &[u8]) -> Option<(u16, u32)> {
    let header: &[u8; HEADER_LEN] = packet.first_chunk()?;
    let sequence = u16::from_be_bytes([header[2], header[3]]);
    Some((sequence, u32::from_be_bytes([header[8], header[9], header[10], header[11]])))
}

/// A header extension of two bytes, in either form of RFC 8285.
pub(crate) fn extension(packet: &[u8], wanted: u8) -> Option<u16> {
    if packet.first()? & 0x10 == 0 {
        return None;
    }
    let at = HEADER_LEN + 4 * usize::from(packet[0] & 0x0F);
    let (head, rest) = packet.get(at..)?.split_first_chunk::<4>()?;
    let one_byte = head[..2] == [0xBE, 0xDE];
    let mut body = rest.get(..4 * usize::from(u16::from_be_bytes([head[2], head[3]])))?;
    while let Some((&first, after)) = body.split_first() {
        if first == 0 {
            body = after;
            continue;
        }
        let (id, len, after) = if one_byte {
            (first >> 4, usize::from(first & 0x0F) + 1, after)
        } else {
            (first, usize::from(*after.first()?), &after[1..])
        };
        let value = after.get(..len)?;
        if id == wanted {
            return value.first_chunk().map(|value| u16::from_be_bytes(*value));
        }
        body = &after[len..];
    }
    None
}

/// What a report says of one stream.
pub(crate) struct Block {
    pub(crate) ssrc: u32,
    pub(crate) fraction_lost: u8,
    pub(crate) lost: u64,
    pub(crate) highest: u32,
    /// Of the last sender report, the middle of its NTP time, and when it came.
    pub(crate) sender_report: Option<(u32, Duration)>,
}

/// Appends a receiver report about at most 31 streams.
pub(crate) fn write_receiver_report(buffer: &mut Vec<u8>, at: Duration, blocks: impl Iterator<Item = Block>) {
    let start = buffer.len();
    buffer.extend_from_slice(&[0x80, 201, 0, 0]);
    put(buffer, OWN_SSRC);
    for block in blocks.take(31) {
        buffer[start] += 1;
        let (last, held) = block.sender_report.unwrap_or_default();
        let delay = if last == 0 { 0.0 } else { at.saturating_sub(held).as_secs_f64() * 65_536.0 };
        put(buffer, block.ssrc);
        put(buffer, (u32::from(block.fraction_lost) << 24) | block.lost.min(0x7F_FFFF) as u32);
        put(buffer, block.highest);
        put(buffer, 0); // jitter
        put(buffer, last);
        put(buffer, delay as u32);
    }
    let words = (buffer.len() - start) / 4 - 1;
    buffer[start + 2..start + 4].copy_from_slice(&(words as u16).to_be_bytes());
}

/// Appends a sender report without blocks.
pub(crate) fn write_sender_report(buffer: &mut Vec<u8>, at: Duration, ssrc: u32, rtp: u32, sent: (u32, u32)) {
    buffer.extend_from_slice(&[0x80, 200, 0, 6]);
    put(buffer, ssrc);
    put(buffer, (at.as_secs() + NTP_OFFSET) as u32);
    put(buffer, ((u64::from(at.subsec_nanos()) << 32) / 1_000_000_000) as u32);
    put(buffer, rtp);
    put(buffer, sent.0);
    put(buffer, sent.1);
}

fn put(buffer: &mut Vec<u8>, word: u32) {
    buffer.extend_from_slice(&word.to_be_bytes());
}

/// What a client acts on.
#[derive(Debug, PartialEq)]
pub(crate) enum Told {
    /// The middle of its NTP time.
    SenderReport {
        ssrc: u32,
        ntp: u32,
    },
    KeyFrameWanted {
        ssrc: u32,
    },
}

/// Walks through a compound packet.
pub(crate) fn told(mut compound: &[u8], mut each: impl FnMut(Told)) {
    while let Some((head, rest)) = compound.split_first_chunk::<4>() {
        let len = 4 * usize::from(u16::from_be_bytes([head[2], head[3]]));
        let Some((body, after)) = rest.split_at_checked(len) else { return };
        let word = |index: usize| {
            body.get(4 * index..).and_then(<[u8]>::first_chunk).map(|word| u32::from_be_bytes(*word))
        };
        let found = match (head[1], head[0] & 0x1F) {
            (200, _) => word(0).zip(word(1)).zip(word(2)).map(|((ssrc, seconds), fraction)| {
                Told::SenderReport { ssrc, ntp: (seconds << 16) | (fraction >> 16) }
            }),
            (206, 1) => word(1).map(|ssrc| Told::KeyFrameWanted { ssrc }),
            (206, 4) => word(2).map(|ssrc| Told::KeyFrameWanted { ssrc }),
            _ => None,
        };
        found.into_iter().for_each(&mut each);
        compound = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_read_back() {
        let mut packet = Vec::new();
        Header { marker: true, payload_type: 96, sequence: 7, timestamp: 8, ssrc: 9 }.write(&mut packet);
        assert_eq!(stream(&packet), Some((7, 9)));
        assert_eq!(extension(&packet, 5), None);
        packet[0] |= 0x10;
        for body in [
            &[0xBE, 0xDE, 0, 2, 0x40, b'x', 0x51, 1, 2, 0, 0, 0][..],
            &[0x10, 0, 0, 2, 4, 0, 0, 5, 2, 1, 2, 0],
        ] {
            let packet = [&packet[..], body].concat();
            assert_eq!(extension(&packet, 5), Some(0x0102));
            assert_eq!(extension(&packet, 6), None);
        }
    }

    #[test]
    fn reports_read_back() {
        let mut compound = Vec::new();
        let at = Duration::new(1, 500_000_000);
        write_sender_report(&mut compound, at, 9, 0, (1, 2));
        let blocks = (0..40).map(|ssrc| Block {
            ssrc,
            fraction_lost: 0,
            lost: 0,
            highest: 0,
            sender_report: Some((5, Duration::from_secs(1))),
        });
        write_receiver_report(&mut compound, at, blocks);
        assert_eq!(compound.len(), 28 + 8 + 31 * 24);
        assert_eq!(compound[28], 0x80 | 31);
        // Half a second, in units of 1/65536 s.
        assert_eq!(compound[28 + 8 + 20..28 + 8 + 24], [0, 0, 0x80, 0]);
        compound.extend_from_slice(&[0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 7]);
        compound.extend_from_slice(&[0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0]);
        let mut all = Vec::new();
        told(&compound, |told| all.push(told));
        let ntp = ((NTP_OFFSET as u32 + 1) << 16) | 0x8000;
        assert_eq!(
            all,
            [
                Told::SenderReport { ssrc: 9, ntp },
                Told::KeyFrameWanted { ssrc: 7 },
                Told::KeyFrameWanted { ssrc: 8 }
            ]
        );
    }
}
