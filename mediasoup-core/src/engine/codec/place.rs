//! Where a packet stands among the layers of its stream.

use super::{dependency, vp8, vp9};
use crate::engine::layer::Layer;

/// What a packet tells of its layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing: it is part of every layer.
    #[default]
    Whole,
    /// In the VP8 payload descriptor.
    Vp8(vp8::Place),
    /// In the VP9 payload descriptor.
    Vp9(vp9::Place),
    /// In the dependency descriptor: AV1, H264.
    Described(dependency::Frame),
}

impl Place {
    pub(crate) fn layer(&self) -> Layer {
        match self {
            Self::Whole => Layer::default(),
            Self::Vp8(place) => Layer::new(0, place.temporal),
            Self::Vp9(place) => place.layer,
            Self::Described(frame) => frame.layer,
        }
    }

    /// Whether the upper spatial layers of its picture are decoded from it too. `None` where it does not tell: it is of an
    /// upper layer itself, or decoding starts there.
    pub(crate) fn carries_upper(&self) -> Option<bool> {
        match self {
            Self::Whole | Self::Vp8(_) => None,
            Self::Vp9(place) => (place.layer.spatial == 0 && place.is_inter).then_some(place.carries_upper),
            Self::Described(frame) => {
                let tells = frame.layer.spatial == 0 && frame.references().next().is_some();
                tells.then(|| frame.is_needed_by(Layer::ALL))
            }
        }
    }
}
