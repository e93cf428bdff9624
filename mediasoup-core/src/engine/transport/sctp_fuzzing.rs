//! An association under whatever a peer may send, for fuzz targets. Peers are known to DTLS, and none the better for that.

use std::time::Duration;

use dcsctp::api::{
    DcSctpSocket, Message, PpId, SendOptions, Socket, SocketEvent, SocketState, SocketTime, StreamId,
};

use super::sctp::{Carrier, socket_options};
use crate::media::data::SctpOptions;

/// Ports, tag and checksum.
const HEADER_LEN: usize = 12;
/// Of an INIT and an INIT ACK, from the start of the packet.
const INITIATE_TAG: usize = HEADER_LEN + 4;
const INITIAL_TSN: usize = HEADER_LEN + 16;
/// Between two packets: timers run out, too.
const INTERVAL: Duration = Duration::from_millis(250);

/// Packets of a peer whose association is up, each with its length before it. Of a packet only the chunks: its header is
/// made here. Numbers in it count from zero: what both sides drew at random is added.
///
/// # Panics
/// If more comes out than was sent.
pub fn fuzz_sctp(input: &[u8]) {
    let mut pair = Pair::connected();
    let mut rest = input;
    let mut received = 0;
    while let Some((len, after)) = rest.split_first_chunk::<2>() {
        let (chunks, after) = after.split_at(after.len().min(u16::from_be_bytes(*len).into()));
        pair.receive(chunks);
        rest = after;
        while let Some(message) = pair.socket.get_next_message() {
            received += message.payload.len();
        }
    }
    assert!(received <= input.len(), "{received} bytes out of {}", input.len());
}

/// A socket of ours, and what its peer must know.
struct Pair {
    socket: Socket,
    tag: [u8; 4],
    /// The first numbers of the peer, and of ours.
    theirs: u32,
    ours: u32,
    now: SocketTime,
}

impl Pair {
    fn connected() -> Self {
        let options = socket_options(&SctpOptions::default(), Carrier::Dtls);
        let (mut peer, mut socket) = (Socket::new("", &options), Socket::new("", &options));
        peer.connect();
        let init = packets(&mut peer);
        init.iter().for_each(|packet| socket.handle_input(packet));
        let ack = packets(&mut socket);
        ack.iter().for_each(|packet| peer.handle_input(packet));
        packets(&mut peer).iter().for_each(|packet| socket.handle_input(packet));
        assert_eq!(socket.state(), SocketState::Connected);
        // There is something to acknowledge, and to reset.
        let waiting = Message::new(StreamId(0), PpId(53), vec![7; 3_000]);
        socket.send(waiting, &SendOptions::default()).expect("it is connected");
        packets(&mut socket);
        let tag = word(&ack[0], INITIATE_TAG);
        let [theirs, ours] = [&init[0], &ack[0]].map(|packet| u32::from_be_bytes(word(packet, INITIAL_TSN)));
        Self { socket, tag, theirs, ours, now: SocketTime::zero() }
    }

    fn receive(&mut self, chunks: &[u8]) {
        const PORTS: [u8; 4] = [0x13, 0x88, 0x13, 0x88];
        // Zero: a checksum that both sides have agreed to do without (RFC 9653).
        let mut packet = [PORTS, self.tag, [0; 4]].concat();
        packet.extend_from_slice(chunks);
        self.renumber(&mut packet[HEADER_LEN..]);
        self.socket.handle_input(&packet);
        packets(&mut self.socket);
        self.now = self.now + INTERVAL;
        self.socket.advance_time(self.now);
        packets(&mut self.socket);
    }

    fn renumber(&self, mut chunks: &mut [u8]) {
        const CHUNK_HEADER_LEN: usize = 4;
        let (theirs, ours) = (self.theirs, self.ours);
        while let [kind, _, high, low, ..] = *chunks {
            let len = usize::from(u16::from_be_bytes([high, low])).max(CHUNK_HEADER_LEN);
            let (chunk, after) = chunks.split_at_mut(len.next_multiple_of(4).min(chunks.len()));
            match kind {
                // DATA, I-DATA, FORWARD-TSN, I-FORWARD-TSN.
                0 | 64 | 192 | 194 => add(chunk, 4, theirs),
                // SACK, SHUTDOWN.
                3 | 7 => add(chunk, 4, ours),
                // RE-CONFIG with an outgoing reset request: its number, the one it answers, the last TSN before it.
                130 => {
                    for (at, first) in [(8, theirs), (12, ours), (16, theirs)] {
                        add(chunk, at, first);
                    }
                }
                _ => {}
            }
            chunks = after;
        }
    }
}

fn add(chunk: &mut [u8], at: usize, first: u32) {
    if let Some(number) = chunk.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<4>) {
        *number = u32::from_be_bytes(*number).wrapping_add(first).to_be_bytes();
    }
}

fn word(packet: &[u8], at: usize) -> [u8; 4] {
    *packet[at..].first_chunk().expect("the packet is whole")
}

/// All that waits to be sent; nothing else of what happened is of interest.
fn packets(socket: &mut Socket) -> Vec<Vec<u8>> {
    let events = std::iter::from_fn(|| socket.poll_event());
    let sent = events.filter_map(|event| match event {
        SocketEvent::SendPacket(packet) => Some(packet),
        _ => None,
    });
    sent.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chunk as it stands in a seed.
    fn data(number: u32, flags: u8, payload: &[u8; 4]) -> Vec<u8> {
        let mut chunk = vec![0, flags, 0, 20];
        chunk.extend(number.to_be_bytes());
        chunk.extend([0, 1, 0, 0, 0, 0, 0, 51]);
        chunk.extend(payload);
        chunk
    }

    #[test]
    fn what_is_numbered_from_zero_arrives() {
        let mut pair = Pair::connected();
        pair.receive(&data(0, 2, b"one "));
        assert!(pair.socket.get_next_message().is_none(), "its end is missing");
        pair.receive(&data(1, 1, b"two "));
        assert_eq!(pair.socket.get_next_message().unwrap().payload, b"one two ");
    }
}
