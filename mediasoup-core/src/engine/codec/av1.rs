//! AV1 aggregation header (AV1 RTP payload format §4.4).

/// Whether a new coded video sequence starts here: the N bit. `None` where the payload is empty.
pub(super) fn starts_key_frame(payload: &[u8]) -> Option<bool> {
    Some(payload.first()? & 0x08 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_n_bit() {
        assert_eq!(starts_key_frame(&[0x18]), Some(true));
        assert_eq!(starts_key_frame(&[0x10]), Some(false));
        assert_eq!(starts_key_frame(&[]), None);
    }
}
