//! The media handles of what is in a room.

use std::collections::BTreeMap;

use super::{error::RoomError, observers::Observers, state::Resource};
use crate::{
    ids::{ConsumerId, ProducerId, TransportId},
    media::{Consumer, Producer, Router, WebRtcTransport},
};

/// A room's router and all in it. Mirrors [`RoomState`](super::state::RoomState), which says whose is what.
#[derive(Debug)]
pub(super) struct Handles {
    pub(super) router: Router,
    pub(super) observers: Observers,
    transports: BTreeMap<TransportId, WebRtcTransport>,
    producers: BTreeMap<ProducerId, Producer>,
    consumers: BTreeMap<ConsumerId, Consumer>,
}

impl Handles {
    pub(super) fn new(router: Router, observers: Observers) -> Self {
        Self {
            router,
            observers,
            transports: BTreeMap::new(),
            producers: BTreeMap::new(),
            consumers: BTreeMap::new(),
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

    pub(super) fn keep_transport(&mut self, transport: WebRtcTransport) {
        self.transports.insert(transport.id(), transport);
    }

    pub(super) fn keep_producer(&mut self, producer: Producer) {
        self.producers.insert(producer.id(), producer);
    }

    pub(super) fn keep_consumer(&mut self, consumer: Consumer) {
        self.consumers.insert(consumer.id(), consumer);
    }

    pub(super) fn forget(&mut self, resource: Resource) {
        match resource {
            Resource::Transport(id) => drop(self.transports.remove(&id)),
            Resource::Producer(id) => drop(self.producers.remove(&id)),
            Resource::Consumer(id) => drop(self.consumers.remove(&id)),
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
        }
    }
}
