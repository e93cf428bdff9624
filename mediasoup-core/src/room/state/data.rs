//! What participants own of data channels.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};

use super::{Effect, Resource, RoomState, SessionKey, tracks::within};
use crate::{
    ids::{DataConsumerId, DataProducerId, ParticipantId, TransportId},
    room::{
        error::RoomError,
        event::{Audience, ConsumerCloseReason, RoomEvent},
        info::{DataProducerInfo, TransportDirection},
        limits::{DATA_CONSUMERS_MAX, DATA_PRODUCERS_MAX},
    },
};

/// One participant's.
#[derive(Debug, Default)]
pub(super) struct Owned {
    producers: IndexSet<DataProducerId>,
    consumers: IndexSet<DataConsumerId>,
}

#[derive(Debug)]
struct Producer {
    info: DataProducerInfo,
    transport: TransportId,
    consumers: BTreeSet<DataConsumerId>,
}

#[derive(Debug)]
struct Consumer {
    owner: ParticipantId,
    producer: DataProducerId,
    transport: TransportId,
}

/// All of a room.
#[derive(Debug, Default)]
pub(super) struct Channels {
    /// In order of creation.
    producers: IndexMap<DataProducerId, Producer>,
    consumers: BTreeMap<DataConsumerId, Consumer>,
}

/// Data producers.
impl RoomState {
    pub(super) fn data_producers(&self) -> Vec<DataProducerInfo> {
        self.data.producers.values().map(|producer| producer.info.clone()).collect()
    }

    pub(in crate::room) fn may_produce_data(
        &self,
        who: &SessionKey,
        transport: TransportId,
    ) -> Result<(), RoomError> {
        self.own_transport_towards(who, transport, TransportDirection::Send)?;
        let count = self.member(who)?.data.producers.len();
        within(count, DATA_PRODUCERS_MAX, "data producers of a participant")
    }

    /// The others are told; the owner has its answer.
    pub(in crate::room) fn data_producer_started(
        &mut self,
        who: &SessionKey,
        transport: TransportId,
        info: DataProducerInfo,
    ) -> Vec<Effect> {
        let Some(member) = self.members.get_mut(&who.participant) else { return Vec::new() };
        member.data.producers.insert(info.id);
        let record = Producer { info: info.clone(), transport, consumers: BTreeSet::new() };
        self.data.producers.insert(info.id, record);
        vec![Effect::Tell(Audience::Except(who.participant.clone()), RoomEvent::NewDataProducer(info))]
    }

    /// Anyone's data producer.
    pub(in crate::room) fn data_producer(&self, id: DataProducerId) -> Result<&DataProducerInfo, RoomError> {
        self.data.producers.get(&id).map(|producer| &producer.info).ok_or(RoomError::DataProducerNotFound)
    }

    pub(in crate::room) fn owns_data_producer(
        &self,
        who: &SessionKey,
        id: DataProducerId,
    ) -> Result<(), RoomError> {
        self.member(who)?;
        let is_own = self.data_producer(id)?.participant_id == who.participant;
        if is_own { Ok(()) } else { Err(RoomError::DataProducerNotFound) }
    }

    /// Closes anyone's data producer.
    pub(in crate::room) fn close_data_producer(
        &mut self,
        id: DataProducerId,
    ) -> Result<Vec<Effect>, RoomError> {
        self.data_producer(id)?;
        let mut effects = vec![Effect::Close(Resource::DataProducer(id))];
        self.unlink_data_producer(id, &mut effects);
        Ok(effects)
    }

    /// Takes a data producer out of the tables, its consumers with it, and tells everyone.
    fn unlink_data_producer(&mut self, id: DataProducerId, effects: &mut Vec<Effect>) {
        let Some(Producer { info, consumers, .. }) = self.data.producers.shift_remove(&id) else { return };
        for consumer in consumers {
            self.lose_data_consumer(consumer, ConsumerCloseReason::ProducerClosed, effects);
        }
        if let Some(owner) = self.members.get_mut(&info.participant_id) {
            owner.data.producers.shift_remove(&id);
        }
        let participant_id = info.participant_id;
        let event = RoomEvent::DataProducerClosed { data_producer_id: id, participant_id };
        effects.push(Effect::Tell(Audience::Everyone, event));
    }
}

