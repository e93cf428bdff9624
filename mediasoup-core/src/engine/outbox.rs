//! Datagrams waiting for the driver, in runs: what goes to one peer, as much as the kernel takes in one call.

use std::collections::VecDeque;

use super::{
    Destination, Transmit,
    transport::{Session, sctp::SctpMessage},
};
use crate::{
    ids::{DataConsumerId, TransportId},
    media::{data::DataMessage, transport::Tuple},
};

/// Of a run, in bytes and in datagrams: what one call of UDP segmentation offload takes.
const RUN_LEN_MAX: usize = 65_000;
const RUN_DATAGRAMS_MAX: usize = 64;

/// So much, in bytes or in runs, is drained before it grows further: it shall not leave the processor's cache before it
/// is sent, and its buffers shall be there when they are written again.
const FULL_LEN: usize = 64 * 1024;
const FULL_RUNS: usize = 64;

/// Buffers kept for runs to come, and how large one may be to be kept, bytes.
const SPARE_MAX: usize = 4 * FULL_RUNS;
const SPARE_LEN_MAX: usize = 16 * 1024;

/// Datagrams of one length on one way, one behind the other; only the last may be shorter.
#[derive(Debug)]
struct Run {
    to: Destination,
    /// Of all but the last, in bytes.
    segment: usize,
    contents: Vec<u8>,
    /// Another may join it.
    is_open: bool,
}

impl Run {
    fn new(to: Destination, contents: Vec<u8>) -> Self {
        Self { to, segment: contents.len(), contents, is_open: true }
    }

    /// Whether a datagram of this length on this way may be its next.
    fn takes(&self, to: Destination, len: usize) -> bool {
        self.to == to && len <= self.segment
    }

    /// Its next is in.
    fn grow_to(&mut self, contents: Vec<u8>, last: usize) {
        let next = contents.len() + self.segment;
        self.is_open = last == self.segment && next <= RUN_LEN_MAX.min(self.segment * RUN_DATAGRAMS_MAX);
        self.contents = contents;
    }
}

/// Where a peer's next datagram may go: the run of its last.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    round: u64,
    run: usize,
}

impl Place {
    /// See [`Peer::touch`](super::peer::Peer::touch).
    pub(crate) fn touch(self) -> u64 {
        self.round
    }
}

/// Filled by inputs, drained before it is too full.
#[derive(Debug)]
pub(crate) struct Outbox {
    runs: Vec<Run>,
    len: usize,
    /// Counts how often it was drained: a place of before is none any more.
    round: u64,
    spare: Vec<Vec<u8>>,
    /// What stays in this process.
    pub(crate) direct: VecDeque<(TransportId, Direct)>,
    /// Messages for other engines of this process; `None`: the bridge is closed.
    pub(crate) bridged: VecDeque<(TransportId, Option<SctpMessage>)>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            runs: Vec::new(),
            len: 0,
            round: 1,
            spare: Vec::new(),
            direct: VecDeque::new(),
            bridged: VecDeque::new(),
        }
    }
}

/// What goes to a transport without a network.
#[derive(Debug)]
pub(crate) enum Direct {
    Rtp(Vec<u8>),
    Rtcp(Vec<u8>),
    Data(DataConsumerId, DataMessage),
    /// It is closed: nothing comes after this.
    End,
}

impl Outbox {
    /// Writes a packet by `write` (which tells whether there is one), seals it where it is by `seal` and queues it. Gives
    /// its length on the wire, 0 where nothing goes out.
    fn push_sealed(
        &mut self,
        place: &mut Place,
        write: impl FnOnce(&mut Vec<u8>) -> bool,
        seal: impl FnOnce(&mut Vec<u8>, usize) -> Option<Destination>,
    ) -> usize {
        let Self { runs, round, spare, .. } = self;
        let joined = if place.round == *round { runs.get_mut(place.run) } else { None };
        let mut joined = joined.filter(|run| run.is_open);
        let mut contents = match &mut joined {
            Some(run) => std::mem::take(&mut run.contents),
            None => spare.pop().unwrap_or_default(),
        };
        let start = contents.len();
        let to = if write(&mut contents) { seal(&mut contents, start) } else { None };
        if to.is_none() {
            contents.truncate(start);
        }
        let len = contents.len() - start;
        match (joined, to) {
            (Some(run), None) => run.contents = contents,
            (None, None) => spare.push(contents),
            (Some(run), Some(to)) if run.takes(to, len) => run.grow_to(contents, len),
            (joined, Some(to)) => {
                if let Some(run) = joined {
                    // It begins a run of its own: it is longer than those before it, or goes another way.
                    let mut own = spare.pop().unwrap_or_default();
                    own.extend_from_slice(&contents[start..]);
                    contents.truncate(start);
                    run.contents = std::mem::replace(&mut contents, own);
                    run.is_open = false;
                }
                *place = Place { round: *round, run: runs.len() };
                runs.push(Run::new(to, contents));
            }
        }
        self.len += len;
        len
    }

    pub(crate) fn push_rtp(
        &mut self,
        session: &mut Session,
        place: &mut Place,
        write: impl FnOnce(&mut Vec<u8>) -> bool,
    ) -> usize {
        if let Session::Direct(id) = session {
            return self.push_direct(*id, write, Direct::Rtp);
        }
        self.push_sealed(place, write, |buffer, start| session.seal_rtp(buffer, start))
    }

