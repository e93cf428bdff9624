//! The way of a message: in over a data producer's association, out over its consumers'.

use std::time::Instant;

use super::{consumer::Flow, wire::WireMessage};
use crate::{
    engine::{
        Engine,
        keys::{DataConsumerKey, DataProducerKey, TransportKey},
        outbox::Direct,
        transport::{
            Session,
            sctp::{Refused, SctpEvent, SctpMessage},
        },
    },
    media::{
        data::{SctpState, Subchannels},
        event::RouterEvent,
        transport::Tuple,
    },
};

impl Engine {
    /// Takes in what a peer sent over DTLS.
    pub(in crate::engine) fn receive_data(&mut self, now: Instant, key: TransportKey) {
        let peer = &mut self.peers[key.0];
        while let Some(packet) = peer.session.poll_data() {
            if let Some(association) = peer.data.as_mut().and_then(|data| data.link.association_mut()) {
                association.handle_packet(now, &packet);
            }
        }
        self.carry_on(now, key);
    }

    /// Takes in what came from there without DTLS. A transport without SCTP does not even learn from it where its peer is.
    pub(in crate::engine) fn receive_sctp(
        &mut self,
        now: Instant,
        key: TransportKey,
        tuple: Tuple,
        packet: &[u8],
    ) {
        let peer = &mut self.peers[key.0];
        let association = peer.data.as_mut().and_then(|data| data.link.association_mut());
        if let Some(association) = association
            && peer.session.admits_sctp(tuple)
        {
            association.handle_packet(now, packet);
            self.carry_on(now, key);
        }
    }

    /// Over UDP either side asks for an association: as soon as it has somebody to ask, and a channel.
    pub(in crate::engine) fn begin_sctp(&mut self, now: Instant, key: TransportKey) {
        let peer = &mut self.peers[key.0];
        let data = peer.data.as_mut().filter(|data| peer.session.is_connected() && data.has_channels());
        if let Some(association) = data.and_then(|data| data.link.association_mut())
            && association.begin(now)
        {
            self.on_sctp_state(key, SctpState::Connecting);
            self.flush_sctp(now, key);
        }
    }

    /// After packets of a peer: answers them, and hands on the messages they completed.
    fn carry_on(&mut self, now: Instant, key: TransportKey) {
        self.flush_sctp(now, key);
        while let Some(message) = self.peers[key.0].data.as_mut().and_then(|data| data.link.poll_message()) {
            self.on_message(now, key, message);
        }
    }

    pub(in crate::engine) fn handle_sctp_timeout(&mut self, now: Instant, key: TransportKey) {
        let peer = &mut self.peers[key.0];
        let data = peer.data.as_mut().filter(|_| peer.session.is_connected());
        let Some(data) = data else { return };
        if let Some(association) = data.link.association_mut()
            && association.poll_timeout().is_some_and(|at| at <= now)
        {
            association.handle_timeout(now);
            self.flush_sctp(now, key);
        }
    }

    /// Carries out what an association wants: packets sent, its owner told.
    pub(super) fn flush_sctp(&mut self, now: Instant, key: TransportKey) {
        while let Some(event) = self.peers[key.0].data.as_mut().and_then(|data| data.link.poll_event()) {
            match event {
                SctpEvent::Packet(packet) => {
                    self.peers[key.0].session.send_data(now, &packet);
                    self.drain_session(now, key);
                }
                SctpEvent::State(state) => self.on_sctp_state(key, state),
                SctpEvent::Reset(streams) => self.on_streams_reset(now, key, &streams),
                SctpEvent::BufferedAmountLow(stream) => self.on_drained(key, stream),
            }
        }
        let due = self.peers[key.0].data.as_ref().and_then(|data| data.link.poll_timeout());
        if let Some(due) = due {
            self.deadlines.sooner(key, due);
        }
    }

