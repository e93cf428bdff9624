//! One transport of the engine: the secured session with a peer, and what flows over it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{
    data::PeerData,
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
    /// `None`: the transport was made without SCTP.
    pub(crate) data: Option<Box<PeerData>>,
    pub(crate) clock: SenderClock,
    pub(crate) wide_cc: WideCcReceiver,
    pub(crate) remb: Remb,
    /// The sender adjusts to REMB and to nothing else.
    relies_on_remb: bool,
    /// Transport-wide number of the next packet to the peer.
    wide_sequence: u16,
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
            data: None,
            clock: SenderClock::default(),
            wide_cc: WideCcReceiver::default(),
            remb: Remb::new(max_incoming_bitrate),
            relies_on_remb: false,
            wide_sequence: 0,
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
        self.wide_sequence
    }

    /// Counts a media packet that went out.
    pub(crate) fn on_sent(&mut self, now: Instant, len: usize, has_wide_sequence: bool, is_rtx: bool) {
        if len == 0 {
            return;
        }
        if has_wide_sequence {
            self.wide_sequence = self.wide_sequence.wrapping_add(1);
        }
        self.send_rate.add(now, len);
        self.counts.bytes_sent += len as u64;
        let counter = if is_rtx { &mut self.counts.rtx_sent } else { &mut self.counts.rtp_sent };
        *counter += len as u64;
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
        let sctp = self.data.as_ref().and_then(|data| data.association.poll_timeout());
        let media = [self.next_report, self.wide_cc.next_due(), self.remb.next_due(), sctp];
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
            sctp_state: self.data.as_ref().map(|data| data.association.state()),
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
            recv_bitrate: self.receive_rate.bitrate(now),
            send_bitrate: self.send_rate.bitrate(now),
            max_incoming_bitrate: self.remb.limit(),
            packets_discarded: counts.discarded,
        }
    }
}
