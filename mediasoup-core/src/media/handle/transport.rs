use std::sync::Arc;

use serde_json::Value;

use super::{Consumer, Producer, entities::Consumable, log_close, router, tied};
use crate::{
    ids::{ConsumerId, ProducerId, RouterId, TransportId},
    media::{
        dump::TransportDump,
        error::{ConsumeError, ProduceError, TransportError},
        options::{ConsumerOptions, ProducerOptions},
        ortc,
        port::{ConsumeRequest, MediaPort, ProduceRequest},
        rtp::{MediaKind, RtpEncodingParameters, RtpMapping, RtpParameters, RtpType},
        stats::TransportStats,
        trace::TraceEventType,
        transport::{DtlsParameters, DtlsRole, IceParameters, OutgoingLimit, TransportParameters},
    },
};

/// The way between the server and one peer, of either kind; `P` is what the peer is told of it.
#[derive(Clone, Debug)]
pub struct Transport<P> {
    inner: Arc<Inner<P>>,
}

/// The way to a browser, or another WebRTC peer: ICE, DTLS, SRTP.
pub type WebRtcTransport = Transport<TransportParameters>;

#[derive(Debug)]
struct Inner<P> {
    id: TransportId,
    parameters: P,
    app_data: Value,
    router: Arc<router::Shared>,
}

impl<P> Transport<P> {
    pub(super) fn new(id: TransportId, parameters: P, app_data: Value, router: Arc<router::Shared>) -> Self {
        Self { inner: Arc::new(Inner { id, parameters, app_data, router }) }
    }

    pub(super) fn router(&self) -> &Arc<router::Shared> {
        &self.inner.router
    }

    pub(super) fn port(&self) -> &Arc<dyn MediaPort> {
        &self.inner.router.port
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> TransportId {
        self.inner.id
    }

    /// The router it is in.
    #[must_use]
    pub fn router_id(&self) -> RouterId {
        self.inner.router.id()
    }

    /// What the peer needs to connect.
    #[must_use]
    pub fn parameters(&self) -> &P {
        &self.inner.parameters
    }

    /// Kept for the application.
    #[must_use]
    pub fn app_data(&self) -> &Value {
        &self.inner.app_data
    }

    /// Starts to receive a track.
    ///
    /// # Errors
    /// Parameters that do not fit the router, streams in use already, a closed transport.
    pub async fn produce(&self, options: ProducerOptions) -> Result<Producer, ProduceError> {
        self.produce_as(ProducerId::random(), options).await
    }

    pub(super) async fn produce_as(
        &self,
        id: ProducerId,
        options: ProducerOptions,
    ) -> Result<Producer, ProduceError> {
        let Inner { id: transport, router, .. } = &*self.inner;
        let negotiated = self.negotiate_producer(options.kind, options.rtp_parameters)?;
        let request = ProduceRequest {
            id,
            kind: options.kind,
            rtp_type: negotiated.rtp_type,
            rtp_parameters: negotiated.rtp_parameters.clone(),
            mapping: negotiated.mapping,
            key_frame_request_delay: options.key_frame_request_delay,
            paused: options.paused,
        };
        router.port.produce(*transport, request).await?;
        let consumable = Consumable {
            transport: *transport,
            kind: options.kind,
            rtp_type: negotiated.rtp_type,
            rtp_parameters: Arc::new(negotiated.consumable),
            paused: options.paused,
            app_data: options.app_data.clone(),
            tied: Vec::new(),
        };
        let added = router.entities().as_mut().is_some_and(|entities| entities.add_producer(id, consumable));
        if !added {
            return Err(TransportError::NotFound(*transport).into());
        }
        Ok(Producer::new(
            id,
            options.kind,
            negotiated.rtp_type,
            negotiated.rtp_parameters,
            options.app_data,
            Arc::clone(router),
        ))
    }

    fn negotiate_producer(
        &self,
        kind: MediaKind,
        stated: RtpParameters,
    ) -> Result<NegotiatedProducer, ProduceError> {
        let Inner { id, router, .. } = &*self.inner;
        let mut rtp_parameters = ortc::normalize_rtp_parameters(stated)?;
        if rtp_parameters.encodings.is_empty() {
            rtp_parameters.encodings.push(RtpEncodingParameters::default());
        }
        let first_ssrc = {
            let mut entities = router.entities();
            let closed = || TransportError::NotFound(*id);
            let entities = entities.as_mut().ok_or_else(closed)?;
            let names = entities.transport(*id).ok_or_else(closed)?;
            let cname = names.cname(rtp_parameters.rtcp.cname.as_deref()).to_owned();
            rtp_parameters.rtcp.cname = Some(cname);
            entities.take_mapped_ssrcs(rtp_parameters.encodings.len())
        };
        let mapping = ortc::producer_mapping(&mut rtp_parameters, &router.rtp_capabilities, first_ssrc)?;
        let rtp_type = ortc::producer_type(kind, &rtp_parameters)?;
        let consumable =
            ortc::consumable_rtp_parameters(kind, &rtp_parameters, &router.rtp_capabilities, &mapping);
        Ok(NegotiatedProducer { rtp_type, rtp_parameters, mapping, consumable })
    }

    /// Starts to send a track.
    ///
    /// # Errors
    /// An unknown producer, capabilities without a codec in common, a closed transport.
    pub async fn consume(&self, options: ConsumerOptions) -> Result<Consumer, ConsumeError> {
        let Inner { id: transport, router, .. } = &*self.inner;
        let producer = router
            .producer(options.producer_id)
            .ok_or(ConsumeError::ProducerNotFound(options.producer_id))?;
        let rtp_parameters = self.negotiate_consumer(&producer, &options)?;
        let id = ConsumerId::random();
        let request = ConsumeRequest {
            id,
            producer_id: options.producer_id,
            kind: producer.kind,
            rtp_type: producer.rtp_type,
            rtp_parameters: rtp_parameters.clone(),
            mapped_ssrcs: producer
                .rtp_parameters
                .encodings
                .iter()
                .filter_map(|encoding| encoding.ssrc)
                .collect(),
            paused: options.paused,
        };
        router.port.consume(*transport, request).await?;
        Ok(Consumer::new(
            id,
            options.producer_id,
            producer.kind,
            producer.rtp_type,
            rtp_parameters,
            options.app_data,
            Arc::clone(&router.port),
        ))
    }

    fn negotiate_consumer(
        &self,
        producer: &Consumable,
        options: &ConsumerOptions,
    ) -> Result<RtpParameters, ConsumeError> {
        let Inner { id, router, .. } = &*self.inner;
        let enable_rtx = options.enable_rtx.unwrap_or(producer.kind == MediaKind::Video);
        let mut entities = router.entities();
        let names = entities.as_mut().and_then(|entities| entities.transport(*id));
        let names = names.ok_or(TransportError::NotFound(*id))?;
        let (ssrc, mid) = (names.take_consumer_ssrcs(), names.take_mid());
        drop(entities);
        let consumable = &producer.rtp_parameters;
        let parameters =
            ortc::consumer_rtp_parameters(consumable, &options.rtp_capabilities, enable_rtx, ssrc)?;
        Ok(RtpParameters { mid: Some(mid), ..parameters })
    }

    /// Tells these of it among the router's events from now on, and no others.
    ///
    /// # Errors
    /// A closed transport.
    pub async fn enable_trace_event(&self, types: &[TraceEventType]) -> Result<(), TransportError> {
        let types = types.iter().copied().collect();
        self.inner.router.port.trace_transport(self.inner.id, types).await
    }

    /// What it is right now. With its secrets.
    ///
    /// # Errors
    /// A closed transport.
    pub async fn dump(&self) -> Result<TransportDump, TransportError> {
        self.inner.router.port.dump_transport(self.inner.id).await
    }

    /// Counters.
    ///
    /// # Errors
    /// A closed transport.
    pub async fn stats(&self) -> Result<TransportStats, TransportError> {
        self.inner.router.port.transport_stats(self.inner.id).await
    }

    /// Closes it with its producers and consumers, and the consumers of those producers. Idempotent.
    pub async fn close(&self) {
        let Inner { id, router, .. } = &*self.inner;
        let tied = router.entities().as_mut().map(|entities| entities.remove_transport(*id));
        log_close("transport", id, router.port.close_transport(*id).await);
        tied::close(tied.unwrap_or_default()).await;
    }
}

impl WebRtcTransport {
    /// Gives it the peer's certificate fingerprint, once.
    ///
    /// # Errors
    /// A second call, no or a malformed fingerprint, a closed transport.
    pub async fn connect(&self, remote: DtlsParameters) -> Result<DtlsRole, TransportError> {
        self.inner.router.port.connect_transport(self.inner.id, remote).await
    }

