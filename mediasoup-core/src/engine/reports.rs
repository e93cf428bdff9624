//! RTCP: what peers report, and what the engine reports to them.

use std::time::{Duration, Instant};

use rand::RngExt;

use super::{
    Engine,
    keys::{ConsumerKey, TransportKey},
    rtcp::{
        NtpTime, Packet, REPORT_BLOCKS_MAX, packets, round_trip, write_dlrr, write_receiver_reference_time,
        write_receiver_report, write_remb, write_sender_report, write_source_description,
    },
};
use crate::media::{
    event::RouterEvent,
    trace::{TraceDirection, TraceInfo},
    transport::Tuple,
};

/// Between two reports, on average; each interval is random by half (RFC 3550 §6.3.1).
const INTERVAL: Duration = Duration::from_secs(1);
/// Packets sent again for one NACK: a viewer that has lost more needs a key frame, and one that lies gets no flood.
const RETRANSMISSIONS_MAX: usize = 256;
/// Consumers reported on in one datagram: an SR, a CNAME and a DLRR each.
const CONSUMERS_PER_REPORT: usize = 8;

impl Engine {
    pub(super) fn handle_rtcp(&mut self, now: Instant, key: TransportKey, tuple: Tuple, datagram: &mut [u8]) {
        let peer = &mut self.peers[key.0];
        match peer.session.open_rtcp(tuple, datagram) {
            Ok(plain) => self.handle_plain_rtcp(now, key, plain),
            Err(_) => peer.traffic.discarded += 1,
        }
    }

    /// A compound packet that is authentic.
    pub(super) fn handle_plain_rtcp(&mut self, now: Instant, key: TransportKey, plain: &[u8]) {
        packets(plain, |packet| self.handle_rtcp_packet(now, key, packet));
    }

    fn handle_rtcp_packet(&mut self, now: Instant, key: TransportKey, packet: Packet<'_>) {
        let ntp = self.ntp(now);
        let peer = &mut self.peers[key.0];
        match packet {
            Packet::SenderReport { ssrc, ntp: theirs, rtp_timestamp } => {
                let Some(route) = peer.listener.find(ssrc) else { return };
                peer.clock.on_sender_report(ntp, theirs);
                if let Some(stream) = self.producers[route.producer.0].stream_mut(route.encoding)
                    && !route.is_rtx
                {
                    stream.on_sender_report(now, theirs, rtp_timestamp);
                    self.tap_sender_report(now, route, theirs, rtp_timestamp);
                    let (ntp_sec, ntp_frac) = ((theirs.0 >> 32) as u32, theirs.0 as u32);
                    let info = TraceInfo::Sr { ssrc, ntp_sec, ntp_frac, rtp_ts: rtp_timestamp };
                    self.tell_producer_trace(now, route.producer, TraceDirection::In, info);
                }
            }
            Packet::Report(report) => {
                if let Some(consumer) = peer.consumer_ssrcs.get(&report.ssrc) {
                    let consumer = &mut self.consumers[consumer.0];
                    if consumer.ssrc == report.ssrc {
                        let round_trip = consumer.on_report(ntp, report);
                        let loss = f64::from(report.fraction_lost) / 256.0;
                        let sending = peer.traffic.sent.bitrate(now);
                        peer.egress.congestion.on_report(now, loss, round_trip, sending);
                        self.after_path_news(now, key);
                    }
                }
            }
            Packet::Nack { media_ssrc, entries } => {
                if let Some(consumer) = peer.consumer_ssrcs.get(&media_ssrc).copied() {
                    let packets = entries.sequence_numbers().count();
                    self.consumers[consumer.0].on_nack(packets);
                    let info = TraceInfo::Nack { ssrc: media_ssrc, packets };
                    self.tell_consumer_trace(now, consumer, TraceDirection::In, info);
                    let lost = entries.sequence_numbers().take(RETRANSMISSIONS_MAX);
                    self.retransmit(now, consumer, lost);
                }
            }
            Packet::TransportCc(arrivals) => {
                peer.egress.congestion.on_arrivals(now, arrivals);
                self.after_path_news(now, key);
            }
            Packet::Remb { bitrate } => {
                peer.egress.congestion.on_remb(bitrate);
                self.after_path_news(now, key);
            }
            Packet::Pli { media_ssrc } => self.on_key_frame_request(now, key, media_ssrc, false),
            Packet::Fir { media_ssrc } => self.on_key_frame_request(now, key, media_ssrc, true),
            Packet::ReceiverReferenceTime { sender_ssrc, ntp } => {
                for consumer in &peer.consumers {
                    self.consumers[consumer.0].on_reference_time(now, sender_ssrc, ntp);
                }
            }
            Packet::Dlrr { last, delay, .. } => {
                peer.round_trip = round_trip(ntp, last, delay).or(peer.round_trip);
            }
        }
    }

    fn on_key_frame_request(&mut self, now: Instant, key: TransportKey, media_ssrc: u32, is_fir: bool) {
        let Some(consumer) = self.peers[key.0].consumer_ssrcs.get(&media_ssrc).copied() else { return };
        let ssrc = media_ssrc;
        let info = if is_fir { TraceInfo::Fir { ssrc } } else { TraceInfo::Pli { ssrc } };
        self.tell_consumer_trace(now, consumer, TraceDirection::In, info);
        if self.consumers[consumer.0].on_key_frame_request(is_fir) {
            self.ask_for_key_frame(now, consumer);
        }
    }

