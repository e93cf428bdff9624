//! How a packet is written for the viewer.

use std::time::{Duration, Instant};

use super::Consumer;
use crate::engine::rtp::{
    Extension, ExtensionIds, ExtensionValue, Header, RtpPacket, abs_send_time, pad, write_packet,
};

/// When and how packets are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: Instant,
    /// Since the engine's epoch.
    pub(crate) since_epoch: Duration,
}

/// One packet's way to the viewer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    pub(crate) moment: Moment,
    /// The packet's transport-wide number.
    pub(crate) wide_sequence: u16,
}

/// A packet of the producer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) packet: &'a RtpPacket<'a>,
    /// The producer's ids of header extensions.
    pub(crate) extensions: &'a ExtensionIds,
    /// The router's payload type.
    pub(crate) payload_type: u8,
    /// It is RED.
    pub(crate) is_red: bool,
    /// Bytes that make it as long as others of its picture, to leave with them as one run.
    pub(crate) padding: u8,
}

impl Consumer {
    /// Header extensions are the consumer's own: made here where they are of this hop, copied where they are of the track.
    pub(super) fn write(
        &mut self,
        hop: Hop,
        header: &Header,
        source: &Source<'_>,
        payload: &[&[u8]],
        buffer: &mut Vec<u8>,
    ) {
        let Source { packet, extensions: ids, .. } = *source;
        let send_time = abs_send_time(hop.moment.since_epoch).to_be_bytes();
        let wide_sequence = hop.wide_sequence.to_be_bytes();
        let mut extensions = [ExtensionValue { id: 0, value: &[] }; ExtensionIds::LEN];
        let mut count = 0;
        for (extension, id) in self.extensions.iter() {
            let value = match extension {
                Extension::Mid => self.mid.as_deref().map(str::as_bytes),
                Extension::AbsSendTime => Some(&send_time[1..]),
                Extension::TransportWideCc => Some(&wide_sequence[..]),
                Extension::Rid | Extension::RepairedRid => None,
                of_the_track => packet.extensions.value(ids, of_the_track),
            };
            if let Some(value) = value {
                extensions[count] = ExtensionValue { id, value };
                count += 1;
            }
        }
        let start = buffer.len();
        write_packet(buffer, header, &extensions[..count], payload);
        pad(buffer, start, source.padding);
        let len = buffer.len() - start;
        self.meter.add(hop.moment.now, len);
    }
}
