//! H264 payloads (RFC 6184 §5).

const IDR: u8 = 5;
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Whether decoding can start here: a parameter set or an IDR slice begins. `None` where the payload is cut short.
pub(super) fn starts_key_frame(payload: &[u8]) -> Option<bool> {
    let (&indicator, rest) = payload.split_first()?;
    Some(match indicator & 0x1F {
        IDR | SPS => true,
        STAP_A => aggregate_holds_key_frame(rest)?,
        FU_A => {
            let &header = rest.first()?;
            header & 0x80 != 0 && matches!(header & 0x1F, IDR | SPS)
        }
        _ => false,
    })
}

fn aggregate_holds_key_frame(mut units: &[u8]) -> Option<bool> {
    while !units.is_empty() {
        let (len, tail) = units.split_first_chunk::<2>()?;
        let (unit, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        if matches!(unit.first()? & 0x1F, IDR | SPS) {
            return Some(true);
        }
        units = tail;
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_parameter_sets_and_idr_slices() {
        assert_eq!(starts_key_frame(&[0x67, 1]), Some(true));
        assert_eq!(starts_key_frame(&[0x65, 1]), Some(true));
        assert_eq!(starts_key_frame(&[0x61, 1]), Some(false), "a slice of another picture");
        assert_eq!(starts_key_frame(&[0x78, 0, 1, 0x68, 0, 1, 0x67]), Some(true));
        assert_eq!(starts_key_frame(&[0x78, 0, 1, 0x68]), Some(false));
        assert_eq!(starts_key_frame(&[0x78, 0, 9, 0x68]), None);
        assert_eq!(starts_key_frame(&[0x7C, 0x85]), Some(true), "first fragment of an IDR slice");
        assert_eq!(starts_key_frame(&[0x7C, 0x05]), Some(false), "a later one");
    }
}
