//! Commands: what a worker's owner has the engine do. Each has changed nothing where it fails.

use std::time::Instant;

use rand::{Rng, RngExt};

use super::{
    Bounds, Engine,
    congestion::Probation,
    consumer::{Consumer, Layers},
    keys::{ConsumerKey, ProducerKey, TransportKey},
    outbox::Direct,
    peer::Peer,
    producer::Producer,
    transport::{SecureSession, Session},
};
use crate::{
    ids::{ConsumerId, ProducerId, RouterId, TransportId},
    media::{
        error::{ConsumeError, ProduceError, RtpError, TransportError},
        port::{ConsumeRequest, ProduceRequest},
        transport::{DtlsParameters, DtlsRole, IceCandidate, IceParameters, TransportParameters},
    },
};

/// Lengths of ICE credentials, far above RFC 8445 §5.3's 24 and 128 bits.
const USERNAME_FRAGMENT_LEN: usize = 32;
const PASSWORD_LEN: usize = 32;

impl Engine {
    pub(crate) fn create_router(&mut self, id: RouterId) {
        self.routers.entry(id).or_default();
    }

    /// Closes it and everything in it. Unknown ids are ignored, here and in the other `close_*`.
    pub(crate) fn close_router(&mut self, now: Instant, id: RouterId) {
        self.taps.close(id);
        for key in self.routers.remove(&id).unwrap_or_default() {
            self.remove_peer(now, key);
        }
        self.remove_observers_of(id);
    }

    /// `candidates` are the addresses its peer may use, as the driver bound and announces them.
    pub(crate) fn create_transport(
        &mut self,
        now: Instant,
        router: RouterId,
        id: TransportId,
        candidates: Vec<IceCandidate>,
        max_incoming_bitrate: Option<u32>,
        outgoing: Bounds,
    ) -> Result<TransportParameters, TransportError> {
        if !self.routers.contains_key(&router) {
            return Err(TransportError::NotFound(id));
        }
        let ice_parameters = self.ice_parameters();
        let session =
            SecureSession::new(ice_parameters.clone(), self.identity.clone(), self.ice_consent_timeout, now);
        let session = Session::Secure(session);
        let mut peer = Peer::new(now, id, router, session, max_incoming_bitrate, Some(outgoing));
        peer.candidates.clone_from(&candidates);
        let key = TransportKey(self.peers.insert(peer));
        self.username_fragments.insert(ice_parameters.username_fragment.clone(), key);
        self.transport_keys.insert(id, key);
        self.routers.entry(router).or_default().insert(key);
        self.drain_session(now, key);
        Ok(TransportParameters {
            id,
            ice_parameters,
            ice_candidates: candidates,
            dtls_parameters: self.dtls_parameters(DtlsRole::Auto),
            sctp_parameters: None,
        })
    }

    pub(super) fn dtls_parameters(&self, role: DtlsRole) -> DtlsParameters {
        DtlsParameters { role, fingerprints: self.identity.fingerprints() }
    }

    /// New credentials; their username fragment is in use on no other transport.
    fn ice_parameters(&mut self) -> IceParameters {
        loop {
            let username_fragment = random_text(&mut self.rng, USERNAME_FRAGMENT_LEN);
            if !self.username_fragments.contains_key(&username_fragment) {
                let password = random_text(&mut self.rng, PASSWORD_LEN);
                return IceParameters { username_fragment, password, ice_lite: true };
            }
        }
    }

    pub(super) fn transport_key(&self, id: TransportId) -> Result<TransportKey, TransportError> {
        self.transport_keys.get(&id).copied().ok_or(TransportError::NotFound(id))
    }

    pub(super) fn producer_key(&self, id: ProducerId) -> Result<ProducerKey, ProduceError> {
        self.producer_keys.get(&id).copied().ok_or(ProduceError::NotFound(id))
    }

    pub(super) fn consumer_key(&self, id: ConsumerId) -> Result<ConsumerKey, ConsumeError> {
        self.consumer_keys.get(&id).copied().ok_or(ConsumeError::NotFound(id))
    }

