use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::broadcast;

use super::{
    DirectTransport, PipeTransport, Piped, PipedData, PlainTransport, RtpObserver, WebRtcTransport,
    entities::{Consumable, ConsumableData, Entities},
    log_close,
    pair::Pair,
    piped, tied,
};
use crate::{
    ids::{DataProducerId, ProducerId, RouterId, RtpObserverId, TransportId},
    media::{
        direct::{DirectPacket, DirectTransportOptions},
        dump::RouterDump,
        error::{ObserverError, PipeError, RtpError, TransportError, WorkerError},
        event::RouterEvent,
        feed::Feed,
        options::{
            ActiveSpeakerObserverOptions, AudioLevelObserverOptions, PipeToRouterOptions,
            PipeTransportOptions, PlainTransportOptions, RtpObserverOptions, WebRtcTransportOptions,
        },
        ortc,
        plain::SrtpCryptoSuite,
        port::MediaPort,
        rtp::RtpCapabilities,
        tap::Tap,
    },
};

/// One room's media: transports, and which producer goes to which consumer.
#[derive(Clone, Debug)]
pub struct Router {
    shared: Arc<Shared>,
}

/// What a router's handle shares with those of its transports and producers.
#[derive(Debug)]
pub(super) struct Shared {
    id: RouterId,
    pub(super) rtp_capabilities: RtpCapabilities,
    pub(super) port: Arc<dyn MediaPort>,
    /// `None`: the router is closed. Never held across an await.
    entities: Mutex<Option<Entities>>,
    /// The ways to other routers. Held across awaits: two who pipe to the same router make one way.
    pub(super) pairs: tokio::sync::Mutex<BTreeMap<RouterId, Pair>>,
}

impl Shared {
    pub(super) fn entities(&self) -> MutexGuard<'_, Option<Entities>> {
        // No code that holds it can panic half-way through a change.
        self.entities.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn id(&self) -> RouterId {
        self.id
    }

    /// Fails where the router was closed meanwhile.
    pub(super) fn add_transport(&self, id: TransportId) -> Result<(), TransportError> {
        let mut entities = self.entities();
        entities.as_mut().ok_or(TransportError::NotFound(id))?.add_transport(id);
        Ok(())
    }

    /// Whether neither the transport nor the router was closed.
    pub(super) fn has_transport(&self, id: TransportId) -> bool {
        self.entities().as_mut().is_some_and(|entities| entities.transport(id).is_some())
    }

    pub(super) fn producer(&self, id: ProducerId) -> Option<Consumable> {
        self.entities().as_ref()?.producer(id).cloned()
    }

    pub(super) fn data_producer(&self, id: DataProducerId) -> Option<ConsumableData> {
        self.entities().as_mut()?.data_producer_mut(id).cloned()
    }
}

