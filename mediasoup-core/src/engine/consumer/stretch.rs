//! A stretch of a viewer's stream: what came from one encoding, under the viewer's numbers.

use super::{picture_ids::PictureIds, selector::Selector};
use crate::engine::rtp::SequenceMap;

/// How packets of one encoding become the viewer's.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    /// Index in the producer's encodings.
    pub(super) encoding: usize,
    pub(super) selector: Selector,
    pub(super) sequences: SequenceMap,
    /// Added (wrapping) to timestamps; `None` before the first packet.
    pub(super) timestamp_shift: Option<u32>,
    pub(super) pictures: PictureIds,
}

impl Stretch {
    /// See [`Peer::touch`](crate::engine::peer::Peer::touch).
    pub(super) fn touch(&self) -> u64 {
        self.selector.touch() ^ self.sequences.touch() ^ self.pictures.touch()
    }

    pub(super) fn new(encoding: usize, first_output: u16) -> Self {
        Self {
            encoding,
            selector: Selector::default(),
            sequences: SequenceMap::new(first_output),
            timestamp_shift: None,
            pictures: PictureIds::default(),
        }
    }
}
