//! Which layer of a producer a viewer is to get.

use crate::engine::layer::{Layer, Layering};

/// What the path to a viewer has room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// As much as it wants.
    #[default]
    All,
    /// No layer above this one.
    UpTo(Layer),
    /// Nothing at all.
    Nothing,
}

impl Allowance {
    /// `None`: nothing.
    pub(crate) fn limit(self) -> Option<Layer> {
        match self {
            Self::All => Some(Layer::ALL),
            Self::UpTo(layer) => Some(layer),
            Self::Nothing => None,
        }
    }
}

/// The choice among a producer's layers: the lower of what the viewer wants and what it may have, as far as it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layers {
    layering: Layering,
    /// The smallest size it may have.
    lowest: u8,
    /// The highest the viewer wants.
    preferred: Layer,
    allowance: Allowance,
    /// What it is to get as soon as decoding can start there; `None`: nothing.
    target: Option<Layer>,
}

impl Layers {
    /// The best there is.
    pub(crate) fn best_of(layering: Layering) -> Self {
        let best = layering.highest();
        Self { layering, lowest: 0, preferred: best, allowance: Allowance::All, target: Some(best) }
    }

    /// One of several streams, whether it comes or not.
    pub(crate) fn only(layering: Layering, encoding: u8) -> Self {
        let only = Layer { spatial: encoding, ..layering.highest() };
        Self { lowest: encoding, preferred: only, target: Some(only), ..Self::best_of(layering) }
    }

    pub(crate) fn layering(&self) -> Layering {
        self.layering
    }

    pub(crate) fn preferred(&self) -> Layer {
        self.preferred
    }

    pub(crate) fn target(&self) -> Option<Layer> {
        self.target
    }

    /// [`Layers::target`] among the layers inside its stream; where that is all there is, also what was not stated.
    pub(crate) fn forwarded(&self) -> Option<Layer> {
        self.target.map(|target| {
            let all_rates = target.temporal == self.layering.highest().temporal;
            Layer::new(
                self.size_inside().unwrap_or(Layer::ALL.spatial),
                if all_rates { Layer::ALL.temporal } else { target.temporal },
            )
        })
    }

    /// The size it is aimed at inside its stream, where there is a choice.
    pub(crate) fn size_inside(&self) -> Option<u8> {
        let target = self.target?;
        (self.layering.of_stream().spatial > 1).then_some(target.spatial)
    }

    /// The encoding whose packets it is to get.
    pub(crate) fn target_encoding(&self) -> Option<usize> {
        self.target.map(|target| self.layering.encoding_of(target.spatial))
    }

    /// Wants nothing above `layer`; what does not exist is the highest there is.
    pub(crate) fn prefer(&mut self, layer: Layer) {
        let layer = layer.at_most(self.layering.highest());
        self.preferred = Layer { spatial: layer.spatial.max(self.lowest), ..layer };
    }

    pub(crate) fn allow(&mut self, allowance: Allowance) {
        self.allowance = allowance;
    }

    /// Aims at the best size that is wanted, allowed and alive; where none is alive, as before. Gives whether the aim is
    /// another.
    pub(crate) fn aim(&mut self, is_alive: impl Fn(u8) -> bool) -> bool {
        let limit = self.allowance.limit().map(|limit| limit.at_most(self.preferred));
        let target = limit.map(|limit| {
            let alive = (self.lowest..=limit.spatial).rev().find(|spatial| is_alive(*spatial));
            let before = self.target.map_or(0, |target| target.spatial);
            Layer::new(alive.unwrap_or(before.min(limit.spatial)), limit.temporal)
        });
        std::mem::replace(&mut self.target, target) != target
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::layer::Form;

    const LAYERING: Layering = Layering { form: Form::Streams, spatial: 3, temporal: 3 };

    fn aimed(layers: &mut Layers, is_alive: impl Fn(u8) -> bool) -> Option<(u8, u8)> {
        layers.aim(is_alive);
        layers.target().map(|target| (target.spatial, target.temporal))
    }

    #[test]
    fn aims_at_the_best_that_is_wanted_and_alive() {
        let mut layers = Layers::best_of(LAYERING);
        assert_eq!(layers.target(), Some(Layer::new(2, 2)));
        assert!(layers.aim(|spatial| spatial < 2));
        assert_eq!(layers.target(), Some(Layer::new(1, 2)));
        assert!(!layers.aim(|_| false), "nothing is alive: no reason to change");
        layers.prefer(Layer::new(0, 1));
        assert_eq!(aimed(&mut layers, |_| true), Some((0, 1)));
        assert_eq!(aimed(&mut layers, |spatial| spatial > 0), Some((0, 1)), "never above what is wanted");
        layers.prefer(Layer::ALL);
        assert_eq!(layers.preferred(), Layer::new(2, 2));
    }

    #[test]
    fn one_of_several_streams_stays_the_one() {
        let mut layers = Layers::only(LAYERING, 1);
        assert_eq!(aimed(&mut layers, |spatial| spatial != 1), Some((1, 2)));
        layers.prefer(Layer::new(0, 0));
        assert_eq!(aimed(&mut layers, |_| true), Some((1, 0)));
    }

    #[test]
    fn what_the_path_allows_and_what_is_wanted_are_independent() {
        let mut layers = Layers::best_of(LAYERING);
        layers.prefer(Layer::new(1, 1));
        layers.allow(Allowance::UpTo(Layer::new(2, 0)));
        assert_eq!(aimed(&mut layers, |_| true), Some((1, 0)));
        layers.allow(Allowance::Nothing);
        assert_eq!(aimed(&mut layers, |_| true), None);
        layers.allow(Allowance::All);
        assert_eq!(aimed(&mut layers, |_| true), Some((1, 1)));
    }

    #[test]
    fn the_highest_stands_for_what_was_not_stated() {
        let mut layers = Layers::best_of(Layering { form: Form::Within, spatial: 1, temporal: 2 });
        assert_eq!(layers.forwarded(), Some(Layer::ALL));
        layers.prefer(Layer::new(0, 0));
        layers.aim(|_| true);
        assert_eq!(layers.forwarded(), Some(Layer::new(Layer::ALL.spatial, 0)));
    }
}
