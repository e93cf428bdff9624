//! What participants own: transports, producers, consumers.

use super::{
    Consumer, Effect, Producer, Resource, RoomState, SessionKey, Transport, consumers_of, producers_of,
};
use crate::{
    ids::{ConsumerId, ParticipantId, ProducerId, TransportId},
    media::{event::RouterEvent, rtp::MediaKind},
    room::{
        error::RoomError,
        event::{Audience, ConsumerCloseReason, RoomEvent},
        info::{ProducerInfo, TransportDirection},
        limits::{CONSUMERS_MAX, PRODUCERS_MAX, TRANSPORTS_MAX},
    },
};

/// Transports.
impl RoomState {
    pub(in crate::room) fn may_open_transport(&self, who: &SessionKey) -> Result<(), RoomError> {
        within(self.member(who)?.transports.len(), TRANSPORTS_MAX, "transports of a participant")
    }

    pub(in crate::room) fn transport_opened(
        &mut self,
        who: &SessionKey,
        id: TransportId,
        direction: TransportDirection,
    ) {
        let owner = who.participant.clone();
        if let Some(member) = self.members.get_mut(&owner) {
            member.transports.insert(id);
            self.transports.insert(id, Transport { owner, direction });
        }
    }

    pub(in crate::room) fn owns_transport(&self, who: &SessionKey, id: TransportId) -> Result<(), RoomError> {
        self.own_transport(who, id).map(drop)
    }

    fn own_transport(&self, who: &SessionKey, id: TransportId) -> Result<&Transport, RoomError> {
        self.member(who)?;
        self.transports
            .get(&id)
            .filter(|transport| transport.owner == who.participant)
            .ok_or(RoomError::TransportNotFound)
    }

    pub(super) fn own_transport_towards(
        &self,
        who: &SessionKey,
        id: TransportId,
        direction: TransportDirection,
    ) -> Result<(), RoomError> {
        match (self.own_transport(who, id)?.direction == direction, direction) {
            (true, _) => Ok(()),
            (false, TransportDirection::Send) => {
                Err(RoomError::Invalid("transportId: a producer needs a send transport".to_owned()))
            }
            (false, TransportDirection::Recv) => {
                Err(RoomError::Invalid("transportId: a consumer needs a recv transport".to_owned()))
            }
        }
    }

    /// Closes an own transport with all it carries. Its owner hears which of its consumers went with it.
    pub(in crate::room) fn close_transport(
        &mut self,
        who: &SessionKey,
        id: TransportId,
    ) -> Result<Vec<Effect>, RoomError> {
        self.owns_transport(who, id)?;
        let member = &self.members[&who.participant];
        let is_carried = |consumer: &ConsumerId| self.consumers[consumer].transport == id;
        let consumers: Vec<_> = member.consumers.iter().copied().filter(is_carried).collect();
        let is_carried = |producer: &ProducerId| self.producers[producer].transport == id;
        let producers: Vec<_> = member.producers.iter().copied().filter(is_carried).collect();

        self.transports.remove(&id);
        self.members[&who.participant].transports.shift_remove(&id);
        let mut effects = vec![Effect::Close(Resource::Transport(id))];
        for consumer in consumers {
            self.lose_consumer(consumer, ConsumerCloseReason::TransportClosed, &mut effects);
        }
        for producer in producers {
            effects.push(Effect::Forget(Resource::Producer(producer)));
            self.unlink_producer(producer, &mut effects);
        }
        self.lose_data_of_transport(who, id, &mut effects);
        Ok(effects)
    }
}

/// Producers.
impl RoomState {
    pub(in crate::room) fn may_produce(
        &self,
        who: &SessionKey,
        transport: TransportId,
    ) -> Result<(), RoomError> {
        self.own_transport_towards(who, transport, TransportDirection::Send)?;
        within(self.member(who)?.producers.len(), PRODUCERS_MAX, "producers of a participant")
    }

    /// The others are told; the owner has its answer.
    pub(in crate::room) fn producer_started(
        &mut self,
        who: &SessionKey,
        transport: TransportId,
        info: ProducerInfo,
    ) -> Vec<Effect> {
        let Some(member) = self.members.get_mut(&who.participant) else { return Vec::new() };
        member.producers.insert(info.id);
        *producers_of(&mut self.stats, info.kind) += 1;
        let record = Producer {
            info: info.clone(),
            transport,
            locked: false,
            consumers: std::collections::BTreeSet::new(),
        };
        self.producers.insert(info.id, record);
        vec![Effect::Tell(Audience::Except(who.participant.clone()), RoomEvent::NewProducer(info))]
    }

