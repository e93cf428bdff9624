//! A track the server sends on: the producer's packets under the consumer's names.

mod dump;
mod forward;
mod layers;
mod picture_ids;
mod reports;
mod resent;
mod retransmit;
mod selector;
mod stretch;
mod write;

use std::{num::NonZeroU8, time::Instant};

use rand::Rng;

pub(crate) use self::{
    layers::{Allowance, Layers},
    write::{Hop, Moment, Source},
};
use self::{reports::Reports, resent::Resent, stretch::Stretch};
use super::{
    codec::vp8,
    congestion::Outgoing,
    keys::{ProducerKey, TransportKey},
    layer::{Form, Layer},
    meter::Meter,
    producer::StreamCodec,
    rtp::{Extension, ExtensionIds, Header},
    trace::Traces,
};
use crate::{
    ids::ConsumerId,
    media::{error::RtpError, event::ConsumerLayers, port::ConsumeRequest, rtp::MediaKind},
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

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    packets: u64,
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
    reports: Box<Reports>,
    reported_layers: Option<ConsumerLayers>,
    meter: Meter,
    counts: Counts,
}

impl Consumer {
    /// As [`Peer::touch`](super::peer::Peer::touch).
    pub(crate) fn touch(&self) -> u64 {
        let payload_type = self.payload_types.first().copied().unwrap_or(0);
        let mid = self.mid.as_deref().and_then(|mid| mid.bytes().next()).unwrap_or(0);
        let inline = self.counts.packets ^ u64::from(self.ssrc) ^ u64::from(self.first_timestamp);
        let sent = u64::from(self.sent.is_some()) ^ u64::from(self.newest.is_some());
        inline ^ sent ^ self.stretch.touch() ^ self.meter.touch() ^ u64::from(payload_type ^ mid)
    }

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
            reports: Box::default(),
            reported_layers: None,
            meter: Meter::new(now),
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
        self.meter.bitrate(now)
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

    /// Whether a key frame would be forwarded and do any good.
    pub(crate) fn wants_key_frames(&self) -> bool {
        self.flow != Flow::Paused && self.codec.codec.has_key_frames()
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
}
