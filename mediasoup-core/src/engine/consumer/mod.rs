//! A track the server sends on: the producer's packets under the consumer's names.

mod dump;
mod layers;
mod picture_ids;
mod resent;
mod selector;
mod stretch;

use std::{
    num::NonZeroU8,
    time::{Duration, Instant},
};

use rand::Rng;

pub(crate) use self::layers::{Allowance, Layers};
use self::{
    resent::{Resent, Turn},
    selector::{Part, Verdict},
    stretch::Stretch,
};
use super::{
    codec::{
        Codec,
        av1::{self, Joint},
        red, vp8,
    },
    congestion::Outgoing,
    keys::{ProducerKey, TransportKey},
    layer::{Form, Layer},
    producer::{Producer, Received, StreamCodec},
    quality::{SendScore, Totals},
    rate::Rate,
    rtcp::{Dlrr, NtpTime, ReceivedReport, SenderInfo, round_trip},
    rtp::{Extension, ExtensionIds, ExtensionValue, Header, RtpPacket, abs_send_time, write_packet},
    trace::Traces,
};
use crate::{
    ids::ConsumerId,
    media::{
        error::RtpError,
        event::{ConsumerLayers, ConsumerScore},
        port::ConsumeRequest,
        rtp::MediaKind,
        stats::{ConsumerStats, StreamStats},
    },
};

/// Whether packets go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// Its owner wants none.
    Paused,
    /// From the next packet that decoding can start at.
    Awaiting,
    Flowing,
}

/// The repair stream towards the viewer.
#[derive(Clone, Copy, Debug)]
struct Rtx {
    ssrc: u32,
    payload_type: u8,
    sequence_number: u16,
}

/// The newest of what was sent.
#[derive(Clone, Copy, Debug)]
struct Newest {
    timestamp: u32,
    at: Instant,
}

/// When and how packets are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: Instant,
    /// Since the engine's epoch.
    pub(crate) since_epoch: Duration,
}

/// One packet's way to the viewer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    pub(crate) moment: Moment,
    /// The packet's transport-wide number.
    pub(crate) wide_sequence: u16,
}

/// A packet of the producer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) packet: &'a RtpPacket<'a>,
    /// The producer's ids of header extensions.
    pub(crate) extensions: &'a ExtensionIds,
    /// The router's payload type.
    pub(crate) payload_type: u8,
    /// It is RED.
    pub(crate) is_red: bool,
}

/// A packet is not sent again within this, where the round trip is not known; never waited for longer than the second.
const RESEND_INTERVAL: Duration = Duration::from_millis(25);
const RESEND_INTERVAL_MAX: Duration = Duration::from_millis(250);

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    packets: u64,
    bytes: u64,
    payload_bytes: u64,
    retransmitted: u64,
    /// Sent again for the first time.
    repaired: u64,
    nacks: u64,
    nacked_packets: u64,
    plis: u64,
    firs: u64,
}

/// A consumer.
#[derive(Debug)]
pub(crate) struct Consumer {
    pub(crate) id: ConsumerId,
    pub(crate) transport: TransportKey,
    pub(crate) producer: ProducerKey,
    pub(crate) layers: Layers,
    /// Before others of its transport where there is not room for all: the higher the sooner.
    pub(crate) priority: NonZeroU8,
    pub(crate) traces: Traces,
    pub(crate) ssrc: u32,
    pub(crate) cname: String,
    kind: MediaKind,
    codec: StreamCodec,
    payload_types: Vec<u8>,
    rtx: Option<Rtx>,
    extensions: ExtensionIds,
    mid: Option<String>,
    flow: Flow,
    /// What of its encoding goes on until the lower one begins that it is to have: the path may have no room for all of it.
    meanwhile: Allowance,
    /// What went out last, until somebody asks.
    sent: Option<Header>,
    stretch: Stretch,
    /// Before the last switch: a packet of it may still be asked for.
    previous: Option<Box<Stretch>>,
    first_timestamp: u32,
    newest: Option<Newest>,
    newest_picture: Option<vp8::PictureNumbers>,
    resent: Resent,
    reference_time: Option<(NtpTime, u32, Instant)>,
    report: Option<ReceivedReport>,
    round_trip: Option<Duration>,
    score: SendScore,
    reported_score: Option<ConsumerScore>,
    reported_layers: Option<ConsumerLayers>,
    rate: Rate,
    counts: Counts,
}

