//! Layers: which encoding of a producer each of its viewers gets.

use std::time::Instant;

use super::{
    Engine,
    consumer::Allowance,
    keys::{ConsumerKey, ProducerKey},
    layer::Layer,
};
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

    /// The layers a viewer could get, each with the bit/s it takes with all it is decoded from.
    pub(crate) fn layer_bitrates(
        &mut self,
        now: Instant,
        key: ConsumerKey,
        bitrates: &mut Vec<(Layer, u64)>,
    ) {
        let consumer = &self.consumers[key.0];
        let producer = &mut self.producers[consumer.producer.0];
        for encoding in 0..=consumer.layers.preferred() {
            if let Some(stream) = producer.stream_mut(encoding).filter(|stream| stream.is_alive(now)) {
                bitrates.push((Layer::new(encoding as u8, 0), stream.bitrate(now)));
            }
        }
    }

    /// What the path to the viewer has room for.
    pub(crate) fn allow_layers(&mut self, now: Instant, key: ConsumerKey, allowance: Allowance) {
        let consumer = &mut self.consumers[key.0];
        let was_nothing = consumer.layers.is_nothing();
        consumer.layers.allow(allowance);
        let (producer, is_back) = (consumer.producer, was_nothing && allowance != Allowance::Nothing);
        self.aim_consumers(now, producer);
        if is_back {
            self.ask_for_key_frame(now, key);
        }
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