    /// `write` may leave the buffer as it is: then nothing goes out.
    pub(crate) fn push_rtcp(
        &mut self,
        session: &mut Session,
        place: &mut Place,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> usize {
        let write = |buffer: &mut Vec<u8>| {
            let start = buffer.len();
            write(buffer);
            buffer.len() > start
        };
        if let Session::Direct(id) = session {
            return self.push_direct(*id, write, Direct::Rtcp);
        }
        self.push_sealed(place, write, |buffer, start| session.seal_rtcp(buffer, start))
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
        let mut contents = self.spare.pop().unwrap_or_default();
        contents.extend_from_slice(datagram);
        self.len += datagram.len();
        self.runs.push(Run::new(Destination::Network(tuple), contents));
    }

    /// It is to be drained before the next input.
    pub(crate) fn is_full(&self) -> bool {
        self.len >= FULL_LEN || self.runs.len() >= FULL_RUNS
    }

    /// What is in it, in the order of each peer's.
    pub(crate) fn transmits(&self) -> impl Iterator<Item = Transmit<'_>> {
        self.runs.iter().map(|run| Transmit { to: run.to, contents: &run.contents, segment: run.segment })
    }

    /// Forgets what was in it.
    pub(crate) fn clear(&mut self) {
        for Run { mut contents, .. } in self.runs.drain(..) {
            if self.spare.len() < SPARE_MAX && contents.capacity() <= SPARE_LEN_MAX {
                contents.clear();
                self.spare.push(contents);
            }
        }
        self.len = 0;
        self.round += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::media::transport::Protocol;

    fn tuple(port: u16) -> Tuple {
        let local = SocketAddr::from(([192, 0, 2, 1], 40_000));
        Tuple { protocol: Protocol::Udp, local, remote: SocketAddr::from(([198, 51, 100, 1], port)) }
    }

    /// Pushes a packet, "sealed" by one byte at its end; `None` for the way: it cannot be sealed.
    fn push(outbox: &mut Outbox, place: &mut Place, way: Option<u16>, byte: u8, len: usize) -> usize {
        let write = |buffer: &mut Vec<u8>| {
            buffer.extend(std::iter::repeat_n(byte, len));
            true
        };
        outbox.push_sealed(place, write, |buffer, _| {
            buffer.push(byte);
            way.map(|port| Destination::Network(tuple(port)))
        })
    }

    /// Port, and for each datagram its first byte and length.
    fn drain(outbox: &mut Outbox) -> Vec<(u16, Vec<(u8, usize)>)> {
        let runs = outbox
            .transmits()
            .map(|transmit| {
                let datagrams = transmit.datagrams().map(|datagram| (datagram[0], datagram.len())).collect();
                let Destination::Network(tuple) = transmit.to else { panic!("there is no bridge") };
                (tuple.remote.port(), datagrams)
            })
            .collect();
        outbox.clear();
        runs
    }

    #[test]
    fn what_goes_one_way_is_one_run_whatever_goes_between() {
        let (mut outbox, mut a, mut b) = (Outbox::default(), Place::default(), Place::default());
        for byte in 1..=3 {
            assert_eq!(push(&mut outbox, &mut a, Some(1), byte, 99), 100);
            push(&mut outbox, &mut b, Some(2), byte, 199);
        }
        let expected = [(1, vec![(1, 100), (2, 100), (3, 100)]), (2, vec![(1, 200), (2, 200), (3, 200)])];
        assert_eq!(drain(&mut outbox), expected);
        assert_eq!(drain(&mut outbox), []);
        push(&mut outbox, &mut b, Some(2), 9, 9);
        push(&mut outbox, &mut a, Some(1), 9, 9);
        assert_eq!(drain(&mut outbox), [(2, vec![(9, 10)]), (1, vec![(9, 10)])]);
    }

    #[test]
    fn a_shorter_one_ends_a_run_and_a_longer_one_begins_another() {
        let (mut outbox, mut place) = (Outbox::default(), Place::default());
        for (byte, len) in [(1, 99), (2, 99), (3, 49), (4, 49), (5, 99)] {
            push(&mut outbox, &mut place, Some(1), byte, len);
        }
        let expected = [(1, vec![(1, 100), (2, 100), (3, 50)]), (1, vec![(4, 50)]), (1, vec![(5, 100)])];
        assert_eq!(drain(&mut outbox), expected);
    }

    #[test]
    fn another_way_and_what_cannot_be_sealed_disturb_nothing() {
        let (mut outbox, mut place) = (Outbox::default(), Place::default());
        assert_eq!(push(&mut outbox, &mut place, None, 1, 9), 0);
        push(&mut outbox, &mut place, Some(1), 2, 9);
        assert_eq!(push(&mut outbox, &mut place, None, 3, 9), 0);
        push(&mut outbox, &mut place, Some(1), 4, 9);
        push(&mut outbox, &mut place, Some(2), 5, 9);
        push(&mut outbox, &mut place, Some(2), 6, 9);
        assert_eq!(drain(&mut outbox), [(1, vec![(2, 10), (4, 10)]), (2, vec![(5, 10), (6, 10)])]);
    }

    #[test]
    fn a_run_is_as_long_as_the_kernel_takes() {
        let (mut outbox, mut place) = (Outbox::default(), Place::default());
        for _ in 0..130 {
            push(&mut outbox, &mut place, Some(1), 1, 999);
        }
        let lens: Vec<usize> = drain(&mut outbox).iter().map(|(_, run)| run.len()).collect();
        assert_eq!(lens, [64, 64, 2]);
        for _ in 0..130 {
            push(&mut outbox, &mut place, Some(1), 1, 1_299);
        }
        assert!(outbox.transmits().all(|transmit| transmit.contents.len() <= RUN_LEN_MAX));
    }

    #[test]
    fn too_much_is_told() {
        let mut outbox = Outbox::default();
        let mut places = [Place::default(); FULL_RUNS];
        for place in &mut places {
            assert!(!outbox.is_full());
            push(&mut outbox, place, Some(1), 1, 9);
        }
        assert!(outbox.is_full());
        outbox.clear();
        assert!(!outbox.is_full());
    }
}