    /// Hands over what is for this process.
    fn hand_over(&mut self, key: TransportKey) {
        let peer = &mut self.peers[key.0];
        let Some(data) = &mut peer.data else { return };
        while let Some(SctpMessage { stream, ppid, payload }) = data.link.poll_direct() {
            if let Session::Bridge(id) = peer.session {
                self.outbox.bridged.push_back((id, Some(SctpMessage { stream, ppid, payload })));
            } else if let (Some(consumer), Some(message)) =
                (data.consumers.get(&stream), WireMessage::new(ppid, payload))
            {
                let data = Direct::Data(self.data.consumers[consumer.0].id, message.into());
                self.outbox.direct.push_back((peer.id, data));
            }
        }
    }

    fn on_sctp_state(&mut self, key: TransportKey, state: SctpState) {
        let peer = &self.peers[key.0];
        self.events.push_back((peer.router, RouterEvent::SctpState(peer.id, state)));
    }

    /// A channel is closed by closing both sides of it (RFC 8831 §6.7): the peer did the one, this does the other. Of a
    /// channel that is none any more, ours was closed first. A stream that is no channel has but the peer's side.
    fn on_streams_reset(&mut self, now: Instant, key: TransportKey, streams: &[u16]) {
        let data = self.peers[key.0].data.as_mut().filter(|data| data.link.is_data_channel());
        let Some(data) = data else { return };
        for stream in data.live_among(streams) {
            data.link.reset_stream(now, stream);
            if let Some(consumer) = data.consumers.get(&stream) {
                self.data.consumers[consumer.0].flow = Flow::Reset;
            }
        }
    }

    fn on_drained(&mut self, key: TransportKey, stream: u16) {
        let peer = &self.peers[key.0];
        let Some(data) = &peer.data else { return };
        let Some(consumer) = data.consumers.get(&stream).map(|key| &self.data.consumers[key.0]) else {
            return;
        };
        if consumer.tells_drained {
            let left = data.link.buffered_amount(stream) as u64;
            let event = RouterEvent::DataConsumerBufferedAmountLow(consumer.id, left);
            self.events.push_back((peer.router, event));
        }
    }

    /// A whole message came. What comes on a stream that is no data producer's is dropped.
    pub(in crate::engine) fn on_message(&mut self, now: Instant, key: TransportKey, message: SctpMessage) {
        let SctpMessage { stream, ppid, payload } = message;
        let producer = self.peers[key.0].data.as_ref().and_then(|data| data.producers.get(&stream).copied());
        if let (Some(producer), Some(message)) = (producer, WireMessage::new(ppid, payload))
            && self.data.producers[producer.0].receive(&message)
        {
            self.send_to_consumers(now, producer, &message, &Subchannels::default());
        }
    }

    pub(super) fn send_to_consumers(
        &mut self,
        now: Instant,
        producer: DataProducerKey,
        message: &WireMessage,
        subchannels: &Subchannels,
    ) {
        for index in 0..self.data.producers[producer.0].consumers.len() {
            let consumer = self.data.producers[producer.0].consumers[index];
            if self.data.consumers[consumer.0].wants(subchannels) {
                // Counted as dropped where it is refused; the others get theirs.
                let _refused = self.send_to(now, consumer, message.clone());
            }
        }
    }

    pub(super) fn send_to(
        &mut self,
        now: Instant,
        key: DataConsumerKey,
        message: WireMessage,
    ) -> Result<(), Refused> {
        let consumer = &mut self.data.consumers[key.0];
        let transport = consumer.transport;
        let peer = &mut self.peers[transport.0];
        let data = peer.data.as_mut().ok_or(Refused::Closed)?;
        let sent = consumer.send(now, &mut data.link, message);
        if sent == Err(Refused::BufferFull) && consumer.tell_full() {
            let event = RouterEvent::DataConsumerSendBufferFull(consumer.id);
            self.events.push_back((peer.router, event));
        }
        self.flush_sctp(now, transport);
        self.hand_over(transport);
        sent
    }
}
