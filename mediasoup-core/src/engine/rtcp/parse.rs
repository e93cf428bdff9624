//! Reading a compound packet in place. Total: what is malformed ends the walk, what is unknown is passed over.

use super::{Arrivals, NtpTime};

/// A part of a compound packet that the engine acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    /// What a peer says of a stream it sends.
    SenderReport { ssrc: u32, ntp: NtpTime, rtp_timestamp: u32 },
    /// What a peer says of a stream it receives; stands in sender and receiver reports alike.
    Report(ReceivedReport),
    /// Lost packets of a stream: (packet id, bit mask) pairs (RFC 4585 §6.2.1).
    Nack { media_ssrc: u32, entries: NackEntries<'a> },
    /// Picture loss (RFC 4585 §6.3.1).
    Pli { media_ssrc: u32 },
    /// Full intra request for one stream (RFC 5104 §4.3.1).
    Fir { media_ssrc: u32 },
    /// When packets of the whole transport arrived.
    TransportCc(Arrivals<'a>),
    /// What a receiver estimates the path to carry, bit/s (draft-alvestrand-rmcat-remb-03 §2.2).
    Remb { bitrate: u64 },
    /// Receiver reference time (RFC 3611 §4.4).
    ReceiverReferenceTime { sender_ssrc: u32, ntp: NtpTime },
    /// Answer to our reference time (RFC 3611 §4.5), units of 1/65536 s.
    Dlrr { ssrc: u32, last: u32, delay: u32 },
}

/// A report block (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReceivedReport {
    pub(crate) ssrc: u32,
    /// 1/256 of the packets since the last report.
    pub(crate) fraction_lost: u8,
    /// Since the beginning; may be negative where packets came twice.
    pub(crate) total_lost: i32,
    /// Timestamp units.
    pub(crate) jitter: u32,
    /// Of the sender report it answers, units of 1/65536 s; 0: none.
    pub(crate) last_sender_report: u32,
    /// Since that report, units of 1/65536 s.
    pub(crate) delay: u32,
}

/// The entries of a NACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NackEntries<'a>(&'a [u8]);

impl NackEntries<'_> {
    /// The sequence numbers asked for, at most 17 an entry.
    pub(crate) fn sequence_numbers(self) -> impl Iterator<Item = u16> {
        self.0.as_chunks::<4>().0.iter().flat_map(|entry| {
            let first = u16::from_be_bytes([entry[0], entry[1]]);
            let mask = u16::from_be_bytes([entry[2], entry[3]]);
            let following =
                (0..16).filter(move |bit| mask & (1 << bit) != 0).map(move |bit| first.wrapping_add(bit + 1));
            std::iter::once(first).chain(following)
        })
    }
}

/// Walks through a compound packet.
pub(crate) fn packets<'a>(mut compound: &'a [u8], mut visit: impl FnMut(Packet<'a>)) {
    while let Some((header, rest)) = compound.split_first_chunk::<4>() {
        let len = 4 * usize::from(u16::from_be_bytes([header[2], header[3]]));
        let Some((body, tail)) = rest.split_at_checked(len) else { return };
        if header[0] >> 6 != 2 {
            return;
        }
        let count = header[0] & 0x1F;
        match header[1] {
            200 => sender_report(body, count, &mut visit),
            201 => report_blocks(body.get(4..).unwrap_or_default(), count, &mut visit),
            205 => transport_feedback(body, count, &mut visit),
            206 => payload_feedback(body, count, &mut visit),
            207 => extended_report(body, &mut visit),
            _ => {}
        }
        compound = tail;
    }
}

fn word(bytes: &[u8], index: usize) -> Option<u32> {
    bytes.get(4 * index..)?.first_chunk().map(|chunk| u32::from_be_bytes(*chunk))
}

fn ntp(bytes: &[u8], index: usize) -> Option<NtpTime> {
    Some(NtpTime((u64::from(word(bytes, index)?) << 32) | u64::from(word(bytes, index + 1)?)))
}

fn sender_report<'a>(body: &'a [u8], count: u8, visit: &mut impl FnMut(Packet<'a>)) {
    let (Some(ssrc), Some(ntp), Some(rtp_timestamp)) = (word(body, 0), ntp(body, 1), word(body, 3)) else {
        return;
    };
    visit(Packet::SenderReport { ssrc, ntp, rtp_timestamp });
    report_blocks(body.get(24..).unwrap_or_default(), count, visit);
}

fn report_blocks<'a>(body: &'a [u8], count: u8, visit: &mut impl FnMut(Packet<'a>)) {
    for block in body.as_chunks::<24>().0.iter().take(usize::from(count)) {
        let word = |index| word(block, index).unwrap_or_default();
        // 24 bits, signed.
        let total_lost = (word(1) << 8).cast_signed() >> 8;
        visit(Packet::Report(ReceivedReport {
            ssrc: word(0),
            fraction_lost: block[4],
            total_lost,
            jitter: word(3),
            last_sender_report: word(4),
            delay: word(5),
        }));
    }
}

fn transport_feedback<'a>(body: &'a [u8], format: u8, visit: &mut impl FnMut(Packet<'a>)) {
    let (Some(media_ssrc), Some(rest)) = (word(body, 1), body.get(8..)) else { return };
    match format {
        1 => visit(Packet::Nack { media_ssrc, entries: NackEntries(rest) }),
        15 => {
            if let Some(arrivals) = Arrivals::parse(rest) {
                visit(Packet::TransportCc(arrivals));
            }
        }
        _ => {}
    }
}

fn payload_feedback<'a>(body: &'a [u8], format: u8, visit: &mut impl FnMut(Packet<'a>)) {
    match (format, word(body, 1)) {
        (1, Some(media_ssrc)) => visit(Packet::Pli { media_ssrc }),
        (4, Some(_)) => {
            for entry in body.get(8..).unwrap_or_default().as_chunks::<8>().0 {
                visit(Packet::Fir {
                    media_ssrc: u32::from_be_bytes([entry[0], entry[1], entry[2], entry[3]]),
                });
            }
        }
        (15, Some(_)) if body.get(8..12) == Some(b"REMB") => {
            let Some(word) = word(body, 3) else { return };
            let (exponent, mantissa) = ((word >> 18) & 0x3F, u64::from(word & 0x3_FFFF));
            visit(Packet::Remb { bitrate: mantissa.checked_shl(exponent).unwrap_or(u64::MAX) });
        }
        _ => {}
    }
}

fn extended_report<'a>(body: &'a [u8], visit: &mut impl FnMut(Packet<'a>)) {
    let (Some(sender_ssrc), Some(mut blocks)) = (word(body, 0), body.get(4..)) else { return };
    while let Some((header, rest)) = blocks.split_first_chunk::<4>() {
        let len = 4 * usize::from(u16::from_be_bytes([header[2], header[3]]));
        let Some((block, tail)) = rest.split_at_checked(len) else { return };
        match header[0] {
            4 => {
                if let Some(ntp) = ntp(block, 0) {
                    visit(Packet::ReceiverReferenceTime { sender_ssrc, ntp });
                }
            }
            5 => {
                for entry in block.as_chunks::<12>().0 {
                    let word = |index| word(entry, index).unwrap_or_default();
                    visit(Packet::Dlrr { ssrc: word(0), last: word(1), delay: word(2) });
                }
            }
            _ => {}
        }
        blocks = tail;
    }
}
