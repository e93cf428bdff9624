//! One stream of RTP: from packets as they came to packets in order, each with its time.

use std::{collections::VecDeque, time::Duration};

use super::{
    clock::{PLAUSIBLE, StreamClock},
    delay_line::DelayLine,
    sender_clock::SenderClock,
    studio::OrderedPacket,
};
use crate::recording::log::{LoggedPacket, LoggedSenderReport};

/// Of all packets, those that came until `heard` and are due by `due`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Horizon {
    pub(super) heard: Duration,
    pub(super) due: Duration,
}

impl Horizon {
    /// All that is due by then: no packet is heard later than [`PLAUSIBLE`] after it is due.
    pub(super) fn due(due: Duration) -> Self {
        Self { heard: due + PLAUSIBLE, due }
    }
}

/// A packet whose time is known.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) packet: OrderedPacket,
    /// Degrees, clockwise; `None`: as before.
    pub(super) rotation: Option<u16>,
}

/// The packets of one encoding.
#[derive(Debug)]
pub(super) struct Stream {
    clock: StreamClock,
    line: DelayLine,
    placed: VecDeque<Placed>,
    /// How many packets were left out: what has no payload is for the network only, and no loss.
    left_out: u64,
}

impl Stream {
    pub(super) fn new(clock_rate: u32) -> Self {
        let clock = StreamClock::new(clock_rate);
        Self { clock, line: DelayLine::default(), placed: VecDeque::new(), left_out: 0 }
    }

    pub(super) fn take(&mut self, packet: LoggedPacket) {
        self.clock.arrive(packet.timestamp, packet.at);
        self.line.push(packet);
    }

    pub(super) fn report(&mut self, report: &LoggedSenderReport, sender: &mut SenderClock) {
        if self.clock.report(report.rtp_timestamp, report.ntp) {
            sender.hear(report.at, report.ntp);
        }
    }

    /// The next packet within the horizon.
    pub(super) fn pop(&mut self, horizon: Horizon, sender: &SenderClock) -> Option<Placed> {
        while let Some((heard, packet)) = self.line.pop(horizon.heard) {
            if packet.payload.is_empty() {
                self.left_out += 1;
                continue;
            }
            let at = self.clock.place(packet.timestamp, heard, sender);
            let LoggedPacket { sequence, timestamp, marker, is_key_frame, rotation, payload, .. } = packet;
            let sequence = sequence.wrapping_sub(self.left_out);
            let packet = OrderedPacket { at, sequence, timestamp, marker, is_key_frame, payload };
            self.placed.push_back(Placed { packet, rotation });
        }
        self.placed.pop_front_if(|placed| placed.packet.at <= horizon.due)
    }
}
