//! What there is right now, for who looks for a fault: mediasoup's `dump()`, with its field names where the thing exists here.
//!
//! Dumps hold secrets: ICE passwords and SRTP keys.

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::Serialize;

use super::{
    data::{SctpParameters, SctpState, SctpStreamParameters},
    error::{ConsumeError, DataError, ProduceError, TransportError, WorkerError},
    plain::SrtpParameters,
    rtp::{MediaKind, RtpMapping, RtpParameters, RtpType},
    trace::TraceEventType,
    transport::{DtlsParameters, DtlsState, IceCandidate, IceParameters, IceState, TransportTuple},
};
use crate::ids::{
    ConsumerId, DataConsumerId, DataProducerId, ProducerId, RouterId, RtpObserverId, TransportId,
};

/// A row of a table: a JSON object's keys are texts, and these may be numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row<K, V> {
    /// What is looked up.
    pub key: K,
    /// What is found.
    pub value: V,
}

/// A row of a table in which a key has several values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rows<K, V> {
    /// What is looked up.
    pub key: K,
    /// What is found.
    pub values: Vec<V>,
}

/// A worker.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerDump {
    /// The process: workers are threads of it.
    pub pid: u32,
    /// Its routers.
    pub router_ids: Vec<RouterId>,
}

/// A router.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouterDump {
    /// Its id.
    pub id: RouterId,
    /// Its transports.
    pub transport_ids: Vec<TransportId>,
    /// Its observers.
    pub rtp_observer_ids: Vec<RtpObserverId>,
    /// Who gets each producer.
    pub map_producer_id_consumer_ids: Vec<Rows<ProducerId, ConsumerId>>,
    /// What each consumer gets.
    pub map_consumer_id_producer_id: Vec<Row<ConsumerId, ProducerId>>,
    /// Who listens to each producer.
    pub map_producer_id_observer_ids: Vec<Rows<ProducerId, RtpObserverId>>,
    /// Who gets each data producer.
    pub map_data_producer_id_data_consumer_ids: Vec<Rows<DataProducerId, DataConsumerId>>,
    /// What each data consumer gets.
    pub map_data_consumer_id_data_producer_id: Vec<Row<DataConsumerId, DataProducerId>>,
}

/// A transport.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransportDump {
    /// Its id.
    pub id: TransportId,
    /// Its producers.
    pub producer_ids: Vec<ProducerId>,
    /// Its consumers.
    pub consumer_ids: Vec<ConsumerId>,
    /// Consumers by the SSRC of what is sent.
    pub map_ssrc_consumer_id: Vec<Row<u32, ConsumerId>>,
    /// Consumers by the SSRC of its repairs.
    pub map_rtx_ssrc_consumer_id: Vec<Row<u32, ConsumerId>>,
    /// Ids of the extensions by which packets are told apart.
    pub recv_rtp_header_extensions: RecvRtpHeaderExtensions,
    /// How packets find their producers.
    pub rtp_listener: RtpListenerDump,
    /// Bytes of the longest message to the peer; 0 without SCTP.
    pub max_send_message_size: u32,
    /// Bytes of the longest message from the peer; 0 without SCTP.
    pub max_receive_message_size: u32,
    /// Its data producers.
    pub data_producer_ids: Vec<DataProducerId>,
    /// Its data consumers.
    pub data_consumer_ids: Vec<DataConsumerId>,
    /// SCTP, where the transport has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sctp_parameters: Option<SctpParameters>,
    /// How far that has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sctp_state: Option<SctpState>,
    /// How messages find their data producers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sctp_listener: Option<SctpListenerDump>,
    /// What it is traced for.
    pub trace_event_types: Vec<TraceEventType>,
    /// What only its kind has.
    #[serde(flatten)]
    pub kind: TransportKindDump,
}

