//! One transport of the engine: the secured session with a peer, and what flows over it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{
    congestion::{Bounds, Outgoing},
    consumer::Moment,
    data::PeerData,
    egress::Egress,
    feedback::{Remb, WideCcReceiver},
    keys::{ConsumerKey, ProducerKey},
    listener::Listener,
    outbox::{Outbox, Place},
    producer::SenderClock,
    rtp::ExtensionIds,
    trace::Traces,
    traffic::Traffic,
    transport::{PlainSession, SecureSession, Session},
};
use crate::{
    ids::{RouterId, TransportId},
    media::{
        rtp::RtpParameters,
        stats::{TransportKindStats, TransportStats},
        transport::{IceCandidate, TransportTuple},
    },
};

/// A transport.
pub(crate) struct Peer {
    pub(crate) id: TransportId,
    pub(crate) router: RouterId,
    pub(crate) session: Session,
    /// Where its peer was told to reach it.
    pub(crate) candidates: Vec<IceCandidate>,
    pub(crate) listener: Listener,
    /// Ids of the extensions that packets are told apart by, from all its producers.
    pub(crate) extensions: ExtensionIds,
    pub(crate) producers: Vec<ProducerKey>,
    pub(crate) consumers: Vec<ConsumerKey>,
    /// Consumers by the SSRCs the peer knows them by, media and RTX.
    pub(crate) consumer_ssrcs: BTreeMap<u32, ConsumerKey>,
    /// `None`: the transport was made without SCTP.
    pub(crate) data: Option<Box<PeerData>>,
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
    pub(crate) traffic: Traffic,
    pub(crate) traces: Traces,
    /// In the outbox.
    place: Place,
}

impl Peer {
    /// Reads of its state what sending takes, and does nothing with it. State that has left the processor's cache comes back
    /// line by line when it is needed; what is read beforehand, for several peers, comes back all at once.
    pub(crate) fn touch(&self) -> u64 {
        let session = if let Session::Secure(session) = &self.session { session.touch() } else { 0 };
        let Egress { congestion, pacer, .. } = &self.egress;
        let traffic = self.traffic.sent.touch() ^ self.traffic.rtp_sent.touch();
        session ^ congestion.touch() ^ pacer.touch() ^ traffic ^ self.place.touch()
    }

    /// The same, of what receiving takes.
    pub(crate) fn touch_receiving(&self) -> u64 {
        let session =
            if let Session::Secure(session) = &self.session { session.touch_receiving() } else { 0 };
        let traffic = self.traffic.received.touch() ^ self.traffic.rtp_received.touch();
        session ^ traffic ^ self.listener.touch()
    }

    pub(crate) fn new(
        now: Instant,
        id: TransportId,
        router: RouterId,
        session: Session,
        max_incoming_bitrate: Option<u32>,
        outgoing: Option<Bounds>,
    ) -> Self {
        Self {
            id,
            router,
            session,
            candidates: Vec::new(),
            listener: Listener::default(),
            extensions: ExtensionIds::default(),
            producers: Vec::new(),
            consumers: Vec::new(),
            consumer_ssrcs: BTreeMap::new(),
            data: None,
            clock: SenderClock::default(),
            wide_cc: WideCcReceiver::default(),
            remb: Remb::new(max_incoming_bitrate),
            relies_on_remb: false,
            egress: Egress::new(now, outgoing),
            round_trip: None,
            next_report: None,
            traffic: Traffic::new(now),
            traces: Traces::default(),
            place: Place::default(),
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.session.is_connected()
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
            self.egress.pacer.enqueue(now, outgoing, write);
            return self.egress.pacer.next_due();
        }
        let len = outbox.push_rtp(&mut self.session, &mut self.place, write);
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
        self.traffic.sent.add(now, len);
        let Traffic { rtp_sent, rtx_sent, .. } = &mut self.traffic;
        if outgoing.is_rtx { rtx_sent.add(now, len) } else { rtp_sent.add(now, len) }
    }

    /// Sends what has waited long enough, and padding where the path is to be probed.
    /// Gives the bytes of padding.
    pub(crate) fn send_due_video(&mut self, moment: Moment, outbox: &mut Outbox) -> usize {
        let Moment { now, since_epoch } = moment;
        let mut padding = 0;
        while let Some(mut waiting) = self.egress.pacer.pop_due(now) {
            waiting.stamp(since_epoch, self.wide_sequence());
            let len = outbox.push_rtp(&mut self.session, &mut self.place, |buffer| {
                buffer.extend_from_slice(&waiting.packet);
                true
            });
            self.on_sent(now, len, waiting.outgoing);
            self.egress.pacer.recycle(waiting.packet);
        }
        while let Some(len) = self.egress.congestion.poll_probe(now) {
            let number = self.wide_sequence();
            let Some(probation) = &mut self.egress.probation else { break };
            let len = outbox.push_rtp(&mut self.session, &mut self.place, |buffer| {
                probation.write(since_epoch, number, len, buffer);
                true
            });
            if len == 0 {
                break;
            }
            self.on_probe_sent(now, len);
            padding += len;
        }
        padding
    }

