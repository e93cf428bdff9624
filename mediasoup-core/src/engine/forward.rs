//! The way of a packet in, and what its loss leads to: from the producer's peer to those who go on with it.

use std::time::Instant;

use super::{
    Engine,
    consumer::{Hop, Moment},
    keys::{ConsumerKey, ProducerKey, TransportKey},
    listener::Route,
    peer::Peer,
    producer::{KeyFrameRequest, Producer, ReceiveStream, Received},
    rtcp::{write_fir, write_nack, write_pli},
    rtp::{Extension, RtpPacket, restore},
    traffic::Traffic,
};
use crate::media::{
    trace::{TraceDirection, TraceInfo},
    transport::Tuple,
};

impl Engine {
    /// Opens a packet and takes it in. It goes on with the next [`Engine::fan_out`].
    pub(super) fn gather_rtp(&mut self, now: Instant, key: TransportKey, tuple: Tuple, datagram: &mut [u8]) {
        let len = datagram.len();
        let peer = &mut self.peers[key.0];
        match peer.session.open_rtp(tuple, datagram) {
            Ok(plain) => self.gather_plain_rtp(now, key, plain, len),
            Err(_) => peer.traffic.discarded += 1,
        }
    }

    /// A packet that is authentic; `len`: bytes on the wire.
    pub(super) fn handle_plain_rtp(&mut self, now: Instant, key: TransportKey, plain: &mut [u8], len: usize) {
        self.gather_plain_rtp(now, key, plain, len);
        self.fan_out_all();
    }

    /// The same, that goes on with the next [`Engine::fan_out`].
    pub(super) fn gather_plain_rtp(&mut self, now: Instant, key: TransportKey, plain: &mut [u8], len: usize) {
        let moment = self.moment(now);
        let peer = &mut self.peers[key.0];
        let Some(route) = route(peer, moment, plain) else {
            peer.traffic.discarded += 1;
            return;
        };
        let feedback = peer.wide_cc.next_due();
        let Traffic { rtp_received, rtx_received, .. } = &mut peer.traffic;
        if route.is_rtx {
            rtx_received.add(now, len);
        } else {
            rtp_received.add(now, len);
        }
        if let Some(due) = feedback {
            self.deadlines.sooner(key, self.at_leisure(due));
        }
        let producer = &mut self.producers[route.producer.0];
        let Some((received, plain)) = receive(producer, moment, route, plain) else { return };
        if producer.paused {
            return;
        }
        if received.begins_size {
            // What came before is not for those who are to get the new size.
            self.fan_out_all();
            self.aim_consumers(now, route.producer);
        }
        self.after_receiving(now, route, &received);
        if let Some(packet) = RtpPacket::parse(plain) {
            self.tap_packet(now, route, &packet, &received);
            self.observe_packet(now, route.producer, &packet);
            self.trace_received(now, route, &packet, &received);
            self.gather(moment, route, received, plain);
        }
    }

    /// Asks for what the packet has shown to be missing.
    fn after_receiving(&mut self, now: Instant, route: Route, received: &Received) {
        let key = self.producers[route.producer.0].transport;
        if received.has_gap {
            self.send_due_nacks(now, route.producer, route.encoding);
        }
        if received.needs_key_frame || received.restarted {
            self.request_key_frame_of(now, route.producer, route.encoding);
        }
        if let Some(due) =
            self.producers[route.producer.0].stream(route.encoding).and_then(ReceiveStream::next_due)
        {
            self.deadlines.sooner(key, due);
        }
    }

    /// Sends again what a viewer has lost, as far as it is still there.
    pub(super) fn retransmit(&mut self, now: Instant, key: ConsumerKey, lost: impl Iterator<Item = u16>) {
        let moment = self.moment(now);
        let Self { producers, consumers, peers, outbox, deadlines, .. } = self;
        let consumer = &mut consumers[key.0];
        let producer = &producers[consumer.producer.0];
        let peer = &mut peers[consumer.transport.0];
        let copies = peer.egress.congestion.repair_copies(peer.traffic.sent.bitrate(now));
        let outgoing = consumer.outgoing(true);
        // What came before a key frame does a full path no good.
        let is_full = peer.egress.congestion.is_limited();
        for sequence_number in lost {
            if is_full && !consumer.is_of_now(sequence_number) {
                continue;
            }
            for copy in 0..copies {
                if !peer.egress.pacer.may_repair(now) {
                    return;
                }
                let hop = Hop { moment, wide_sequence: peer.wide_sequence() };
                let mut is_written = false;
                let waits = peer.send_rtp(now, outbox, outgoing, |buffer| {
                    is_written = consumer.retransmit(hop, sequence_number, copy > 0, producer, buffer);
                    is_written
                });
                if let Some(due) = waits {
                    deadlines.sooner(consumer.transport, due);
                }
                if !is_written {
                    break;
                }
            }
        }
    }

