//! What a router tells its owner unasked.

use serde::{Deserialize, Serialize};

use super::{
    data::SctpState,
    trace::TraceEvent,
    transport::{DtlsState, IceState, TransportTuple},
};
use crate::ids::{ConsumerId, DataConsumerId, ProducerId, RtpObserverId, TransportId};

/// Quality of one stream of a producer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamScore {
    /// Index in the producer's encodings.
    pub encoding_idx: usize,
    /// The producer's SSRC.
    pub ssrc: u32,
    /// Its RID, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rid: Option<String>,
    /// 0 (nothing arrives) to 10 (nothing is lost).
    pub score: u8,
}

/// Quality of a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerScore {
    /// Towards the viewer, 0 to 10.
    pub score: u8,
    /// Of the producer's stream that is forwarded, 0 to 10.
    pub producer_score: u8,
    /// Of each of the producer's streams.
    pub producer_scores: Vec<u8>,
}

/// Layers of a producer that has several: of simulcast, or of SVC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerLayers {
    /// Size of the pictures, 0 the smallest: of simulcast the index of the encoding.
    pub spatial_layer: u8,
    /// Rate of the pictures, 0 the lowest. `None`: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temporal_layer: Option<u8>,
}

/// How loud a producer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioLevel {
    /// Which.
    pub producer_id: ProducerId,
    /// dBov, averaged over the observer's interval: -127 (silence) to 0 (as loud as can be).
    pub volume: i8,
}

/// An event of a router's transports, producers and consumers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouterEvent {
    /// ICE went on or back.
    IceState(TransportId, IceState),
    /// DTLS went on or failed.
    DtlsState(TransportId, DtlsState),
    /// A plain transport with `comedia` has learnt where its peer's RTP comes from.
    Tuple(TransportId, TransportTuple),
    /// The same of RTCP, where that has a way of its own.
    RtcpTuple(TransportId, TransportTuple),
    /// A producer's quality changed.
    ProducerScore(ProducerId, Vec<StreamScore>),
    /// A consumer's quality changed.
    ConsumerScore(ConsumerId, ConsumerScore),
    /// A consumer of a producer with several layers gets these from now on; `None`: nothing, its path has no room.
    ConsumerLayers(ConsumerId, Option<ConsumerLayers>),
    /// An observer of levels has heard these, the loudest first: each interval, while somebody is heard.
    AudioLevels(RtpObserverId, Vec<AudioLevel>),
    /// An observer of levels hears nobody any more.
    Silence(RtpObserverId),
    /// An observer of speakers found another to dominate: this producer.
    DominantSpeaker(RtpObserverId, ProducerId),
    /// SCTP went on or failed.
    SctpState(TransportId, SctpState),
    /// A message was not sent on because too much was waiting for the peer. Not said again before one was.
    DataConsumerSendBufferFull(DataConsumerId),
    /// Of what a data consumer was to send, no more is waiting than its threshold: bytes.
    DataConsumerBufferedAmountLow(DataConsumerId, u64),
    /// Something that a transport is [traced](super::trace) for.
    TransportTrace(TransportId, TraceEvent),
    /// Something that a producer is traced for.
    ProducerTrace(ProducerId, TraceEvent),
    /// Something that a consumer is traced for.
    ConsumerTrace(ConsumerId, TraceEvent),
    /// The worker has died or was closed; nothing of the router is left.
    WorkerClosed,
}
