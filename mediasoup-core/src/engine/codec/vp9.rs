//! VP9 payload descriptor (RFC 9628 §4.2).

/// Whether the base layer of a key frame starts here; `None` where the payload is cut short.
pub(super) fn starts_key_frame(payload: &[u8]) -> Option<bool> {
    let (&required, mut rest) = payload.split_first()?;
    let has_picture_id = required & 0x80 != 0;
    let is_inter = required & 0x40 != 0;
    let has_layers = required & 0x20 != 0;
    let starts_frame = required & 0x08 != 0;
    if has_picture_id {
        let (&picture_id, _) = rest.split_first()?;
        rest = rest.get(if picture_id & 0x80 != 0 { 2 } else { 1 }..)?;
    }
    let spatial_layer = if has_layers { (rest.first()? >> 1) & 0x07 } else { 0 };
    Some(!is_inter && starts_frame && spatial_layer == 0)
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
}
