//! A stretch of a viewer's stream: what came from one encoding, under the viewer's numbers.

use crate::engine::{
    codec::vp8::{self, PictureNumbers},
    rtp::SequenceMap,
};

/// How packets of one encoding become the viewer's.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    /// Index in the producer's encodings.
    pub(super) encoding: usize,
    pub(super) sequences: SequenceMap,
    /// Added (wrapping) to timestamps; `None` before the first packet.
    pub(super) timestamp_shift: Option<u32>,
    pub(super) pictures: PictureShift,
}

impl Stretch {
    pub(super) fn new(encoding: usize, first_output: u16) -> Self {
        Self {
            encoding,
            sequences: SequenceMap::new(first_output),
            timestamp_shift: None,
            pictures: PictureShift::default(),
        }
    }
}

/// Added (wrapping) to the numbers of VP8 pictures; `None`: they stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PictureShift(Option<PictureNumbers>);

impl PictureShift {
    /// With which `first` follows on `last`, the viewer's newest.
    pub(super) fn following(last: PictureNumbers, first: PictureNumbers) -> Self {
        Self(Some(PictureNumbers {
            picture_id: last.picture_id.wrapping_add(1).wrapping_sub(first.picture_id) & 0x7FFF,
            base_layer: last.base_layer.wrapping_add(1).wrapping_sub(first.base_layer),
        }))
    }

    /// The viewer's numbers of a picture.
    pub(super) fn apply(self, source: PictureNumbers) -> PictureNumbers {
        let shift = self.0.unwrap_or_default();
        PictureNumbers {
            picture_id: source.picture_id.wrapping_add(shift.picture_id) & 0x7FFF,
            base_layer: source.base_layer.wrapping_add(shift.base_layer),
        }
    }

    /// Renumbers a payload in place.
    pub(super) fn renumber(self, payload: &mut [u8]) {
        if self.0.is_some()
            && let Some(source) = vp8::picture_numbers(payload)
        {
            vp8::renumber(payload, self.apply(source));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_follow_on_each_other() {
        let source = PictureNumbers { picture_id: 0x7FFF, base_layer: 3 };
        assert_eq!(PictureShift::default().apply(source), source);
        let shift = PictureShift::following(PictureNumbers { picture_id: 9, base_layer: 255 }, source);
        assert_eq!(shift.apply(source), PictureNumbers { picture_id: 10, base_layer: 0 });
        let next = PictureNumbers { picture_id: 0, base_layer: 4 };
        assert_eq!(shift.apply(next), PictureNumbers { picture_id: 11, base_layer: 1 });
    }
}
