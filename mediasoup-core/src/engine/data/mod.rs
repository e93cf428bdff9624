//! Data channels: messages of data producers, sent on by data consumers.

mod commands;
mod consumer;
mod dump;
mod flow;
mod link;
mod peer;
mod producer;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeMap;

use slab::Slab;

use super::keys::{DataConsumerKey, DataProducerKey};
use crate::ids::{DataConsumerId, DataProducerId};
use consumer::DataConsumer;
pub(super) use peer::PeerData;
use producer::DataProducer;

/// All data channels of an engine.
#[derive(Default)]
pub(super) struct DataChannels {
    producers: Slab<DataProducer>,
    consumers: Slab<DataConsumer>,
    producer_keys: BTreeMap<DataProducerId, DataProducerKey>,
    consumer_keys: BTreeMap<DataConsumerId, DataConsumerKey>,
}

impl DataChannels {
    /// How many data producers and data consumers there are.
    #[cfg(test)]
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.producers.len(), self.consumers.len())
    }
}