impl Router {
    pub(super) fn new(id: RouterId, rtp_capabilities: RtpCapabilities, port: Arc<dyn MediaPort>) -> Self {
        let entities = Mutex::new(Some(Entities::new()));
        Self {
            shared: Arc::new(Shared {
                id,
                rtp_capabilities,
                port,
                entities,
                pairs: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> RouterId {
        self.shared.id
    }

    /// What clients load into their device.
    #[must_use]
    pub fn rtp_capabilities(&self) -> &RtpCapabilities {
        &self.shared.rtp_capabilities
    }

    /// Whether a viewer with these capabilities can consume this producer. Unknown producers: false.
    ///
    /// # Errors
    /// Malformed capabilities.
    pub fn can_consume(
        &self,
        producer: ProducerId,
        capabilities: &RtpCapabilities,
    ) -> Result<bool, RtpError> {
        match self.shared.producer(producer) {
            Some(producer) => ortc::can_consume(&producer.rtp_parameters, capabilities),
            None => Ok(false),
        }
    }

    /// Whether a producer is in this router, piped or its own.
    #[must_use]
    pub fn has_producer(&self, producer: ProducerId) -> bool {
        self.shared.producer(producer).is_some()
    }

    /// The same of a data producer.
    #[must_use]
    pub fn has_data_producer(&self, producer: DataProducerId) -> bool {
        self.shared.data_producer(producer).is_some()
    }

    /// A reader of what happens in this router from now on; one that is at its end where the router is closed.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Arc<RouterEvent>> {
        self.shared.port.subscribe(self.shared.id).unwrap_or_else(|| broadcast::channel(1).1)
    }

    /// Hears everything this router's producers send from now on, those of later, too. At most `capacity` events wait
    /// to be read: what comes beyond is missed, never waited for.
    ///
    /// # Errors
    /// The worker's end, or the router's.
    pub async fn tap(&self, capacity: usize) -> Result<Tap, WorkerError> {
        self.shared.port.tap_router(self.shared.id, capacity).await
    }

    /// Opens a transport.
    ///
    /// # Errors
    /// The worker's end.
    pub async fn create_webrtc_transport(
        &self,
        options: WebRtcTransportOptions,
    ) -> Result<WebRtcTransport, TransportError> {
        let id = TransportId::random();
        let parameters = self.shared.port.create_transport(self.shared.id, id, &options).await?;
        self.shared.add_transport(id)?;
        Ok(WebRtcTransport::new(id, parameters, options.app_data, Arc::clone(&self.shared)))
    }

    /// Opens a plain transport: a way to a peer without ICE and DTLS.
    ///
    /// # Errors
    /// An address or a port that cannot be had, the worker's end.
    pub async fn create_plain_transport(
        &self,
        options: PlainTransportOptions,
    ) -> Result<PlainTransport, TransportError> {
        let id = TransportId::random();
        let parameters = self.shared.port.create_plain_transport(self.shared.id, id, &options).await?;
        self.shared.add_transport(id)?;
        Ok(PlainTransport::new(id, parameters, options.app_data, Arc::clone(&self.shared)))
    }

    /// Opens a transport without a network: the application hands RTP in, and reads what its consumers are sent from the
    /// feed. A feed that is not read misses packets.
    ///
    /// ```no_run
    /// # use mediasoup_core::media::{Router, direct::{DirectPacket, DirectTransportOptions}, options::ConsumerOptions};
    /// # async fn listen(router: Router, producer: mediasoup_core::media::Producer) -> Result<(), Box<dyn std::error::Error>> {
    /// let (transport, mut feed) = router.create_direct_transport(DirectTransportOptions::default()).await?;
    /// let options = ConsumerOptions::new(producer.id(), router.rtp_capabilities().clone());
    /// transport.consume(options).await?;
    /// while let Some(DirectPacket::Rtp { consumer_id, packet }) = feed.recv().await {
    ///     println!("{} bytes of {consumer_id}", packet.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A closed router, the worker's end.
    pub async fn create_direct_transport(
        &self,
        options: DirectTransportOptions,
    ) -> Result<(DirectTransport, Feed<DirectPacket>), TransportError> {
        let id = TransportId::random();
        let feed = self.shared.port.create_direct_transport(self.shared.id, id, &options).await?;
        self.shared.add_transport(id)?;
        Ok((DirectTransport::new(id, (), options.app_data, Arc::clone(&self.shared)), feed))
    }

    /// Opens one end of a way to another router, on this worker, another one, or another machine. The application tells each
    /// end of the other.
    ///
    /// # Errors
    /// An address or a port that cannot be had, the worker's end.
    pub async fn create_pipe_transport(
        &self,
        options: PipeTransportOptions,
    ) -> Result<PipeTransport, TransportError> {
        let PipeTransportOptions { listen, ports, enable_rtx, enable_srtp, sctp, app_data } = options;
        let srtp = enable_srtp.then_some(SrtpCryptoSuite::AeadAes256Gcm);
        let plain =
            PlainTransportOptions { listen, ports, srtp, sctp, app_data, ..PlainTransportOptions::default() };
        Ok(PipeTransport::new(self.create_plain_transport(plain).await?, enable_rtx))
    }

    /// Makes a producer of this router one of another router, too: everything it sends, all layers. It is paused, resumed
    /// and closed there as it is here. The way between the routers is made with the first producer, and shared by all
    /// that follow: it needs no port, and nothing on it is encrypted. To a router of another process, use a
    /// [`PipeTransport`] at each end.
    ///
    /// # Errors
    /// An unknown producer, the same router, one that is closed; an id in use on the other router's worker.
    pub async fn pipe_to(
        &self,
        producer: ProducerId,
        router: &Router,
        options: PipeToRouterOptions,
    ) -> Result<Piped, PipeError> {
        piped::pipe(self, producer, router, options).await
    }

    /// Makes a data producer of this router one of another router, too, as [`Router::pipe_to`] does it with a producer. Its
    /// messages go the same way.
    ///
    /// # Errors
    /// An unknown data producer, the same router, one that is closed; an id in use on the other router's worker; a way
    /// without a stream left.
    pub async fn pipe_data_to(
        &self,
        producer: DataProducerId,
        router: &Router,
        options: PipeToRouterOptions,
    ) -> Result<PipedData, PipeError> {
        piped::pipe_data(self, producer, router, options).await
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Opens an observer that measures how loud producers are: [`RouterEvent::AudioLevels`] and
    /// [`RouterEvent::Silence`].
    ///
    /// # Errors
    /// A threshold above 0, a closed router, the worker's end.
    pub async fn create_audio_level_observer(
        &self,
        options: AudioLevelObserverOptions,
    ) -> Result<RtpObserver, ObserverError> {
        if options.threshold > 0 {
            return Err(ObserverError::InvalidThreshold(options.threshold));
        }
        self.create_observer(RtpObserverOptions::AudioLevel(options)).await
    }

    /// Opens an observer that tells who speaks: [`RouterEvent::DominantSpeaker`].
    ///
    /// # Errors
    /// A closed router, the worker's end.
    pub async fn create_active_speaker_observer(
        &self,
        options: ActiveSpeakerObserverOptions,
    ) -> Result<RtpObserver, ObserverError> {
        self.create_observer(RtpObserverOptions::ActiveSpeaker(options)).await
    }

    async fn create_observer(&self, options: RtpObserverOptions) -> Result<RtpObserver, ObserverError> {
        let id = RtpObserverId::random();
        self.shared.port.create_observer(self.shared.id, id, &options).await?;
        Ok(RtpObserver::new(id, Arc::clone(&self.shared)))
    }

    /// What it has right now, and who gets what.
    ///
    /// # Errors
    /// Its end, or the worker's.
    pub async fn dump(&self) -> Result<RouterDump, WorkerError> {
        self.shared.port.dump_router(self.shared.id).await
    }

    #[cfg(test)]
    pub(super) fn producer_count(&self) -> usize {
        self.shared.entities().as_ref().map_or(0, Entities::producer_count)
    }

    /// Closes it and everything in it. Idempotent.
    pub async fn close(&self) {
        let entities = self.shared.entities().take();
        self.shared.pairs.lock().await.clear();
        log_close("router", self.shared.id, self.shared.port.close_router(self.shared.id).await);
        tied::close(entities.map(Entities::into_tied).unwrap_or_default()).await;
    }
}
