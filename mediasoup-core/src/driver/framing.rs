//! RFC 4571 frames: a 16-bit length before each packet. Pure; knows nothing of sockets.

use std::io::{self, Write};

/// Longest frame taken from a peer, in bytes. Peers send what would fit a datagram of the internet.
pub(super) const FRAME_LEN_MAX: usize = 4096;

const HEADER_LEN: usize = 2;
const READ_BUFFER_LEN: usize = 2 * (HEADER_LEN + FRAME_LEN_MAX);
const SHRINK_ABOVE: usize = 16 * 1024;

/// A peer announced a frame longer than [`FRAME_LEN_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameTooLong;

/// Cuts a byte stream into frames.
///
/// Call [`FrameReader::next_frame`] until it has none, then read into [`FrameReader::space`].
pub(super) struct FrameReader {
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

impl FrameReader {
    pub(super) fn new() -> Self {
        Self { buffer: vec![0; READ_BUFFER_LEN].into_boxed_slice(), start: 0, end: 0 }
    }

    /// Where the next bytes of the stream go. Never empty after [`FrameReader::next_frame`] said none.
    pub(super) fn space(&mut self) -> &mut [u8] {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        &mut self.buffer[self.end..]
    }

    /// `len` bytes were written into [`FrameReader::space`].
    pub(super) fn filled(&mut self, len: usize) {
        self.end = (self.end + len).min(self.buffer.len());
    }

    /// The next whole frame. Empty frames are skipped: RFC 4571 §2 lets a peer send them as null packets.
    pub(super) fn next_frame(&mut self) -> Result<Option<&mut [u8]>, FrameTooLong> {
        let len = loop {
            let [high, low, ..] = self.buffer[self.start..self.end] else { return Ok(None) };
            match usize::from(u16::from_be_bytes([high, low])) {
                0 => self.start += HEADER_LEN,
                len if len > FRAME_LEN_MAX => return Err(FrameTooLong),
                len => break len,
            }
        };
        let (from, to) = (self.start + HEADER_LEN, self.start + HEADER_LEN + len);
        if to > self.end {
            return Ok(None);
        }
        self.start = to;
        Ok(Some(&mut self.buffer[from..to]))
    }
}

/// Frames on their way to a peer: bounded, and whole frames only.
pub(super) struct FrameWriter {
    bytes: Vec<u8>,
    /// Of `bytes`, how many are written already.
    written: usize,
    limit: usize,
}

impl FrameWriter {
    /// Holds at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), written: 0, limit }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.written == self.bytes.len()
    }

    /// Appends a frame; `false`: it is dropped, because it is too long or there is no room.
    #[must_use]
    pub(super) fn push(&mut self, contents: &[u8]) -> bool {
        let Ok(len) = u16::try_from(contents.len()) else { return false };
        let held = self.bytes.len() - self.written;
        if held + HEADER_LEN + contents.len() > self.limit {
            return false;
        }
        if self.written > self.bytes.len() / 2 {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
        self.bytes.extend_from_slice(&len.to_be_bytes());
        self.bytes.extend_from_slice(contents);
        true
    }

    /// Writes until all is written or the sink takes no more.
    ///
    /// # Errors
    /// The sink's, [`io::ErrorKind::WouldBlock`] too.
    pub(super) fn write_to(&mut self, sink: &mut impl Write) -> io::Result<()> {
        while !self.is_empty() {
            match sink.write(&self.bytes[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(len) => self.written += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.bytes.clear();
        self.bytes.shrink_to(SHRINK_ABOVE);
        self.written = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(frames: &[Vec<u8>]) -> Vec<u8> {
        let mut writer = FrameWriter::new(usize::MAX);
        for frame in frames {
            assert!(writer.push(frame));
        }
        let mut stream = Vec::new();
        writer.write_to(&mut stream).unwrap();
        stream
    }

    /// Feeds `stream` in pieces of at most `piece` bytes.
    fn deframed(stream: &[u8], piece: usize) -> Result<Vec<Vec<u8>>, FrameTooLong> {
        let (mut reader, mut frames, mut rest) = (FrameReader::new(), Vec::new(), stream);
        loop {
            while let Some(frame) = reader.next_frame()? {
                frames.push(frame.to_vec());
            }
            if rest.is_empty() {
                return Ok(frames);
            }
            let space = reader.space();
            let len = piece.min(space.len()).min(rest.len());
            assert!(len > 0, "the reader has no room though it has no frame");
            space[..len].copy_from_slice(&rest[..len]);
            reader.filled(len);
            rest = &rest[len..];
        }
    }

    /// Takes a few bytes a call and blocks every other time.
    struct SlowSink {
        taken: Vec<u8>,
        per_call: usize,
        blocked: bool,
    }

    impl Write for SlowSink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.blocked = !self.blocked;
            if self.blocked {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let len = bytes.len().min(self.per_call);
            self.taken.extend_from_slice(&bytes[..len]);
            Ok(len)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn any_split_gives_the_frames_back(
            frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..2000), 0..20),
            piece in 1..5000_usize,
        ) {
            prop_assert_eq!(deframed(&framed(&frames), piece), Ok(frames));
        }

        #[test]
        fn any_stream_is_cut_or_refused(stream in prop::collection::vec(any::<u8>(), 0..20_000), piece in 1..9000_usize) {
            if let Ok(frames) = deframed(&stream, piece) {
                prop_assert!(frames.iter().all(|frame| (1..=FRAME_LEN_MAX).contains(&frame.len())));
            }
        }

        #[test]
        fn a_slow_sink_gets_whole_frames_in_order(
            frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 1..40),
            per_call in 1..50_usize,
        ) {
            let mut writer = FrameWriter::new(1000);
            let mut sink = SlowSink { taken: Vec::new(), per_call, blocked: false };
            let mut kept = Vec::new();
            for frame in &frames {
                if writer.push(frame) {
                    kept.push(frame.clone());
                }
                let _ = writer.write_to(&mut sink);
            }
            while writer.write_to(&mut sink).is_err() {}
            prop_assert_eq!(deframed(&sink.taken, 512), Ok(kept));
        }
    }

    #[test]
    fn the_longest_frame_passes_and_a_longer_one_is_refused() {
        let longest = vec![7; FRAME_LEN_MAX];
        assert_eq!(
            deframed(&framed(&[longest.clone(), longest.clone()]), 1),
            Ok(vec![longest.clone(), longest])
        );
        assert_eq!(deframed(&framed(&[vec![7; FRAME_LEN_MAX + 1]]), 100), Err(FrameTooLong));
    }

    #[test]
    fn empty_frames_are_skipped() {
        assert_eq!(deframed(&[0, 0, 0, 0, 0, 1, 9, 0, 0], 1), Ok(vec![vec![9]]));
    }

    #[test]
    fn a_full_writer_drops_the_whole_frame() {
        let mut writer = FrameWriter::new(10);
        assert!(writer.push(&[1; 4]));
        assert!(!writer.push(&[2; 3]));
        assert!(writer.push(&[3; 2]));
        assert!(!writer.push(&[]));
        let mut stream = Vec::new();
        writer.write_to(&mut stream).unwrap();
        assert_eq!(stream, [0, 4, 1, 1, 1, 1, 0, 2, 3, 3]);
        assert!(!FrameWriter::new(usize::MAX).push(&vec![0; 65_536]));
    }
}
