//! The media handles of what is in a room.

use std::collections::BTreeMap;

use super::{error::RoomError, observers::Observers, routers::Routers, state::Resource};
use crate::{
    ids::{ConsumerId, DataConsumerId, DataProducerId, ProducerId, TransportId},
    media::{Consumer, DataConsumer, DataProducer, Producer, WebRtcTransport},
};

/// A room's routers and all in them. Mirrors [`RoomState`](super::state::RoomState), which says whose is what.
#[derive(Debug)]
pub(super) struct Handles {
    pub(super) routers: Routers,
    pub(super) observers: Observers,
    transports: BTreeMap<TransportId, WebRtcTransport>,
    producers: BTreeMap<ProducerId, Producer>,
    consumers: BTreeMap<ConsumerId, Consumer>,
    data_producers: BTreeMap<DataProducerId, DataProducer>,
    data_consumers: BTreeMap<DataConsumerId, DataConsumer>,
}

impl Handles {
    pub(super) fn new(routers: Routers, observers: Observers) -> Self {
        Self {
            routers,
            observers,
            transports: BTreeMap::new(),
            producers: BTreeMap::new(),
            consumers: BTreeMap::new(),
            data_producers: BTreeMap::new(),
            data_consumers: BTreeMap::new(),
        }
    }

    pub(super) fn transport(&self, id: TransportId) -> Result<&WebRtcTransport, RoomError> {
        self.transports.get(&id).ok_or(RoomError::TransportNotFound)
    }

    pub(super) fn producer(&self, id: ProducerId) -> Result<&Producer, RoomError> {
        self.producers.get(&id).ok_or(RoomError::ProducerNotFound)
    }

    pub(super) fn consumer(&self, id: ConsumerId) -> Result<&Consumer, RoomError> {
        self.consumers.get(&id).ok_or(RoomError::ConsumerNotFound)
    }

    pub(super) fn data_producer(&self, id: DataProducerId) -> Result<&DataProducer, RoomError> {
        self.data_producers.get(&id).ok_or(RoomError::DataProducerNotFound)
    }

    pub(super) fn data_consumer(&self, id: DataConsumerId) -> Result<&DataConsumer, RoomError> {
        self.data_consumers.get(&id).ok_or(RoomError::DataConsumerNotFound)
    }

    pub(super) fn keep_transport(&mut self, transport: WebRtcTransport) {
        self.transports.insert(transport.id(), transport);
    }

    pub(super) fn keep_producer(&mut self, producer: Producer) {
        self.producers.insert(producer.id(), producer);
    }

    pub(super) fn keep_consumer(&mut self, consumer: Consumer) {
        self.consumers.insert(consumer.id(), consumer);
    }

    pub(super) fn keep_data_producer(&mut self, producer: DataProducer) {
        self.data_producers.insert(producer.id(), producer);
    }

    pub(super) fn keep_data_consumer(&mut self, consumer: DataConsumer) {
        self.data_consumers.insert(consumer.id(), consumer);
    }

    pub(super) fn forget(&mut self, resource: Resource) {
        match resource {
            Resource::Transport(id) => drop(self.transports.remove(&id)),
            Resource::Producer(id) => drop(self.producers.remove(&id)),
            Resource::Consumer(id) => drop(self.consumers.remove(&id)),
            Resource::DataProducer(id) => drop(self.data_producers.remove(&id)),
            Resource::DataConsumer(id) => drop(self.data_consumers.remove(&id)),
        }
    }

    pub(super) async fn close(&mut self, resource: Resource) {
        match resource {
            Resource::Transport(id) => {
                if let Some(transport) = self.transports.remove(&id) {
                    transport.close().await;
                }
            }
            Resource::Producer(id) => {
                if let Some(producer) = self.producers.remove(&id) {
                    producer.close().await;
                }
            }
            Resource::Consumer(id) => {
                if let Some(consumer) = self.consumers.remove(&id) {
                    consumer.close().await;
                }
            }
            Resource::DataProducer(id) => {
                if let Some(producer) = self.data_producers.remove(&id) {
                    producer.close().await;
                }
            }
            Resource::DataConsumer(id) => {
                if let Some(consumer) = self.data_consumers.remove(&id) {
                    consumer.close().await;
                }
            }
        }
    }
}
