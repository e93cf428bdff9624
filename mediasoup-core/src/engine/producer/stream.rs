//! One received stream of a producer: an encoding, with its repair stream.

use std::time::{Duration, Instant};

use super::{
    key_frame::KeyFrameRequests,
    layers::StreamLayers,
    nack::{NackGenerator, Outcome},
    reception::Reception,
    sender_clock::{SenderClock, TimestampAnchor, advance},
    store::PacketStore,
    tail::TailProbe,
};
use crate::{
    engine::{
        codec::{Codec, Place, dependency},
        layer::Layering,
        meter::Meter,
        quality::{ReceiveScore, Totals},
        rtcp::{NtpTime, ReportBlock},
        rtp::{Extension, ExtensionIds, RtpPacket, Unwrapper},
    },
    ids::ProducerId,
    media::{
        dump::RtpStreamParameters,
        rtp::{MediaKind, RtpCodecParameters},
        stats::{ProducerStats, StreamStats},
    },
};

/// How a stream's codec wants to be treated.
#[derive(Clone, Debug)]
pub(crate) struct StreamCodec {
    pub(crate) codec: Codec,
    pub(crate) mime_type: String,
    pub(crate) clock_rate: u32,
    pub(crate) payload_type: u8,
    pub(crate) rtx_payload_type: Option<u8>,
    pub(crate) nack: bool,
    pub(crate) pli: bool,
    pub(crate) fir: bool,
    /// The sender may fall silent on purpose (RFC 7587 §6.1).
    pub(crate) dtx: bool,
}

impl StreamCodec {
    /// From the first media codec of a producer or consumer, and the RTX codec that repairs it.
    pub(crate) fn from_parameters(codecs: &[RtpCodecParameters]) -> Option<Self> {
        let is_rtx = |codec: &RtpCodecParameters| codec.mime_type.to_ascii_lowercase().ends_with("/rtx");
        let media = codecs.iter().find(|codec| !is_rtx(codec))?;
        let repairs = |codec: &&RtpCodecParameters| {
            is_rtx(codec)
                && codec.parameters.get("apt").and_then(serde_json::Value::as_u64)
                    == Some(media.payload_type.into())
        };
        let has = |feedback: &str, parameter: &str| {
            media.rtcp_feedback.iter().any(|fb| fb.feedback == feedback && fb.parameter == parameter)
        };
        Some(Self {
            codec: Codec::from_mime_type(&media.mime_type),
            mime_type: media.mime_type.clone(),
            clock_rate: media.clock_rate,
            payload_type: media.payload_type,
            rtx_payload_type: codecs.iter().find(repairs).map(|codec| codec.payload_type),
            nack: has("nack", ""),
            pli: has("nack", "pli"),
            fir: has("ccm", "fir"),
            dtx: media.parameters.get("usedtx").and_then(serde_json::Value::as_u64) == Some(1),
        })
    }

    /// Of a stream of it, for who looks into it.
    pub(crate) fn stream_parameters(
        &self,
        ssrc: u32,
        rtx_ssrc: Option<u32>,
        layering: Layering,
    ) -> RtpStreamParameters {
        RtpStreamParameters {
            encoding_idx: 0,
            ssrc,
            payload_type: self.payload_type,
            mime_type: self.mime_type.clone(),
            clock_rate: self.clock_rate,
            rid: None,
            rtx_ssrc,
            rtx_payload_type: self.rtx_payload_type.filter(|_| rtx_ssrc.is_some()),
            use_nack: self.nack,
            use_pli: self.pli,
            use_fir: self.fir,
            use_dtx: self.dtx,
            spatial_layers: layering.spatial,
            temporal_layers: layering.temporal,
        }
    }
}

/// A packet of a stream that is new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received {
    /// On the stream's line.
    pub(crate) sequence: u64,
    pub(crate) is_key_frame: bool,
    /// Among the layers inside the stream.
    pub(crate) place: Place,
    /// Its spatial layer begins, or is back.
    pub(crate) begins_size: bool,
    /// So much is missing that the stream needs a key frame.
    pub(crate) needs_key_frame: bool,
    /// Packets are to be asked for.
    pub(crate) has_gap: bool,
    /// The sender began a new sequence: nothing follows on what came before.
    pub(crate) restarted: bool,
    /// It was overtaken by one that follows it.
    pub(crate) is_late: bool,
}

