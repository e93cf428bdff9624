//! The way of packets out: from a producer to its consumers.
//!
//! Packets that come together go out together, viewer by viewer: to look up in memory what is known of a viewer takes longer
//! than to write a packet for it.

use std::{collections::VecDeque, time::Instant};

use super::{
    Engine,
    consumer::{Consumer, Hop, Moment, Source},
    gathered::{Arrival, Group},
    listener::Route,
    outbox::Outbox,
    peer::Peer,
    producer::{Producer, Received},
    rtp::RtpPacket,
    touch_all, trace,
};
use crate::{
    ids::RouterId,
    media::{event::RouterEvent, rtp::MediaKind},
};

/// So much to send is enough for a round: other work has waited meanwhile, some milliseconds.
const ENOUGH: usize = 2_000;
/// With so many viewers it pays to wait for the rest of a picture: their state is looked up once, and each gets one run.
const MANY: usize = 32;
/// Viewers whose state is brought into the cache at once.
const TOUCHED: usize = 8;

impl Engine {
    /// Lets a packet wait for those that come with it.
    pub(super) fn gather(&mut self, moment: Moment, route: Route, received: Received, plain: &[u8]) {
        let producer = &mut self.producers[route.producer.0];
        if producer.consumers.is_empty() {
            return;
        }
        // What follows on it has come: all that is to go before it goes now.
        if received.is_late {
            self.fan_out_all();
        }
        let producer = &mut self.producers[route.producer.0];
        let (place, group) = self.gathered.group(moment, route.producer, producer.gathered);
        producer.gathered = Some(place);
        group.push(route.encoding, received, plain);
        self.gathered.outgoing += producer.consumers.len();
        if producer.kind() == MediaKind::Video && producer.consumers.len() >= MANY {
            self.gathered.is_cut_short = RtpPacket::parse(plain).is_some_and(|packet| !packet.marker);
        }
        if received.is_late {
            self.fan_out_all();
        }
    }

    /// So much waits that it shall go on before more is taken in.
    pub(crate) fn has_enough(&self) -> bool {
        self.gathered.outgoing >= ENOUGH
    }

    /// The rest of a picture is worth waiting for, a moment.
    pub(crate) fn is_cut_short(&self) -> bool {
        self.gathered.is_cut_short && !self.has_enough()
    }

    /// Something waits to be sent on.
    pub(crate) fn has_gathered(&self) -> bool {
        !self.gathered.is_empty()
    }

    /// Sends on all that waits.
    pub(super) fn fan_out_all(&mut self) {
        while self.fan_out() {}
    }

    /// Sends on what waits, until the outbox is full. Gives whether there is more.
    pub(crate) fn fan_out(&mut self) -> bool {
        let mut gathered = std::mem::take(&mut self.gathered);
        let is_left = loop {
            let Some((group, first)) = gathered.next() else { break false };
            let next = self.fan_out_group(group, first);
            gathered.advance(next);
            if next.is_some() {
                break true;
            }
        };
        if !is_left {
            gathered.clear();
        }
        self.gathered = gathered;
        is_left
    }

    /// The same, of one group, from the `first` of the consumers on. Gives the next of them, if one is left.
    fn fan_out_group(&mut self, group: &Group, first: usize) -> Option<usize> {
        let timestamp_ms = self.timestamp_ms(group.moment.now);
        let Self { producers, consumers, peers, outbox, events, deadlines, .. } = self;
        let producer = &producers[group.producer.0];
        let arrivals = group.arrivals(producer);
        for (index, key) in producer.consumers.iter().enumerate().skip(first) {
            if (index - first).is_multiple_of(TOUCHED) {
                let next = producer.consumers.iter().skip(index).take(TOUCHED);
                let touched = next.map(|key| {
                    let consumer = &consumers[key.0];
                    consumer.touch() ^ peers[consumer.transport.0].touch()
                });
                touch_all(touched);
            }
            let consumer = &mut consumers[key.0];
            let peer = &mut peers[consumer.transport.0];
            let mut way = Way { moment: group.moment, timestamp_ms, peer, outbox, producer, events };
            let due = arrivals.iter().filter_map(|arrival| way.pass(consumer, arrival)).min();
            if let Some(due) = due {
                deadlines.sooner(consumer.transport, due);
            }
            if outbox.is_full() && index + 1 < producer.consumers.len() {
                return Some(index + 1);
            }
        }
        None
    }
}

