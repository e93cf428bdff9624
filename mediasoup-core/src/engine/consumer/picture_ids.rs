//! Numbers of VP8 pictures: they count up without a hole, whatever is left out and wherever the pictures come from.

use crate::engine::{
    codec::vp8::{self, PictureNumbers},
    rtp::{SequenceMap, Unwrapper},
};

/// From the pictures of one encoding to the viewer's.
#[derive(Clone, Debug, Default)]
pub(super) struct PictureIds(Option<Numbering>);

#[derive(Clone, Debug)]
struct Numbering {
    line: Line,
    ids: SequenceMap,
    /// Added (wrapping) to TL0PICIDX.
    base_layer_shift: u8,
}

/// Ids on a line that does not wrap: moved up by what their width lacks, they are numbers of 16 bits.
#[derive(Clone, Copy, Debug)]
struct Line {
    unwrapper: Unwrapper,
    lacks: u32,
}

impl Line {
    fn new(width: u32) -> Self {
        Self { unwrapper: Unwrapper::default(), lacks: u16::BITS - width }
    }

    fn unwrap(&mut self, picture_id: u16) -> u64 {
        self.unwrapper.unwrap(picture_id << self.lacks) >> self.lacks
    }

    fn find(mut self, picture_id: u16) -> u64 {
        self.unwrap(picture_id)
    }
}

impl PictureIds {
    /// See [`Peer::touch`](crate::engine::peer::Peer::touch).
    pub(super) fn touch(&self) -> u64 {
        self.0.as_ref().map_or(0, |numbering| numbering.ids.touch())
    }

    /// From this payload on, pictures follow on `last`, the viewer's newest; where there is none, they keep their numbers.
    pub(super) fn follow_on(&mut self, last: Option<PictureNumbers>, payload: &[u8]) {
        let (Some(first), Some(width)) = (vp8::picture_numbers(payload), vp8::picture_id_width(payload))
        else {
            return;
        };
        let next = last.map_or(first, PictureNumbers::next);
        let mut line = Line::new(width);
        let mut ids = SequenceMap::new(next.picture_id);
        ids.resume_at(line.unwrap(first.picture_id));
        let base_layer_shift = next.base_layer.wrapping_sub(first.base_layer);
        self.0 = Some(Numbering { line, ids, base_layer_shift });
    }

    /// The payload's picture is not forwarded.
    pub(super) fn leave_out(&mut self, payload: &[u8]) {
        if let Some(Numbering { line, ids, .. }) = &mut self.0
            && let Some(source) = vp8::picture_numbers(payload)
        {
            ids.leave_out(line.unwrap(source.picture_id));
        }
    }

    /// Renumbers a payload that is forwarded, in place. Gives its picture's numbers, where it has any.
    pub(super) fn renumber(&mut self, payload: &mut [u8]) -> Option<PictureNumbers> {
        let numbering = self.0.as_mut()?;
        let source = vp8::picture_numbers(payload)?;
        let id = numbering.ids.map(numbering.line.unwrap(source.picture_id));
        let numbers = numbering.numbers(source, id);
        vp8::renumber(payload, numbers);
        Some(numbers)
    }

    /// The numbers under which a payload was forwarded before, where it has any.
    pub(super) fn find(&self, payload: &[u8]) -> Option<PictureNumbers> {
        let numbering = self.0.as_ref()?;
        let source = vp8::picture_numbers(payload)?;
        Some(numbering.numbers(source, numbering.ids.find(numbering.line.find(source.picture_id))))
    }
}

impl Numbering {
    fn numbers(&self, source: PictureNumbers, id: Option<u64>) -> PictureNumbers {
        PictureNumbers {
            picture_id: id.map_or(source.picture_id, |id| id as u16 & PictureNumbers::ID_MAX),
            base_layer: source.base_layer.wrapping_add(self.base_layer_shift),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a picture id of 15 bits and TL0PICIDX.
    fn payload(picture_id: u16, base_layer: u8) -> [u8; 6] {
        let id = (picture_id | 0x8000).to_be_bytes();
        [0x90, 0xC0, id[0], id[1], base_layer, 0]
    }

    fn renumbered(ids: &mut PictureIds, picture_id: u16, base_layer: u8) -> (u16, u8) {
        let mut payload = payload(picture_id, base_layer);
        let numbers = ids.renumber(&mut payload).unwrap();
        assert_eq!(vp8::picture_numbers(&payload), Some(numbers));
        (numbers.picture_id, numbers.base_layer)
    }

    #[test]
    fn pictures_follow_on_each_other_over_every_turn() {
        let mut ids = PictureIds::default();
        ids.follow_on(None, &payload(0x7FFE, 3));
        assert_eq!(renumbered(&mut ids, 0x7FFE, 3), (0x7FFE, 3), "they stay as they are");
        assert_eq!(renumbered(&mut ids, 0x7FFF, 3), (0x7FFF, 3));
        assert_eq!(renumbered(&mut ids, 0, 4), (0, 4));
        ids.follow_on(Some(PictureNumbers { picture_id: 0x7FFF, base_layer: 255 }), &payload(700, 9));
        assert_eq!(renumbered(&mut ids, 700, 9), (0, 0));
        assert_eq!(renumbered(&mut ids, 701, 10), (1, 1));
    }

    #[test]
    fn seven_bits_turn_over_sooner() {
        let mut ids = PictureIds::default();
        let payload = |id| [0x90, 0x80, id, 0];
        ids.follow_on(Some(PictureNumbers { picture_id: 9, base_layer: 0 }), &payload(126));
        for (source, expected) in [(126, 10), (127, 11), (0, 12), (1, 13)] {
            let mut payload = payload(source);
            ids.renumber(&mut payload);
            assert_eq!(payload[2], expected);
        }
    }

    #[test]
    fn what_is_left_out_leaves_no_hole() {
        let mut ids = PictureIds::default();
        ids.follow_on(None, &payload(10, 0));
        assert_eq!(renumbered(&mut ids, 10, 0), (10, 0));
        for _ in 0..2 {
            ids.leave_out(&payload(11, 0));
        }
        assert_eq!(renumbered(&mut ids, 12, 0), (11, 0));
        assert_eq!(renumbered(&mut ids, 12, 0), (11, 0), "the next packet of the same picture");
        assert_eq!(renumbered(&mut ids, 15, 1), (14, 1), "what is missing keeps its place");
        assert_eq!(ids.find(&payload(12, 0)), Some(PictureNumbers { picture_id: 11, base_layer: 0 }));
    }
}
