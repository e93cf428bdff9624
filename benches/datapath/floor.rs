//! What cannot be done without: each packet sealed, and handed to the kernel in one of three ways.

use std::{
    io::IoSlice,
    net::{SocketAddr, UdpSocket},
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use quinn_udp::{Transmit, UdpSocketState};
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, addr::SocketAddrArg, sendmmsg};

use mediasoup_benches::traffic::Traffic;

const HEADER_LEN: usize = 28;
const BATCH: usize = 32;

#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// A call for each packet, and nothing sealed.
    SendTo,
    /// A call for many packets.
    SendMmsg,
    /// A call for all packets to one viewer, cut apart by the kernel.
    Segmented,
}

pub(crate) struct Floor {
    way: Way,
    traffic: Traffic,
    socket: UdpSocket,
    offload: UdpSocketState,
    viewers: Vec<SocketAddr>,
    /// One a viewer.
    keys: Vec<LessSafeKey>,
    sealed: u64,
    buffer: Vec<u8>,
}

impl Floor {
    pub(crate) fn new(way: Way, traffic: Traffic, viewers: Vec<SocketAddr>) -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("the system has a port");
        let offload = UdpSocketState::new((&socket).into()).expect("it is a socket");
        let key =
            |_: &_| LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("the length is right"));
        let keys = viewers.iter().map(key).collect();
        Self { way, traffic, socket, offload, viewers, keys, sealed: 0, buffer: Vec::new() }
    }

    /// What [`Floor::send`] sends.
    pub(crate) fn packets(&self) -> u64 {
        (self.traffic.packets() * self.viewers.len()) as u64
    }

    /// Sends a time's packets to all.
    pub(crate) fn send(&mut self) {
        match self.way {
            Way::SendTo => self.send_to(),
            Way::SendMmsg => self.send_many(),
            Way::Segmented => self.send_segmented(),
        }
    }

    fn send_to(&mut self) {
        self.buffer.resize(self.traffic.packet_len() + 16, 0xAB);
        for _ in 0..self.traffic.packets() {
            for viewer in &self.viewers {
                self.socket.send_to(&self.buffer, viewer).expect("loopback takes it");
            }
        }
    }

    fn send_many(&mut self) {
        for _ in 0..self.traffic.packets() {
            for first in (0..self.viewers.len()).step_by(BATCH) {
                let last = self.viewers.len().min(first + BATCH);
                self.buffer.clear();
                for viewer in first..last {
                    self.seal(viewer);
                }
                let packets = self.buffer.chunks(self.buffer.len() / (last - first));
                let remotes: Vec<_> = self.viewers[first..last].iter().map(SocketAddrArg::as_any).collect();
                let slices: Vec<_> = packets.map(|packet| [IoSlice::new(packet)]).collect();
                let mut controls: Vec<_> = slices.iter().map(|_| SendAncillaryBuffer::default()).collect();
                let mut messages: Vec<_> = remotes
                    .iter()
                    .zip(&slices)
                    .zip(&mut controls)
                    .map(|((remote, slice), control)| MMsgHdr::new_with_addr(remote, slice, control))
                    .collect();
                let sent = sendmmsg(&self.socket, &mut messages, SendFlags::empty());
                assert_eq!(sent, Ok(last - first), "loopback takes them");
            }
        }
    }

    fn send_segmented(&mut self) {
        let packets = self.traffic.packets();
        for index in 0..self.viewers.len() {
            self.buffer.clear();
            for _ in 0..packets {
                self.seal(index);
            }
            let transmit = Transmit {
                destination: self.viewers[index],
                ecn: None,
                contents: &self.buffer,
                segment_size: Some(self.buffer.len() / packets),
                src_ip: None,
            };
            self.offload.try_send((&self.socket).into(), &transmit).expect("loopback takes it");
        }
    }

    /// Appends a packet for this viewer: copied, then sealed where it is.
    fn seal(&mut self, viewer: usize) {
        const PACKET: [u8; 2_048] = [0xAB; 2_048];
        self.sealed += 1;
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.sealed.to_be_bytes());
        let start = self.buffer.len();
        self.buffer.extend_from_slice(&PACKET[..self.traffic.packet_len()]);
        let (header, payload) = self.buffer[start..].split_at_mut(HEADER_LEN);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.keys[viewer].seal_in_place_separate_tag(nonce, Aad::from(&*header), payload);
        self.buffer.extend_from_slice(tag.expect("it is short").as_ref());
    }
}