    pub(crate) fn connect_transport(
        &mut self,
        now: Instant,
        id: TransportId,
        remote: &DtlsParameters,
    ) -> Result<DtlsRole, TransportError> {
        let key = self.transport_key(id)?;
        let session = self.peers[key.0].session.secure().ok_or(TransportError::NotFound(id))?;
        let role = session.connect(now, remote)?;
        self.drain_session(now, key);
        Ok(role)
    }

    pub(crate) fn restart_ice(&mut self, id: TransportId) -> Result<IceParameters, TransportError> {
        let key = self.transport_key(id)?;
        let ice_parameters = self.ice_parameters();
        let session = self.peers[key.0].session.secure().ok_or(TransportError::NotFound(id))?;
        session.restart_ice(ice_parameters.clone());
        self.username_fragments.insert(ice_parameters.username_fragment.clone(), key);
        self.forget_retired_username_fragments(key);
        Ok(ice_parameters)
    }

    pub(crate) fn close_transport(&mut self, now: Instant, id: TransportId) {
        if let Ok(key) = self.transport_key(id) {
            let router = self.peers[key.0].router;
            self.routers.entry(router).or_default().remove(&key);
            self.remove_peer(now, key);
        }
    }

    /// Removes a transport, its producers and consumers, and their consumers.
    fn remove_peer(&mut self, now: Instant, key: TransportKey) {
        for producer in self.peers[key.0].producers.clone() {
            self.remove_producer(now, producer);
        }
        for consumer in self.peers[key.0].consumers.clone() {
            self.remove_consumer(consumer);
        }
        self.close_data(now, key);
        // It tells which tuples and username fragments are its own no more: to look through all of them would take too long.
        self.peers[key.0].session.close(now);
        self.drain_session(now, key);
        self.unbind(key);
        let peer = self.peers.remove(key.0);
        match peer.session {
            Session::Direct(id) => self.outbox.direct.push_back((id, Direct::End)),
            Session::Bridge(id) => self.outbox.bridged.push_back((id, None)),
            Session::Secure(_) | Session::Plain(_) => {}
        }
        self.transport_keys.remove(&peer.id);
        self.deadlines.set(key, None);
    }

    pub(crate) fn produce(
        &mut self,
        now: Instant,
        transport: TransportId,
        request: ProduceRequest,
    ) -> Result<(), ProduceError> {
        let transport = self.transport_key(transport)?;
        let id = request.id;
        if self.producer_keys.contains_key(&id) {
            return Err(ProduceError::DuplicateId(id));
        }
        let parameters = request.rtp_parameters.clone();
        let producer = Producer::new(now, transport, request)?;
        let place = self.producers.vacant_entry();
        let key = ProducerKey(place.key());
        let peer = &mut self.peers[transport.0];
        peer.listener.add(key, &parameters)?;
        peer.on_producer(key, &parameters);
        place.insert(producer);
        self.producer_keys.insert(id, key);
        self.peers[transport.0].start_remb(now);
        self.deadlines.sooner(transport, now);
        Ok(())
    }

    pub(crate) fn pause_producer(
        &mut self,
        now: Instant,
        id: ProducerId,
        paused: bool,
    ) -> Result<(), ProduceError> {
        let key = self.producer_key(id)?;
        if !self.producers[key.0].set_paused(paused) {
            return Ok(());
        }
        self.observed_producer_paused(key, paused);
        if paused {
            return Ok(());
        }
        if self.taps.has(self.peers[self.producers[key.0].transport.0].router) {
            self.request_key_frames_of(now, key);
        }
        for consumer in self.producers[key.0].consumers.clone() {
            self.consumers[consumer.0].await_key_frame();
            self.ask_for_key_frame(now, consumer);
        }
        Ok(())
    }

    pub(crate) fn close_producer(&mut self, now: Instant, id: ProducerId) {
        if let Ok(key) = self.producer_key(id) {
            self.remove_producer(now, key);
        }
    }

    fn remove_producer(&mut self, now: Instant, key: ProducerKey) {
        for consumer in self.producers[key.0].consumers.clone() {
            self.remove_consumer(consumer);
        }
        let producer = self.producers.remove(key.0);
        self.producer_keys.remove(&producer.id);
        let peer = &mut self.peers[producer.transport.0];
        peer.listener.remove(key);
        peer.producers.retain(|known| *known != key);
        self.observed_producer_removed(now, key, &producer.observers);
    }

