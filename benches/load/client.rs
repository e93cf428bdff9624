//! The media of one client: what it sends, what it makes of what it receives.

use std::time::{Duration, Instant};

use mediasoup_core::{
    benching::{ClientKeys, ice_check, write_feedback},
    media::transport::IceParameters,
};

use crate::{
    loss::{Received, unwrap},
    packet::{self, Block, Told, told},
    socket, stamp,
    totals::{Losses, Totals},
    track::Track,
};

/// Arrivals that wait for feedback: some are left out where it is not sent.
const ARRIVALS_MAX: usize = 4096;

pub(crate) struct Client {
    pub(crate) socket: mio::net::UdpSocket,
    keys: ClientKeys,
    ice: IceParameters,
    tracks: Vec<Track>,
    streams: Vec<Stream>,
    /// When it began to connect, until its first packet has come.
    begun: Option<Instant>,
    feedback: Option<Feedback>,
}

/// What a viewer gets of one producer.
struct Stream {
    ssrc: u32,
    received: Received,
    sender_report: Option<(u32, Duration)>,
    /// Packets until one is opened.
    until_sample: u32,
}

/// Of transport-wide congestion control.
struct Feedback {
    extension: u8,
    count: u8,
    /// The first number not spoken of yet.
    base: Option<u64>,
    arrivals: Vec<(u64, Duration)>,
}

impl Client {
    pub(crate) fn new(
        socket: mio::net::UdpSocket,
        keys: ClientKeys,
        ice: IceParameters,
        begun: Instant,
        extension: Option<u8>,
    ) -> Self {
        let feedback =
            extension.map(|extension| Feedback { extension, count: 0, base: None, arrivals: Vec::new() });
        let (tracks, streams) = (Vec::new(), Vec::new());
        Self { socket, keys, ice, tracks, streams, begun: Some(begun), feedback }
    }

    pub(crate) fn watch(&mut self, ssrc: u32) {
        self.streams.push(Stream {
            ssrc,
            received: Received::default(),
            sender_report: None,
            until_sample: 0,
        });
    }

    /// Gives its place.
    pub(crate) fn publish(&mut self, track: Track) -> usize {
        self.tracks.push(track);
        self.tracks.len() - 1
    }

    pub(crate) fn due(&self, track: usize) -> Option<Instant> {
        self.tracks.get(track).map(Track::due)
    }

    pub(crate) fn losses(&self) -> impl Iterator<Item = Losses> {
        self.streams
            .iter()
            .map(|stream| Losses { expected: stream.received.expected(), lost: stream.received.lost() })
    }

    /// Takes a datagram that came at `at`, by the kernel's clock; opens each `sample`th packet of a stream.
    pub(crate) fn receive(&mut self, datagram: &mut [u8], at: Duration, sample: u32, totals: &mut Totals) {
        match *datagram {
            [128..=191, 192..=223, ..] => self.receive_rtcp(datagram, at),
            [128..=191, ..] => self.receive_rtp(datagram, at, sample, totals),
            _ => {} // answers to checks, and the end of DTLS
        }
    }

