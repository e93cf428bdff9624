//! Packets that came together, until they go out together.

use std::ops::Range;

use arrayvec::ArrayVec;

use super::{
    consumer::Moment,
    keys::ProducerKey,
    producer::{Producer, Received},
    rtp::RtpPacket,
};

/// Packets of a producer that go out together at most.
const PACKETS_MAX: usize = 32;

/// More padding, in bytes, costs the viewer more than a run less saves us.
const PADDING_MAX: u8 = 16;

/// Packets that have yet to go out.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// The first `open` of them; the others are kept for packets to come.
    groups: Vec<Group>,
    open: usize,
    /// Packets that this comes to, at most.
    pub(crate) outgoing: usize,
    /// What came last is not the end of its picture, and many watch.
    pub(crate) is_cut_short: bool,
    /// Groups that are done with, and consumers of the next.
    done: (usize, usize),
}

/// Packets of one producer, in the order they came.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) producer: ProducerKey,
    pub(crate) moment: Moment,
    packets: ArrayVec<Entry, PACKETS_MAX>,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct Entry {
    encoding: usize,
    received: Received,
    /// Of the group's bytes.
    bytes: Range<usize>,
}

impl Gathered {
    /// The group of this producer that takes another packet, and its place.
    pub(crate) fn group(
        &mut self,
        moment: Moment,
        producer: ProducerKey,
        place: Option<usize>,
    ) -> (usize, &mut Group) {
        let is_of_it = |group: &Group| group.producer == producer && !group.packets.is_full();
        let known = place.filter(|place| self.groups[..self.open].get(*place).is_some_and(is_of_it));
        let place = known.unwrap_or_else(|| {
            match self.groups.get_mut(self.open) {
                Some(spare) => (spare.producer, spare.moment) = (producer, moment),
                None => {
                    self.groups.push(Group { producer, moment, packets: ArrayVec::new(), bytes: Vec::new() });
                }
            }
            self.open += 1;
            self.open - 1
        });
        (place, &mut self.groups[place])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open == 0
    }

    /// The next to go out, and the first of its consumers that has yet to get it.
    pub(crate) fn next(&self) -> Option<(&Group, usize)> {
        let (index, first) = self.done;
        Some((self.groups[..self.open].get(index)?, first))
    }

    /// It went out: as far as to this consumer, or to all.
    pub(crate) fn advance(&mut self, next: Option<usize>) {
        self.done = match next {
            Some(next) => (self.done.0, next),
            None => (self.done.0 + 1, 0),
        };
    }

    /// All are done with.
    pub(crate) fn clear(&mut self) {
        for group in &mut self.groups[..self.open] {
            group.packets.clear();
            group.bytes.clear();
        }
        (self.open, self.outgoing, self.done) = (0, 0, (0, 0));
        self.is_cut_short = false;
    }
}

impl Group {
    pub(crate) fn push(&mut self, encoding: usize, received: Received, plain: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(plain);
        self.packets.push(Entry { encoding, received, bytes: start..self.bytes.len() });
    }

    /// The packets, to be sent on.
    pub(crate) fn arrivals(&self, producer: &Producer) -> ArrayVec<Arrival<'_>, PACKETS_MAX> {
        let arrivals = self.packets.iter().filter_map(|Entry { encoding, received, bytes }| {
            let packet = RtpPacket::parse(&self.bytes[bytes.clone()])?;
            let payload_type = producer.mapped_payload_type(packet.payload_type)?;
            let is_red = producer.is_red(packet.payload_type);
            Some(Arrival { encoding: *encoding, received, packet, payload_type, is_red, padding: 0 })
        });
        let mut arrivals: ArrayVec<_, PACKETS_MAX> = arrivals.collect();
        even(&mut arrivals);
        arrivals
    }
}

/// A packet on its way out.
pub(crate) struct Arrival<'a> {
    pub(crate) encoding: usize,
    pub(crate) received: &'a Received,
    pub(crate) packet: RtpPacket<'a>,
    /// The router's.
    pub(crate) payload_type: u8,
    pub(crate) is_red: bool,
    /// See [`Source::padding`](super::consumer::Source::padding).
    pub(crate) padding: u8,
}

impl Arrival<'_> {
    /// In bytes, as it came, without padding.
    fn len(&self) -> usize {
        self.packet.header_len + self.packet.payload.len()
    }

    fn is_of_picture_of(&self, other: &Self) -> bool {
        self.encoding == other.encoding && self.packet.timestamp == other.packet.timestamp
    }
}

/// Lengthens packets that are a little shorter than the longest of their picture. Browsers cut a picture into packets that differ
/// by a byte, the longer ones last; and no packet joins a run of shorter ones.
fn even(arrivals: &mut [Arrival<'_>]) {
    for index in 0..arrivals.len() {
        let arrival = &arrivals[index];
        let of_picture = arrivals.iter().filter(|other| other.is_of_picture_of(arrival));
        let longest = of_picture.map(Arrival::len).max().unwrap_or_default();
        let missing = u8::try_from(longest - arrival.len()).ok();
        arrivals[index].padding = missing.filter(|missing| *missing <= PADDING_MAX).unwrap_or_default();
    }
}
