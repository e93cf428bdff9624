//! What a router tells its owner unasked.

use serde::{Deserialize, Serialize};

use super::transport::{DtlsState, IceState, TransportTuple};
use crate::ids::{ConsumerId, ProducerId, RtpObserverId, TransportId};

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

/// Layers of a simulcast producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerLayers {
    /// Index of the encoding, 0 the lowest.
    pub spatial_layer: u8,
    /// Frames within it, 0 the fewest. `None`: all of them.
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
    /// A consumer of a simulcast producer gets these layers from now on.
    ConsumerLayers(ConsumerId, ConsumerLayers),
    /// An observer of levels has heard these, the loudest first: each interval, while somebody is heard.
    AudioLevels(RtpObserverId, Vec<AudioLevel>),
    /// An observer of levels hears nobody any more.
    Silence(RtpObserverId),
    /// An observer of speakers found another to dominate: this producer.
    DominantSpeaker(RtpObserverId, ProducerId),
    /// The worker has died or was closed; nothing of the router is left.
    WorkerClosed,
}