/// A received stream.
#[derive(Debug)]
pub(crate) struct ReceiveStream {
    pub(crate) ssrc: u32,
    pub(crate) rtx_ssrc: Option<u32>,
    pub(crate) rid: Option<String>,
    pub(crate) codec: StreamCodec,
    kind: MediaKind,
    line: Unwrapper,
    /// The last packet that seemed far too old.
    stray: Option<u16>,
    reception: Reception,
    nack: NackGenerator,
    tail: TailProbe,
    pub(crate) key_frames: KeyFrameRequests,
    pub(crate) store: PacketStore,
    pub(crate) layers: StreamLayers,
    dependencies: dependency::Reader,
    anchor: Option<TimestampAnchor>,
    newest: Option<(u32, Instant)>,
    pub(crate) score: ReceiveScore,
    meter: Meter,
    counts: Counts,
    fir_sequence: u8,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    packets: u64,
    discarded: u64,
    rtx_discarded: u64,
    repaired: u64,
    retransmitted: u64,
    nacks: u64,
    nacked_packets: u64,
    plis: u64,
    firs: u64,
}

/// What kind of request a key frame is asked for with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyFrameRequest {
    Pli,
    Fir { sequence_number: u8 },
}

impl ReceiveStream {
    /// See [`Peer::touch_receiving`](crate::engine::peer::Peer::touch_receiving).
    pub(super) fn touch(&self) -> u64 {
        let inline = u64::from(self.ssrc) ^ self.counts.packets ^ u64::from(self.newest.is_some());
        inline ^ self.nack.newest().unwrap_or(0) ^ u64::from(self.stray.is_some()) ^ self.meter.touch()
    }

    pub(crate) fn new(
        now: Instant,
        kind: MediaKind,
        ssrc: u32,
        rid: Option<String>,
        codec: StreamCodec,
        layering: Layering,
    ) -> Self {
        Self {
            ssrc,
            rtx_ssrc: None,
            rid,
            kind,
            line: Unwrapper::default(),
            stray: None,
            reception: Reception::new(codec.clock_rate),
            nack: NackGenerator::default(),
            tail: TailProbe::default(),
            key_frames: KeyFrameRequests::default(),
            store: PacketStore::default(),
            layers: StreamLayers::new(now, layering),
            dependencies: dependency::Reader::default(),
            anchor: None,
            newest: None,
            score: ReceiveScore::new(codec.dtx),
            meter: Meter::new(now),
            counts: Counts::default(),
            fir_sequence: 0,
            codec,
        }
    }

    /// A packet came; `is_rtx` where it came as RTX. `None`: it was here before.
    pub(crate) fn on_packet(
        &mut self,
        now: Instant,
        since_epoch: Duration,
        packet: &RtpPacket<'_>,
        extensions: &ExtensionIds,
        bytes: &[u8],
        is_rtx: bool,
    ) -> Option<Received> {
        let mut sequence = self.line.unwrap(packet.sequence_number);
        let is_key_frame = self.codec.codec.starts_key_frame(packet.payload);
        let mut outcome = self.nack.on_packet(now, sequence);
        self.counts.retransmitted += u64::from(is_rtx);
        let restarted =
            outcome == Outcome::NotMissed && !is_rtx && self.is_restart(sequence, packet.sequence_number);
        if restarted {
            sequence = self.line.restart(packet.sequence_number);
            self.nack.reset();
            self.reception = Reception::new(self.codec.clock_rate);
            self.score = ReceiveScore::new(self.codec.dtx);
            outcome = self.nack.on_packet(now, sequence);
        }
        match outcome {
            Outcome::NotMissed => {
                let Counts { discarded, rtx_discarded, .. } = &mut self.counts;
                *(if is_rtx { rtx_discarded } else { discarded }) += 1;
                return None;
            }
            Outcome::Repaired { asked: true } => self.counts.repaired += 1,
            _ => {}
        }
        if outcome == Outcome::Gap {
            self.tail.on_loss(now);
        }
        if self.kind == MediaKind::Video && self.nack.newest() == Some(sequence) {
            self.tail.on_packet(now, packet.marker);
        }
        self.score.on_packet(now, self.totals());
        self.reception.on_packet(sequence, packet.timestamp, since_epoch);
        self.meter.add(now, bytes.len());
        let place = self.read_place(sequence, packet, extensions);
        let begins_size = self.layers.on_packet(now, &place, bytes.len());
        self.counts.packets += 1;
        if self.newest.is_none_or(|(newest, _)| packet.timestamp.wrapping_sub(newest).cast_signed() > 0) {
            self.newest = Some((packet.timestamp, now));
        }
        if is_key_frame {
            self.key_frames.on_key_frame();
            self.nack.on_key_frame(sequence);
        }
        // Viewers get what they have lost as RTX, which sound has none of.
        if self.kind == MediaKind::Video {
            self.store.insert(now, sequence, bytes);
        }
        Some(Received {
            sequence,
            is_key_frame,
            place,
            begins_size,
            needs_key_frame: outcome == Outcome::GaveUp && self.codec.codec.has_key_frames(),
            has_gap: outcome == Outcome::Gap && self.codec.nack,
            restarted: restarted || outcome == Outcome::Jump,
            is_late: self.nack.newest() != Some(sequence),
        })
    }

