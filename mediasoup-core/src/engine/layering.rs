//! Layers: which encoding of a producer each of its viewers gets.

use std::time::Instant;

use super::{Engine, keys::ProducerKey};
use crate::{
    ids::ConsumerId,
    media::{error::ConsumeError, event::ConsumerLayers},
};

impl Engine {
    /// The viewer wants no encoding above this one; what does not exist is the highest there is. Gives what it is.
    pub(crate) fn set_preferred_layers(
        &mut self,
        now: Instant,
        id: ConsumerId,
        layers: ConsumerLayers,
    ) -> Result<ConsumerLayers, ConsumeError> {
        let key = self.consumer_key(id)?;
        let producer = self.consumers[key.0].producer;
        let highest = self.producers[producer.0].encoding_count().saturating_sub(1);
        let preferred = usize::from(layers.spatial_layer).min(highest);
        self.consumers[key.0].layers.prefer(preferred);
        self.aim_consumers(now, producer);
        Ok(ConsumerLayers { spatial_layer: preferred as u8, temporal_layer: None })
    }

    /// Aims each viewer of a producer at the best encoding it may have, and asks for the key frame it begins with.
    pub(super) fn aim_consumers(&mut self, now: Instant, key: ProducerKey) {
        let producer = &self.producers[key.0];
        if producer.encoding_count() < 2 || producer.paused {
            return;
        }
        let mut wanted = Vec::new();
        for consumer in &producer.consumers {
            let consumer = &mut self.consumers[consumer.0];
            if consumer.layers.aim(|encoding| producer.is_alive(now, encoding))
                && consumer.layers.target() != consumer.encoding()
            {
                wanted.push(consumer.layers.target());
            }
        }
        for encoding in wanted {
            self.request_key_frame_of(now, key, encoding);
        }
    }
}
