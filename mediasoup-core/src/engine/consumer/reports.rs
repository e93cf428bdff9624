//! What the viewer tells of what it gets, what it is told, and what the owner is told.

use std::time::{Duration, Instant};

use super::{Consumer, Flow};
use crate::{
    engine::{
        quality::{SendScore, Totals},
        rtcp::{Dlrr, NtpTime, ReceivedReport, SenderInfo, round_trip},
    },
    media::{
        event::ConsumerScore,
        stats::{ConsumerStats, StreamStats},
    },
};

/// What the viewer has told, and what was made of it. Seldom needed: it shall not take room in the processor's cache.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// What the viewer wants the round trip by: its time, under which SSRC, and when it came.
    reference_time: Option<(NtpTime, u32, Instant)>,
    newest: Option<ReceivedReport>,
    pub(super) round_trip: Option<Duration>,
    pub(super) score: SendScore,
    /// Told to the owner last.
    told_score: Option<ConsumerScore>,
}

impl Consumer {
    /// Counts a NACK of the viewer.
    pub(crate) fn on_nack(&mut self, packets: usize) {
        self.counts.nacks += 1;
        self.counts.nacked_packets += packets as u64;
    }

    /// Counts a key frame request of the viewer; gives whether it is one that counts.
    pub(crate) fn on_key_frame_request(&mut self, is_fir: bool) -> bool {
        self.counts.plis += u64::from(!is_fir);
        self.counts.firs += u64::from(is_fir);
        self.wants_key_frames()
    }

    /// The viewer reported; gives the round trip it tells.
    pub(crate) fn on_report(&mut self, ntp: NtpTime, report: ReceivedReport) -> Option<Duration> {
        let told = round_trip(ntp, report.last_sender_report, report.delay);
        self.reports.round_trip = told.or(self.reports.round_trip);
        self.reports.newest = Some(report);
        self.reports.score.on_report(Totals {
            packets: self.counts.packets,
            lost: self.lost(),
            repaired: self.counts.repaired,
            retransmitted: self.counts.retransmitted,
        });
        told
    }

    /// By the viewer's last report.
    fn lost(&self) -> u64 {
        self.reports.newest.map_or(0, |report| report.total_lost.max(0).unsigned_abs().into())
    }

    /// The viewer wants to know the round trip: its reference time is answered with the next report.
    pub(crate) fn on_reference_time(&mut self, now: Instant, sender_ssrc: u32, ntp: NtpTime) {
        self.reports.reference_time = Some((ntp, sender_ssrc, now));
    }

    pub(crate) fn take_dlrr(&mut self, now: Instant) -> Option<Dlrr> {
        let (ntp, ssrc, at) = self.reports.reference_time.take()?;
        let held = NtpTime::from_duration(now.saturating_duration_since(at));
        Some(Dlrr { ssrc, last: ntp.compact(), delay: held.compact() })
    }

    /// What a sender report says, where anything was sent; `timestamp` is the producer's at this moment.
    pub(crate) fn sender_info(&self, ntp: NtpTime, timestamp: u32) -> Option<SenderInfo> {
        let shift = self.stretch.timestamp_shift?;
        (self.flow == Flow::Flowing).then(|| SenderInfo {
            ssrc: self.ssrc,
            ntp,
            rtp_timestamp: timestamp.wrapping_add(shift),
            packet_count: self.counts.packets as u32,
            byte_count: self.counts.payload_bytes as u32,
        })
    }

    /// The score, where it is another than the last time.
    pub(crate) fn changed_score(&mut self, producer_scores: Vec<u8>) -> Option<ConsumerScore> {
        let producer_score = producer_scores.get(self.encoding()).copied().unwrap_or(0);
        let score = ConsumerScore { score: self.reports.score.value(), producer_score, producer_scores };
        if self.reports.told_score.as_ref() == Some(&score) {
            return None;
        }
        self.reports.told_score = Some(score.clone());
        Some(score)
    }

    pub(crate) fn stats(&mut self, now: Instant, timestamp_ms: u64) -> ConsumerStats {
        ConsumerStats {
            stats_type: "outbound-rtp",
            consumer_id: self.id,
            stream: StreamStats {
                timestamp: timestamp_ms,
                ssrc: self.ssrc,
                rtx_ssrc: self.rtx_ssrc(),
                rid: None,
                kind: self.kind,
                mime_type: self.codec.mime_type.clone(),
                packets_lost: self.lost(),
                fraction_lost: self.reports.newest.map_or(0, |report| report.fraction_lost),
                jitter: self.reports.newest.map_or(0, |report| report.jitter),
                packets_discarded: 0,
                rtx_packets_discarded: 0,
                packets_retransmitted: self.counts.retransmitted,
                packets_repaired: self.counts.repaired,
                nack_count: self.counts.nacks,
                nack_packet_count: self.counts.nacked_packets,
                pli_count: self.counts.plis,
                fir_count: self.counts.firs,
                packet_count: self.counts.packets,
                byte_count: self.meter.total(),
                bitrate: self.meter.bitrate(now),
                score: self.reports.score.value(),
                round_trip_time: self.reports.round_trip.map(|rtt| rtt.as_secs_f64() * 1_000.0),
            },
        }
    }
}
