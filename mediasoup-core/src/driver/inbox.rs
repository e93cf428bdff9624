//! What a turn of a socket brought.

use std::{array, io::IoSliceMut, ops::Range};

use quinn_udp::{BATCH_SIZE, RecvMeta};

use crate::media::transport::Tuple;

/// What one message of the kernel may hold, in bytes: a datagram, or several put together (generic receive offload).
const MESSAGE_LEN_MAX: usize = 65_535;

/// Buffers for one turn, and what is in them.
pub(super) struct Inbox {
    buffer: Box<[u8]>,
    received: Vec<(Tuple, Range<usize>)>,
    /// Handed out already.
    taken: usize,
}

impl Inbox {
    pub(super) fn new() -> Self {
        let buffer = vec![0; BATCH_SIZE * MESSAGE_LEN_MAX].into_boxed_slice();
        Self { buffer, received: Vec::new(), taken: 0 }
    }

    /// Lets `receive` fill the buffers with messages, and takes note of their datagrams, each under what `tuple` makes of
    /// its message. Gives how many messages there were.
    pub(super) fn fill<E>(
        &mut self,
        receive: impl FnOnce(&mut [IoSliceMut<'_>], &mut [RecvMeta]) -> Result<usize, E>,
        tuple: impl Fn(&RecvMeta) -> Tuple,
    ) -> Result<usize, E> {
        self.clear();
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let mut messages = self.buffer.chunks_exact_mut(MESSAGE_LEN_MAX);
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            array::from_fn(|_| IoSliceMut::new(messages.next().unwrap_or_default()));
        let count = receive(&mut slices, &mut metas)?;
        for (index, meta) in metas[..count].iter().enumerate() {
            let (start, tuple) = (index * MESSAGE_LEN_MAX, tuple(meta));
            let end = start + meta.len;
            // An empty datagram says nothing.
            let starts = (start..end).step_by(meta.stride.max(1));
            self.received.extend(starts.map(|at| (tuple, at..end.min(at + meta.stride))));
        }
        Ok(count)
    }

    /// Holds this alone.
    pub(super) fn put(&mut self, tuple: Tuple, contents: &[u8]) {
        self.clear();
        self.buffer[..contents.len()].copy_from_slice(contents);
        self.received.push((tuple, 0..contents.len()));
    }

    pub(super) fn clear(&mut self) {
        self.received.clear();
        self.taken = 0;
    }

    /// Ways of the datagrams that have not been handed out.
    pub(super) fn tuples(&self) -> impl Iterator<Item = Tuple> {
        self.received[self.taken..].iter().map(|(tuple, _)| *tuple)
    }

    /// The next datagram, or frame.
    pub(super) fn pop(&mut self) -> Option<(Tuple, &mut [u8])> {
        let (tuple, range) = self.received.get(self.taken)?.clone();
        self.taken += 1;
        Some((tuple, &mut self.buffer[range]))
    }
}
