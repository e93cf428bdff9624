//! RED (RFC 2198): each packet of sound holds what the packets before it held, too, so that one lost is none missed.

/// Of a block's header but the last one's: a flag, the payload type, 14 bits of timestamp, 10 bits of length.
const HEADER_LEN: usize = 4;
/// The flag: another header follows.
const FOLLOWS: u8 = 0x80;

/// Where the headers begin, up to the last, and where that one's block does: the primary, what the packet is about.
fn headers(payload: &[u8]) -> Option<(impl Iterator<Item = usize> + use<>, usize)> {
    let (mut last, mut redundant) = (0, 0);
    while payload.get(last)? & FOLLOWS != 0 {
        let header = payload.get(last..last + HEADER_LEN)?;
        redundant += usize::from(header[2] & 0x03) << 8 | usize::from(header[3]);
        last += HEADER_LEN;
    }
    let primary = last + 1 + redundant;
    (primary <= payload.len()).then(|| ((0..=last).step_by(HEADER_LEN), primary))
}

/// Gives the blocks other payload types. `None`: that is no RED, or a block has no other type; then `payload` may be
/// changed in part.
pub(crate) fn rename(payload: &mut [u8], other: impl Fn(u8) -> Option<u8>) -> Option<()> {
    let (headers, _) = headers(payload)?;
    for header in headers {
        let kind = payload[header];
        payload[header] = (kind & FOLLOWS) | (other(kind & !FOLLOWS)? & !FOLLOWS);
    }
    Some(())
}

/// The primary block, and its payload type. `None`: that is no RED.
pub(crate) fn primary(payload: &[u8]) -> Option<(u8, &[u8])> {
    let (headers, primary) = headers(payload)?;
    Some((payload[headers.last()?], &payload[primary..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A redundant block of two bytes, one of none, and a primary one of three.
    const PACKET: [u8; 14] = [0x80 | 111, 0x0F, 0x00, 2, 0x80 | 111, 0x07, 0x80, 0, 111, 1, 2, 3, 4, 5];

    #[test]
    fn blocks_are_named_anew_and_the_primary_is_found() {
        let mut packet = PACKET;
        assert_eq!(primary(&packet), Some((111, &[3, 4, 5][..])));
        rename(&mut packet, |kind| (kind == 111).then_some(100)).unwrap();
        let mut expected = PACKET;
        (expected[0], expected[4], expected[8]) = (0x80 | 100, 0x80 | 100, 100);
        assert_eq!(packet, expected);
        assert_eq!(rename(&mut packet, |kind| (kind == 111).then_some(100)), None);
        assert_eq!(primary(&[96]), Some((96, &[][..])));
    }

    #[test]
    fn what_is_cut_short_is_none() {
        for len in 0..11 {
            assert_eq!(primary(&PACKET[..len]), None, "{len}");
            assert_eq!(rename(&mut PACKET.to_vec()[..len], Some), None, "{len}");
        }
        assert_eq!(primary(&[0x80 | 111, 0, 3, 0xFF, 111, 1]), None);
    }
}
