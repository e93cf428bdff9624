//! Which packets of a stream a viewer gets, where there are layers inside it.
//!
//! What is forwarded changes at certain packets only: where a decoder that has got what was forwarded so far can decode what
//! is forwarded from there on. A packet that comes late is judged by what held for its neighbours.

mod frames;
mod pictures;

use std::collections::VecDeque;

use self::{frames::Frames, pictures::Pictures};
use crate::engine::{
    codec::{Place, av1, dependency, vp8, vp9},
    layer::Layer,
    producer::Received,
};

/// Changes remembered: a packet from before the oldest is too old to be forwarded.
const STEPS_MAX: usize = 32;

/// What is done with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Forward(Part),
    LeaveOut,
}

/// What a packet that goes out is of its picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// The last of the largest size the viewer gets, where it was not the sender's last.
    pub(super) ends_picture: bool,
    /// AV1: where it stands among the frames of its picture.
    pub(super) joint: av1::Joint,
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
    /// See [`Peer::touch`](crate::engine::peer::Peer::touch).
    pub(super) fn touch(&self) -> u64 {
        self.newest.unwrap_or(0) ^ self.steps.back().map_or(0, |step| step.from)
    }

    /// The layer that is forwarded now.
    pub(super) fn current(&self) -> Layer {
        self.steps.back().map(|step| step.layer).unwrap_or_default()
    }

    /// Whether a size is not to be had before the next key frame.
    pub(super) fn needs_key_frame(&self, spatial: u8) -> bool {
        let current = self.current().spatial;
        spatial > current || spatial < current && !self.carries_upper
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
        let (is_forwarded, part) = match place {
            Place::Whole => (true, Part::default()),
            Place::Vp8(place) => (place.temporal <= layer.temporal, Part::default()),
            Place::Vp9(place) => {
                let ends_picture = place.ends_frame && place.layer.spatial == layer.spatial;
                (vp9_is_part_of(place, layer), Part { ends_picture, ..Part::default() })
            }
            Place::Described(frame) => (frame.is_needed_by(layer), described_part(frame, layer)),
        };
        if is_forwarded { Verdict::Forward(part) } else { Verdict::LeaveOut }
    }
}

fn described_part(frame: &dependency::Frame, layer: Layer) -> Part {
    let ends_picture = frame.ends && frame.is_largest_of(layer);
    let joint = av1::Joint {
        follows_frame: frame.starts && frame.is_of_smaller,
        precedes_frame: frame.ends && !ends_picture,
    };
    Part { ends_picture, joint }
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