/// What is peculiar to a kind of transport.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum TransportKindDump {
    /// A `WebRtcTransport`.
    WebRtc {
        /// Always `controlled`: the server is ICE-lite.
        ice_role: &'static str,
        /// Its credentials.
        ice_parameters: IceParameters,
        /// Where its peer may reach it.
        ice_candidates: Vec<IceCandidate>,
        /// ICE.
        ice_state: IceState,
        /// The tuple in use.
        #[serde(skip_serializing_if = "Option::is_none")]
        ice_selected_tuple: Option<TransportTuple>,
        /// Its certificate.
        dtls_parameters: DtlsParameters,
        /// DTLS.
        dtls_state: DtlsState,
    },
    /// A `PlainTransport`.
    Plain {
        /// RTCP goes the way of RTP.
        rtcp_mux: bool,
        /// The peer's address is learnt.
        comedia: bool,
        /// The way of RTP, from the address that is bound.
        tuple: TransportTuple,
        /// The way of RTCP, where it has one of its own.
        #[serde(skip_serializing_if = "Option::is_none")]
        rtcp_tuple: Option<TransportTuple>,
        /// The key of what it sends.
        #[serde(skip_serializing_if = "Option::is_none")]
        srtp_parameters: Option<SrtpParameters>,
    },
    /// A `PipeTransport`.
    Pipe {
        /// The way of RTP and RTCP.
        tuple: TransportTuple,
        /// Lost packets are sent again.
        rtx: bool,
        /// The key of what it sends.
        #[serde(skip_serializing_if = "Option::is_none")]
        srtp_parameters: Option<SrtpParameters>,
    },
    /// A `DirectTransport`.
    Direct {},
    /// One end of a bridge between two routers of this process.
    Bridge {},
}

/// Ids of header extensions on packets that come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecvRtpHeaderExtensions {
    /// RFC 8843.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mid: Option<u8>,
    /// RFC 8852.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rid: Option<u8>,
    /// Of repairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rrid: Option<u8>,
    /// When the packet was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abs_send_time: Option<u8>,
    /// Its number on the transport.
    #[serde(rename = "transportWideCc01", skip_serializing_if = "Option::is_none")]
    pub transport_wide_cc: Option<u8>,
}

/// How packets find their producers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpListenerDump {
    /// By SSRC, of media and of repairs.
    pub ssrc_table: Vec<Row<u32, ProducerId>>,
    /// By MID.
    pub mid_table: Vec<Row<String, ProducerId>>,
    /// By RID.
    pub rid_table: Vec<Row<String, ProducerId>>,
}

/// How messages find their data producers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SctpListenerDump {
    /// By stream.
    pub stream_id_table: Vec<Row<u16, DataProducerId>>,
}

/// A producer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProducerDump {
    /// Its id.
    pub id: ProducerId,
    /// Audio or video.
    pub kind: MediaKind,
    /// Shape of its stream.
    #[serde(rename = "type")]
    pub rtp_type: RtpType,
    /// As the client sends.
    pub rtp_parameters: RtpParameters,
    /// What changes.
    #[serde(flatten)]
    pub state: ProducerState,
}

/// What of a producer only the worker knows.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProducerState {
    /// To the router's names.
    pub rtp_mapping: RtpMapping,
    /// The streams that have come, or whose SSRC is known.
    pub rtp_streams: Vec<RtpStreamDump>,
    /// What it is traced for.
    pub trace_event_types: Vec<TraceEventType>,
    /// What comes is dropped.
    pub paused: bool,
}

/// A consumer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerDump {
    /// Its id.
    pub id: ConsumerId,
    /// What it consumes.
    pub producer_id: ProducerId,
    /// Audio or video.
    pub kind: MediaKind,
    /// Shape of the producer's streams.
    #[serde(rename = "type")]
    pub rtp_type: RtpType,
    /// As the server sends.
    pub rtp_parameters: RtpParameters,
    /// What changes.
    #[serde(flatten)]
    pub state: ConsumerState,
}

/// What of a consumer only the worker knows.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerState {
    /// Payload types it takes.
    pub supported_codec_payload_types: Vec<u8>,
    /// What it is traced for.
    pub trace_event_types: Vec<TraceEventType>,
    /// It sends nothing.
    pub paused: bool,
    /// Its producer drops what comes.
    pub producer_paused: bool,
    /// Before others where there is not room for all: the higher the sooner.
    pub priority: u8,
    /// What is sent.
    pub rtp_stream: RtpStreamDump,
    /// Which layers, where there is a choice.
    #[serde(flatten)]
    pub layers: Option<LayersDump>,
}