    fn receive_rtp(&mut self, datagram: &mut [u8], at: Duration, sample: u32, totals: &mut Totals) {
        let Some((sequence, ssrc)) = packet::stream(datagram) else { return };
        if let Some(feedback) = &mut self.feedback {
            feedback.on(datagram, at);
        }
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.ssrc == ssrc) else {
            totals.other += 1;
            return;
        };
        if let Some(begun) = self.begun.take() {
            totals.first_rtp.record(begun.elapsed().as_nanos() as u64);
        }
        totals.received += 1;
        totals.received_bytes += datagram.len() as u64;
        stream.received.on(sequence);
        if stream.until_sample > 0 {
            stream.until_sample -= 1;
            return;
        }
        stream.until_sample = sample - 1;
        match self.keys.open_rtp(datagram).and_then(stamp::stamped) {
            Some(sent) => totals.latency.record(at.saturating_sub(sent).as_nanos() as u64),
            None => totals.unopened += 1,
        }
    }

    fn receive_rtcp(&mut self, datagram: &mut [u8], at: Duration) {
        let Some(plain) = self.keys.open_rtcp(datagram) else { return };
        told(plain, |told| match told {
            Told::SenderReport { ssrc, ntp } => {
                if let Some(stream) = self.streams.iter_mut().find(|stream| stream.ssrc == ssrc) {
                    stream.sender_report = Some((ntp, at));
                }
            }
            Told::KeyFrameWanted { ssrc } => {
                self.tracks.iter_mut().for_each(|track| track.want_key_frame(ssrc));
            }
        });
    }

    /// Sends the next frame of a track.
    pub(crate) fn send_frame(
        &mut self,
        track: usize,
        now: Instant,
        packets: &mut Vec<Vec<u8>>,
        totals: &mut Totals,
    ) {
        let Some(track) = self.tracks.get_mut(track) else { return };
        totals.lateness.record(track.write(now, packets).as_nanos() as u64);
        for packet in &mut *packets {
            // The numbers of a track are new each time.
            let _sealed = self.keys.seal_rtp(packet);
        }
        let sent = socket::send(&self.socket, packets);
        totals.sent += sent as u64;
        totals.sent_bytes += packets[..sent].iter().map(Vec::len).sum::<usize>() as u64;
        totals.unsent += (packets.len() - sent) as u64;
    }

    /// Keeps the server's consent to send.
    pub(crate) fn send_check(&self) {
        socket::send(&self.socket, &[ice_check(&self.ice)]);
    }

    /// Tells what was sent, and what came.
    pub(crate) fn send_reports(&mut self) {
        let mut compound = Vec::new();
        for track in &self.tracks {
            track.write_report(&mut compound);
        }
        let blocks =
            self.streams.iter_mut().filter(|stream| stream.received.expected() > 0).map(|stream| Block {
                ssrc: stream.ssrc,
                fraction_lost: stream.received.fraction_lost(),
                lost: stream.received.lost(),
                highest: stream.received.highest(),
                sender_report: stream.sender_report,
            });
        packet::write_receiver_report(&mut compound, stamp::now(), blocks);
        self.send_rtcp(compound);
    }

    /// Of transport-wide congestion control. `false`: there is none.
    pub(crate) fn send_feedback(&mut self, totals: &mut Totals) -> bool {
        let Some(feedback) = &mut self.feedback else { return false };
        let ssrc = self.streams.first().map_or(0, |stream| stream.ssrc);
        for compound in feedback.take(ssrc) {
            self.send_rtcp(compound);
            totals.feedback += 1;
        }
        true
    }

    fn send_rtcp(&mut self, mut compound: Vec<u8>) {
        if self.keys.seal_rtcp(&mut compound) {
            socket::send(&self.socket, &[compound]);
        }
    }
}

impl Feedback {
    fn on(&mut self, packet: &[u8], at: Duration) {
        let Some(sequence) = packet::extension(packet, self.extension) else { return };
        // A turn above zero: what comes late may be below the first.
        let near = self.arrivals.last().map(|arrival| arrival.0).or(self.base);
        let sequence = near.map_or(0x1_0000 + u64::from(sequence), |near| unwrap(near, sequence));
        if self.arrivals.len() < ARRIVALS_MAX {
            self.arrivals.push((sequence, at));
        }
    }

    /// What there is to tell.
    fn take(&mut self, media_ssrc: u32) -> Vec<Vec<u8>> {
        let mut arrivals = std::mem::take(&mut self.arrivals);
        arrivals.sort_unstable();
        arrivals.dedup_by_key(|arrival| arrival.0);
        // What was said to be lost stays so.
        arrivals.retain(|arrival| self.base.is_none_or(|base| arrival.0 >= base));
        let mut rest = &arrivals[..];
        let mut messages = Vec::new();
        while let Some(first) = rest.first() {
            let mut message = Vec::new();
            let base = self.base.unwrap_or(first.0);
            let covered = write_feedback(&mut message, media_ssrc, self.count, base, rest);
            self.count = self.count.wrapping_add(1);
            self.base = rest.get(covered.wrapping_sub(1)).map(|last| last.0 + 1);
            rest = &rest[covered..];
            messages.push(message);
        }
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(wide: u16) -> Vec<u8> {
        let mut packet = vec![0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xBE, 0xDE, 0, 1, 0x51];
        packet.extend_from_slice(&wide.to_be_bytes());
        packet.push(0);
        packet
    }

    #[test]
    fn feedback_speaks_of_every_number_once() {
        let mut feedback = Feedback { extension: 5, count: 0, base: None, arrivals: Vec::new() };
        let base = |message: &[u8]| u16::from_be_bytes([message[12], message[13]]);
        let count = |message: &[u8]| u16::from_be_bytes([message[14], message[15]]);
        let at = Duration::from_secs(1_700_000_000);
        for wide in [65_534, 0, 65_535] {
            feedback.on(&packet(wide), at);
        }
        let first = feedback.take(7);
        assert_eq!((first.len(), base(&first[0]), count(&first[0])), (1, 65_534, 3));
        assert!(feedback.take(7).is_empty());
        // 1 is missing.
        feedback.on(&packet(2), at);
        let second = feedback.take(7);
        assert_eq!((second.len(), base(&second[0]), count(&second[0])), (1, 1, 2));
    }
}
