//! What comes of each layer of a stream.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::engine::{
    codec::Place,
    layer::{Layer, Layering},
    meter::Meter,
};

/// A size that is not sent for so long has stopped.
const SILENCE_MAX: Duration = Duration::from_secs(1);
/// Sizes of one picture come one after another: none counts as missing for so long after the stream has begun.
const BEGINNING: Duration = Duration::from_millis(300);

/// The layers of one stream, with their bitrates.
#[derive(Debug)]
pub(crate) struct StreamLayers {
    layering: Layering,
    /// Rate by rate, size by size.
    rates: Vec<Meter>,
    /// When each size was last seen.
    newest: Vec<Option<Instant>>,
    /// When the stream began, or came back.
    began: Option<Instant>,
    /// Upper sizes are predicted from lower ones all the time, not at key frames only.
    is_stacked: bool,
}

impl StreamLayers {
    pub(crate) fn new(now: Instant, layering: Layering) -> Self {
        let sizes = usize::from(layering.spatial);
        Self {
            layering,
            rates: vec![Meter::new(now); sizes * usize::from(layering.temporal)],
            newest: vec![None; sizes],
            began: None,
            is_stacked: true,
        }
    }

    /// Gives whether the packet's size begins, or is back.
    pub(crate) fn on_packet(&mut self, now: Instant, place: &Place, len: usize) -> bool {
        let layer = place.layer().at_most(self.layering.highest());
        let index = self.index(layer);
        self.rates[index].add(now, len);
        if let Some(carries_upper) = place.carries_upper() {
            self.is_stacked = carries_upper;
        }
        if !(0..self.layering.spatial).any(|spatial| self.came_lately(now, spatial)) {
            self.began = Some(now);
        }
        let was_alive = self.came_lately(now, layer.spatial);
        self.newest[usize::from(layer.spatial)] = Some(now);
        !was_alive
    }

    fn index(&self, layer: Layer) -> usize {
        usize::from(layer.spatial) * usize::from(self.layering.temporal) + usize::from(layer.temporal)
    }

    /// Whether packets of a size keep coming.
    pub(crate) fn is_alive(&self, now: Instant, spatial: u8) -> bool {
        let begins = |began| now.saturating_duration_since(began) < BEGINNING;
        self.came_lately(now, spatial) || self.began.is_some_and(begins)
    }

    fn came_lately(&self, now: Instant, spatial: u8) -> bool {
        let newest = self.newest.get(usize::from(spatial)).copied().flatten();
        newest.is_some_and(|at| now.saturating_duration_since(at) < SILENCE_MAX)
    }

    /// bit/s of each layer by mediasoup's names of layers; of those that do not come, 0. Nothing where there is only one.
    pub(crate) fn bitrates(&mut self, now: Instant) -> BTreeMap<String, u64> {
        let Layering { spatial, temporal, .. } = self.layering;
        let layers =
            (0..spatial).flat_map(|spatial| (0..temporal).map(move |rate| Layer::new(spatial, rate)));
        let layers = layers.filter(|_| self.layering.is_choice()).collect::<Vec<_>>();
        let named = layers.into_iter().map(|layer| {
            let index = self.index(layer);
            let comes = self.rates[index].bitrate(now) > 0;
            let bitrate = if comes { self.bitrate(now, layer) } else { 0 };
            (format!("{}.{}", layer.spatial, layer.temporal), bitrate)
        });
        named.collect()
    }

    /// bit/s of a layer with all that is needed to decode it.
    pub(crate) fn bitrate(&mut self, now: Instant, layer: Layer) -> u64 {
        let layer = layer.at_most(self.layering.highest());
        let lowest = if self.is_stacked { 0 } else { layer.spatial };
        let mut bitrate = 0;
        for spatial in lowest..=layer.spatial {
            for temporal in 0..=layer.temporal {
                let index = self.index(Layer::new(spatial, temporal));
                bitrate += self.rates[index].bitrate(now);
            }
        }
        bitrate
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;
    use crate::engine::{codec::vp9, layer::Form};

    const LAYERING: Layering = Layering { form: Form::Within, spatial: 2, temporal: 2 };

    fn place(spatial: u8, temporal: u8, carries_upper: bool) -> Place {
        let layer = Layer::new(spatial, temporal);
        Place::Vp9(vp9::Place { layer, is_inter: true, carries_upper, ..vp9::Place::default() })
    }

    fn bitrates(carries_upper: bool) -> [u64; 4] {
        let now = Instant::now();
        let mut layers = StreamLayers::new(now, LAYERING);
        for (spatial, temporal, len) in [(0, 0, 1_000), (0, 1, 100), (1, 0, 10), (1, 1, 1)] {
            layers.on_packet(now, &place(spatial, temporal, carries_upper && spatial == 0), len);
        }
        [(0, 0), (0, 1), (1, 0), (1, 1)]
            .map(|(spatial, temporal)| layers.bitrate(now, Layer::new(spatial, temporal)) / 8)
    }

    #[test]
    fn a_layer_costs_what_it_is_decoded_from() {
        assert_eq!(bitrates(true), [1_000, 1_100, 1_010, 1_111]);
        assert_eq!(bitrates(false), [1_000, 1_100, 10, 11], "sizes that stand alone");
    }

    #[test]
    fn layers_are_named_as_by_mediasoup_and_only_where_there_is_a_choice() {
        let now = Instant::now();
        let mut layers = StreamLayers::new(now, LAYERING);
        layers.on_packet(now, &place(0, 0, true), 1_000);
        layers.on_packet(now, &place(1, 1, false), 10);
        let told = serde_json::json!({"0.0": 8_000, "0.1": 0, "1.0": 0, "1.1": 8_080});
        assert_eq!(serde_json::to_value(layers.bitrates(now)).unwrap(), told);
        let only = Layering { form: Form::Within, spatial: 1, temporal: 1 };
        assert!(StreamLayers::new(now, only).bitrates(now).is_empty());
    }

    #[test]
    fn more_layers_than_stated_are_part_of_the_highest() {
        let now = Instant::now();
        let mut layers = StreamLayers::new(now, LAYERING);
        assert!(layers.on_packet(now, &place(7, 7, false), 5));
        assert!(!layers.on_packet(now, &place(1, 0, false), 5));
        assert_eq!(layers.bitrate(now, Layer::ALL), 80);
        assert!(layers.is_alive(now, 1) && layers.is_alive(now, 0), "it may come yet");
        let later = now + BEGINNING;
        assert!(layers.is_alive(later, 1) && !layers.is_alive(later, 0));
        assert!(!layers.is_alive(now + SILENCE_MAX, 1));
    }
}
