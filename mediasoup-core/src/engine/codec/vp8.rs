//! VP8 payload descriptor (RFC 7741 §4.2).

/// Whether the first partition of a key frame starts here; `None` where the payload is cut short.
pub(super) fn starts_key_frame(payload: &[u8]) -> Option<bool> {
    let (&required, mut rest) = payload.split_first()?;
    let starts_first_partition = required & 0x10 != 0 && required & 0x07 == 0;
    if required & 0x80 != 0 {
        let (&extended, tail) = rest.split_first()?;
        rest = tail;
        if extended & 0x80 != 0 {
            let (&picture_id, _) = rest.split_first()?;
            rest = rest.get(if picture_id & 0x80 != 0 { 2 } else { 1 }..)?;
        }
        if extended & 0x40 != 0 {
            rest = rest.get(1..)?; // TL0PICIDX
        }
        if extended & 0x30 != 0 {
            rest = rest.get(1..)?; // TID, Y, KEYIDX
        }
    }
    let &frame_tag = rest.first()?;
    Some(starts_first_partition && frame_tag & 0x01 == 0)
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
}