/// Layers of a consumer; -1 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayersDump {
    /// The largest size that is wanted.
    pub preferred_spatial_layer: i8,
    /// The highest rate that is wanted.
    pub preferred_temporal_layer: i8,
    /// The size it is to have.
    pub target_spatial_layer: i8,
    /// The rate it is to have.
    pub target_temporal_layer: i8,
    /// The size that goes out.
    pub current_spatial_layer: i8,
    /// The rate that goes out.
    pub current_temporal_layer: i8,
}

/// A stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RtpStreamDump {
    /// How it is sent.
    pub params: RtpStreamParameters,
    /// 0 to 10.
    pub score: u8,
}

/// How a stream is sent, and what its receiver may do about loss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpStreamParameters {
    /// Index in the producer's encodings; 0 of consumers.
    pub encoding_idx: usize,
    /// The stream.
    pub ssrc: u32,
    /// Of its codec.
    pub payload_type: u8,
    /// Its codec.
    pub mime_type: String,
    /// Hz.
    pub clock_rate: u32,
    /// Its RID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rid: Option<String>,
    /// Its repair stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtx_ssrc: Option<u32>,
    /// Of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtx_payload_type: Option<u8>,
    /// Lost packets are asked for.
    pub use_nack: bool,
    /// Key frames are asked for by PLI.
    pub use_pli: bool,
    /// Key frames are asked for by FIR.
    pub use_fir: bool,
    /// Silence is not sent.
    pub use_dtx: bool,
    /// Sizes in the stream.
    pub spatial_layers: u8,
    /// Rates in the stream.
    pub temporal_layers: u8,
}

/// A data producer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataProducerDump {
    /// Its id.
    pub id: DataProducerId,
    /// Always `sctp`.
    #[serde(rename = "type")]
    pub data_type: &'static str,
    /// The stream its messages come on.
    pub sctp_stream_parameters: SctpStreamParameters,
    /// Name of the channel.
    pub label: String,
    /// Its subprotocol.
    pub protocol: String,
    /// What comes is dropped.
    pub paused: bool,
}

/// A data consumer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataConsumerDump {
    /// Its id.
    pub id: DataConsumerId,
    /// What it consumes.
    pub data_producer_id: DataProducerId,
    /// Always `sctp`.
    #[serde(rename = "type")]
    pub data_type: &'static str,
    /// The stream its messages go out on.
    pub sctp_stream_parameters: SctpStreamParameters,
    /// Name of the channel.
    pub label: String,
    /// Its subprotocol.
    pub protocol: String,
    /// It sends nothing.
    pub paused: bool,
    /// Its producer drops what comes.
    pub data_producer_paused: bool,
    /// What it listens to.
    pub subchannels: BTreeSet<u16>,
    /// Bytes waiting to be sent.
    pub buffered_amount: u64,
    /// Its owner is told when no more than so many bytes wait.
    pub buffered_amount_low_threshold: u64,
}

/// Dumps' part of the seam between handles and whatever carries the media. Object safe; every call is complete when it
/// returns. What a port without them answers is already here.
#[async_trait]
#[expect(unused_variables, reason = "the answers of a port that has nothing to dump")]
pub trait DumpPort: Send + Sync + 'static {
    /// The worker.
    async fn dump_worker(&self) -> Result<WorkerDump, WorkerError> {
        Err(WorkerError::Closed)
    }
    /// A router.
    async fn dump_router(&self, id: RouterId) -> Result<RouterDump, WorkerError> {
        Err(WorkerError::Closed)
    }
    /// A transport.
    async fn dump_transport(&self, id: TransportId) -> Result<TransportDump, TransportError> {
        Err(TransportError::NotFound(id))
    }
    /// The worker's part of a producer.
    async fn producer_state(&self, id: ProducerId) -> Result<ProducerState, ProduceError> {
        Err(ProduceError::NotFound(id))
    }
    /// The worker's part of a consumer.
    async fn consumer_state(&self, id: ConsumerId) -> Result<ConsumerState, ConsumeError> {
        Err(ConsumeError::NotFound(id))
    }
    /// A data producer.
    async fn dump_data_producer(&self, id: DataProducerId) -> Result<DataProducerDump, DataError> {
        Err(DataError::ProducerNotFound(id))
    }
    /// A data consumer.
    async fn dump_data_consumer(&self, id: DataConsumerId) -> Result<DataConsumerDump, DataError> {
        Err(DataError::ConsumerNotFound(id))
    }
}
