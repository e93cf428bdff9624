//! Which frames are of one picture: the descriptor does not tell, the timestamps of their packets do.

use super::{Frame, LayerSet};

/// Frames remembered.
const FRAMES: usize = 256;

/// The timestamps of the newest frames, each at its number modulo [`FRAMES`].
#[derive(Clone, Debug, Default)]
pub(super) struct Moments(Vec<Option<(u16, u32)>>);

impl Moments {
    pub(super) fn note(&mut self, number: u16, timestamp: u32) {
        if self.0.is_empty() {
            self.0 = vec![None; FRAMES];
        }
        self.0[usize::from(number) % FRAMES] = Some((number, timestamp));
    }

    fn find(&self, number: u16) -> Option<u32> {
        let known = self.0.get(usize::from(number) % FRAMES).copied().flatten();
        known.filter(|(known, _)| *known == number).map(|(_, timestamp)| timestamp)
    }

    /// Whether a frame with this timestamp is decoded from another of its picture. A frame of which nothing has come yet is
    /// taken for one where it may be.
    pub(super) fn is_of_smaller(&self, frame: &Frame, timestamp: u32) -> bool {
        frame.layer.spatial > 0
            && frame.references().any(|number| {
                let distance = frame.number.wrapping_sub(number);
                let is_near = distance < LayerSet::SPATIAL.into();
                is_near
                    && self
                        .find(number)
                        .map_or(distance <= frame.layer.spatial.into(), |known| known == timestamp)
            })
    }
}
