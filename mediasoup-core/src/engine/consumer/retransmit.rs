//! Packets that the viewer has lost.

use std::time::Duration;

use super::{Consumer, Hop, Rtx, Source, resent::Turn, selector::Verdict};
use crate::engine::{
    codec::vp8,
    producer::Producer,
    rtp::{Header, RtpPacket},
};

/// A packet is not sent again within this, where the round trip is not known; never waited for longer than the second.
const RESEND_INTERVAL: Duration = Duration::from_millis(25);
const RESEND_INTERVAL_MAX: Duration = Duration::from_millis(250);

impl Consumer {
    /// Whether a packet is of what is sent now, not of before the last switch.
    pub(crate) fn is_of_now(&self, sequence_number: u16) -> bool {
        self.stretch.sequences.map_back(sequence_number).is_some()
    }

    /// Writes a lost packet again, as RTX (RFC 4588): as it was, or would have been, forwarded. Gives whether it is to be sent.
    ///
    /// A viewer without RTX gets none: under SRTP the same number cannot be sealed twice (RFC 7714 §8.1).
    pub(crate) fn retransmit(
        &mut self,
        hop: Hop,
        sequence_number: u16,
        is_copy: bool,
        producer: &Producer,
        buffer: &mut Vec<u8>,
    ) -> bool {
        let Some(rtx) = self.rtx else { return false };
        let found = std::iter::once(&self.stretch).chain(self.previous.as_deref()).find_map(|stretch| {
            stretch.sequences.map_back(sequence_number).map(|(input, output)| (stretch, input, output))
        });
        let Some((stretch, input, output)) = found else { return false };
        let Some(stream) = producer.stream(stretch.encoding) else { return false };
        let stored = stream.store.find(input);
        let Some(mut packet) = stored.and_then(|stored| RtpPacket::parse(stored.bytes())) else {
            return false;
        };
        let interval =
            self.reports.round_trip.map_or(RESEND_INTERVAL, |rtt| (rtt / 2).min(RESEND_INTERVAL_MAX));
        let turn = if is_copy {
            Turn::Again
        } else {
            let Some(turn) = self.resent.resend(hop.moment.now, output, interval) else { return false };
            turn
        };
        let mut joined = None;
        match stretch.selector.judge(input, &stream.place_of(&packet, &producer.extensions)) {
            Verdict::Forward(part) => {
                joined = self.joined(&packet, part);
                packet.marker |= part.ends_picture;
            }
            Verdict::LeaveOut => packet = RtpPacket { marker: false, payload: &[], ..packet },
        }
        let header = Header {
            marker: packet.marker,
            payload_type: rtx.payload_type,
            sequence_number: rtx.sequence_number,
            timestamp: packet.timestamp.wrapping_add(stretch.timestamp_shift.unwrap_or_default()),
            ssrc: rtx.ssrc,
        };
        self.rtx = Some(Rtx { sequence_number: rtx.sequence_number.wrapping_add(1), ..rtx });
        let source = Source {
            packet: &packet,
            extensions: &producer.extensions,
            payload_type: rtx.payload_type,
            is_red: false,
            padding: 0,
        };
        let picture = stretch.pictures.find(packet.payload);
        let prefix = sequence_number.to_be_bytes();
        match &joined {
            Some(joined) => {
                let [a, b, c, d, e] = joined.parts();
                self.write(hop, &header, &source, &[&prefix, a, b, c, d, e], buffer);
            }
            None => self.write(hop, &header, &source, &[&prefix, packet.payload], buffer),
        }
        if let Some(picture) = picture {
            let payload_start = buffer.len() - packet.payload.len();
            vp8::renumber(&mut buffer[payload_start..], picture);
        }
        self.counts.retransmitted += 1;
        self.counts.repaired += u64::from(turn == Turn::First);
        true
    }
}