/// From a producer to a viewer.
struct Way<'a> {
    moment: Moment,
    /// Since the engine started.
    timestamp_ms: u64,
    peer: &'a mut Peer,
    outbox: &'a mut Outbox,
    producer: &'a Producer,
    events: &'a mut VecDeque<(RouterId, RouterEvent)>,
}

impl Way<'_> {
    /// Sends a packet on, as far as it is for this viewer. Gives when something is due that waits.
    fn pass(&mut self, consumer: &mut Consumer, arrival: &Arrival<'_>) -> Option<Instant> {
        let Arrival { encoding, received, packet, payload_type, is_red, padding } = arrival;
        let before = consumer.encoding();
        if !consumer.takes(self.moment.now, self.producer, *encoding, packet, received) {
            return None;
        }
        if !self.peer.is_connected() {
            return None;
        }
        if consumer.encoding() < before {
            // It is to take less: what still waits has to make room.
            self.peer.egress.pacer.discard(consumer.ssrc);
        }
        let was_awaited = !consumer.is_flowing();
        let (extensions, payload_type, is_red) = (&self.producer.extensions, *payload_type, *is_red);
        // What stays in this process leaves in no run.
        let padding = if self.peer.session.is_of_network() { *padding } else { 0 };
        let source = Source { packet, extensions, payload_type, is_red, padding };
        let mut waits = self.send_on(consumer, &source, received);
        if was_awaited && received.is_late && consumer.is_flowing() {
            waits = self.catch_up(consumer, received.sequence).or(waits);
        }
        if let Some(header) = consumer.take_sent() {
            if self.peer.egress.congestion.is_lossy() && header.marker {
                waits = self.repeat_tail(consumer, header.sequence_number).or(waits);
            }
            if consumer.traces.has_packets() {
                let traced = trace::forwarded(consumer.traces, &header, &source, received, self.timestamp_ms);
                for event in traced {
                    self.tell(RouterEvent::ConsumerTrace(consumer.id, event));
                }
            }
        }
        if let Some(layers) = consumer.changed_layers() {
            self.tell(RouterEvent::ConsumerLayers(consumer.id, layers));
        }
        waits
    }

    fn tell(&mut self, event: RouterEvent) {
        self.events.push_back((self.peer.router, event));
    }

    fn send_on(
        &mut self,
        consumer: &mut Consumer,
        source: &Source<'_>,
        received: &Received,
    ) -> Option<Instant> {
        let hop = Hop { moment: self.moment, wide_sequence: self.peer.wide_sequence() };
        let outgoing = consumer.outgoing(false);
        self.peer.send_rtp(self.moment.now, self.outbox, outgoing, |buffer| {
            consumer.forward(hop, source, received, buffer)
        })
    }

    /// The start of a key frame was overtaken by what comes after it: sends that on too.
    fn catch_up(&mut self, consumer: &mut Consumer, start: u64) -> Option<Instant> {
        let stream = self.producer.stream(consumer.encoding())?;
        let mut waits = None;
        for stored in stream.store.after(start) {
            let Some(packet) = RtpPacket::parse(stored.bytes()) else { continue };
            let Some(payload_type) = self.producer.mapped_payload_type(packet.payload_type) else { continue };
            let extensions = &self.producer.extensions;
            let received = stream.received_before(stored.sequence, &packet, extensions);
            let is_red = self.producer.is_red(packet.payload_type);
            let source = Source { packet: &packet, extensions, payload_type, is_red, padding: 0 };
            waits = self.send_on(consumer, &source, &received).or(waits);
        }
        waits
    }

    /// Sends the end of a picture twice, on a path that loses much and has room: nothing tells the viewer that it is missing
    /// before the next picture comes, and then it is late.
    fn repeat_tail(&mut self, consumer: &mut Consumer, tail: u16) -> Option<Instant> {
        let now = self.moment.now;
        let bitrate = self.peer.traffic.sent.bitrate(now);
        if !consumer.is_video() || self.peer.egress.congestion.repair_copies(bitrate) < 2 {
            return None;
        }
        let hop = Hop { moment: self.moment, wide_sequence: self.peer.wide_sequence() };
        let outgoing = consumer.outgoing(true);
        self.peer.send_rtp(now, self.outbox, outgoing, |buffer| {
            consumer.retransmit(hop, tail, true, self.producer, buffer)
        })
    }
}