    /// Counts padding that went out.
    fn on_probe_sent(&mut self, now: Instant, len: usize) {
        self.egress.congestion.on_sent(now, len);
        self.traffic.sent.add(now, len);
        self.traffic.probation_sent.add(now, len);
    }

    /// Sends one compound RTCP packet, or nothing where `write` writes nothing.
    pub(crate) fn send_rtcp(&mut self, now: Instant, outbox: &mut Outbox, write: impl FnOnce(&mut Vec<u8>)) {
        let len = outbox.push_rtcp(&mut self.session, &mut self.place, write);
        self.traffic.sent.add(now, len);
    }

    /// When the transport itself has something to do that cannot wait; its producers' streams not counted.
    pub(crate) fn next_urgent(&self) -> Option<Instant> {
        let sctp = self.data.as_ref().and_then(|data| data.link.poll_timeout());
        [self.egress.next_due(), sctp].into_iter().flatten().filter(|_| self.is_connected()).min()
    }

    /// When it has something to do that may come a little late.
    pub(crate) fn next_routine(&self) -> Option<Instant> {
        let media =
            [self.next_report, self.wide_cc.next_due(), self.remb.next_due(), self.egress.next_share()];
        let media = media.into_iter().flatten().filter(|_| self.is_connected());
        media.chain(self.session.poll_timeout()).min()
    }

    pub(crate) fn stats(&mut self, now: Instant, timestamp_ms: u64) -> TransportStats {
        let traffic = &mut self.traffic;
        let bounds = self.egress.congestion.bounds();
        TransportStats {
            kind: match &self.session {
                Session::Secure(session) => webrtc_stats(session),
                Session::Plain(session) => plain_stats(session),
                Session::Direct(_) => TransportKindStats::Direct {},
                Session::Bridge(_) => TransportKindStats::Bridge {},
            },
            transport_id: self.id,
            timestamp: timestamp_ms,
            sctp_state: self.data.as_ref().and_then(|data| data.link.state()),
            bytes_received: traffic.received.total(),
            recv_bitrate: traffic.received.bitrate(now),
            bytes_sent: traffic.sent.total(),
            send_bitrate: traffic.sent.bitrate(now),
            rtp_bytes_received: traffic.rtp_received.total(),
            rtp_recv_bitrate: traffic.rtp_received.bitrate(now),
            rtp_bytes_sent: traffic.rtp_sent.total(),
            rtp_send_bitrate: traffic.rtp_sent.bitrate(now),
            rtx_bytes_received: traffic.rtx_received.total(),
            rtx_recv_bitrate: traffic.rtx_received.bitrate(now),
            rtx_bytes_sent: traffic.rtx_sent.total(),
            rtx_send_bitrate: traffic.rtx_sent.bitrate(now),
            probation_bytes_sent: traffic.probation_sent.total(),
            probation_send_bitrate: traffic.probation_sent.bitrate(now),
            available_outgoing_bitrate: self.egress.congestion.estimate(),
            packets_dropped: self.egress.pacer.dropped(),
            available_incoming_bitrate: self.remb.estimate(),
            max_incoming_bitrate: self.remb.limit(),
            max_outgoing_bitrate: bounds.maximum,
            min_outgoing_bitrate: bounds.floor,
            rtp_packet_loss_received: self.wide_cc.packet_loss(),
            rtp_packet_loss_sent: self.egress.congestion.loss_share(),
            packets_discarded: traffic.discarded,
        }
    }
}

fn webrtc_stats(session: &SecureSession) -> TransportKindStats {
    TransportKindStats::WebRtc {
        ice_role: "controlled",
        ice_state: session.ice_state(),
        dtls_state: session.dtls_state(),
        ice_selected_tuple: session.selected_tuple().map(Into::into),
    }
}

fn plain_stats(session: &PlainSession) -> TransportKindStats {
    let tuple = |(local, remote)| TransportTuple::udp(local, remote);
    let rtcp = session.rtcp_path();
    TransportKindStats::Plain {
        rtcp_mux: rtcp.is_none(),
        comedia: session.is_comedia(),
        tuple: tuple(session.rtp_path()),
        rtcp_tuple: rtcp.map(tuple),
    }
}
