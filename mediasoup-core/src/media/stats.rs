//! Counters, with mediasoup's field names.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeSeq};

use super::{
    data::SctpState,
    rtp::MediaKind,
    transport::{DtlsState, IceState, TransportTuple},
};
use crate::ids::{ConsumerId, ProducerId, TransportId, WorkerId};

/// What a worker uses.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerStats {
    /// Round-robin position.
    pub index: usize,
    /// Its id.
    pub id: WorkerId,
    /// The server's process: workers are threads of it.
    pub pid: u32,
    /// The worker's own thread.
    pub tid: u32,
    /// CPU and memory.
    pub resource_usage: ResourceUsage,
    /// Routers on it.
    pub routers: usize,
    /// Transports on it.
    pub transports: usize,
    /// Producers on it.
    pub producers: usize,
    /// Consumers on it.
    pub consumers: usize,
}

/// CPU and memory of a worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ResourceUsage {
    /// Share of one core the worker's thread has used since the last time it was asked, 0.0 to 1.0.
    pub cpu: f64,
    /// Resident memory of the whole process in MiB: threads share it.
    pub memory: u64,
}

/// What is peculiar to a kind of transport.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum TransportKindStats {
    /// Of a `WebRtcTransport`.
    #[serde(rename = "webrtc-transport")]
    WebRtc {
        /// Always `controlled`: the server is ICE-lite.
        ice_role: &'static str,
        /// ICE.
        ice_state: IceState,
        /// DTLS.
        dtls_state: DtlsState,
        /// The tuple in use.
        #[serde(skip_serializing_if = "Option::is_none")]
        ice_selected_tuple: Option<TransportTuple>,
    },
    /// Of a `PlainTransport`.
    #[serde(rename = "plain-rtp-transport")]
    Plain {
        /// RTCP goes the way of RTP.
        rtcp_mux: bool,
        /// The peer's address is learnt.
        comedia: bool,
        /// The way of RTP.
        tuple: TransportTuple,
        /// The way of RTCP, where it has one of its own.
        #[serde(skip_serializing_if = "Option::is_none")]
        rtcp_tuple: Option<TransportTuple>,
    },
    /// Of a `DirectTransport`.
    #[serde(rename = "direct-transport")]
    Direct {},
    /// Of one end of a bridge between two routers of this process.
    #[serde(rename = "bridge-transport")]
    Bridge {},
    /// Of a `PipeTransport`.
    #[serde(rename = "pipe-transport")]
    Pipe {
        /// The way of RTP and RTCP.
        tuple: TransportTuple,
    },
}

/// Counters of a transport.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransportStats {
    /// What kind it is, and what only that kind has.
    #[serde(flatten)]
    pub kind: TransportKindStats,
    /// The transport.
    pub transport_id: TransportId,
    /// ms since the engine started.
    pub timestamp: u64,
    /// SCTP, where the transport has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sctp_state: Option<SctpState>,
    /// Everything that came in, bytes.
    pub bytes_received: u64,
    /// bit/s over the last second, as all bitrates here.
    pub recv_bitrate: u64,
    /// Everything that went out, bytes.
    pub bytes_sent: u64,
    /// bit/s.
    pub send_bitrate: u64,
    /// RTP without RTX, bytes.
    pub rtp_bytes_received: u64,
    /// bit/s.
    pub rtp_recv_bitrate: u64,
    /// RTP without RTX, bytes.
    pub rtp_bytes_sent: u64,
    /// bit/s.
    pub rtp_send_bitrate: u64,
    /// RTX, bytes.
    pub rtx_bytes_received: u64,
    /// bit/s.
    pub rtx_recv_bitrate: u64,
    /// RTX, bytes.
    pub rtx_bytes_sent: u64,
    /// bit/s.
    pub rtx_send_bitrate: u64,
    /// bit/s that the path from the peer is thought to carry, where the server estimates that for a sender that cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_incoming_bitrate: Option<u64>,
    /// Padding with which the path was probed, bytes.
    pub probation_bytes_sent: u64,
    /// bit/s.
    pub probation_send_bitrate: u64,
    /// bit/s that the path to the peer is estimated to carry; video is limited to it.
    pub available_outgoing_bitrate: u64,
    /// Packets of video that were not sent because too many waited for their turn.
    pub packets_dropped: u64,
    /// bit/s told to the peer as the most it may send, where one was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_incoming_bitrate: Option<u32>,
    /// bit/s that the path to the peer is taken to carry at most, where that was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_outgoing_bitrate: Option<u32>,
    /// bit/s that the path to the peer is taken to carry at least, where that was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_outgoing_bitrate: Option<u32>,
    /// Share of the peer's packets that did not come, 0.0 to 1.0, where it numbers them for the whole transport.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtp_packet_loss_received: Option<f64>,
    /// Share of the packets sent that the peer has missed, 0.0 to 1.0, where it tells of them by those numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtp_packet_loss_sent: Option<f64>,
    /// Packets thrown away: not authentic, replayed, or of no known stream.
    pub packets_discarded: u64,
}

