//! Which of a producer's encodings a viewer gets.

use crate::engine::layer::Layer;

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

/// The choice among a simulcast producer's encodings, lowest first. With one encoding there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layers {
    count: usize,
    /// The highest the viewer wants.
    preferred: usize,
    /// What it is to get as soon as decoding can start there.
    target: usize,
    allowance: Allowance,
}

impl Layers {
    /// The best there is.
    pub(crate) fn best_of(count: usize) -> Self {
        let best = count.saturating_sub(1);
        Self { count, preferred: best, target: best, allowance: Allowance::All }
    }

    /// There is more than one.
    pub(crate) fn is_choice(&self) -> bool {
        self.count > 1
    }

    pub(crate) fn target(&self) -> usize {
        self.target
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.allowance == Allowance::Nothing
    }

    pub(crate) fn layer(&self) -> Option<Layer> {
        (!self.is_nothing()).then(|| Layer::new(self.target as u8, 0))
    }

    pub(crate) fn preferred(&self) -> usize {
        self.preferred
    }

    pub(crate) fn allow(&mut self, allowance: Allowance) {
        self.allowance = allowance;
    }

    pub(crate) fn prefer(&mut self, preferred: usize) {
        self.preferred = preferred;
    }

    /// Aims at the best encoding that is wanted and alive; where none is, as before. Gives whether the aim is another.
    pub(crate) fn aim(&mut self, is_alive: impl Fn(usize) -> bool) -> bool {
        let limit = match self.allowance {
            Allowance::UpTo(layer) => self.preferred.min(layer.spatial.into()),
            _ => self.preferred,
        };
        let Some(target) = (0..=limit).rev().find(|encoding| is_alive(*encoding)) else {
            return false;
        };
        std::mem::replace(&mut self.target, target) != target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aims_at_the_best_that_is_wanted_and_alive() {
        let mut layers = Layers::best_of(3);
        assert_eq!(layers.target(), 2);
        assert!(layers.aim(|encoding| encoding < 2));
        assert_eq!(layers.target(), 1);
        assert!(!layers.aim(|_| false), "nothing is alive: no reason to change");
        layers.prefer(0);
        assert!(layers.aim(|_| true));
        assert_eq!(layers.target(), 0);
        assert!(!layers.aim(|encoding| encoding > 0), "never above what is wanted");
    }
}
