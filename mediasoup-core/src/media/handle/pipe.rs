use std::{net::IpAddr, sync::Arc};

use serde_json::Value;

use super::{DataConsumer, DataProducer, PlainTransport, Producer, Transport, log_close};
use crate::{
    ids::{ConsumerId, ProducerId, TransportId},
    media::{
        data::{DataConsumerOptions, DataProducerOptions, SctpParameters},
        dump::{TransportDump, TransportKindDump},
        error::{ConsumeError, DataError, ProduceError, TransportError},
        options::ProducerOptions,
        ortc,
        plain::{PlainRemote, SrtpParameters},
        port::{ConsumeRequest, MediaPort},
        rtp::{MediaKind, RtpParameters, RtpType},
        stats::{ConsumerStats, TransportKindStats, TransportStats},
        transport::TransportTuple,
    },
};

/// One end of a way between two routers (mediasoup's `PipeTransport`): what it consumes, it sends with all layers, and
/// what it is sent it produces. So it is with messages, over SCTP.
#[derive(Clone, Debug)]
pub struct PipeTransport {
    /// Such a way is a plain one whose ends know each other.
    plain: PlainTransport,
    enable_rtx: bool,
}

impl PipeTransport {
    pub(super) fn new(plain: PlainTransport, enable_rtx: bool) -> Self {
        Self { plain, enable_rtx }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> TransportId {
        self.plain.id()
    }

    /// Where the other end is to send to.
    #[must_use]
    pub fn tuple(&self) -> &TransportTuple {
        &self.plain.parameters().tuple
    }

    /// The key of what it sends, with SRTP.
    #[must_use]
    pub fn srtp_parameters(&self) -> Option<&SrtpParameters> {
        self.plain.parameters().srtp_parameters.as_ref()
    }

    /// What data channels go over; `None`: nothing.
    #[must_use]
    pub fn sctp_parameters(&self) -> Option<SctpParameters> {
        self.plain.parameters().sctp_parameters
    }

    /// Kept for the application.
    #[must_use]
    pub fn app_data(&self) -> &Value {
        self.plain.app_data()
    }

    /// Tells it where the other end is, and with SRTP that one's key.
    ///
    /// # Errors
    /// A key that is missing, malformed or not wanted; a second call, a closed transport.
    pub async fn connect(
        &self,
        ip: IpAddr,
        port: u16,
        srtp_parameters: Option<SrtpParameters>,
    ) -> Result<(), TransportError> {
        let remote = PlainRemote { ip: Some(ip), port: Some(port), rtcp_port: None, srtp_parameters };
        self.plain.connect(remote).await.map(drop)
    }

    /// Starts to send all of a producer.
    ///
    /// # Errors
    /// An unknown producer, a closed transport.
    pub async fn consume(&self, producer_id: ProducerId) -> Result<PipeConsumer, ConsumeError> {
        self.plain.consume_whole(producer_id, self.enable_rtx).await
    }

    /// Starts to receive what the other end sends: its consumer's parameters.
    ///
    /// # Errors
    /// As of [`Transport::produce`](super::Transport::produce).
    pub async fn produce(&self, options: ProducerOptions) -> Result<Producer, ProduceError> {
        self.plain.produce(options).await
    }

    /// Starts to send all of a data producer.
    ///
    /// # Errors
    /// As of [`Transport::consume_data`].
    pub async fn consume_data(&self, options: DataConsumerOptions) -> Result<DataConsumer, DataError> {
        self.plain.consume_data(options).await
    }

    /// Starts to receive what the other end sends: on its data consumer's stream.
    ///
    /// # Errors
    /// As of [`Transport::produce_data`].
    pub async fn produce_data(&self, options: DataProducerOptions) -> Result<DataProducer, DataError> {
        self.plain.produce_data(options).await
    }

    /// What it is right now. With its secrets.
    ///
    /// # Errors
    /// A closed transport.
    pub async fn dump(&self) -> Result<TransportDump, TransportError> {
        let mut dump = self.plain.dump().await?;
        if let TransportKindDump::Plain { tuple, srtp_parameters, .. } = dump.kind {
            dump.kind = TransportKindDump::Pipe { tuple, rtx: self.enable_rtx, srtp_parameters };
        }
        Ok(dump)
    }

    /// Counters.
    ///
    /// # Errors
    /// A closed transport.
    pub async fn stats(&self) -> Result<TransportStats, TransportError> {
        let mut stats = self.plain.stats().await?;
        if let TransportKindStats::Plain { tuple, .. } = stats.kind {
            stats.kind = TransportKindStats::Pipe { tuple };
        }
        Ok(stats)
    }

    /// Closes it with all that goes over it. Idempotent.
    pub async fn close(&self) {
        self.plain.close().await;
    }
}

impl<P> Transport<P> {
    /// Starts to send all of a producer: each of its streams, by a consumer of its own.
    pub(super) async fn consume_whole(
        &self,
        producer_id: ProducerId,
        enable_rtx: bool,
    ) -> Result<PipeConsumer, ConsumeError> {
        let router = self.router();
        let producer = router.producer(producer_id).ok_or(ConsumeError::ProducerNotFound(producer_id))?;
        let consumable = &producer.rtp_parameters;
        let streams = consumable.encodings.len();
        let first_ssrc = {
            let mut entities = router.entities();
            let names = entities.as_mut().and_then(|entities| entities.transport(self.id()));
            names.ok_or(TransportError::NotFound(self.id()))?.take_ssrcs(2 * streams)
        };
        let first_rtx_ssrc = enable_rtx.then(|| first_ssrc.wrapping_add(streams as u32));
        let rtp_parameters = ortc::pipe_consumer_rtp_parameters(consumable, first_ssrc, first_rtx_ssrc);
        let mut consumer = PipeConsumer {
            ids: Vec::with_capacity(streams),
            producer_id,
            kind: producer.kind,
            rtp_type: producer.rtp_type,
            rtp_parameters,
            port: Arc::clone(&router.port),
        };
        let names: Vec<_> = consumable.encodings.iter().filter_map(|encoding| encoding.ssrc).collect();
        for (mapped_ssrc, encoding) in names.into_iter().zip(consumer.rtp_parameters.encodings.clone()) {
            let id = ConsumerId::random();
            let request = ConsumeRequest {
                id,
                producer_id,
                kind: producer.kind,
                rtp_type: producer.rtp_type,
                rtp_parameters: RtpParameters {
                    encodings: vec![encoding],
                    ..consumer.rtp_parameters.clone()
                },
                mapped_ssrcs: vec![mapped_ssrc],
                paused: false,
            };
            if let Err(error) = router.port.consume(self.id(), request).await {
                consumer.close().await;
                return Err(error);
            }
            consumer.ids.push(id);
        }
        Ok(consumer)
    }
}

/// A producer on its way to another router: each of its streams, unchanged but for the names.
#[derive(Clone, Debug)]
pub struct PipeConsumer {
    /// One for each stream.
    ids: Vec<ConsumerId>,
    producer_id: ProducerId,
    kind: MediaKind,
    rtp_type: RtpType,
    rtp_parameters: RtpParameters,
    port: Arc<dyn MediaPort>,
}

impl PipeConsumer {
    /// What it consumes.
    #[must_use]
    pub fn producer_id(&self) -> ProducerId {
        self.producer_id
    }

    /// Audio or video.
    #[must_use]
    pub fn kind(&self) -> MediaKind {
        self.kind
    }

    /// Shape of the producer's streams.
    #[must_use]
    pub fn rtp_type(&self) -> RtpType {
        self.rtp_type
    }

    /// What the other end produces from.
    #[must_use]
    pub fn rtp_parameters(&self) -> &RtpParameters {
        &self.rtp_parameters
    }

    /// Counters, an entry a stream.
    ///
    /// # Errors
    /// A closed consumer.
    pub async fn stats(&self) -> Result<Vec<ConsumerStats>, ConsumeError> {
        let mut stats = Vec::with_capacity(self.ids.len());
        for id in &self.ids {
            stats.push(self.port.consumer_stats(*id).await?.outbound);
        }
        Ok(stats)
    }

    /// Closes it. Idempotent.
    pub async fn close(&self) {
        for id in &self.ids {
            log_close("consumer", id, self.port.close_consumer(*id).await);
        }
    }
}