    /// Asks a stream's sender for the packets whose time has come.
    pub(super) fn send_due_nacks(&mut self, now: Instant, key: ProducerKey, encoding: usize) {
        let Self { producers, peers, outbox, .. } = self;
        let producer = &mut producers[key.0];
        let peer = &mut peers[producer.transport.0];
        let Some(stream) = producer.stream_mut(encoding) else { return };
        let mut lost = Vec::new();
        stream.take_due_nacks(now, peer.round_trip.unwrap_or(super::DEFAULT_ROUND_TRIP), &mut lost);
        if !lost.is_empty() {
            stream.count_nack(lost.len());
            let ssrc = stream.ssrc;
            peer.send_rtcp(now, outbox, |buffer| write_nack(buffer, ssrc, &lost));
            let info = TraceInfo::Nack { ssrc, packets: lost.len() };
            self.tell_producer_trace(now, key, TraceDirection::Out, info);
        }
    }

    /// A consumer needs a key frame of what it forwards. Nothing is asked for a viewer that cannot receive it yet: it
    /// would be lost, and the next one be due only later.
    pub(super) fn ask_for_key_frame(&mut self, now: Instant, key: ConsumerKey) {
        let consumer = &self.consumers[key.0];
        if !self.peers[consumer.transport.0].is_connected() {
            return;
        }
        if let Some(encoding) = consumer.layers.target_encoding() {
            self.request_key_frame_of(now, consumer.producer, encoding);
        }
    }

    /// Asks a stream's sender for a key frame, unless it was asked a moment ago or cannot hear it yet.
    pub(super) fn request_key_frame_of(&mut self, now: Instant, key: ProducerKey, encoding: usize) {
        let producer = &mut self.producers[key.0];
        let transport = producer.transport;
        if producer.paused || !self.peers[transport.0].is_connected() {
            return;
        }
        let Some(stream) = producer.stream_mut(encoding) else { return };
        if stream.key_frames.request(now) {
            self.send_key_frame_request(now, key, encoding);
        }
        if let Some(due) = self.producers[key.0].next_due() {
            self.deadlines.sooner(transport, due);
        }
    }

    /// The same, for all its streams.
    pub(super) fn request_key_frames_of(&mut self, now: Instant, key: ProducerKey) {
        for encoding in 0..self.producers[key.0].encoding_count() {
            self.request_key_frame_of(now, key, encoding);
        }
    }

    /// Writes the request, whatever was sent before.
    pub(super) fn send_key_frame_request(&mut self, now: Instant, key: ProducerKey, encoding: usize) {
        let Self { producers, peers, outbox, .. } = self;
        let producer = &mut producers[key.0];
        let peer = &mut peers[producer.transport.0];
        let Some(stream) = producer.stream_mut(encoding) else { return };
        let ssrc = stream.ssrc;
        let Some(request) = stream.key_frame_request() else { return };
        peer.send_rtcp(now, outbox, |buffer| match request {
            KeyFrameRequest::Pli => write_pli(buffer, ssrc),
            KeyFrameRequest::Fir { sequence_number } => write_fir(buffer, ssrc, sequence_number),
        });
        let info = match request {
            KeyFrameRequest::Pli => TraceInfo::Pli { ssrc },
            KeyFrameRequest::Fir { .. } => TraceInfo::Fir { ssrc },
        };
        self.tell_producer_trace(now, key, TraceDirection::Out, info);
    }
}

/// Reads an authentic packet far enough to know its stream, and takes note of its arrival.
fn route(peer: &mut Peer, moment: Moment, plain: &[u8]) -> Option<Route> {
    let packet = RtpPacket::parse(plain)?;
    let wide_sequence = packet.extensions.value(&peer.extensions, Extension::TransportWideCc);
    if let Some(number) = wide_sequence.and_then(|value| value.first_chunk()) {
        let number = u16::from_be_bytes(*number);
        peer.wide_cc.on_packet(moment.now, moment.since_epoch, number, packet.ssrc);
    }
    peer.listener.route(&packet, &peer.extensions)
}

/// Hands a packet to its stream, turned back from RTX where it is one. `None`: nothing new.
fn receive<'a>(
    producer: &mut Producer,
    moment: Moment,
    route: Route,
    plain: &'a mut [u8],
) -> Option<(Received, &'a [u8])> {
    producer.rename_blocks(plain)?;
    let ssrc = RtpPacket::parse(plain)?.ssrc;
    let extensions = producer.extensions;
    let stream = producer.stream_for(moment.now, route.encoding, ssrc, route.is_rtx)?;
    let plain = if route.is_rtx { restore(plain, stream.codec.payload_type, stream.ssrc)? } else { plain };
    let packet = RtpPacket::parse(plain)?;
    let received =
        stream.on_packet(moment.now, moment.since_epoch, &packet, &extensions, plain, route.is_rtx)?;
    Some((received, plain))
}
