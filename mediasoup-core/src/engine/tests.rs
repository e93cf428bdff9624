//! An engine among peers: what goes in, what comes out.

use std::time::{Duration, Instant};

use super::{
    rtp::{Header, RtpPacket, write_packet},
    transport::remote::Check,
    world::{OUTGOING, ROUTER, World, video::*},
    *,
};
use crate::media::tap::TapEvent;

mod layers;
mod lifecycle;
mod media;
mod observers;
mod plain;
mod sim;
mod simulcast;
mod stats;
mod tap;
mod trace;

/// When a test begins. From there on time passes only as the test says.
#[expect(clippy::disallowed_methods, reason = "an Instant cannot be had otherwise")]
fn start() -> Instant {
    Instant::now()
}

impl World {
    fn new() -> Self {
        Self::starting_at(start(), Some(Duration::from_secs(30)))
    }

    /// Lets time pass, deadline by deadline.
    fn advance(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(due) = self.engine.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.engine.handle_timeout(self.now);
            self.run();
        }
        self.now = end;
    }

    fn send_rtcp(&mut self, tuple: Tuple, write: impl FnOnce(&mut Vec<u8>)) {
        let mut packet = Vec::new();
        write(&mut packet);
        let sealed = self.at(tuple).client.browser.seal_rtcp(packet);
        self.receive(tuple, sealed);
        self.run();
    }

    fn take_rtp(&mut self, tuple: Tuple) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.at(tuple).client.rtp)
    }

    fn taps(&mut self) -> Vec<TapEvent> {
        std::iter::from_fn(|| self.engine.poll_tap()).map(|(_, event)| event).collect()
    }

    fn take_rtcp(&mut self, tuple: Tuple) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.at(tuple).client.rtcp)
    }
}

/// What matters of the packets a viewer got: SSRC, payload type, sequence number, payload.
fn summary(packets: &[Vec<u8>]) -> Vec<(u32, u8, u16, Vec<u8>)> {
    packets
        .iter()
        .map(|bytes| {
            let packet = RtpPacket::parse(bytes).expect("it is RTP");
            (packet.ssrc, packet.payload_type, packet.sequence_number, packet.payload.to_vec())
        })
        .collect()
}