impl Consumer {
    pub(crate) fn new(
        now: Instant,
        rng: &mut impl Rng,
        transport: TransportKey,
        producer: ProducerKey,
        layers: Layers,
        request: ConsumeRequest,
    ) -> Result<Self, RtpError> {
        let parameters = request.rtp_parameters;
        let codec = StreamCodec::from_parameters(&parameters.codecs)
            .ok_or_else(|| RtpError::Invalid("rtpParameters.codecs has no media codec".into()))?;
        let stream = parameters.encodings.first();
        let ssrc = stream
            .and_then(|stream| stream.ssrc)
            .ok_or_else(|| RtpError::Invalid("rtpParameters.encodings[0].ssrc is missing".into()))?;
        let rtx =
            stream.and_then(|stream| stream.rtx).zip(codec.rtx_payload_type).map(|(rtx, payload_type)| Rtx {
                ssrc: rtx.ssrc,
                payload_type,
                sequence_number: rng.next_u32() as u16,
            });
        Ok(Self {
            id: request.id,
            transport,
            producer,
            layers,
            priority: NonZeroU8::MIN,
            traces: Traces::default(),
            ssrc,
            cname: parameters.rtcp.cname.unwrap_or_default(),
            kind: request.kind,
            codec,
            payload_types: parameters.codecs.iter().map(|codec| codec.payload_type).collect(),
            rtx,
            extensions: ExtensionIds::from_parameters(&parameters.header_extensions),
            mid: parameters.mid,
            flow: if request.paused { Flow::Paused } else { Flow::Awaiting },
            // Not near the end of the turn: receivers that see the wrap first take it for reordering.
            stretch: Stretch::new(
                layers.target_encoding().unwrap_or_default(),
                rng.next_u32() as u16 & 0x7FFF,
            ),
            meanwhile: Allowance::All,
            sent: None,
            previous: None,
            first_timestamp: rng.next_u32(),
            newest: None,
            newest_picture: None,
            resent: Resent::default(),
            reference_time: None,
            report: None,
            round_trip: None,
            score: SendScore::default(),
            reported_score: None,
            reported_layers: None,
            rate: Rate::new(now),
            counts: Counts::default(),
        })
    }

    pub(crate) fn rtx_ssrc(&self) -> Option<u32> {
        self.rtx.map(|rtx| rtx.ssrc)
    }

    pub(crate) fn extensions(&self) -> &ExtensionIds {
        &self.extensions
    }

    pub(crate) fn is_video(&self) -> bool {
        self.kind == MediaKind::Video
    }

    /// Its owner wants nothing.
    pub(crate) fn is_paused(&self) -> bool {
        self.flow == Flow::Paused
    }

    /// Packets go out.
    pub(crate) fn is_flowing(&self) -> bool {
        self.flow == Flow::Flowing
    }

    /// Whether it waits for a lower encoding to begin, or for nothing more to come.
    pub(crate) fn waits_for_less(&self) -> bool {
        self.layers.target_encoding().is_none_or(|encoding| encoding < self.encoding())
    }

    /// What of its encoding goes on while [`Consumer::waits_for_less`].
    pub(crate) fn allow_meanwhile(&mut self, allowance: Allowance) {
        self.meanwhile = allowance;
    }

    /// The highest layer inside its stream that goes on now; `None`: nothing.
    fn forwarded(&self) -> Option<Layer> {
        let target = self.layers.forwarded()?;
        if self.waits_for_less() { Some(target.at_most(self.meanwhile.limit()?)) } else { Some(target) }
    }

    /// What goes out, bit/s.
    pub(crate) fn bitrate(&mut self, now: Instant) -> u64 {
        self.rate.bitrate(now)
    }

    /// What its packets are to the path.
    pub(crate) fn outgoing(&self, is_rtx: bool) -> Outgoing {
        Outgoing {
            is_video: self.is_video(),
            is_rtx,
            wide_id: self.extensions.id(Extension::TransportWideCc),
            send_time_id: self.extensions.id(Extension::AbsSendTime),
        }
    }

