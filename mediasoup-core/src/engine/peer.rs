//! One transport of the engine: the secured session with a peer, and what flows over it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{
    congestion::{Bounds, Outgoing},
    consumer::Moment,
    egress::Egress,
    feedback::{Remb, WideCcReceiver},
    keys::{ConsumerKey, ProducerKey},
    listener::Listener,
    outbox::Outbox,
    producer::SenderClock,
    rate::Rate,
    rtp::ExtensionIds,
    transport::SecureSession,
};
use crate::{
    ids::{RouterId, TransportId},
    media::{
        rtp::RtpParameters,
        stats::{TransportStats, TupleStats},
        transport::DtlsState,
    },
};

/// Bytes of a transport, by what they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) bytes_received: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) rtp_received: u64,
    pub(crate) rtp_sent: u64,
    pub(crate) rtx_received: u64,
    pub(crate) rtx_sent: u64,
    pub(crate) probation_sent: u64,
    pub(crate) discarded: u64,
}

/// A transport.
pub(crate) struct Peer {
    pub(crate) id: TransportId,
    pub(crate) router: RouterId,
    pub(crate) session: SecureSession,
    pub(crate) listener: Listener,
    /// Ids of the extensions that packets are told apart by, from all its producers.
    pub(crate) extensions: ExtensionIds,
    pub(crate) producers: Vec<ProducerKey>,
    pub(crate) consumers: Vec<ConsumerKey>,
    /// Consumers by the SSRCs the peer knows them by, media and RTX.
    pub(crate) consumer_ssrcs: BTreeMap<u32, ConsumerKey>,
    pub(crate) clock: SenderClock,
    pub(crate) wide_cc: WideCcReceiver,
    pub(crate) remb: Remb,
    /// The sender adjusts to REMB and to nothing else.
    relies_on_remb: bool,
    /// How much goes out to the peer, and how fast.
    pub(crate) egress: Egress,
    /// Round trip to a peer that sends, from DLRR.
    pub(crate) round_trip: Option<Duration>,
    pub(crate) next_report: Option<Instant>,
    pub(crate) receive_rate: Rate,
    pub(crate) send_rate: Rate,
    pub(crate) counts: Counts,
}