    pub(crate) fn consume(
        &mut self,
        now: Instant,
        transport: TransportId,
        request: ConsumeRequest,
    ) -> Result<(), ConsumeError> {
        let transport = self.transport_key(transport)?;
        let not_found = ConsumeError::ProducerNotFound(request.producer_id);
        let Ok(producer) = self.producer_key(request.producer_id) else { return Err(not_found) };
        let of_router = self.peers[self.producers[producer.0].transport.0].router;
        if of_router != self.peers[transport.0].router {
            return Err(not_found);
        }
        let streams = self.producers[producer.0].mapped_ssrcs();
        let layering = self.producers[producer.0].layering;
        let only = streams.iter().position(|ssrc| request.mapped_ssrcs == [*ssrc]);
        let layers = match only {
            _ if request.mapped_ssrcs == streams => Layers::best_of(layering),
            Some(encoding) => Layers::only(layering, encoding as u8),
            None => return Err(RtpError::Invalid("mappedSsrcs are not the producer's streams".into()).into()),
        };
        let id = request.id;
        let consumer = Consumer::new(now, &mut self.rng, transport, producer, layers, request)?;
        let ssrcs: Vec<_> = std::iter::once(consumer.ssrc).chain(consumer.rtx_ssrc()).collect();
        let peer = &mut self.peers[transport.0];
        if ssrcs.iter().any(|ssrc| peer.consumer_ssrcs.contains_key(ssrc)) {
            return Err(RtpError::Invalid(
                "rtpParameters.encodings[0].ssrc is in use on this transport".into(),
            )
            .into());
        }
        if consumer.is_video() {
            peer.egress.start_sharing(now);
            if peer.egress.probation.is_none() {
                peer.egress.probation =
                    Probation::new(*consumer.extensions(), self.rng.next_u32() as u16 & 0x7FFF);
            }
            self.deadlines.sooner(transport, now);
        }
        let awaits = consumer.awaits_key_frame();
        let key = ConsumerKey(self.consumers.insert(consumer));
        peer.consumers.push(key);
        peer.consumer_ssrcs.extend(ssrcs.into_iter().map(|ssrc| (ssrc, key)));
        self.producers[producer.0].consumers.push(key);
        self.consumer_keys.insert(id, key);
        self.aim_consumer(now, key);
        if awaits {
            self.ask_for_key_frame(now, key);
        }
        Ok(())
    }

    /// Resuming asks for a key frame, also where nothing was paused: the viewer may have just become ready.
    pub(crate) fn pause_consumer(
        &mut self,
        now: Instant,
        id: ConsumerId,
        paused: bool,
    ) -> Result<(), ConsumeError> {
        let key = self.consumer_key(id)?;
        let consumer = &mut self.consumers[key.0];
        if paused {
            consumer.pause();
        } else {
            consumer.resume();
            self.request_key_frame(now, id)?;
        }
        Ok(())
    }

    pub(crate) fn request_key_frame(&mut self, now: Instant, id: ConsumerId) -> Result<(), ConsumeError> {
        let key = self.consumer_key(id)?;
        if self.consumers[key.0].wants_key_frames() {
            self.ask_for_key_frame(now, key);
        }
        Ok(())
    }

    pub(crate) fn close_consumer(&mut self, _now: Instant, id: ConsumerId) {
        if let Ok(key) = self.consumer_key(id) {
            self.remove_consumer(key);
        }
    }

    fn remove_consumer(&mut self, key: ConsumerKey) {
        let consumer = self.consumers.remove(key.0);
        self.consumer_keys.remove(&consumer.id);
        let peer = &mut self.peers[consumer.transport.0];
        peer.consumers.retain(|known| *known != key);
        peer.consumer_ssrcs.retain(|_, known| *known != key);
        peer.egress.costs.forget(key);
        if !peer.consumers.iter().any(|key| self.consumers[key.0].is_video()) {
            peer.egress.stop_sharing();
        }
        self.producers[consumer.producer.0].consumers.retain(|known| *known != key);
    }
}

/// ICE characters (RFC 8839 §5.4) less `+` and `/`, which some parsers trip over.
fn random_text(rng: &mut impl Rng, len: usize) -> String {
    const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..len).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}
