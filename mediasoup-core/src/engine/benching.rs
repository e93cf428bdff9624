//! Entry points for benches.

use std::time::{Duration, Instant};

use super::{
    rtcp::{Arrival, write_transport_cc},
    world::{
        World,
        video::{DELTA_FRAME, KEY_FRAME, video_consumer, video_packet, video_producer},
    },
};
use crate::media::transport::Tuple;

pub use super::{
    client::Client,
    transport::benching::{ClientKeys, Profile, Srtp, ice_check},
};

/// Between two packets: a stream of 8 Mbit/s.
const PACKET_INTERVAL: Duration = Duration::from_millis(1);
/// Of a packet, decrypted.
const PACKET_LEN: usize = 1000;
const TRACK: u128 = 10;

/// Appends feedback of transport-wide congestion control, plain, about the first of `arrivals`: transport-wide numbers
/// that do not wrap, ascending, and when each came since some fixed moment; not empty. `base` is the first number to
/// speak of. Gives how many arrivals are covered.
///
/// # Panics
/// Without arrivals.
pub fn write_feedback(
    buffer: &mut Vec<u8>,
    media_ssrc: u32,
    count: u8,
    base: u64,
    arrivals: &[(u64, Duration)],
) -> usize {
    let arrivals: Vec<_> = arrivals.iter().map(|&(sequence, at)| Arrival { sequence, at }).collect();
    write_transport_cc(buffer, media_ssrc, count, base, &arrivals)
}

/// A sender, whose video an engine forwards to viewers, all connected and watching.
pub struct Forwarding {
    world: World,
    sender: Tuple,
    payload: Vec<u8>,
    /// Sent so far.
    packets: u32,
}

impl Forwarding {
    /// Time begins at `start`, and goes on with the packets.
    #[must_use]
    pub fn new(start: Instant, viewers: u16) -> Self {
        // No viewer answers, so none may be missed.
        let mut world = World::starting_at(start, None);
        let sender = world.client(0);
        world.produce(sender, video_producer(TRACK));
        for number in 1..=viewers {
            let viewer = world.client(number);
            world.consume(viewer, video_consumer(number.into(), TRACK));
        }
        world.send_rtp(sender, video_packet(0, 0, KEY_FRAME));
        let mut payload = DELTA_FRAME.to_vec();
        let header_len = video_packet(0, 0, &[]).len();
        payload.resize(PACKET_LEN - header_len, 0xab);
        Self { world, sender, payload, packets: 0 }
    }

    /// The sender's next packet of 1,000 bytes, sealed, as the network would bring it.
    pub fn next_packet(&mut self) -> Vec<u8> {
        self.packets = self.packets.wrapping_add(1);
        // 90 ticks of the clock in each interval.
        let packet = video_packet(self.packets as u16, self.packets.wrapping_mul(90), &self.payload);
        self.world.at(self.sender).client.browser.seal_rtp(packet)
    }

    /// Takes a packet in, and all it leads to out, reports and feedback included. Gives how many datagrams that is.
    pub fn forward(&mut self, packet: &mut [u8]) -> usize {
        let World { now, engine, .. } = &mut self.world;
        *now += PACKET_INTERVAL;
        if engine.poll_timeout().is_some_and(|due| due <= *now) {
            engine.handle_timeout(*now);
        }
        engine.handle_datagram(*now, self.sender, packet);
        let sent = engine.transmits().map(|transmit| transmit.datagrams().count()).sum();
        engine.clear_transmits();
        while engine.poll_event().is_some() {}
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    fn every_packet_goes_to_every_viewer() {
        let mut forwarding = Forwarding::new(Instant::now(), 3);
        for _ in 0..10 {
            let mut packet = forwarding.next_packet();
            assert_eq!(packet.len(), PACKET_LEN + 16);
            let sent = forwarding.forward(&mut packet);
            assert!(sent >= 3, "{sent}");
        }
    }
}