    /// New ICE credentials; the old ones work until the peer uses the new.
    ///
    /// # Errors
    /// A closed transport.
    pub async fn restart_ice(&self) -> Result<IceParameters, TransportError> {
        self.inner.router.port.restart_ice(self.inner.id).await
    }

    /// The most the peer may send, bit/s; 0 or `None`: no limit.
    ///
    /// # Errors
    /// A closed transport.
    pub async fn set_max_incoming_bitrate(&self, bitrate: Option<u32>) -> Result<(), TransportError> {
        self.inner.router.port.set_max_incoming_bitrate(self.inner.id, bitrate).await
    }

    /// bit/s that the path to the peer is taken to carry at most, whatever it carries; 0 or `None`: no limit.
    ///
    /// # Errors
    /// Less than 30,000, or than the minimum that was set; a closed transport.
    pub async fn set_max_outgoing_bitrate(&self, bitrate: Option<u32>) -> Result<(), TransportError> {
        self.inner.router.port.set_outgoing_limit(self.inner.id, OutgoingLimit::Max(bitrate)).await
    }

    /// bit/s that the path to the peer is taken to carry at least, however little it carries; 0 or `None`: no limit.
    ///
    /// # Errors
    /// Less than 30,000, more than the maximum that was set; a closed transport.
    pub async fn set_min_outgoing_bitrate(&self, bitrate: Option<u32>) -> Result<(), TransportError> {
        self.inner.router.port.set_outgoing_limit(self.inner.id, OutgoingLimit::Min(bitrate)).await
    }
}

struct NegotiatedProducer {
    rtp_type: RtpType,
    rtp_parameters: RtpParameters,
    mapping: RtpMapping,
    consumable: RtpParameters,
}
