//! A wrong number in MP4 files: GStreamer 1.22 writes Opus's pre-skip with its bytes swapped, and players skip the first
//! 0.3 s of sound. It is put right in the finished file.

use std::{
    fs::OpenOptions,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

/// A box's length and type.
const HEADER_LEN: u64 = 8;
/// Larger indices are of no recording; they are not read into memory.
const INDEX_MAX: u64 = 1 << 28;

/// Puts the pre-skip right, should it be wrong.
pub(super) fn repair(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let Some((start, len)) = find_index(&mut file)? else { return Ok(()) };
    let mut index = vec![0; len as usize];
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(&mut index)?;
    let Some((offset, pre_skip)) = wrong_pre_skip(&index) else { return Ok(()) };
    file.seek(SeekFrom::Start(start + offset as u64))?;
    file.write_all(&pre_skip.to_be_bytes())
}

/// Where the body of the file's `moov` is, and how long.
fn find_index(file: &mut (impl Read + Seek)) -> io::Result<Option<(u64, u64)>> {
    let mut start = 0;
    let end = file.seek(SeekFrom::End(0))?;
    while start + HEADER_LEN <= end {
        file.seek(SeekFrom::Start(start))?;
        let (mut len, mut kind) = ([0; 4], [0; 4]);
        file.read_exact(&mut len)?;
        file.read_exact(&mut kind)?;
        let len = u64::from(u32::from_be_bytes(len));
        if len < HEADER_LEN || start + len > end || &kind == b"moov" && len > INDEX_MAX {
            return Ok(None);
        }
        if &kind == b"moov" {
            return Ok(Some((start + HEADER_LEN, len - HEADER_LEN)));
        }
        start += len;
    }
    Ok(None)
}

/// Where the pre-skip of an index is, and what it ought to be, if it is wrong (Encapsulation of Opus in ISO Base Media
/// File Format §4.3.2). Encoders look ahead a few ms: of the two ways to read it, the smaller is meant.
fn wrong_pre_skip(index: &[u8]) -> Option<(usize, u16)> {
    /// Box type, version 0, channels.
    const BEFORE: usize = 6;
    let kind = index.windows(BEFORE).position(|bytes| matches!(bytes, [b'd', b'O', b'p', b's', 0, 1..=2]))?;
    let bytes = index.get(kind + BEFORE..)?.first_chunk()?;
    let (written, swapped) = (u16::from_be_bytes(*bytes), u16::from_le_bytes(*bytes));
    (swapped < written).then_some((kind + BEFORE, swapped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wrong_is_changed() {
        let index = |pre_skip: [u8; 2]| [b"\0\0\0\x13dOps\0\x02".as_slice(), &pre_skip, b"\0\0"].concat();
        assert_eq!(wrong_pre_skip(&index([0x38, 0x01])), Some((10, 312)));
        assert_eq!(wrong_pre_skip(&index([0x01, 0x38])), None);
        assert_eq!(wrong_pre_skip(&index([0, 0])), None);
        assert_eq!(wrong_pre_skip(b"dOps"), None);
        let file = [b"\0\0\0\x09ftyp.".as_slice(), b"\0\0\0\x0amoov12"].concat();
        assert_eq!(find_index(&mut io::Cursor::new(file)).unwrap(), Some((17, 2)));
        for torn in ["", "\0", "\0\0\0\u{1}moov", "\0\0\u{1}\0moov"] {
            assert_eq!(find_index(&mut io::Cursor::new(torn)).unwrap(), None);
        }
    }
}