    /// Whether it needs a key frame before anything can be seen.
    pub(crate) fn awaits_key_frame(&self) -> bool {
        self.flow == Flow::Awaiting && self.codec.codec.has_key_frames()
    }

    pub(crate) fn pause(&mut self) {
        self.flow = Flow::Paused;
    }

    pub(crate) fn resume(&mut self) {
        if self.flow == Flow::Paused {
            self.flow = Flow::Awaiting;
        }
    }

    /// What comes next does not follow on what came before: starts again at a key frame.
    pub(crate) fn await_key_frame(&mut self) {
        if self.flow == Flow::Flowing {
            self.flow = Flow::Awaiting;
        }
    }

    /// The producer's encoding it forwards.
    pub(crate) fn encoding(&self) -> usize {
        self.stretch.encoding
    }

    /// Whether a packet of `encoding` is for this viewer: of the encoding it gets, or the first of the one it is to get
    /// from now on.
    pub(crate) fn takes(
        &mut self,
        now: Instant,
        producer: &Producer,
        encoding: usize,
        packet: &RtpPacket<'_>,
        received: &Received,
    ) -> bool {
        if encoding == self.encoding() {
            return true;
        }
        if self.layers.target_encoding() != Some(encoding)
            || !received.is_key_frame
            || self.flow == Flow::Paused
        {
            return false;
        }
        let mut stretch = Stretch::new(encoding, self.stretch.sequences.next_output());
        if let (Some(newest), Some(shift)) = (self.newest, self.stretch.timestamp_shift) {
            let same_clock = producer.timestamp_offset(self.encoding(), encoding);
            let shift = same_clock.map(|offset| shift.wrapping_add(offset)).filter(|shift| {
                packet.timestamp.wrapping_add(*shift).wrapping_sub(newest.timestamp).cast_signed() > 0
            });
            stretch.timestamp_shift =
                Some(shift.unwrap_or_else(|| self.shift_by_clock(now, newest, packet.timestamp)));
        }
        self.previous = Some(Box::new(std::mem::replace(&mut self.stretch, stretch)));
        self.await_key_frame();
        true
    }

    /// Writes the packet for the viewer. Gives whether it is to be sent.
    pub(crate) fn forward(
        &mut self,
        hop: Hop,
        source: &Source<'_>,
        received: &Received,
        buffer: &mut Vec<u8>,
    ) -> bool {
        let primary;
        let source = if source.is_red && !self.payload_types.contains(&source.payload_type) {
            let Some((payload_type, payload)) = red::primary(source.packet.payload) else { return false };
            primary = RtpPacket { payload, ..*source.packet };
            &Source { packet: &primary, payload_type, ..*source }
        } else {
            source
        };
        let Source { packet, payload_type, .. } = *source;
        let now = hop.moment.now;
        let Some(target) = self.forwarded() else {
            self.await_key_frame();
            return false;
        };
        if self.flow == Flow::Paused || !self.payload_types.contains(&payload_type) {
            return false;
        }
        if received.restarted {
            self.restart_timeline(now, packet.timestamp);
            self.await_key_frame();
        }
        if self.flow == Flow::Awaiting {
            if self.codec.codec.has_key_frames() && !received.is_key_frame {
                return false;
            }
            self.stretch.sequences.resume_at(received.sequence);
            if self.codec.codec == Codec::Vp8 {
                self.stretch.pictures.follow_on(self.newest_picture, packet.payload);
            }
            self.flow = Flow::Flowing;
        }
        let verdict = if packet.payload.is_empty() {
            Verdict::LeaveOut
        } else {
            self.stretch.selector.pass(received, packet.timestamp, target)
        };
        let Verdict::Forward(part) = verdict else {
            return self.leave_out(hop, source, received.sequence, buffer);
        };
        let Some(output) = self.stretch.sequences.map(received.sequence) else { return false };
        let header = Header {
            marker: packet.marker || part.ends_picture,
            payload_type,
            sequence_number: output as u16,
            timestamp: self.timestamp(now, packet.timestamp),
            ssrc: self.ssrc,
        };
        match self.joined(packet, part) {
            Some(joined) => self.write(hop, &header, source, &joined.parts(), buffer),
            None => self.write(hop, &header, source, &[packet.payload], buffer),
        }
        if self.codec.codec == Codec::Vp8 {
            let payload_start = buffer.len() - packet.payload.len();
            let picture = self.stretch.pictures.renumber(&mut buffer[payload_start..]);
            if let (Some(picture), newest) = (picture, self.newest_picture)
                && newest.is_none_or(|newest| picture.is_after(newest))
            {
                self.newest_picture = Some(picture);
            }
        }
        self.counts.packets += 1;
        self.counts.payload_bytes += packet.payload.len() as u64;
        self.sent = Some(header);
        true
    }

