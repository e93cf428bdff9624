//! VP9 payload descriptor (RFC 9628 §4.2).

use crate::engine::layer::Layer;

/// Where a packet stands among the layers of its stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) layer: Layer,
    /// B: the first packet of its layer's frame.
    pub(crate) starts_frame: bool,
    /// E: the last.
    pub(crate) ends_frame: bool,
    /// P: predicted from earlier pictures.
    pub(crate) is_inter: bool,
    /// U: a switching point between temporal layers.
    pub(crate) switches_up: bool,
    /// Not Z: upper spatial layers of the picture are predicted from it.
    pub(crate) carries_upper: bool,
}

impl Place {
    /// Decoding can start at its picture.
    pub(crate) fn is_key(&self) -> bool {
        !self.is_inter && self.layer.spatial == 0
    }
}

/// `None` where the payload is cut short.
pub(super) fn place(payload: &[u8]) -> Option<Place> {
    let (&required, mut rest) = payload.split_first()?;
    let has = |bit: u8| required & bit != 0;
    if has(0x80) {
        let (&picture_id, _) = rest.split_first()?;
        rest = rest.get(if picture_id & 0x80 != 0 { 2 } else { 1 }..)?;
    }
    let layers = if has(0x20) { *rest.first()? } else { 0 };
    Some(Place {
        layer: Layer::new((layers >> 1) & 0x07, layers >> 5),
        starts_frame: has(0x08),
        ends_frame: has(0x04),
        is_inter: has(0x40),
        switches_up: layers & 0x10 != 0,
        carries_upper: !has(0x01),
    })
}

/// Whether the base layer of a key frame starts here; `None` where the payload is cut short.
pub(super) fn starts_key_frame(payload: &[u8]) -> Option<bool> {
    let place = place(payload)?;
    Some(place.is_key() && place.starts_frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_key_frames_of_the_base_layer() {
        assert_eq!(starts_key_frame(&[0x88, 0x01]), Some(true));
        assert_eq!(starts_key_frame(&[0xC8, 0x01]), Some(false), "inter picture");
        assert_eq!(starts_key_frame(&[0x80, 0x01]), Some(false), "not the start");
        assert_eq!(starts_key_frame(&[0xA8, 0x81, 0x01, 0x00]), Some(true));
        assert_eq!(starts_key_frame(&[0xA8, 0x81, 0x01, 0x02]), Some(false), "an upper layer");
        assert_eq!(starts_key_frame(&[0xA8, 0x81]), None);
    }

    #[test]
    fn reads_the_layer_and_its_flags() {
        let read = place(&[0xED, 0x81, 0x23, 0x54, 0x07]).unwrap();
        let expected = Place {
            layer: Layer::new(2, 2),
            starts_frame: true,
            ends_frame: true,
            is_inter: true,
            switches_up: true,
            carries_upper: false,
        };
        assert_eq!(read, expected);
        let base = place(&[0x40, 0x00]).unwrap();
        assert_eq!(base, Place { is_inter: true, carries_upper: true, ..Place::default() }, "no layers");
    }
}