    fn read_place(&mut self, sequence: u64, packet: &RtpPacket<'_>, extensions: &ExtensionIds) -> Place {
        match self.descriptor(packet, extensions) {
            Some(descriptor) => {
                let frame = self.dependencies.read(sequence, packet.timestamp, descriptor);
                frame.map(Place::Described).unwrap_or_default()
            }
            None => self.codec.codec.place(packet.payload),
        }
    }

    /// The place of a packet that was received before.
    pub(crate) fn place_of(&self, packet: &RtpPacket<'_>, extensions: &ExtensionIds) -> Place {
        match self.descriptor(packet, extensions) {
            Some(descriptor) => {
                let frame = self.dependencies.read_again(packet.timestamp, descriptor);
                frame.map(Place::Described).unwrap_or_default()
            }
            None => self.codec.codec.place(packet.payload),
        }
    }

    /// A packet that was received before, as if it came now.
    pub(crate) fn received_before(
        &self,
        sequence: u64,
        packet: &RtpPacket<'_>,
        extensions: &ExtensionIds,
    ) -> Received {
        Received {
            sequence,
            is_key_frame: self.codec.codec.starts_key_frame(packet.payload),
            place: self.place_of(packet, extensions),
            begins_size: false,
            needs_key_frame: false,
            has_gap: false,
            restarted: false,
            is_late: true,
        }
    }

