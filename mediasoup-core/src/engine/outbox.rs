//! Datagrams waiting for the driver, one behind the other in one buffer.

use std::{collections::VecDeque, ops::Range};

use super::{Transmit, transport::Session};
use crate::{ids::TransportId, media::transport::Tuple};

/// Filled by an input, drained before the next.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    buffer: Vec<u8>,
    datagrams: Vec<(Tuple, Range<usize>)>,
    /// Datagrams handed out already.
    taken: usize,
    /// What stays in this process.
    pub(crate) direct: VecDeque<(TransportId, Direct)>,
}

/// What goes to a transport without a network.
#[derive(Debug)]
pub(crate) enum Direct {
    Rtp(Vec<u8>),
    Rtcp(Vec<u8>),
    /// It is closed: nothing comes after this.
    End,
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
        if let Session::Direct(id) = session {
            return self.push_direct(*id, write, Direct::Rtp);
        }
        self.push_sealed(write, |buffer, start| session.seal_rtp(buffer, start))
    }

    /// `write` may leave the buffer as it is: then nothing goes out.
    pub(crate) fn push_rtcp(&mut self, session: &mut Session, write: impl FnOnce(&mut Vec<u8>)) -> usize {
        let write = |buffer: &mut Vec<u8>| {
            let start = buffer.len();
            write(buffer);
            buffer.len() > start
        };
        if let Session::Direct(id) = session {
            return self.push_direct(*id, write, Direct::Rtcp);
        }
        self.push_sealed(write, |buffer, start| session.seal_rtcp(buffer, start))
    }

    fn push_direct(
        &mut self,
        id: TransportId,
        write: impl FnOnce(&mut Vec<u8>) -> bool,
        packet: impl FnOnce(Vec<u8>) -> Direct,
    ) -> usize {
        let mut bytes = Vec::new();
        if !write(&mut bytes) {
            return 0;
        }
        let len = bytes.len();
        self.direct.push_back((id, packet(bytes)));
        len
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
