//! Writing RTCP. Every function appends one packet to `buffer`; a compound packet is several calls.

use super::NtpTime;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;
const EXTENDED_REPORT: u8 = 207;

/// SSRC the server gives as its own where it sends no media on a transport.
const OWN_SSRC: u32 = 1;

/// Writes a packet's header, its body by `body`, zeros up to the next word, and then its length.
pub(super) fn packet(buffer: &mut Vec<u8>, packet_type: u8, count: u8, body: impl FnOnce(&mut Vec<u8>)) {
    let start = buffer.len();
    buffer.extend_from_slice(&[0x80 | count, packet_type, 0, 0]);
    body(buffer);
    // RTCP is made of words, counted from the packet's own start.
    let len = (buffer.len() - start).next_multiple_of(4);
    buffer.resize(start + len, 0);
    let words = (len / 4 - 1) as u16;
    buffer[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

/// A feedback packet: the two SSRCs, then `body`.
pub(super) fn feedback(
    buffer: &mut Vec<u8>,
    packet_type: u8,
    format: u8,
    media_ssrc: u32,
    body: impl FnOnce(&mut Vec<u8>),
) {
    packet(buffer, packet_type, format, |buffer| {
        put(buffer, OWN_SSRC);
        put(buffer, media_ssrc);
        body(buffer);
    });
}

pub(super) fn transport_feedback(
    buffer: &mut Vec<u8>,
    format: u8,
    media_ssrc: u32,
    body: impl FnOnce(&mut Vec<u8>),
) {
    feedback(buffer, TRANSPORT_FEEDBACK, format, media_ssrc, body);
}

fn put(buffer: &mut Vec<u8>, word: u32) {
    buffer.extend_from_slice(&word.to_be_bytes());
}

/// What a sender report says (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct SenderInfo {
    pub(crate) ssrc: u32,
    pub(crate) ntp: NtpTime,
    pub(crate) rtp_timestamp: u32,
    pub(crate) packet_count: u32,
    pub(crate) byte_count: u32,
}

pub(crate) fn write_sender_report(buffer: &mut Vec<u8>, info: &SenderInfo) {
    packet(buffer, SENDER_REPORT, 0, |buffer| {
        put(buffer, info.ssrc);
        buffer.extend_from_slice(&info.ntp.0.to_be_bytes());
        put(buffer, info.rtp_timestamp);
        put(buffer, info.packet_count);
        put(buffer, info.byte_count);
    });
}

/// A report block (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReportBlock {
    pub(crate) ssrc: u32,
    pub(crate) fraction_lost: u8,
    pub(crate) total_lost: i32,
    pub(crate) highest_sequence_number: u32,
    pub(crate) jitter: u32,
    pub(crate) last_sender_report: u32,
    pub(crate) delay: u32,
}

/// At most [`REPORT_BLOCKS_MAX`](super::REPORT_BLOCKS_MAX) blocks.
pub(crate) fn write_receiver_report(buffer: &mut Vec<u8>, blocks: &[ReportBlock]) {
    packet(buffer, RECEIVER_REPORT, blocks.len() as u8, |buffer| {
        put(buffer, OWN_SSRC);
        for block in blocks {
            put(buffer, block.ssrc);
            let total_lost = block.total_lost.clamp(-0x80_0000, 0x7F_FFFF).cast_unsigned() & 0x00FF_FFFF;
            put(buffer, (u32::from(block.fraction_lost) << 24) | total_lost);
            put(buffer, block.highest_sequence_number);
            put(buffer, block.jitter);
            put(buffer, block.last_sender_report);
            put(buffer, block.delay);
        }
    });
}

/// CNAME of a stream (RFC 3550 §6.5.1), cut to 255 bytes.
pub(crate) fn write_source_description(buffer: &mut Vec<u8>, ssrc: u32, cname: &str) {
    let cname = &cname.as_bytes()[..cname.len().min(255)];
    packet(buffer, SOURCE_DESCRIPTION, 1, |buffer| {
        put(buffer, ssrc);
        buffer.extend_from_slice(&[1, cname.len() as u8]);
        buffer.extend_from_slice(cname);
        buffer.push(0); // the end of the items; `packet` fills the word
    });
}

/// Asks for packets again (RFC 4585 §6.2.1). `lost` ascends; `u16` wraps are fine.
pub(crate) fn write_nack(buffer: &mut Vec<u8>, media_ssrc: u32, lost: &[u16]) {
    transport_feedback(buffer, 1, media_ssrc, |buffer| {
        let mut rest = lost;
        while let Some((&first, mut tail)) = rest.split_first() {
            let mut mask = 0_u16;
            while let Some((&next, further)) = tail.split_first() {
                let distance = next.wrapping_sub(first);
                if !(1..=16).contains(&distance) {
                    break;
                }
                mask |= 1 << (distance - 1);
                tail = further;
            }
            put(buffer, (u32::from(first) << 16) | u32::from(mask));
            rest = tail;
        }
    });
}

/// Picture loss (RFC 4585 §6.3.1).
pub(crate) fn write_pli(buffer: &mut Vec<u8>, media_ssrc: u32) {
    feedback(buffer, PAYLOAD_FEEDBACK, 1, media_ssrc, |_| {});
}

