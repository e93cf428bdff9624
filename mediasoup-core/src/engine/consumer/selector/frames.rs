//! Switching between layers by the dependency descriptor.

use super::Begins;
use crate::engine::{codec::dependency::Frame, layer::Layer};

/// Frames remembered; what a frame is decoded from is rarely as old.
const FRAMES: u16 = 256;
const WORDS: usize = FRAMES as usize / u64::BITS as usize;

/// Which of the newest frames the viewer cannot decode, because they, or what they are decoded from, were left out. What did
/// not come (yet) counts as if it had: it is forwarded when it does.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frames {
    newest: Option<u16>,
    /// One bit each, by number.
    broken: [u64; WORDS],
}

impl Frames {
    /// What to forward from this packet on. Larger pictures begin with a picture's first frame: later, the end of the smaller
    /// one has been marked.
    pub(super) fn step(&mut self, current: Layer, frame: &Frame, begins: Begins, target: Layer) -> Layer {
        let is_key = begins.decoding;
        let ahead = self.newest.map_or(1, |newest| frame.number.wrapping_sub(newest).cast_signed());
        if ahead <= 0 && !is_key {
            return current;
        }
        let is_decodable = frame.references().all(|number| !self.is_broken(number));
        let best = frame.best_within(target);
        let is_in_time = begins.picture || best.spatial <= current.spatial;
        let switches = frame.starts && is_in_time && (is_key || is_decodable && frame.switches_to(best));
        let next = if switches { best } else { current };
        self.note(frame.number, is_decodable && frame.is_needed_by(next));
        next
    }

    fn is_broken(&self, number: u16) -> bool {
        let (word, bit) = Self::place(number);
        self.broken[word] & bit != 0
    }

    fn note(&mut self, number: u16, is_decodable: bool) {
        let skipped = self.newest.map_or(0, |newest| number.wrapping_sub(newest)).min(FRAMES);
        for back in 0..skipped.max(1) {
            let (word, bit) = Self::place(number.wrapping_sub(back));
            self.broken[word] &= !bit;
        }
        if !is_decodable {
            let (word, bit) = Self::place(number);
            self.broken[word] |= bit;
        }
        self.newest = Some(number);
    }

    fn place(number: u16) -> (usize, u64) {
        let index = number % FRAMES;
        (usize::from(index / u64::BITS as u16), 1 << (u32::from(index) % u64::BITS))
    }
}
