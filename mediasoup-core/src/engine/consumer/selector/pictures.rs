//! Switching between the layers of VP9, by its payload descriptor.

use super::vp9_is_part_of;
use crate::engine::{codec::vp9, layer::Layer};

/// What has been forwarded of the pictures so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pictures {
    /// One bit for each size of which nothing has been left out since decoding could start.
    whole_sizes: u8,
    /// From the next picture on, every rate can be decoded.
    opens: bool,
}

impl Pictures {
    /// What to forward from this packet on; `is_new` where it is a picture's first.
    ///
    /// Larger pictures come with a key picture only: where one comes with the smaller ones forwarded already, its end has been
    /// marked.
    pub(super) fn step(&mut self, current: Layer, place: &vp9::Place, is_new: bool, target: Layer) -> Layer {
        let opens = is_new && std::mem::take(&mut self.opens);
        let mut next = current;
        if place.is_key() && place.starts_frame {
            self.whole_sizes = 0;
            self.opens = true;
            next = target;
        } else if is_new {
            let rises = place.switches_up && place.starts_frame;
            next.temporal = if opens {
                target.temporal
            } else if rises && place.layer.temporal == current.temporal + 1 {
                target.temporal.min(current.temporal + 1)
            } else {
                target.temporal.min(current.temporal)
            };
            if target.spatial < current.spatial && self.whole_sizes >> target.spatial & 1 == 1 {
                next.spatial = target.spatial;
            }
            // RFC 9628 §4.2: nothing of a higher rate depends on what came before this picture. Some encoders set it only where
            // the picture itself needs none of its own rate.
            self.opens = rises && place.layer.temporal <= next.temporal;
        }
        self.note(place, next);
        next
    }

    fn note(&mut self, place: &vp9::Place, forwarded: Layer) {
        let size = 1 << place.layer.spatial;
        if place.layer.temporal > forwarded.temporal {
            // Smaller rates do not need it.
        } else if !vp9_is_part_of(place, forwarded) {
            self.whole_sizes &= !size;
        } else if !place.is_inter {
            self.whole_sizes |= size;
        }
    }
}