    /// Anyone's producer.
    pub(in crate::room) fn producer(&self, id: ProducerId) -> Result<&ProducerInfo, RoomError> {
        self.producers.get(&id).map(|producer| &producer.info).ok_or(RoomError::ProducerNotFound)
    }

    pub(in crate::room) fn owns_producer(&self, who: &SessionKey, id: ProducerId) -> Result<(), RoomError> {
        self.own_producer(who, id).map(drop)
    }

    fn own_producer(&self, who: &SessionKey, id: ProducerId) -> Result<&Producer, RoomError> {
        self.member(who)?;
        self.producers
            .get(&id)
            .filter(|producer| producer.info.participant_id == who.participant)
            .ok_or(RoomError::ProducerNotFound)
    }

    /// Whether its owner may bring a producer into this state.
    pub(in crate::room) fn may_pause(
        &self,
        who: &SessionKey,
        id: ProducerId,
        paused: bool,
    ) -> Result<(), RoomError> {
        let locked = self.own_producer(who, id)?.locked;
        if locked && !paused { Err(RoomError::ProducerLocked) } else { Ok(()) }
    }

    /// A producer was paused or resumed; everyone is told where that was a change.
    pub(in crate::room) fn producer_paused(&mut self, id: ProducerId, paused: bool) -> Vec<Effect> {
        let Some(producer) = self.producers.get_mut(&id) else { return Vec::new() };
        if producer.info.paused == paused {
            return Vec::new();
        }
        producer.info.paused = paused;
        let participant_id = producer.info.participant_id.clone();
        let event = if paused {
            RoomEvent::ProducerPaused { producer_id: id, participant_id }
        } else {
            RoomEvent::ProducerResumed { producer_id: id, participant_id }
        };
        let mut effects = vec![Effect::Tell(Audience::Everyone, event)];
        if paused {
            effects.extend(self.hush(id));
        }
        effects
    }

    /// Takes a producer's pausing out of its owner's hands, or gives it back.
    pub(in crate::room) fn lock_producer(&mut self, id: ProducerId, locked: bool) -> Result<(), RoomError> {
        self.producers.get_mut(&id).ok_or(RoomError::ProducerNotFound)?.locked = locked;
        Ok(())
    }

    /// Closes anyone's producer.
    pub(in crate::room) fn close_producer(&mut self, id: ProducerId) -> Result<Vec<Effect>, RoomError> {
        self.producer(id)?;
        let mut effects = vec![Effect::Close(Resource::Producer(id))];
        self.unlink_producer(id, &mut effects);
        Ok(effects)
    }

    /// Takes a producer out of the tables, its consumers with it, and tells everyone.
    pub(super) fn unlink_producer(&mut self, id: ProducerId, effects: &mut Vec<Effect>) {
        let Some(Producer { info, consumers, .. }) = self.producers.shift_remove(&id) else { return };
        for consumer in consumers {
            self.lose_consumer(consumer, ConsumerCloseReason::ProducerClosed, effects);
        }
        *producers_of(&mut self.stats, info.kind) -= 1;
        if let Some(owner) = self.members.get_mut(&info.participant_id) {
            owner.producers.shift_remove(&id);
        }
        let event = RoomEvent::ProducerClosed { producer_id: id, participant_id: info.participant_id };
        effects.push(Effect::Tell(Audience::Everyone, event));
        effects.extend(self.hush(id));
    }
}

/// Consumers.
impl RoomState {
    pub(in crate::room) fn may_consume(
        &self,
        who: &SessionKey,
        transport: TransportId,
        producer: ProducerId,
    ) -> Result<(), RoomError> {
        self.own_transport_towards(who, transport, TransportDirection::Recv)?;
        self.producer(producer)?;
        within(self.member(who)?.consumers.len(), CONSUMERS_MAX, "consumers of a participant")
    }

    pub(in crate::room) fn consumer_started(
        &mut self,
        who: &SessionKey,
        transport: TransportId,
        id: ConsumerId,
        producer: ProducerId,
        kind: MediaKind,
    ) {
        let owner = who.participant.clone();
        if let (Some(member), Some(source)) =
            (self.members.get_mut(&owner), self.producers.get_mut(&producer))
        {
            member.consumers.insert(id);
            source.consumers.insert(id);
            *consumers_of(&mut self.stats, kind) += 1;
            self.consumers.insert(id, Consumer { owner, producer, transport, kind });
        }
    }