/// What producer and consumer streams count alike.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamStats {
    /// ms since the engine started.
    pub timestamp: u64,
    /// The stream.
    pub ssrc: u32,
    /// Its repair stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtx_ssrc: Option<u32>,
    /// Its RID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rid: Option<String>,
    /// Audio or video.
    pub kind: MediaKind,
    /// Its codec.
    pub mime_type: String,
    /// Lost and not repaired.
    pub packets_lost: u64,
    /// Of the last report, 0 to 255 for none to all.
    pub fraction_lost: u8,
    /// RFC 3550 §6.4.1, in timestamp units.
    pub jitter: u32,
    /// Came twice or too late.
    pub packets_discarded: u64,
    /// Of the repair stream: came, and were not needed.
    pub rtx_packets_discarded: u64,
    /// Sent again.
    pub packets_retransmitted: u64,
    /// Lost, then repaired.
    pub packets_repaired: u64,
    /// NACK messages.
    pub nack_count: u64,
    /// Packets those asked for.
    pub nack_packet_count: u64,
    /// Picture loss indications.
    pub pli_count: u64,
    /// Full intra requests.
    pub fir_count: u64,
    /// Packets.
    pub packet_count: u64,
    /// Bytes.
    pub byte_count: u64,
    /// bit/s over the last second.
    pub bitrate: u64,
    /// 0 to 10.
    pub score: u8,
    /// ms, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round_trip_time: Option<f64>,
}

/// Counters of a producer's stream (`inbound-rtp`).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProducerStats {
    /// Always `inbound-rtp`.
    #[serde(rename = "type")]
    pub stats_type: &'static str,
    /// The producer.
    pub producer_id: ProducerId,
    /// Counters.
    #[serde(flatten)]
    pub stream: StreamStats,
    /// bit/s of each layer inside the stream, with all it is decoded from, by `spatial.temporal`. 0 where it does not come;
    /// empty where there are none.
    pub bitrate_by_layer: BTreeMap<String, u64>,
}

/// Counters of a consumer's stream (`outbound-rtp`).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerStats {
    /// Always `outbound-rtp`.
    #[serde(rename = "type")]
    pub stats_type: &'static str,
    /// The consumer.
    pub consumer_id: ConsumerId,
    /// Counters.
    #[serde(flatten)]
    pub stream: StreamStats,
}

/// What is known of a consumer: what goes out, and what comes in that it is made from. In JSON an array of both, as
/// mediasoup's `getStats()` gives it.
#[derive(Clone, Debug)]
pub struct ConsumerReport {
    /// Its own stream.
    pub outbound: ConsumerStats,
    /// The producer's stream that it gets now; `None`: that has not come yet.
    pub inbound: Option<ProducerStats>,
}

impl Serialize for ConsumerReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_seq(Some(1 + usize::from(self.inbound.is_some())))?;
        entries.serialize_element(&self.outbound)?;
        if let Some(inbound) = &self.inbound {
            entries.serialize_element(inbound)?;
        }
        entries.end()
    }
}
