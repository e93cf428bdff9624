//! A track a peer sends: its streams, and who watches them.

mod dump;
mod key_frame;
mod layers;
mod nack;
mod reception;
mod sender_clock;
mod store;
mod stream;
mod tail;

use std::time::{Duration, Instant};

use key_frame::KeyFrameRequests;
pub(crate) use sender_clock::SenderClock;
pub(crate) use stream::{KeyFrameRequest, ReceiveStream, Received, StreamCodec};

use super::{
    codec::red,
    keys::{ConsumerKey, ObserverKey, TransportKey},
    layer::{Layer, Layering},
    rtp::{ExtensionIds, RtpPacket},
    trace::Traces,
};
use crate::{
    ids::ProducerId,
    media::{
        error::RtpError,
        event::StreamScore,
        ortc::is_red,
        port::ProduceRequest,
        rtp::{CodecMapping, MediaKind, RtpEncodingParameters},
        stats::ProducerStats,
    },
};

/// A producer.
#[derive(Debug)]
pub(crate) struct Producer {
    pub(crate) id: ProducerId,
    pub(crate) transport: TransportKey,
    pub(crate) paused: bool,
    pub(crate) traces: Traces,
    pub(crate) extensions: ExtensionIds,
    /// One for each encoding, once its first packet came or its SSRC was announced.
    streams: Vec<Option<ReceiveStream>>,
    encodings: Vec<RtpEncodingParameters>,
    /// The SSRC consumers know each encoding by.
    mapped_ssrcs: Vec<u32>,
    codec: StreamCodec,
    key_frame_request_delay: Duration,
    codecs: Vec<CodecMapping>,
    /// The payload type of its packets that are RED.
    red: Option<u8>,
    kind: MediaKind,
    pub(crate) layering: Layering,
    pub(crate) consumers: Vec<ConsumerKey>,
    /// Where its packets are gathered.
    pub(crate) gathered: Option<usize>,
    pub(crate) observers: Vec<ObserverKey>,
    reported_scores: Vec<StreamScore>,
}

impl Producer {
    /// See [`Peer::touch_receiving`](super::peer::Peer::touch_receiving).
    pub(crate) fn touch(&self) -> u64 {
        u64::from(self.paused) ^ self.stream(0).map_or(0, ReceiveStream::touch)
    }

    pub(crate) fn new(
        now: Instant,
        transport: TransportKey,
        request: ProduceRequest,
    ) -> Result<Self, RtpError> {
        let parameters = request.rtp_parameters;
        let red = parameters.codecs.iter().find(|codec| is_red(&codec.mime_type));
        let red = red.map(|codec| codec.payload_type);
        let codec = StreamCodec::from_parameters(&parameters.codecs)
            .ok_or_else(|| RtpError::Invalid("rtpParameters.codecs has no media codec".into()))?;
        let mut producer = Self {
            id: request.id,
            transport,
            traces: Traces::default(),
            paused: request.paused,
            extensions: ExtensionIds::from_parameters(&parameters.header_extensions),
            streams: parameters.encodings.iter().map(|_| None).collect(),
            mapped_ssrcs: request.mapping.encodings.iter().map(|encoding| encoding.mapped_ssrc).collect(),
            layering: Layering::of(&parameters.encodings),
            encodings: parameters.encodings,
            codec,
            key_frame_request_delay: request.key_frame_request_delay,
            codecs: request.mapping.codecs,
            red,
            kind: request.kind,
            consumers: Vec::new(),
            gathered: None,
            observers: Vec::new(),
            reported_scores: Vec::new(),
        };
        for encoding in 0..producer.encodings.len() {
            if let Some(ssrc) = producer.encodings[encoding].ssrc {
                producer.open_stream(now, encoding, ssrc);
            }
        }
        Ok(producer)
    }

    fn open_stream(&mut self, now: Instant, encoding: usize, ssrc: u32) {
        let parameters = &self.encodings[encoding];
        let mut codec = self.codec.clone();
        codec.dtx |= parameters.dtx == Some(true);
        let layering = self.layering.of_stream();
        let mut stream = ReceiveStream::new(now, self.kind, ssrc, parameters.rid.clone(), codec, layering);
        stream.rtx_ssrc = parameters.rtx.map(|rtx| rtx.ssrc);
        stream.key_frames = KeyFrameRequests::new(self.key_frame_request_delay);
        self.streams[encoding] = Some(stream);
    }

    /// The stream of an encoding, opened by its first packet where that tells its SSRC.
    pub(crate) fn stream_for(
        &mut self,
        now: Instant,
        encoding: usize,
        ssrc: u32,
        is_rtx: bool,
    ) -> Option<&mut ReceiveStream> {
        if self.streams.get(encoding)?.is_none() && !is_rtx {
            self.open_stream(now, encoding, ssrc);
        }
        let stream = self.streams[encoding].as_mut()?;
        if is_rtx {
            stream.rtx_ssrc = Some(ssrc);
        }
        Some(stream)
    }