impl Peer {
    pub(crate) fn new(
        now: Instant,
        id: TransportId,
        router: RouterId,
        session: SecureSession,
        max_incoming_bitrate: Option<u32>,
        outgoing: Bounds,
    ) -> Self {
        Self {
            id,
            router,
            session,
            listener: Listener::default(),
            extensions: ExtensionIds::default(),
            producers: Vec::new(),
            consumers: Vec::new(),
            consumer_ssrcs: BTreeMap::new(),
            clock: SenderClock::default(),
            wide_cc: WideCcReceiver::default(),
            remb: Remb::new(max_incoming_bitrate),
            relies_on_remb: false,
            egress: Egress::new(now, outgoing),
            round_trip: None,
            next_report: None,
            receive_rate: Rate::new(now),
            send_rate: Rate::new(now),
            counts: Counts::default(),
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.session.dtls_state() == DtlsState::Connected
    }

    /// Takes note of what a new producer negotiated for the whole transport.
    pub(crate) fn on_producer(&mut self, producer: ProducerKey, parameters: &RtpParameters) {
        self.producers.push(producer);
        self.extensions.merge(&ExtensionIds::from_parameters(&parameters.header_extensions));
        let has = |feedback: &str| {
            parameters
                .codecs
                .iter()
                .flat_map(|codec| &codec.rtcp_feedback)
                .any(|known| known.feedback == feedback)
        };
        self.relies_on_remb |= has("goog-remb") && !has("transport-cc");
    }

    /// Media can flow from now on.
    pub(crate) fn on_connected(&mut self, now: Instant) {
        self.next_report = Some(now);
        self.start_remb(now);
    }

    pub(crate) fn start_remb(&mut self, now: Instant) {
        if self.is_connected() && !self.producers.is_empty() {
            self.remb.start(now, self.relies_on_remb);
        }
    }

    /// The transport-wide number of the next packet; taken only where one goes out.
    pub(crate) fn wide_sequence(&self) -> u16 {
        self.egress.congestion.next_number()
    }

    /// Sends the packet that `write` writes at once, or lets it wait for its turn: then gives when that is.
    pub(crate) fn send_rtp(
        &mut self,
        now: Instant,
        outbox: &mut Outbox,
        outgoing: Outgoing,
        write: impl FnOnce(&mut Vec<u8>) -> bool,
    ) -> Option<Instant> {
        if outgoing.is_video && !self.egress.pacer.is_open(now) {
            self.egress.pacer.enqueue(outgoing, write);
            return self.egress.pacer.next_due();
        }
        let len = outbox.push_rtp(&mut self.session, write);
        self.on_sent(now, len, outgoing);
        None
    }

    /// Counts a media packet that went out.
    fn on_sent(&mut self, now: Instant, len: usize, outgoing: Outgoing) {
        if len == 0 {
            return;
        }
        if outgoing.wide_id.is_some() {
            self.egress.congestion.on_sent(now, len);
        }
        if outgoing.is_video {
            self.egress.pacer.on_sent(len);
        }
        if outgoing.is_rtx {
            self.egress.pacer.on_repair(len);
        }
        self.send_rate.add(now, len);
        self.counts.bytes_sent += len as u64;
        let counter = if outgoing.is_rtx { &mut self.counts.rtx_sent } else { &mut self.counts.rtp_sent };
        *counter += len as u64;
    }

    /// Sends what has waited long enough, and padding where the path is to be probed.
    pub(crate) fn send_due_video(&mut self, moment: Moment, outbox: &mut Outbox) {
        let Moment { now, since_epoch } = moment;
        while let Some(mut waiting) = self.egress.pacer.pop_due(now) {
            waiting.stamp(since_epoch, self.wide_sequence());
            let len = outbox.push_rtp(&mut self.session, |buffer| {
                buffer.extend_from_slice(&waiting.packet);
                true
            });
            self.on_sent(now, len, waiting.outgoing);
            self.egress.pacer.recycle(waiting.packet);
        }
        while let Some(len) = self.egress.congestion.poll_probe(now) {
            let number = self.wide_sequence();
            let Some(probation) = &mut self.egress.probation else { break };
            let len = outbox.push_rtp(&mut self.session, |buffer| {
                probation.write(since_epoch, number, len, buffer);
                true
            });
            if len == 0 {
                break;
            }
            self.on_probe_sent(now, len);
        }
    }

    /// Counts padding that went out.
    fn on_probe_sent(&mut self, now: Instant, len: usize) {
        self.egress.congestion.on_sent(now, len);
        self.send_rate.add(now, len);
        self.counts.bytes_sent += len as u64;
        self.counts.probation_sent += len as u64;
    }

    /// Sends one compound RTCP packet, or nothing where `write` writes nothing.
    pub(crate) fn send_rtcp(&mut self, now: Instant, outbox: &mut Outbox, write: impl FnOnce(&mut Vec<u8>)) {
        let len = outbox.push_rtcp(&mut self.session, write);
        self.send_rate.add(now, len);
        self.counts.bytes_sent += len as u64;
    }

    /// When the transport itself has something to do; its producers' streams not counted.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let connected = self.is_connected();
        let media = [self.next_report, self.wide_cc.next_due(), self.remb.next_due(), self.egress.next_due()];
        let media = media.into_iter().flatten().filter(|_| connected);
        media.chain(self.session.poll_timeout()).min()
    }

    pub(crate) fn stats(&mut self, now: Instant, timestamp_ms: u64) -> TransportStats {
        let counts = self.counts;
        TransportStats {
            stats_type: "webrtc-transport",
            transport_id: self.id,
            timestamp: timestamp_ms,
            ice_state: self.session.ice_state(),
            dtls_state: self.session.dtls_state(),
            ice_selected_tuple: self.session.selected_tuple().map(|tuple| TupleStats {
                local_address: tuple.local.ip().to_string(),
                local_port: tuple.local.port(),
                remote_ip: tuple.remote.ip().to_string(),
                remote_port: tuple.remote.port(),
                protocol: tuple.protocol,
            }),
            bytes_received: counts.bytes_received,
            bytes_sent: counts.bytes_sent,
            rtp_bytes_received: counts.rtp_received,
            rtp_bytes_sent: counts.rtp_sent,
            rtx_bytes_received: counts.rtx_received,
            rtx_bytes_sent: counts.rtx_sent,
            probation_bytes_sent: counts.probation_sent,
            available_outgoing_bitrate: self.egress.congestion.estimate(),
            packets_dropped: self.egress.pacer.dropped(),
            recv_bitrate: self.receive_rate.bitrate(now),
            send_bitrate: self.send_rate.bitrate(now),
            max_incoming_bitrate: self.remb.limit(),
            packets_discarded: counts.discarded,
        }
    }
}
