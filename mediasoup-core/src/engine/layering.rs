//! Layers: which of a producer's layers each of its viewers gets.

use std::{num::NonZeroU8, time::Instant};

use super::{
    Engine,
    consumer::Allowance,
    keys::{ConsumerKey, ProducerKey},
    layer::Layer,
};
use crate::{
    ids::ConsumerId,
    media::{
        error::ConsumeError,
        event::{ConsumerLayers, RouterEvent},
    },
};

impl Engine {
    /// The viewer wants no layer above this one; what does not exist is the highest there is. Gives what it is.
    pub(crate) fn set_preferred_layers(
        &mut self,
        now: Instant,
        id: ConsumerId,
        wanted: ConsumerLayers,
    ) -> Result<ConsumerLayers, ConsumeError> {
        let key = self.consumer_key(id)?;
        let consumer = &mut self.consumers[key.0];
        let temporal = wanted.temporal_layer.unwrap_or(Layer::ALL.temporal);
        consumer.layers.prefer(Layer::new(wanted.spatial_layer, temporal));
        let preferred = consumer.layers.preferred();
        self.aim_consumer(now, key);
        Ok(ConsumerLayers { spatial_layer: preferred.spatial, temporal_layer: Some(preferred.temporal) })
    }

    /// Where there is not room for all of a viewer's consumers, those of a higher priority come first.
    pub(crate) fn set_consumer_priority(
        &mut self,
        id: ConsumerId,
        priority: NonZeroU8,
    ) -> Result<(), ConsumeError> {
        let key = self.consumer_key(id)?;
        self.consumers[key.0].priority = priority;
        Ok(())
    }

    /// The layers a viewer could get, each with the bit/s it takes with all it is decoded from: what comes of what it wants,
    /// from the lowest up. Whatever has no layers has one.
    pub(crate) fn layer_bitrates(
        &mut self,
        now: Instant,
        key: ConsumerKey,
        bitrates: &mut Vec<(Layer, u64)>,
    ) {
        let consumer = &self.consumers[key.0];
        let producer = &mut self.producers[consumer.producer.0];
        producer.bitrates(now, consumer.layers.preferred(), bitrates);
    }

    /// What the path to the viewer has room for: the consumer gets the lower of that and of what is wanted.
    pub(crate) fn allow_layers(&mut self, now: Instant, key: ConsumerKey, allowance: Allowance) {
        self.consumers[key.0].layers.allow(allowance);
        self.aim_consumer(now, key);
    }

    /// Aims each viewer of a producer at the best layer it may have, and asks for the key frames they begin with.
    pub(super) fn aim_consumers(&mut self, now: Instant, key: ProducerKey) {
        for index in 0..self.producers[key.0].consumers.len() {
            self.aim_consumer(now, self.producers[key.0].consumers[index]);
        }
    }

    /// The same, of one viewer.
    pub(super) fn aim_consumer(&mut self, now: Instant, key: ConsumerKey) {
        let consumer = &mut self.consumers[key.0];
        let source = consumer.producer;
        let producer = &self.producers[source.0];
        if producer.paused {
            return;
        }
        let needs_key_frame = consumer.aim(|spatial| producer.has_size(now, spatial));
        let wanted = consumer.layers.target_encoding().filter(|_| needs_key_frame);
        if let Some(layers) = consumer.changed_layers() {
            let router = self.peers[consumer.transport.0].router;
            self.events.push_back((router, RouterEvent::ConsumerLayers(consumer.id, layers)));
        }
        if let Some(encoding) = wanted {
            self.request_key_frame_of(now, source, encoding);
        }
    }
}
