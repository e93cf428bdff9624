//! Datagrams waiting for the driver, one behind the other in one buffer.

use std::ops::Range;

use super::{Transmit, transport::Session};
use crate::media::transport::Tuple;

/// Filled by an input, drained before the next.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    buffer: Vec<u8>,
    datagrams: Vec<(Tuple, Range<usize>)>,
    /// Datagrams handed out already.
    taken: usize,
}

impl Outbox {
    /// Writes a packet by `write` (which tells whether there is one), seals it by `seal` and queues it. Gives its
    /// length on the wire, 0 where nothing goes out.
    fn push_sealed(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> bool,
        seal: impl FnOnce(&mut Vec<u8>, usize) -> Option<Tuple>,
    ) -> usize {
        let start = self.buffer.len();
        if !write(&mut self.buffer) {
            self.buffer.truncate(start);
            return 0;
        }
        let Some(tuple) = seal(&mut self.buffer, start) else { return 0 };
        let end = self.buffer.len();
        self.datagrams.push((tuple, start..end));
        end - start
    }

    pub(crate) fn push_rtp(
        &mut self,
        session: &mut Session,
        write: impl FnOnce(&mut Vec<u8>) -> bool,
    ) -> usize {
        self.push_sealed(write, |buffer, start| session.seal_rtp(buffer, start))
    }

    /// `write` may leave the buffer as it is: then nothing goes out.
    pub(crate) fn push_rtcp(&mut self, session: &mut Session, write: impl FnOnce(&mut Vec<u8>)) -> usize {
        let write = |buffer: &mut Vec<u8>| {
            let start = buffer.len();
            write(buffer);
            buffer.len() > start
        };
        self.push_sealed(write, |buffer, start| session.seal_rtcp(buffer, start))
    }

    /// Queues a datagram that is not sealed: STUN, DTLS.
    pub(crate) fn push_plain(&mut self, tuple: Tuple, datagram: &[u8]) {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(datagram);
        self.datagrams.push((tuple, start..self.buffer.len()));
    }

    pub(crate) fn pop(&mut self) -> Option<Transmit<'_>> {
        if self.taken == self.datagrams.len() {
            self.buffer.clear();
            self.datagrams.clear();
            self.taken = 0;
            return None;
        }
        let (tuple, range) = self.datagrams[self.taken].clone();
        self.taken += 1;
        Some(Transmit { tuple, contents: &self.buffer[range] })
    }
}
