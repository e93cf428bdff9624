//! Routers that are listened to: what their producers send is told beside being forwarded.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use super::{
    Engine,
    listener::Route,
    producer::{Producer, Received},
    rtcp::NtpTime,
    rtp::{Extension, RtpPacket},
};
use crate::{
    ids::RouterId,
    media::tap::{TapEvent, TapPacket, TapSenderReport},
};

/// A packet that is missing for so long will hardly come: a key frame is asked for instead. Viewers ask themselves.
const PATIENCE: Duration = Duration::from_millis(300);

/// The routers with a tap, and what they have to tell.
#[derive(Debug, Default)]
pub(super) struct Taps {
    routers: BTreeSet<RouterId>,
    events: VecDeque<(RouterId, TapEvent)>,
}

impl Taps {
    pub(super) fn has(&self, router: RouterId) -> bool {
        self.routers.contains(&router)
    }

    pub(super) fn close(&mut self, router: RouterId) {
        self.routers.remove(&router);
    }
}

impl Engine {
    /// Tells what the router's producers send, from now on, and asks each for a key frame. `false`: no such router.
    pub(crate) fn tap_router(&mut self, now: Instant, router: RouterId) -> bool {
        let Some(peers) = self.routers.get(&router) else { return false };
        self.taps.routers.insert(router);
        let producers: Vec<_> =
            peers.iter().flat_map(|peer| self.peers[peer.0].producers.iter().copied()).collect();
        for producer in producers {
            self.request_key_frames_of(now, producer);
        }
        true
    }

    pub(crate) fn untap_router(&mut self, router: RouterId) {
        self.taps.close(router);
    }

    /// The next thing heard on a tap.
    pub(crate) fn poll_tap(&mut self) -> Option<(RouterId, TapEvent)> {
        self.taps.events.pop_front()
    }

    /// A packet is about to be forwarded.
    pub(super) fn tap_packet(
        &mut self,
        now: Instant,
        route: Route,
        packet: &RtpPacket<'_>,
        received: &Received,
    ) {
        let producer = &self.producers[route.producer.0];
        let router = self.peers[producer.transport.0].router;
        if !self.taps.has(router) || producer.mapped_payload_type(packet.payload_type).is_none() {
            return;
        }
        let event = TapEvent::Packet(TapPacket {
            producer_id: producer.id,
            encoding: route.encoding as u8,
            arrival: now,
            sequence: received.sequence,
            timestamp: packet.timestamp,
            marker: packet.marker,
            payload_type: packet.payload_type,
            is_key_frame: received.is_key_frame,
            rotation: rotation(producer, packet),
            payload: packet.payload.into(),
        });
        let stream = producer.stream(route.encoding);
        let gave_up = stream.is_some_and(|stream| stream.has_waited(now, PATIENCE));
        self.taps.events.push_back((router, event));
        if gave_up {
            self.request_key_frame_of(now, route.producer, route.encoding);
        }
    }

    pub(super) fn tap_sender_report(&mut self, now: Instant, route: Route, ntp: NtpTime, rtp_timestamp: u32) {
        let producer = &self.producers[route.producer.0];
        let router = self.peers[producer.transport.0].router;
        if self.taps.has(router) && !producer.paused {
            let event = TapEvent::SenderReport(TapSenderReport {
                producer_id: producer.id,
                encoding: route.encoding as u8,
                arrival: now,
                ntp: ntp.0,
                rtp_timestamp,
            });
            self.taps.events.push_back((router, event));
        }
    }
}

/// 3GPP TS 26.114 §7.4.5: the last two bits are quarter turns.
fn rotation(producer: &Producer, packet: &RtpPacket<'_>) -> Option<u16> {
    let orientation = packet.extensions.value(&producer.extensions, Extension::VideoOrientation)?;
    Some(u16::from(orientation.first()? & 3) * 90)
}