    /// The header of what was forwarded last, once.
    pub(crate) fn take_sent(&mut self) -> Option<Header> {
        self.sent.take()
    }

    /// A packet that is not for this viewer. Where its number was kept because it came late, the viewer gets an empty packet:
    /// else it would ask for that number in vain. Gives whether one is to be sent.
    fn leave_out(&mut self, hop: Hop, source: &Source<'_>, sequence: u64, buffer: &mut Vec<u8>) -> bool {
        if self.codec.codec == Codec::Vp8 && !source.packet.payload.is_empty() {
            self.stretch.pictures.leave_out(source.packet.payload);
        }
        let Some(output) = self.stretch.sequences.leave_out(sequence) else { return false };
        let header = Header {
            marker: false,
            payload_type: source.payload_type,
            sequence_number: output as u16,
            timestamp: source.packet.timestamp.wrapping_add(self.stretch.timestamp_shift.unwrap_or_default()),
            ssrc: self.ssrc,
        };
        self.write(hop, &header, source, &[], buffer);
        self.counts.packets += 1;
        true
    }

    /// The payload, where it is to be sent as another.
    fn joined<'a>(&self, packet: &RtpPacket<'a>, part: Part) -> Option<av1::Joined<'a>> {
        // Who reads the descriptor needs no help, and would be misled.
        let is_blind = self.extensions.id(Extension::DependencyDescriptor).is_none();
        if self.codec.codec != Codec::Av1 || !is_blind {
            return None;
        }
        let Joint { follows_frame, precedes_frame } = part.joint;
        let joint = Joint { follows_frame, precedes_frame: precedes_frame && !packet.marker };
        av1::join(packet.payload, joint)
    }

    fn timestamp(&mut self, now: Instant, source: u32) -> u32 {
        let first_shift = self.first_timestamp.wrapping_sub(source);
        let timestamp = source.wrapping_add(*self.stretch.timestamp_shift.get_or_insert(first_shift));
        if self.newest.is_none_or(|newest| timestamp.wrapping_sub(newest.timestamp).cast_signed() > 0) {
            self.newest = Some(Newest { timestamp, at: now });
        }
        timestamp
    }

    /// The shift with which a timestamp follows on the newest by the time that has passed.
    fn shift_by_clock(&self, now: Instant, newest: Newest, source: u32) -> u32 {
        let passed =
            now.saturating_duration_since(newest.at).as_secs_f64() * f64::from(self.codec.clock_rate);
        newest.timestamp.wrapping_add(1).wrapping_add(passed as u64 as u32).wrapping_sub(source)
    }

    /// The producer's timestamps began anew at `source`: the viewer's go on by the time that has passed.
    fn restart_timeline(&mut self, now: Instant, source: u32) {
        if let Some(newest) = self.newest {
            self.stretch.timestamp_shift = Some(self.shift_by_clock(now, newest, source));
        }
    }

    /// Whether a packet is of what is sent now, not of before the last switch.
    pub(crate) fn is_of_now(&self, sequence_number: u16) -> bool {
        self.stretch.sequences.map_back(sequence_number).is_some()
    }

    /// Writes a lost packet again, as RTX (RFC 4588): as it was, or would have been, forwarded. Gives whether it is to be sent.
    ///
    /// A viewer without RTX gets none: under SRTP the same number cannot be sealed twice (RFC 7714 §8.1).
    pub(crate) fn retransmit(
        &mut self,
        hop: Hop,
        sequence_number: u16,
        is_copy: bool,
        producer: &Producer,
        buffer: &mut Vec<u8>,
    ) -> bool {
        let Some(rtx) = self.rtx else { return false };
        let found = std::iter::once(&self.stretch).chain(self.previous.as_deref()).find_map(|stretch| {
            stretch.sequences.map_back(sequence_number).map(|(input, output)| (stretch, input, output))
        });
        let Some((stretch, input, output)) = found else { return false };
        let Some(stream) = producer.stream(stretch.encoding) else { return false };
        let stored = stream.store.find(input);
        let Some(mut packet) = stored.and_then(|stored| RtpPacket::parse(stored.bytes())) else {
            return false;
        };
        let interval = self.round_trip.map_or(RESEND_INTERVAL, |rtt| (rtt / 2).min(RESEND_INTERVAL_MAX));
        let turn = if is_copy {
            Turn::Again
        } else {
            let Some(turn) = self.resent.resend(hop.moment.now, output, interval) else { return false };
            turn
        };
        let mut joined = None;
        match stretch.selector.judge(input, &stream.place_of(&packet, &producer.extensions)) {
            Verdict::Forward(part) => {
                joined = self.joined(&packet, part);
                packet.marker |= part.ends_picture;
            }
            Verdict::LeaveOut => packet = RtpPacket { marker: false, payload: &[], ..packet },
        }
        let header = Header {
            marker: packet.marker,
            payload_type: rtx.payload_type,
            sequence_number: rtx.sequence_number,
            timestamp: packet.timestamp.wrapping_add(stretch.timestamp_shift.unwrap_or_default()),
            ssrc: rtx.ssrc,
        };
        self.rtx = Some(Rtx { sequence_number: rtx.sequence_number.wrapping_add(1), ..rtx });
        let source = Source {
            packet: &packet,
            extensions: &producer.extensions,
            payload_type: rtx.payload_type,
            is_red: false,
        };
        let picture = stretch.pictures.find(packet.payload);
        let prefix = sequence_number.to_be_bytes();
        match &joined {
            Some(joined) => {
                let [a, b, c, d, e] = joined.parts();
                self.write(hop, &header, &source, &[&prefix, a, b, c, d, e], buffer);
            }
            None => self.write(hop, &header, &source, &[&prefix, packet.payload], buffer),
        }
        if let Some(picture) = picture {
            let payload_start = buffer.len() - packet.payload.len();
            vp8::renumber(&mut buffer[payload_start..], picture);
        }
        self.counts.retransmitted += 1;
        self.counts.repaired += u64::from(turn == Turn::First);
        true
    }

    /// Header extensions are the consumer's own: made here where they are of this hop, copied where they are of the track.
    fn write(
        &mut self,
        hop: Hop,
        header: &Header,
        source: &Source<'_>,
        payload: &[&[u8]],
        buffer: &mut Vec<u8>,
    ) {
        let Source { packet, extensions: ids, .. } = *source;
        let send_time = abs_send_time(hop.moment.since_epoch).to_be_bytes();
        let wide_sequence = hop.wide_sequence.to_be_bytes();
        let mut extensions = [ExtensionValue { id: 0, value: &[] }; ExtensionIds::LEN];
        let mut count = 0;
        for (extension, id) in self.extensions.iter() {
            let value = match extension {
                Extension::Mid => self.mid.as_deref().map(str::as_bytes),
                Extension::AbsSendTime => Some(&send_time[1..]),
                Extension::TransportWideCc => Some(&wide_sequence[..]),
                Extension::Rid | Extension::RepairedRid => None,
                of_the_track => packet.extensions.value(ids, of_the_track),
            };
            if let Some(value) = value {
                extensions[count] = ExtensionValue { id, value };
                count += 1;
            }
        }
        let start = buffer.len();
        write_packet(buffer, header, &extensions[..count], payload);
        let len = buffer.len() - start;
        self.rate.add(hop.moment.now, len);
        self.counts.bytes += len as u64;
    }

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

    /// Whether a key frame would be forwarded and do any good.
    pub(crate) fn wants_key_frames(&self) -> bool {
        self.flow != Flow::Paused && self.codec.codec.has_key_frames()
    }

    /// The viewer reported; gives the round trip it tells.
    pub(crate) fn on_report(&mut self, ntp: NtpTime, report: ReceivedReport) -> Option<Duration> {
        let told = round_trip(ntp, report.last_sender_report, report.delay);
        self.round_trip = told.or(self.round_trip);
        self.report = Some(report);
        self.score.on_report(Totals {
            packets: self.counts.packets,
            lost: self.lost(),
            repaired: self.counts.repaired,
            retransmitted: self.counts.retransmitted,
        });
        told
    }

    /// By the viewer's last report.
    fn lost(&self) -> u64 {
        self.report.map_or(0, |report| report.total_lost.max(0).unsigned_abs().into())
    }

    /// The viewer wants to know the round trip: its reference time is answered with the next report.
    pub(crate) fn on_reference_time(&mut self, now: Instant, sender_ssrc: u32, ntp: NtpTime) {
        self.reference_time = Some((ntp, sender_ssrc, now));
    }

    pub(crate) fn take_dlrr(&mut self, now: Instant) -> Option<Dlrr> {
        let (ntp, ssrc, at) = self.reference_time.take()?;
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

    /// Aims at the best layer it is to have, of those that come. Gives whether a key frame is needed to get there.
    pub(crate) fn aim(&mut self, is_alive: impl Fn(u8) -> bool) -> bool {
        let is_new = self.layers.aim(is_alive);
        let Some(encoding) = self.layers.target_encoding() else {
            self.await_key_frame();
            return false;
        };
        match self.flow {
            Flow::Paused => false,
            Flow::Awaiting => self.wants_key_frames() && (is_new || encoding != self.encoding()),
            Flow::Flowing => {
                let is_out_of_reach = |size| self.stretch.selector.needs_key_frame(size);
                encoding != self.encoding() || self.layers.size_inside().is_some_and(is_out_of_reach)
            }
        }
    }

    fn forwarded_layers(&self) -> ConsumerLayers {
        let layering = self.layers.layering();
        let inside = self.stretch.selector.current().at_most(layering.highest());
        let spatial = match layering.form {
            Form::Streams => self.encoding() as u8,
            Form::Within => inside.spatial,
        };
        ConsumerLayers { spatial_layer: spatial, temporal_layer: Some(inside.temporal) }
    }

    /// What a viewer with a choice gets, where it is another than the last time; nothing, where there is no room for
    /// anything.
    pub(crate) fn changed_layers(&mut self) -> Option<Option<ConsumerLayers>> {
        let layers = match self.layers.target() {
            Some(_) if self.flow != Flow::Flowing => return None,
            Some(_) => Some(self.forwarded_layers()),
            None => None,
        };
        if !self.layers.layering().is_choice() || self.reported_layers == layers {
            return None;
        }
        self.reported_layers = layers;
        Some(layers)
    }

    /// The score, where it is another than the last time.
    pub(crate) fn changed_score(&mut self, producer_scores: Vec<u8>) -> Option<ConsumerScore> {
        let producer_score = producer_scores.get(self.encoding()).copied().unwrap_or(0);
        let score = ConsumerScore { score: self.score.value(), producer_score, producer_scores };
        if self.reported_score.as_ref() == Some(&score) {
            return None;
        }
        self.reported_score = Some(score.clone());
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
                fraction_lost: self.report.map_or(0, |report| report.fraction_lost),
                jitter: self.report.map_or(0, |report| report.jitter),
                packets_discarded: 0,
                rtx_packets_discarded: 0,
                packets_retransmitted: self.counts.retransmitted,
                packets_repaired: self.counts.repaired,
                nack_count: self.counts.nacks,
                nack_packet_count: self.counts.nacked_packets,
                pli_count: self.counts.plis,
                fir_count: self.counts.firs,
                packet_count: self.counts.packets,
                byte_count: self.counts.bytes,
                bitrate: self.rate.bitrate(now),
                score: self.score.value(),
                round_trip_time: self.round_trip.map(|rtt| rtt.as_secs_f64() * 1_000.0),
            },
        }
    }
}