    fn descriptor<'a>(&self, packet: &RtpPacket<'a>, extensions: &ExtensionIds) -> Option<&'a [u8]> {
        let is_described = self.codec.codec.is_described();
        packet.extensions.value(extensions, Extension::DependencyDescriptor).filter(|_| is_described)
    }

    /// A packet without which a decoder cannot go on has been missing for longer than `patience`.
    pub(crate) fn has_waited(&self, now: Instant, patience: Duration) -> bool {
        let since = self.nack.waiting_since().filter(|_| self.codec.codec.has_key_frames());
        since.is_some_and(|since| now.saturating_duration_since(since) > patience)
    }

    /// Two packets in a row far behind the newest are no stragglers: the sender has begun anew (RFC 3550 appendix A.1).
    fn is_restart(&mut self, sequence: u64, sequence_number: u16) -> bool {
        const MISORDER_MAX: u64 = 1_000;
        if self.nack.newest().is_none_or(|newest| newest - sequence.min(newest) <= MISORDER_MAX) {
            return false;
        }
        let follows = self.stray.is_some_and(|stray| stray.wrapping_add(1) == sequence_number);
        self.stray = (!follows).then_some(sequence_number);
        follows
    }

    /// The stream stops for a while: what is missing then was not lost.
    pub(crate) fn on_pause(&mut self) {
        self.nack.reset();
        self.store.clear();
    }

    pub(crate) fn on_sender_report(&mut self, now: Instant, ntp: NtpTime, rtp_timestamp: u32) {
        self.reception.on_sender_report(now, ntp);
        self.anchor = Some(TimestampAnchor { ntp, rtp_timestamp });
    }

    /// The stream's timestamp at `now`, for a sender report of ours.
    pub(crate) fn timestamp_at(&self, clock: &SenderClock, now: Instant, ntp: NtpTime) -> Option<u32> {
        let rate = self.codec.clock_rate;
        self.anchor.and_then(|anchor| anchor.timestamp_at(clock, ntp, rate)).or_else(|| {
            let (timestamp, at) = self.newest?;
            Some(advance(timestamp, now.saturating_duration_since(at), rate))
        })
    }

    pub(crate) fn anchor(&self) -> Option<&TimestampAnchor> {
        self.anchor.as_ref()
    }

    pub(crate) fn report(&mut self, now: Instant) -> ReportBlock {
        let block = self.reception.report(now, self.ssrc);
        self.score.on_report(now, self.totals());
        block
    }

    /// Packets lost count as lost, though they were repaired.
    fn totals(&self) -> Totals {
        Totals {
            packets: self.reception.expected(),
            lost: self.reception.lost() + self.counts.repaired,
            repaired: self.counts.repaired,
            retransmitted: self.counts.retransmitted,
        }
    }

    /// Of the last report, 1/256.
    pub(crate) fn fraction_lost(&self) -> u8 {
        self.reception.fraction_lost()
    }

    pub(crate) fn count_nack(&mut self, packets: usize) {
        self.counts.nacks += 1;
        self.counts.nacked_packets += packets as u64;
    }

    /// How to ask this stream's sender for a key frame; `None`: it has none, or does not listen.
    pub(crate) fn key_frame_request(&mut self) -> Option<KeyFrameRequest> {
        if self.codec.pli {
            self.counts.plis += 1;
            Some(KeyFrameRequest::Pli)
        } else if self.codec.fir {
            self.counts.firs += 1;
            self.fir_sequence = self.fir_sequence.wrapping_add(1);
            Some(KeyFrameRequest::Fir { sequence_number: self.fir_sequence })
        } else {
            None
        }
    }

    /// When the stream has something to do.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let nacks = [self.nack.next_due(), self.tail.next_due()].map(|due| due.filter(|_| self.codec.nack));
        nacks.into_iter().flatten().chain(self.key_frames.next_due()).min()
    }

    /// Puts the packets that are to be asked for now into `lost`.
    pub(crate) fn take_due_nacks(&mut self, now: Instant, round_trip: Duration, lost: &mut Vec<u16>) {
        if !self.codec.nack {
            return;
        }
        self.nack.take_due(now, round_trip, lost);
        if self.tail.take_due(now) {
            lost.extend(self.nack.newest().map(|newest| newest.wrapping_add(1) as u16));
        }
    }

    pub(crate) fn stats(
        &mut self,
        now: Instant,
        timestamp_ms: u64,
        producer_id: ProducerId,
        round_trip: Option<Duration>,
    ) -> ProducerStats {
        let bitrate_by_layer = self.layers.bitrates(now);
        let stream = StreamStats {
            timestamp: timestamp_ms,
            ssrc: self.ssrc,
            rtx_ssrc: self.rtx_ssrc,
            rid: self.rid.clone(),
            kind: self.kind,
            mime_type: self.codec.mime_type.clone(),
            packets_lost: self.reception.lost(),
            fraction_lost: self.reception.fraction_lost(),
            jitter: self.reception.jitter(),
            packets_discarded: self.counts.discarded,
            rtx_packets_discarded: self.counts.rtx_discarded,
            packets_retransmitted: self.counts.retransmitted,
            packets_repaired: self.counts.repaired,
            nack_count: self.counts.nacks,
            nack_packet_count: self.counts.nacked_packets,
            pli_count: self.counts.plis,
            fir_count: self.counts.firs,
            packet_count: self.counts.packets,
            byte_count: self.meter.total(),
            bitrate: self.meter.bitrate(now),
            score: self.score.value(),
            round_trip_time: round_trip.map(|rtt| rtt.as_secs_f64() * 1_000.0),
        };
        ProducerStats { stats_type: "inbound-rtp", producer_id, stream, bitrate_by_layer }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;
    use crate::engine::rtp::{Header, write_packet};

    fn receive(stream: &mut ReceiveStream, now: Instant, sequence_number: u16) -> Option<Received> {
        let mut bytes = Vec::new();
        let header = Header { marker: false, payload_type: 96, sequence_number, timestamp: 0, ssrc: 1 };
        write_packet(&mut bytes, &header, &[], &[&[0x10, 0x01]]);
        let packet = RtpPacket::parse(&bytes).unwrap();
        stream.on_packet(now, Duration::ZERO, &packet, &ExtensionIds::default(), &bytes, false)
    }

    #[test]
    fn one_packet_far_behind_is_a_straggler_two_in_a_row_are_a_new_beginning() {
        let now = Instant::now();
        let codec = StreamCodec {
            codec: Codec::Vp8,
            mime_type: "video/VP8".into(),
            clock_rate: 90_000,
            payload_type: 96,
            rtx_payload_type: None,
            nack: true,
            pli: true,
            fir: false,
            dtx: false,
        };
        let mut stream = ReceiveStream::new(now, MediaKind::Video, 1, None, codec, Layering::of(&[]));
        let before = receive(&mut stream, now, 5_000).unwrap();
        assert!(receive(&mut stream, now, 1_000).is_none());
        assert!(!receive(&mut stream, now, 5_001).unwrap().restarted);
        assert!(receive(&mut stream, now, 900).is_none());
        let after = receive(&mut stream, now, 901).unwrap();
        assert!(after.restarted && after.sequence > before.sequence);
        assert!(!receive(&mut stream, now, 902).unwrap().restarted);
    }
}