    /// Feedback to a sender that does not wait for reports: NACKs, key frame requests, arrival times, bitrate.
    pub(super) fn send_due_feedback(&mut self, now: Instant, key: TransportKey) {
        if !self.peers[key.0].is_connected() {
            return;
        }
        for producer in self.peers[key.0].producers.clone() {
            for encoding in 0..self.producers[producer.0].encoding_count() {
                self.send_due_nacks(now, producer, encoding);
                let stream = self.producers[producer.0].stream_mut(encoding);
                if stream.is_some_and(|stream| stream.key_frames.on_timeout(now)) {
                    self.send_key_frame_request(now, producer, encoding);
                }
            }
        }
        self.send_due_wide_cc(now, key);
        self.send_due_remb(now, key);
    }

    fn send_due_wide_cc(&mut self, now: Instant, key: TransportKey) {
        let peer = &mut self.peers[key.0];
        let mut receiver = std::mem::take(&mut peer.wide_cc);
        receiver.write_due(now, |write| peer.send_rtcp(now, &mut self.outbox, |buffer| write(buffer)));
        self.peers[key.0].wide_cc = receiver;
    }

    fn send_due_remb(&mut self, now: Instant, key: TransportKey) {
        let Self { peers, producers, outbox, .. } = self;
        let peer = &mut peers[key.0];
        let mut ssrcs = Vec::new();
        let mut fraction_lost = 0;
        for producer in &peer.producers {
            for stream in producers[producer.0].streams_mut() {
                ssrcs.push(stream.ssrc);
                fraction_lost = fraction_lost.max(stream.fraction_lost());
            }
        }
        let incoming = peer.traffic.received.bitrate(now);
        if let Some(bitrate) = peer.remb.take_due(now, incoming, fraction_lost) {
            peer.send_rtcp(now, outbox, |buffer| write_remb(buffer, bitrate, &ssrcs));
        }
    }

    /// Sender and receiver reports, scores.
    pub(super) fn send_due_reports(&mut self, now: Instant, key: TransportKey) {
        let peer = &mut self.peers[key.0];
        if !peer.is_connected() || peer.next_report.is_none_or(|due| due > now) {
            return;
        }
        peer.next_report = Some(now + INTERVAL.mul_f64(self.rng.random_range(0.5..1.5)));
        let ntp = self.ntp(now);
        self.send_receiver_reports(now, ntp, key);
        let consumers = self.peers[key.0].consumers.clone();
        for consumers in consumers.chunks(CONSUMERS_PER_REPORT) {
            self.send_sender_reports(now, ntp, key, consumers);
        }
        for producer in self.peers[key.0].producers.clone() {
            self.aim_consumers(now, producer);
        }
        self.tell_scores(key, &consumers);
    }

    fn send_receiver_reports(&mut self, now: Instant, ntp: NtpTime, key: TransportKey) {
        let Self { peers, producers, outbox, .. } = self;
        let peer = &mut peers[key.0];
        let mut blocks = Vec::new();
        for producer in &peer.producers {
            blocks.extend(producers[producer.0].streams_mut().map(|stream| stream.report(now)));
        }
        for blocks in blocks.chunks(REPORT_BLOCKS_MAX) {
            peer.send_rtcp(now, outbox, |buffer| {
                write_receiver_report(buffer, blocks);
                write_receiver_reference_time(buffer, ntp);
            });
        }
    }

    fn send_sender_reports(
        &mut self,
        now: Instant,
        ntp: NtpTime,
        key: TransportKey,
        reported: &[ConsumerKey],
    ) {
        let Self { peers, producers, consumers, outbox, .. } = self;
        // A consumer's timestamps are its producer's, so is their clock.
        let clocks: Vec<_> = reported
            .iter()
            .map(|consumer| {
                let consumer = &consumers[consumer.0];
                let producer = &producers[consumer.producer.0];
                let clock = &peers[producer.transport.0].clock;
                producer.stream(consumer.encoding())?.timestamp_at(clock, now, ntp)
            })
            .collect();
        let peer = &mut peers[key.0];
        peer.send_rtcp(now, outbox, |buffer| {
            for (consumer, timestamp) in reported.iter().zip(clocks) {
                let consumer = &mut consumers[consumer.0];
                let Some(info) = timestamp.and_then(|timestamp| consumer.sender_info(ntp, timestamp)) else {
                    continue;
                };
                write_sender_report(buffer, &info);
                write_source_description(buffer, info.ssrc, &consumer.cname);
                if let Some(answer) = consumer.take_dlrr(now) {
                    write_dlrr(buffer, info.ssrc, &answer);
                }
            }
        });
    }

    fn tell_scores(&mut self, key: TransportKey, reported: &[ConsumerKey]) {
        let peer = &self.peers[key.0];
        for producer in &peer.producers {
            let producer = &mut self.producers[producer.0];
            if let Some(scores) = producer.changed_scores() {
                self.events.push_back((peer.router, RouterEvent::ProducerScore(producer.id, scores)));
            }
        }
        for consumer in reported {
            let consumer = &mut self.consumers[consumer.0];
            let producer_scores = self.producers[consumer.producer.0].scores();
            if let Some(score) = consumer.changed_score(producer_scores) {
                self.events.push_back((peer.router, RouterEvent::ConsumerScore(consumer.id, score)));
            }
        }
    }
}
