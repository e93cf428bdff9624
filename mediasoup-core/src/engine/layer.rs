//! Layers: a track's pictures can be had smaller (spatial layers) and fewer (temporal layers).

/// A choice of size and rate, with everything that is needed to decode it. Ordered by size, then by rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Layer {
    /// 0: the smallest pictures.
    pub(crate) spatial: u8,
    /// 0: the fewest.
    pub(crate) temporal: u8,
}

impl Layer {
    pub(crate) fn new(spatial: u8, temporal: u8) -> Self {
        Self { spatial, temporal }
    }
}
