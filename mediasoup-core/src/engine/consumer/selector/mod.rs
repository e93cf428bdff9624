//! Which packets of a stream a viewer gets, where there are layers inside it.
//!
//! What is forwarded changes at certain packets only: where a decoder that has got what was forwarded so far can decode what
//! is forwarded from there on. A packet that comes late is judged by what held for its neighbours.

mod frames;
mod pictures;

use std::collections::VecDeque;

use self::{frames::Frames, pictures::Pictures};
use crate::engine::{
    codec::{Place, vp8, vp9},
    layer::Layer,
    producer::Received,
};

/// Changes remembered: a packet from before the oldest is too old to be forwarded.
const STEPS_MAX: usize = 32;

/// What is done with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes out; of the largest pictures the viewer gets it may be the last packet, where it was not the sender's last.
    Forward {
        ends_picture: bool,
    },
    LeaveOut,
}

/// What a packet is the first of.
#[derive(Clone, Copy, Debug)]
struct Begins {
    picture: bool,
    /// A key frame.
    decoding: bool,
}

/// From a packet on, the layer that is forwarded.
#[derive(Clone, Copy, Debug)]
struct Step {
    from: u64,
    layer: Layer,
}

/// The choice of packets of one stream for one viewer.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector {
    /// Ascending.
    steps: VecDeque<Step>,
    newest: Option<u64>,
    /// Of the newest packet.
    timestamp: Option<u32>,
    pictures: Pictures,
    frames: Frames,
    /// Lower sizes are part of what viewers of upper ones get.
    carries_upper: bool,
}

impl Selector {
    /// The layer that is forwarded now.
    pub(super) fn current(&self) -> Layer {
        self.steps.back().map(|step| step.layer).unwrap_or_default()
    }

    /// Whether `target` is not to be had before the next key frame.
    pub(super) fn needs_key_frame(&self, target: Layer) -> bool {
        let current = self.current().spatial;
        target.spatial > current || target.spatial < current && !self.carries_upper
    }

    /// A packet came: what is done with it, where the viewer is to get `target` as soon as can be.
    pub(super) fn pass(&mut self, received: &Received, timestamp: u32, target: Layer) -> Verdict {
        let Received { sequence, is_key_frame, ref place, .. } = *received;
        if self.newest.is_none_or(|newest| newest < sequence) {
            self.newest = Some(sequence);
            if let Some(carries_upper) = place.carries_upper() {
                self.carries_upper = carries_upper;
            }
            let current = self.current();
            let is_new = self.timestamp.replace(timestamp) != Some(timestamp);
            let begins = Begins { picture: is_new, decoding: is_key_frame };
            let next = match place {
                Place::Whole => target,
                Place::Vp8(_) if is_key_frame => target,
                Place::Vp8(place) => vp8_step(current, place, target),
                Place::Vp9(place) => self.pictures.step(current, place, is_new, target),
                Place::Described(frame) => self.frames.step(current, frame, begins, target),
            };
            if next != current || self.steps.is_empty() {
                self.change(Step { from: sequence, layer: next });
            }
        }
        self.judge(sequence, place)
    }

    fn change(&mut self, step: Step) {
        if self.steps.len() == STEPS_MAX {
            self.steps.pop_front();
        }
        self.steps.push_back(step);
    }

    /// What is done with a packet, or was, as far as is still known.
    pub(super) fn judge(&self, sequence: u64, place: &Place) -> Verdict {
        let Some(step) = self.steps.iter().rev().find(|step| step.from <= sequence) else {
            return Verdict::LeaveOut;
        };
        let layer = step.layer;
        let (is_forwarded, ends_picture) = match place {
            Place::Whole => (true, false),
            Place::Vp8(place) => (place.temporal <= layer.temporal, false),
            Place::Vp9(place) => {
                (vp9_is_part_of(place, layer), place.ends_frame && place.layer.spatial == layer.spatial)
            }
            Place::Described(frame) => (frame.is_needed_by(layer), frame.ends && frame.is_largest_of(layer)),
        };
        if is_forwarded { Verdict::Forward { ends_picture } } else { Verdict::LeaveOut }
    }
}

/// Down with any picture, up by one with a picture that needs none of that rate before it.
fn vp8_step(current: Layer, place: &vp8::Place, target: Layer) -> Layer {
    if !place.starts_frame {
        return current;
    }
    let goes_up = place.is_sync && place.temporal == current.temporal + 1;
    let highest = if goes_up { place.temporal } else { current.temporal };
    Layer::new(target.spatial, highest.min(target.temporal))
}

/// Of smaller pictures only what larger ones are predicted from; of a key picture that is all of them.
fn vp9_is_part_of(place: &vp9::Place, layer: Layer) -> bool {
    let of_size = place.layer.spatial == layer.spatial || layer.spatial == Layer::ALL.spatial;
    place.layer.at_most(layer) == place.layer && (of_size || place.carries_upper || !place.is_inter)
}

#[cfg(test)]
mod tests;
