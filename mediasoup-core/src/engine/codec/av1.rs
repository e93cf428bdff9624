//! AV1 payloads (RTP payload format for AV1 §4): an aggregation header, then OBUs, whole or in part.

/// The first OBU goes on from the packet before.
const CONTINUES: u8 = 0x80;
/// The last OBU goes on in the next packet.
const GOES_ON: u8 = 0x40;
/// How many OBUs there are, the last of them without its length; 0: not told, all with theirs.
const COUNT: u8 = 0x30;
const NEW_SEQUENCE: u8 = 0x08;

/// Of an OBU of padding, in two parts with their lengths: header (AV1 §5.3.2, type 15), trailing bit (§5.3.4).
const PADDING_BEGINS: [u8; 2] = [1, 15 << 3];
const PADDING_ENDS: [u8; 2] = [1, 0x80];

/// Whether a new coded video sequence starts here: the N bit. `None` where the payload is empty.
pub(super) fn starts_key_frame(payload: &[u8]) -> Option<bool> {
    Some(payload.first()? & NEW_SEQUENCE != 0)
}

/// Where a packet stands among the frames of its picture, which has one of each size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Joint {
    /// It is the first of its frame, and there was a smaller one.
    pub(crate) follows_frame: bool,
    /// It is the last of its frame, and there will be a larger one.
    pub(crate) precedes_frame: bool,
}

/// A payload with parts of padding around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joined<'a> {
    /// The aggregation header, then what completes an OBU of the packet before.
    start: [u8; 3],
    start_len: usize,
    /// All OBUs with their lengths, but the last where it has none.
    obus: &'a [u8],
    last_len: [u8; LEB128_MAX],
    last_len_len: usize,
    last: &'a [u8],
    end: &'static [u8],
}

impl Joined<'_> {
    /// The payload, in parts.
    pub(crate) fn parts(&self) -> [&[u8]; 5] {
        let Self { start, start_len, obus, last_len, last_len_len, last, end } = self;
        [&start[..*start_len], obus, &last_len[..*last_len_len], last, end]
    }
}

/// The payload, such that a receiver without the dependency descriptor takes the frames of a picture for one. `None`: as it is.
///
/// Such a receiver, as libwebrtc is, sees a frame end where no OBU goes on in the next packet, and fails where two frames are of
/// one time. So an OBU of padding, which decoders pass over, begins at a frame's end and ends at the next one's beginning.
pub(crate) fn join(payload: &[u8], joint: Joint) -> Option<Joined<'_>> {
    let (&header, body) = payload.split_first()?;
    let opens = joint.follows_frame && header & CONTINUES == 0;
    let closes = joint.precedes_frame && header & GOES_ON == 0;
    if !opens && !closes {
        return None;
    }
    let (obus, last) = split_last(header, body)?;
    let mut start = [header & !COUNT, PADDING_ENDS[0], PADDING_ENDS[1]];
    if opens {
        // Nothing starts with the end of what came before.
        start[0] = start[0] & !NEW_SEQUENCE | CONTINUES;
    }
    if closes {
        start[0] |= GOES_ON;
    }
    let (last_len, last_len_len) =
        if last.is_empty() { Default::default() } else { write_leb128(last.len()) };
    Some(Joined {
        start,
        start_len: if opens { start.len() } else { 1 },
        obus,
        last_len,
        last_len_len,
        last,
        end: if closes { &PADDING_BEGINS } else { &[] },
    })
}

/// All OBUs with a length, and the one without, if there is one. `None` where the payload makes no sense.
fn split_last(header: u8, body: &[u8]) -> Option<(&[u8], &[u8])> {
    let count = (header & COUNT) >> 4;
    if count == 0 {
        return Some((body, &[]));
    }
    let mut rest = body;
    for _ in 1..count {
        let len = read_leb128(&mut rest)?;
        rest = rest.get(len..)?;
    }
    Some(body.split_at(body.len() - rest.len()))
}

/// Bytes of a length: payloads are shorter than what these can tell.
const LEB128_MAX: usize = 3;

fn read_leb128(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for place in 0..LEB128_MAX {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn write_leb128(mut number: usize) -> ([u8; LEB128_MAX], usize) {
    let mut bytes = [0; LEB128_MAX];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = (number & 0x7F) as u8;
        number >>= 7;
        if number == 0 {
            return (bytes, at + 1);
        }
        *byte |= 0x80;
    }
    (bytes, LEB128_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(payload: &[u8], follows_frame: bool, precedes_frame: bool) -> Option<Vec<u8>> {
        let joint = Joint { follows_frame, precedes_frame };
        join(payload, joint).map(|joined| joined.parts().concat())
    }

    #[test]
    fn reads_the_n_bit() {
        assert_eq!(starts_key_frame(&[0x18]), Some(true));
        assert_eq!(starts_key_frame(&[0x10]), Some(false));
        assert_eq!(starts_key_frame(&[]), None);
    }

    #[test]
    fn padding_goes_on_from_one_frame_into_the_next() {
        // One OBU without its length, the start of a sequence; two, of which the last is without.
        assert_eq!(joined(&[0x18, 7, 8], false, true).unwrap(), [0x48, 2, 7, 8, 1, 0x78]);
        assert_eq!(joined(&[0x20, 1, 7, 8], true, false).unwrap(), [0x80, 1, 0x80, 1, 7, 1, 8]);
        // All with their lengths.
        assert_eq!(joined(&[0x00, 1, 7], true, true).unwrap(), [0xC0, 1, 0x80, 1, 7, 1, 0x78]);
    }

    #[test]
    fn long_obus_get_a_length_of_more_bytes() {
        let payload = [&[0x10][..], &[9; 300]].concat();
        let joined = joined(&payload, false, true).unwrap();
        assert_eq!(joined[..3], [0x40, 0xAC, 0x02]);
        assert_eq!(joined.len(), payload.len() + 4);
        let mut rest = &joined[1..];
        assert_eq!(read_leb128(&mut rest), Some(300));
    }

    #[test]
    fn what_goes_on_already_stays_as_it_is() {
        assert_eq!(joined(&[0x90, 1], true, false), None);
        assert_eq!(joined(&[0x50, 1], false, true), None);
        assert_eq!(joined(&[0x10, 1], false, false), None);
    }

    #[test]
    fn nonsense_stays_as_it_is() {
        assert_eq!(joined(&[], true, true), None);
        assert_eq!(joined(&[0x20, 9, 1], true, true), None);
        assert_eq!(joined(&[0x20, 0xFF, 0xFF, 0xFF, 0xFF], true, true), None);
    }
}