    pub(in crate::room) fn owns_consumer(&self, who: &SessionKey, id: ConsumerId) -> Result<(), RoomError> {
        self.member(who)?;
        let is_own = self.consumers.get(&id).is_some_and(|consumer| consumer.owner == who.participant);
        if is_own { Ok(()) } else { Err(RoomError::ConsumerNotFound) }
    }

    /// Closes an own consumer. Nobody is told: the owner has its answer, and it is nobody else's.
    pub(in crate::room) fn close_consumer(
        &mut self,
        who: &SessionKey,
        id: ConsumerId,
    ) -> Result<Vec<Effect>, RoomError> {
        self.owns_consumer(who, id)?;
        self.unlink_consumer(id);
        Ok(vec![Effect::Close(Resource::Consumer(id))])
    }

    /// A consumer went with its producer or its transport: its owner is told.
    fn lose_consumer(&mut self, id: ConsumerId, reason: ConsumerCloseReason, effects: &mut Vec<Effect>) {
        let Some(Consumer { owner, producer, .. }) = self.unlink_consumer(id) else { return };
        effects.push(Effect::Forget(Resource::Consumer(id)));
        let event = RoomEvent::ConsumerClosed { consumer_id: id, producer_id: producer, reason };
        effects.push(Effect::Tell(Audience::Only(owner), event));
    }

    /// Takes a consumer out of the tables.
    pub(super) fn unlink_consumer(&mut self, id: ConsumerId) -> Option<Consumer> {
        let consumer = self.consumers.remove(&id)?;
        *consumers_of(&mut self.stats, consumer.kind) -= 1;
        if let Some(owner) = self.members.get_mut(&consumer.owner) {
            owner.consumers.shift_remove(&id);
        }
        if let Some(producer) = self.producers.get_mut(&consumer.producer) {
            producer.consumers.remove(&id);
        }
        Some(consumer)
    }
}

/// What the media plane says unasked.
impl RoomState {
    /// Passes it on to the owner of what it is about, or tells everyone who speaks. What was closed meanwhile has no
    /// owner.
    pub(in crate::room) fn router_event(&mut self, event: RouterEvent) -> Option<Effect> {
        let transport = |id| self.transports.get(id).map(|transport| &transport.owner);
        let (owner, event): (&ParticipantId, _) = match event {
            RouterEvent::IceState(id, state) => (transport(&id)?, RoomEvent::IceState(id, state)),
            RouterEvent::DtlsState(id, state) => (transport(&id)?, RoomEvent::DtlsState(id, state)),
            RouterEvent::ProducerScore(id, score) => {
                (&self.producers.get(&id)?.info.participant_id, RoomEvent::ProducerScore(id, score))
            }
            RouterEvent::ConsumerLayers(id, layers) => {
                (&self.consumers.get(&id)?.owner, RoomEvent::ConsumerLayers(id, layers))
            }
            RouterEvent::ConsumerScore(id, score) => {
                (&self.consumers.get(&id)?.owner, RoomEvent::ConsumerScore(id, score))
            }
            RouterEvent::DominantSpeaker(_, producer) => return self.dominant_speaker(producer),
            RouterEvent::AudioLevels(_, levels) => return self.audio_levels(levels),
            RouterEvent::Silence(_) => return self.audio_levels(Vec::new()),
            // Whoever embeds the engine traces what it wants to; in rooms nobody does. Nobody in a room has a plain transport. SCTP itself tells a client of its channels; what waits for it is the
            // media plane's affair.
            RouterEvent::Tuple(..)
            | RouterEvent::RtcpTuple(..)
            | RouterEvent::SctpState(..)
            | RouterEvent::DataConsumerSendBufferFull(_)
            | RouterEvent::DataConsumerBufferedAmountLow(..)
            | RouterEvent::TransportTrace(..)
            | RouterEvent::ProducerTrace(..)
            | RouterEvent::ConsumerTrace(..)
            | RouterEvent::WorkerClosed => return None,
        };
        Some(Effect::Tell(Audience::Only(owner.clone()), event))
    }
}

pub(super) fn within(count: usize, max: usize, what: &'static str) -> Result<(), RoomError> {
    if count < max { Ok(()) } else { Err(RoomError::LimitExceeded(what)) }
}