/// Data consumers.
impl RoomState {
    pub(in crate::room) fn may_consume_data(
        &self,
        who: &SessionKey,
        transport: TransportId,
        producer: DataProducerId,
    ) -> Result<(), RoomError> {
        self.own_transport_towards(who, transport, TransportDirection::Recv)?;
        self.data_producer(producer)?;
        let count = self.member(who)?.data.consumers.len();
        within(count, DATA_CONSUMERS_MAX, "data consumers of a participant")
    }

    pub(in crate::room) fn data_consumer_started(
        &mut self,
        who: &SessionKey,
        transport: TransportId,
        id: DataConsumerId,
        producer: DataProducerId,
    ) {
        let owner = who.participant.clone();
        if let (Some(member), Some(source)) =
            (self.members.get_mut(&owner), self.data.producers.get_mut(&producer))
        {
            member.data.consumers.insert(id);
            source.consumers.insert(id);
            self.data.consumers.insert(id, Consumer { owner, producer, transport });
        }
    }

    /// What an own data consumer consumes.
    pub(in crate::room) fn own_data_consumer(
        &self,
        who: &SessionKey,
        id: DataConsumerId,
    ) -> Result<DataProducerId, RoomError> {
        self.member(who)?;
        let own = self.data.consumers.get(&id).filter(|consumer| consumer.owner == who.participant);
        own.map(|consumer| consumer.producer).ok_or(RoomError::DataConsumerNotFound)
    }

    /// Closes an own data consumer. Nobody is told: the owner has its answer, and it is nobody else's.
    pub(in crate::room) fn close_data_consumer(
        &mut self,
        who: &SessionKey,
        id: DataConsumerId,
    ) -> Result<Vec<Effect>, RoomError> {
        self.own_data_consumer(who, id)?;
        self.unlink_data_consumer(id);
        Ok(vec![Effect::Close(Resource::DataConsumer(id))])
    }

    /// A data consumer went with something else: its handle is dropped and its owner told.
    fn lose_data_consumer(
        &mut self,
        id: DataConsumerId,
        reason: ConsumerCloseReason,
        effects: &mut Vec<Effect>,
    ) {
        let Some(Consumer { owner, producer, .. }) = self.unlink_data_consumer(id) else { return };
        effects.push(Effect::Forget(Resource::DataConsumer(id)));
        let event =
            RoomEvent::DataConsumerClosed { data_consumer_id: id, data_producer_id: producer, reason };
        effects.push(Effect::Tell(Audience::Only(owner), event));
    }

    fn unlink_data_consumer(&mut self, id: DataConsumerId) -> Option<Consumer> {
        let consumer = self.data.consumers.remove(&id)?;
        if let Some(owner) = self.members.get_mut(&consumer.owner) {
            owner.data.consumers.shift_remove(&id);
        }
        if let Some(producer) = self.data.producers.get_mut(&consumer.producer) {
            producer.consumers.remove(&id);
        }
        Some(consumer)
    }
}

/// What goes with something else.
impl RoomState {
    /// A transport was closed. Its owner hears which of its data consumers went with it.
    pub(super) fn lose_data_of_transport(
        &mut self,
        who: &SessionKey,
        transport: TransportId,
        effects: &mut Vec<Effect>,
    ) {
        let Some(member) = self.members.get(&who.participant) else { return };
        let is_carried = |id: &DataConsumerId| self.data.consumers[id].transport == transport;
        let consumers: Vec<_> = member.data.consumers.iter().copied().filter(is_carried).collect();
        let is_carried = |id: &DataProducerId| self.data.producers[id].transport == transport;
        let producers: Vec<_> = member.data.producers.iter().copied().filter(is_carried).collect();
        for consumer in consumers {
            self.lose_data_consumer(consumer, ConsumerCloseReason::TransportClosed, effects);
        }
        for producer in producers {
            effects.push(Effect::Forget(Resource::DataProducer(producer)));
            self.unlink_data_producer(producer, effects);
        }
    }

    /// A participant went, and with it its transports.
    pub(super) fn lose_data(&mut self, owned: Owned, effects: &mut Vec<Effect>) {
        for consumer in owned.consumers {
            self.unlink_data_consumer(consumer);
            effects.push(Effect::Forget(Resource::DataConsumer(consumer)));
        }
        for producer in owned.producers {
            effects.push(Effect::Forget(Resource::DataProducer(producer)));
            self.unlink_data_producer(producer, effects);
        }
    }
}