    pub(crate) fn kind(&self) -> MediaKind {
        self.kind
    }

    pub(crate) fn encoding_count(&self) -> usize {
        self.encodings.len()
    }

    pub(crate) fn stream(&self, encoding: usize) -> Option<&ReceiveStream> {
        self.streams.get(encoding)?.as_ref()
    }

    pub(crate) fn stream_mut(&mut self, encoding: usize) -> Option<&mut ReceiveStream> {
        self.streams.get_mut(encoding)?.as_mut()
    }

    pub(crate) fn streams_mut(&mut self) -> impl Iterator<Item = &mut ReceiveStream> {
        self.streams.iter_mut().flatten()
    }

    /// What is to be added (wrapping) to the timestamps of encoding `to` for those of `from` at the same moment; `None`
    /// where the sender has not reported on both.
    pub(crate) fn timestamp_offset(&self, from: usize, to: usize) -> Option<u32> {
        let (from, to) = (self.stream(from)?, self.stream(to)?);
        from.anchor()?.offset_of(to.anchor()?, from.codec.clock_rate)
    }

    /// Whether pictures of a size keep coming.
    pub(crate) fn has_size(&self, now: Instant, spatial: u8) -> bool {
        let stream = self.stream(self.layering.encoding_of(spatial));
        stream.is_some_and(|stream| stream.layers.is_alive(now, self.layering.in_stream(spatial)))
    }

    /// The layers that come, no higher than `highest`, from the lowest up, each with the bit/s it takes with all it is
    /// decoded from.
    pub(crate) fn bitrates(&mut self, now: Instant, highest: Layer, bitrates: &mut Vec<(Layer, u64)>) {
        let layering = self.layering;
        let highest = highest.at_most(layering.highest());
        for spatial in 0..=highest.spatial {
            if !self.has_size(now, spatial) {
                continue;
            }
            let Some(stream) = self.stream_mut(layering.encoding_of(spatial)) else { continue };
            bitrates.extend((0..=highest.temporal).map(|temporal| {
                let inside = Layer::new(layering.in_stream(spatial), temporal);
                (Layer::new(spatial, temporal), stream.layers.bitrate(now, inside))
            }));
        }
    }

    /// The SSRCs consumers know the encodings by.
    pub(crate) fn mapped_ssrcs(&self) -> &[u32] {
        &self.mapped_ssrcs
    }

    /// The router's payload type for one of the producer's.
    pub(crate) fn mapped_payload_type(&self, payload_type: u8) -> Option<u8> {
        let mapping = self.codecs.iter().find(|codec| codec.payload_type == payload_type)?;
        Some(mapping.mapped_payload_type)
    }

    pub(crate) fn is_red(&self, payload_type: u8) -> bool {
        self.red == Some(payload_type)
    }

    /// Names the blocks of a packet of RED as the router does: that is the same for all consumers. `None`: it is malformed.
    pub(crate) fn rename_blocks(&self, plain: &mut [u8]) -> Option<()> {
        if self.red.is_none() {
            return Some(());
        }
        let packet = RtpPacket::parse(plain)?;
        if !self.is_red(packet.payload_type) {
            return Some(());
        }
        let payload = packet.header_len..packet.header_len + packet.payload.len();
        red::rename(&mut plain[payload], |block| self.mapped_payload_type(block))
    }

    /// Drops what comes, or lets it flow again. Gives whether that is a change.
    pub(crate) fn set_paused(&mut self, paused: bool) -> bool {
        let changed = self.paused != paused;
        self.paused = paused;
        if changed {
            self.streams_mut().for_each(ReceiveStream::on_pause);
        }
        changed
    }

    /// When a stream has something to do.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        if self.paused {
            return None;
        }
        self.streams.iter().flatten().filter_map(ReceiveStream::next_due).min()
    }

    /// The streams' scores, where they are others than the last time.
    pub(crate) fn changed_scores(&mut self) -> Option<Vec<StreamScore>> {
        let scores: Vec<_> = self
            .streams
            .iter()
            .enumerate()
            .filter_map(|(encoding_idx, stream)| {
                let stream = stream.as_ref()?;
                let (ssrc, rid) = (stream.ssrc, stream.rid.clone());
                Some(StreamScore { encoding_idx, ssrc, rid, score: stream.score.value() })
            })
            .collect();
        if scores == self.reported_scores {
            return None;
        }
        self.reported_scores.clone_from(&scores);
        Some(scores)
    }

    /// The score of each encoding; 0 for those that never came.
    pub(crate) fn scores(&self) -> Vec<u8> {
        self.streams.iter().map(|stream| stream.as_ref().map_or(0, |stream| stream.score.value())).collect()
    }

    /// Counters of each stream that has come.
    pub(crate) fn stats(
        &mut self,
        now: Instant,
        timestamp_ms: u64,
        round_trip: Option<Duration>,
    ) -> Vec<ProducerStats> {
        let id = self.id;
        self.streams_mut().map(|stream| stream.stats(now, timestamp_ms, id, round_trip)).collect()
    }
}
