//! What of a producer's packets a viewer gets, and as what.

use std::time::Instant;

use super::{
    Consumer, Flow, Hop, Newest, Source,
    selector::{Part, Verdict},
    stretch::Stretch,
};
use crate::engine::{
    codec::{
        Codec,
        av1::{self, Joint},
        red,
    },
    producer::{Producer, Received},
    rtp::{Extension, Header, RtpPacket},
};

impl Consumer {
    /// Whether a packet of `encoding` is for this viewer: of the encoding it gets, or the first of the one it is to get
    /// from now on.
    pub(crate) fn takes(
        &mut self,
        now: Instant,
        producer: &Producer,
        encoding: usize,
        packet: &RtpPacket<'_>,
        received: &Received,
    ) -> bool {
        if encoding == self.encoding() {
            return true;
        }
        if self.layers.target_encoding() != Some(encoding)
            || !received.is_key_frame
            || self.flow == Flow::Paused
        {
            return false;
        }
        let mut stretch = Stretch::new(encoding, self.stretch.sequences.next_output());
        if let (Some(newest), Some(shift)) = (self.newest, self.stretch.timestamp_shift) {
            let same_clock = producer.timestamp_offset(self.encoding(), encoding);
            let shift = same_clock.map(|offset| shift.wrapping_add(offset)).filter(|shift| {
                packet.timestamp.wrapping_add(*shift).wrapping_sub(newest.timestamp).cast_signed() > 0
            });
            stretch.timestamp_shift =
                Some(shift.unwrap_or_else(|| self.shift_by_clock(now, newest, packet.timestamp)));
        }
        self.previous = Some(Box::new(std::mem::replace(&mut self.stretch, stretch)));
        self.await_key_frame();
        true
    }

    /// Writes the packet for the viewer. Gives whether it is to be sent.
    pub(crate) fn forward(
        &mut self,
        hop: Hop,
        source: &Source<'_>,
        received: &Received,
        buffer: &mut Vec<u8>,
    ) -> bool {
        let primary;
        let source = if source.is_red && !self.payload_types.contains(&source.payload_type) {
            let Some((payload_type, payload)) = red::primary(source.packet.payload) else { return false };
            primary = RtpPacket { payload, ..*source.packet };
            &Source { packet: &primary, payload_type, ..*source }
        } else {
            source
        };
        let Source { packet, payload_type, .. } = *source;
        let now = hop.moment.now;
        let Some(target) = self.forwarded() else {
            self.await_key_frame();
            return false;
        };
        if self.flow == Flow::Paused || !self.payload_types.contains(&payload_type) {
            return false;
        }
        if received.restarted {
            self.restart_timeline(now, packet.timestamp);
            self.await_key_frame();
        }
        if self.flow == Flow::Awaiting {
            if self.codec.codec.has_key_frames() && !received.is_key_frame {
                return false;
            }
            self.stretch.sequences.resume_at(received.sequence);
            if self.codec.codec == Codec::Vp8 {
                self.stretch.pictures.follow_on(self.newest_picture, packet.payload);
            }
            self.flow = Flow::Flowing;
        }
        let verdict = if packet.payload.is_empty() {
            Verdict::LeaveOut
        } else {
            self.stretch.selector.pass(received, packet.timestamp, target)
        };
        let Verdict::Forward(part) = verdict else {
            return self.leave_out(hop, source, received.sequence, buffer);
        };
        let Some(output) = self.stretch.sequences.map(received.sequence) else { return false };
        let header = Header {
            marker: packet.marker || part.ends_picture,
            payload_type,
            sequence_number: output as u16,
            timestamp: self.timestamp(now, packet.timestamp),
            ssrc: self.ssrc,
        };
        match self.joined(packet, part) {
            Some(joined) => self.write(hop, &header, source, &joined.parts(), buffer),
            None => self.write(hop, &header, source, &[packet.payload], buffer),
        }
        if self.codec.codec == Codec::Vp8 {
            let payload_start = buffer.len() - usize::from(source.padding) - packet.payload.len();
            let picture = self.stretch.pictures.renumber(&mut buffer[payload_start..]);
            if let (Some(picture), newest) = (picture, self.newest_picture)
                && newest.is_none_or(|newest| picture.is_after(newest))
            {
                self.newest_picture = Some(picture);
            }
        }
        self.counts.packets += 1;
        self.counts.payload_bytes += packet.payload.len() as u64;
        self.sent = Some(header);
        true
    }

    /// The header of what was forwarded last, once.
    pub(crate) fn take_sent(&mut self) -> Option<Header> {
        self.sent.take()
    }

    /// A packet that is not for this viewer. Where its number was kept because it came late, the viewer gets an empty packet:
    /// else it would ask for that number in vain. Gives whether one is to be sent.
    fn leave_out(&mut self, hop: Hop, source: &Source<'_>, sequence: u64, buffer: &mut Vec<u8>) -> bool {
        if self.codec.codec == Codec::Vp8 && !source.packet.payload.is_empty() {
            self.stretch.pictures.leave_out(source.packet.payload);
        }
        let Some(output) = self.stretch.sequences.leave_out(sequence) else { return false };
        let header = Header {
            marker: false,
            payload_type: source.payload_type,
            sequence_number: output as u16,
            timestamp: source.packet.timestamp.wrapping_add(self.stretch.timestamp_shift.unwrap_or_default()),
            ssrc: self.ssrc,
        };
        self.write(hop, &header, &Source { padding: 0, ..*source }, &[], buffer);
        self.counts.packets += 1;
        true
    }

    /// The payload, where it is to be sent as another.
    pub(super) fn joined<'a>(&self, packet: &RtpPacket<'a>, part: Part) -> Option<av1::Joined<'a>> {
        // Who reads the descriptor needs no help, and would be misled.
        let is_blind = self.extensions.id(Extension::DependencyDescriptor).is_none();
        if self.codec.codec != Codec::Av1 || !is_blind {
            return None;
        }
        let Joint { follows_frame, precedes_frame } = part.joint;
        let joint = Joint { follows_frame, precedes_frame: precedes_frame && !packet.marker };
        av1::join(packet.payload, joint)
    }

    fn timestamp(&mut self, now: Instant, source: u32) -> u32 {
        let first_shift = self.first_timestamp.wrapping_sub(source);
        let timestamp = source.wrapping_add(*self.stretch.timestamp_shift.get_or_insert(first_shift));
        if self.newest.is_none_or(|newest| timestamp.wrapping_sub(newest.timestamp).cast_signed() > 0) {
            self.newest = Some(Newest { timestamp, at: now });
        }
        timestamp
    }

    /// The shift with which a timestamp follows on the newest by the time that has passed.
    fn shift_by_clock(&self, now: Instant, newest: Newest, source: u32) -> u32 {
        let passed =
            now.saturating_duration_since(newest.at).as_secs_f64() * f64::from(self.codec.clock_rate);
        newest.timestamp.wrapping_add(1).wrapping_add(passed as u64 as u32).wrapping_sub(source)
    }

    /// The producer's timestamps began anew at `source`: the viewer's go on by the time that has passed.
    fn restart_timeline(&mut self, now: Instant, source: u32) {
        if let Some(newest) = self.newest {
            self.stretch.timestamp_shift = Some(self.shift_by_clock(now, newest, source));
        }
    }
}
