//! Single packets and requests, told while somebody wants to know: see [`crate::media::trace`].

use std::{collections::BTreeSet, time::Instant};

use super::{
    Engine,
    consumer::Source,
    keys::{ConsumerKey, ProducerKey, TransportKey},
    listener::Route,
    producer::Received,
    rtp::{Header, RtpPacket},
};
use crate::{
    ids::{ConsumerId, ProducerId, TransportId},
    media::{
        error::{ConsumeError, ProduceError, TransportError},
        event::RouterEvent,
        trace::{RtpTrace, TraceDirection, TraceEvent, TraceEventType, TraceInfo},
    },
};

/// What is to be told of an entity. Costs a comparison where that is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traces(u8);

impl Traces {
    pub(crate) fn of(types: &BTreeSet<TraceEventType>) -> Self {
        Self(types.iter().fold(0, |bits, wanted| bits | bit(*wanted)))
    }

    pub(crate) fn types(self) -> Vec<TraceEventType> {
        TraceEventType::ALL.into_iter().filter(|known| self.has(*known)).collect()
    }

    pub(crate) fn has(self, wanted: TraceEventType) -> bool {
        self.0 & bit(wanted) != 0
    }

    pub(crate) fn has_packets(self) -> bool {
        self.has(TraceEventType::Rtp) || self.has(TraceEventType::Keyframe)
    }
}

fn bit(wanted: TraceEventType) -> u8 {
    match wanted {
        TraceEventType::Rtp => 1,
        TraceEventType::Keyframe => 1 << 1,
        TraceEventType::Nack => 1 << 2,
        TraceEventType::Pli => 1 << 3,
        TraceEventType::Fir => 1 << 4,
        TraceEventType::Sr => 1 << 5,
        TraceEventType::Probation => 1 << 6,
        TraceEventType::Bwe => 1 << 7,
    }
}

/// A packet, with the header it has where it was seen.
pub(super) fn rtp_trace(header: &Header, payload_size: usize, received: &Received, is_rtx: bool) -> RtpTrace {
    let layer = received.place.layer();
    RtpTrace {
        payload_type: header.payload_type,
        sequence_number: header.sequence_number,
        timestamp: header.timestamp,
        marker: header.marker,
        ssrc: header.ssrc,
        is_key_frame: received.is_key_frame,
        is_rtx,
        payload_size,
        spatial_layer: layer.spatial,
        temporal_layer: layer.temporal,
    }
}

/// What a packet is told as: itself, and the start of a key frame.
pub(super) fn packet_infos(traces: Traces, packet: RtpTrace) -> impl Iterator<Item = TraceInfo> {
    let key_frame = packet.is_key_frame.then(|| TraceInfo::Keyframe(packet.clone()));
    let infos = [Some(TraceInfo::Rtp(packet)), key_frame];
    infos.into_iter().flatten().filter(move |info| traces.has(info.event_type()))
}

impl Engine {
    pub(crate) fn trace_transport(
        &mut self,
        id: TransportId,
        types: &BTreeSet<TraceEventType>,
    ) -> Result<(), TransportError> {
        let key = self.transport_key(id)?;
        self.peers[key.0].traces = Traces::of(types);
        Ok(())
    }

    pub(crate) fn trace_producer(
        &mut self,
        id: ProducerId,
        types: &BTreeSet<TraceEventType>,
    ) -> Result<(), ProduceError> {
        let key = self.producer_key(id)?;
        self.producers[key.0].traces = Traces::of(types);
        Ok(())
    }

    pub(crate) fn trace_consumer(
        &mut self,
        id: ConsumerId,
        types: &BTreeSet<TraceEventType>,
    ) -> Result<(), ConsumeError> {
        let key = self.consumer_key(id)?;
        self.consumers[key.0].traces = Traces::of(types);
        Ok(())
    }

    pub(super) fn tell_transport_trace(
        &mut self,
        now: Instant,
        key: TransportKey,
        direction: TraceDirection,
        info: TraceInfo,
    ) {
        let peer = &self.peers[key.0];
        if peer.traces.has(info.event_type()) {
            let event = TraceEvent { info, timestamp: self.timestamp_ms(now), direction };
            self.events.push_back((peer.router, RouterEvent::TransportTrace(peer.id, event)));
        }
    }

    pub(super) fn tell_producer_trace(
        &mut self,
        now: Instant,
        key: ProducerKey,
        direction: TraceDirection,
        info: TraceInfo,
    ) {
        let producer = &self.producers[key.0];
        if producer.traces.has(info.event_type()) {
            let event = TraceEvent { info, timestamp: self.timestamp_ms(now), direction };
            let router = self.peers[producer.transport.0].router;
            self.events.push_back((router, RouterEvent::ProducerTrace(producer.id, event)));
        }
    }

    pub(super) fn tell_consumer_trace(
        &mut self,
        now: Instant,
        key: ConsumerKey,
        direction: TraceDirection,
        info: TraceInfo,
    ) {
        let consumer = &self.consumers[key.0];
        if consumer.traces.has(info.event_type()) {
            let event = TraceEvent { info, timestamp: self.timestamp_ms(now), direction };
            let router = self.peers[consumer.transport.0].router;
            self.events.push_back((router, RouterEvent::ConsumerTrace(consumer.id, event)));
        }
    }

    /// A producer's packet came.
    pub(super) fn trace_received(
        &mut self,
        now: Instant,
        route: Route,
        packet: &RtpPacket<'_>,
        received: &Received,
    ) {
        let traces = self.producers[route.producer.0].traces;
        if !traces.has_packets() {
            return;
        }
        let trace = rtp_trace(&packet.header(), packet.payload.len(), received, route.is_rtx);
        for info in packet_infos(traces, trace) {
            self.tell_producer_trace(now, route.producer, TraceDirection::In, info);
        }
    }
}

/// What is to be told of a packet that a consumer has just forwarded under this header.
pub(super) fn forwarded(
    traces: Traces,
    header: &Header,
    source: &Source<'_>,
    received: &Received,
    timestamp: u64,
) -> impl Iterator<Item = TraceEvent> {
    let trace = rtp_trace(header, source.packet.payload.len(), received, false);
    packet_infos(traces, trace).map(move |info| TraceEvent {
        info,
        timestamp,
        direction: TraceDirection::Out,
    })
}
