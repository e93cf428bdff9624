//! VP8 payload descriptor (RFC 7741 §4.2).

/// Where a packet stands among the layers of its stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// TID.
    pub(crate) temporal: u8,
    /// Y: of the other temporal layers, its frame needs the lowest only.
    pub(crate) is_sync: bool,
    /// The first packet of a frame.
    pub(crate) starts_frame: bool,
}

/// Where a descriptor has what is renumbered from stream to stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fields {
    /// Offset of the picture id, and whether it is one of 15 bits.
    picture_id: Option<(usize, bool)>,
    /// Offset of TL0PICIDX.
    base_layer: Option<usize>,
    /// Offset of TID and Y.
    temporal: Option<usize>,
    /// Of the payload itself.
    end: usize,
}

/// Numbers of a picture that count up within a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PictureNumbers {
    /// 15 bits, or 7 where the sender has so few.
    pub(crate) picture_id: u16,
    /// TL0PICIDX.
    pub(crate) base_layer: u8,
}

impl PictureNumbers {
    pub(crate) const ID_MAX: u16 = 0x7FFF;

    /// Of the first picture after this one, where that is of the lowest rate.
    pub(crate) fn next(self) -> Self {
        let picture_id = self.picture_id.wrapping_add(1) & Self::ID_MAX;
        Self { picture_id, base_layer: self.base_layer.wrapping_add(1) }
    }

    /// Whether this picture comes after the other.
    pub(crate) fn is_after(self, other: Self) -> bool {
        let ahead = self.picture_id.wrapping_sub(other.picture_id) & Self::ID_MAX;
        (1..=Self::ID_MAX / 2).contains(&ahead)
    }
}

fn fields(payload: &[u8]) -> Option<Fields> {
    let mut fields = Fields { end: 1, ..Fields::default() };
    if payload.first()? & 0x80 == 0 {
        return Some(fields);
    }
    let extended = *payload.get(1)?;
    fields.end = 2;
    if extended & 0x80 != 0 {
        let is_long = payload.get(2)? & 0x80 != 0;
        fields.picture_id = Some((2, is_long));
        fields.end += if is_long { 2 } else { 1 };
    }
    if extended & 0x40 != 0 {
        fields.base_layer = Some(fields.end);
        fields.end += 1;
    }
    if extended & 0x30 != 0 {
        fields.temporal = (extended & 0x20 != 0).then_some(fields.end);
        fields.end += 1; // TID, Y, KEYIDX
    }
    Some(fields)
}

fn starts_frame(required: u8) -> bool {
    required & 0x10 != 0 && required & 0x07 == 0
}

/// `None` where the payload is cut short.
pub(super) fn place(payload: &[u8]) -> Option<Place> {
    let starts_frame = starts_frame(*payload.first()?);
    let Some(at) = fields(payload)?.temporal else { return Some(Place { starts_frame, ..Place::default() }) };
    let temporal = payload.get(at)?;
    Some(Place { temporal: temporal >> 6, is_sync: temporal & 0x20 != 0, starts_frame })
}

/// Whether the first partition of a key frame starts here; `None` where the payload is cut short.
pub(super) fn starts_key_frame(payload: &[u8]) -> Option<bool> {
    let &required = payload.first()?;
    let &frame_tag = payload.get(fields(payload)?.end)?;
    Some(starts_frame(required) && frame_tag & 0x01 == 0)
}

/// The numbers of a payload's picture; 0 for what it has not. `None` where it is cut short.
pub(crate) fn picture_numbers(payload: &[u8]) -> Option<PictureNumbers> {
    let fields = fields(payload)?;
    let picture_id = match fields.picture_id {
        Some((at, true)) => u16::from_be_bytes([payload[at] & 0x7F, *payload.get(at + 1)?]),
        Some((at, false)) => payload[at].into(),
        None => 0,
    };
    let base_layer = fields.base_layer.map_or(Some(0), |at| payload.get(at).copied())?;
    Some(PictureNumbers { picture_id, base_layer })
}

/// Bits of the payload's picture id.
pub(crate) fn picture_id_width(payload: &[u8]) -> Option<u32> {
    let (_, is_long) = fields(payload)?.picture_id?;
    Some(if is_long { 15 } else { 7 })
}

/// Writes other numbers into a payload, where it has any.
pub(crate) fn renumber(payload: &mut [u8], numbers: PictureNumbers) {
    let Some(fields) = fields(payload).filter(|fields| fields.end <= payload.len()) else { return };
    match fields.picture_id {
        Some((at, true)) => {
            let id = (numbers.picture_id | 0x8000).to_be_bytes();
            payload[at..at + 2].copy_from_slice(&id);
        }
        Some((at, false)) => payload[at] = numbers.picture_id as u8 & 0x7F,
        None => {}
    }
    if let Some(at) = fields.base_layer {
        payload[at] = numbers.base_layer;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_key_frames_behind_any_descriptor() {
        assert_eq!(starts_key_frame(&[0x10, 0x00]), Some(true));
        assert_eq!(starts_key_frame(&[0x10, 0x01]), Some(false), "inter frame");
        assert_eq!(starts_key_frame(&[0x00, 0x00]), Some(false), "not the start");
        assert_eq!(starts_key_frame(&[0x11, 0x00]), Some(false), "second partition");
        assert_eq!(starts_key_frame(&[0x90, 0xF0, 0x81, 0x23, 1, 2, 0x00]), Some(true));
        assert_eq!(starts_key_frame(&[0x90, 0x80, 0x01, 0x01]), Some(false));
        assert_eq!(starts_key_frame(&[0x90, 0x80]), None);
    }

    #[test]
    fn reads_the_temporal_layer() {
        let of = |temporal, is_sync, starts_frame| Some(Place { temporal, is_sync, starts_frame });
        assert_eq!(place(&[0x90, 0xE0, 0x81, 0x23, 7, 0xA0, 1]), of(2, true, true));
        assert_eq!(place(&[0x80, 0x20, 0x40]), of(1, false, false));
        assert_eq!(place(&[0x90, 0x10, 0xFF, 1]), of(0, false, true), "KEYIDX only");
        assert_eq!(place(&[0x10, 1]), of(0, false, true));
        assert_eq!(place(&[0x90, 0x20]), None);
    }

    #[test]
    fn pictures_are_renumbered_in_place() {
        let mut payload = [0x90, 0xE0, 0x81, 0x23, 7, 0x40, 1, 2, 3];
        assert_eq!(picture_numbers(&payload), Some(PictureNumbers { picture_id: 0x123, base_layer: 7 }));
        renumber(&mut payload, PictureNumbers { picture_id: 0x7FFF, base_layer: 9 });
        assert_eq!(payload, [0x90, 0xE0, 0xFF, 0xFF, 9, 0x40, 1, 2, 3]);
        let mut short = [0x90, 0x80, 0x05, 1];
        renumber(&mut short, PictureNumbers { picture_id: 0x85, base_layer: 9 });
        assert_eq!(short, [0x90, 0x80, 0x05, 1], "seven bits");
        assert_eq!([&payload[..], &short, &[0x10]].map(picture_id_width), [Some(15), Some(7), None]);
        let mut none = [0x10, 1, 2];
        renumber(&mut none, PictureNumbers { picture_id: 5, base_layer: 9 });
        assert_eq!(none, [0x10, 1, 2]);
        for cut in 0..5 {
            let mut cut_short = payload[..cut].to_vec();
            renumber(&mut cut_short, PictureNumbers::default());
            assert_eq!(cut_short, payload[..cut], "left alone");
        }
    }
}