/// Full intra request (RFC 5104 §4.3.1); the sequence number tells a new request from a repeated one.
pub(crate) fn write_fir(buffer: &mut Vec<u8>, media_ssrc: u32, sequence_number: u8) {
    feedback(buffer, PAYLOAD_FEEDBACK, 4, 0, |buffer| {
        put(buffer, media_ssrc);
        put(buffer, u32::from(sequence_number) << 24);
    });
}

/// Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb §2.2), bit/s, for these streams.
pub(crate) fn write_remb(buffer: &mut Vec<u8>, bitrate: u64, ssrcs: &[u32]) {
    let ssrcs = &ssrcs[..ssrcs.len().min(255)];
    feedback(buffer, PAYLOAD_FEEDBACK, 15, 0, |buffer| {
        buffer.extend_from_slice(b"REMB");
        let exponent = (64 - bitrate.leading_zeros()).saturating_sub(18);
        let mantissa = (bitrate >> exponent) as u32;
        put(buffer, ((ssrcs.len() as u32) << 24) | (exponent << 18) | mantissa);
        for ssrc in ssrcs {
            put(buffer, *ssrc);
        }
    });
}

/// Receiver reference time (RFC 3611 §4.4): a sender answers it, and the round trip is known.
pub(crate) fn write_receiver_reference_time(buffer: &mut Vec<u8>, ntp: NtpTime) {
    packet(buffer, EXTENDED_REPORT, 0, |buffer| {
        put(buffer, OWN_SSRC);
        put(buffer, (4 << 24) | 2);
        buffer.extend_from_slice(&ntp.0.to_be_bytes());
    });
}

/// The answer to a reference time (RFC 3611 §4.5).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dlrr {
    pub(crate) ssrc: u32,
    /// Middle of the reference time, units of 1/65536 s.
    pub(crate) last: u32,
    /// Since it came, units of 1/65536 s.
    pub(crate) delay: u32,
}

pub(crate) fn write_dlrr(buffer: &mut Vec<u8>, sender_ssrc: u32, answer: &Dlrr) {
    packet(buffer, EXTENDED_REPORT, 0, |buffer| {
        put(buffer, sender_ssrc);
        put(buffer, (5 << 24) | 3);
        put(buffer, answer.ssrc);
        put(buffer, answer.last);
        put(buffer, answer.delay);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rtcp::{Packet, packets};

    fn read(compound: &[u8]) -> Vec<Packet<'_>> {
        let mut found = Vec::new();
        packets(compound, |packet| found.push(packet));
        found
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut buffer = Vec::new();
        let ntp = NtpTime(0x0102_0304_0506_0708);
        let info = SenderInfo { ssrc: 5, ntp, rtp_timestamp: 6, packet_count: 7, byte_count: 8 };
        write_sender_report(&mut buffer, &info);
        write_source_description(&mut buffer, 5, "abc");
        write_pli(&mut buffer, 9);
        write_fir(&mut buffer, 10, 3);
        write_receiver_reference_time(&mut buffer, ntp);
        write_dlrr(&mut buffer, 5, &Dlrr { ssrc: 1, last: 2, delay: 3 });
        let block =
            ReportBlock { ssrc: 4, fraction_lost: 9, total_lost: -2, jitter: 3, ..ReportBlock::default() };
        write_receiver_report(&mut buffer, &[block]);
        let expected_block = super::super::ReceivedReport {
            ssrc: 4,
            fraction_lost: 9,
            total_lost: -2,
            jitter: 3,
            last_sender_report: 0,
            delay: 0,
        };
        assert_eq!(
            read(&buffer),
            [
                Packet::SenderReport { ssrc: 5, ntp, rtp_timestamp: 6 },
                Packet::Pli { media_ssrc: 9 },
                Packet::Fir { media_ssrc: 10 },
                Packet::ReceiverReferenceTime { sender_ssrc: 1, ntp },
                Packet::Dlrr { ssrc: 1, last: 2, delay: 3 },
                Packet::Report(expected_block),
            ]
        );
    }

    #[test]
    fn nacks_pack_sixteen_followers_into_a_mask() {
        let lost = [65_534, 65_535, 0, 14, 15, 40];
        let mut buffer = Vec::new();
        write_nack(&mut buffer, 3, &lost);
        assert_eq!(buffer.len(), 12 + 3 * 4);
        let [Packet::Nack { media_ssrc: 3, entries }] = read(&buffer)[..] else { panic!("one NACK") };
        assert_eq!(entries.sequence_numbers().collect::<Vec<_>>(), lost);
    }

    #[test]
    fn remb_keeps_eighteen_bits_of_the_bitrate() {
        for (bitrate, expected) in
            [(0, 0), (100_000, 100_000), (1_000_000, 1_000_000), (u64::from(u32::MAX), 4_294_950_912)]
        {
            let mut buffer = Vec::new();
            write_remb(&mut buffer, bitrate, &[7]);
            let field = u32::from_be_bytes(buffer[16..20].try_into().unwrap());
            assert_eq!(u64::from(field & 0x3_FFFF) << ((field >> 18) & 0x3F), expected);
        }
    }

    #[test]
    fn nonsense_ends_the_walk() {
        for nonsense in [
            &[0x80, 200, 0, 9, 1][..],
            &[0x40, 200, 0, 0],
            &[0x9F, 201, 0, 1, 0, 0, 0, 1],
            &[0x81, 205, 0, 0],
        ] {
            assert_eq!(read(nonsense), []);
        }
    }
}
