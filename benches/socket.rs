//! Many datagrams at a time.

use std::{
    array::from_fn,
    io::{IoSlice, IoSliceMut},
    os::fd::{AsRawFd, RawFd},
    time::Duration,
};

use nix::{
    cmsg_space,
    errno::Errno,
    sys::{
        socket::{ControlMessageOwned, MsgFlags, MultiHeaders, recvmmsg, sendmmsg, setsockopt, sockopt},
        time::TimeSpec,
    },
};

use crate::Result;

/// Datagrams taken at a time; with GRO, pieces of up to 64 KiB.
const BATCH: usize = 16;
const DATAGRAM_LEN: usize = 2048;
/// Not a power of two: else all buffers would share the same few lines of the cache.
const PIECE_LEN: usize = 65_536 + 576;
/// Bytes a socket may hold: a second of a few streams.
const RECEIVE_BUFFER: usize = 1 << 20;

/// Prepares a socket to be read by an [`Inbox`]; with `gro`, the kernel may give several datagrams in one.
///
/// # Errors
/// The system's.
pub fn prepare(socket: &std::net::UdpSocket, gro: bool) -> Result<()> {
    socket.set_nonblocking(true)?;
    setsockopt(socket, sockopt::ReceiveTimestampns, &true)?;
    if gro {
        setsockopt(socket, sockopt::UdpGroSegment, &true)?;
    }
    // Beyond the system's limit only with privileges.
    if setsockopt(socket, sockopt::RcvBufForce, &RECEIVE_BUFFER).is_err() {
        setsockopt(socket, sockopt::RcvBuf, &RECEIVE_BUFFER)?;
    }
    Ok(())
}

/// Where datagrams are read into.
pub struct Inbox {
    buffer: Vec<u8>,
    each: usize,
}

impl Inbox {
    /// For sockets prepared with the same `gro`.
    #[must_use]
    pub fn new(gro: bool) -> Self {
        let each = if gro { PIECE_LEN } else { DATAGRAM_LEN };
        Self { buffer: vec![0; BATCH * each], each }
    }

    /// Reads all that a socket has. Gives every datagram, and when it came by the kernel's clock.
    pub fn receive(&mut self, socket: &impl AsRawFd, mut each: impl FnMut(&mut [u8], Duration)) {
        // An error is one of the peer's port, told by ICMP: what is lost, the figures tell.
        while self.receive_batch(socket.as_raw_fd(), &mut each).is_ok_and(|taken| taken == BATCH) {}
    }

    fn receive_batch(
        &mut self,
        socket: RawFd,
        each: &mut impl FnMut(&mut [u8], Duration),
    ) -> Result<usize, Errno> {
        let mut taken = [(0, Duration::ZERO, 0); BATCH];
        let mut count = 0;
        {
            // Anew each time: what the kernel writes into it is not what it must find in it.
            let mut headers = MultiHeaders::<()>::preallocate(BATCH, Some(cmsg_space!(TimeSpec, i32)));
            let mut slices: Vec<_> =
                self.buffer.chunks_exact_mut(self.each).map(|buffer| [IoSliceMut::new(buffer)]).collect();
            let messages = recvmmsg(socket, &mut headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None)?;
            for (message, taken) in messages.zip(&mut taken) {
                *taken = (message.bytes, Duration::ZERO, message.bytes);
                for control in message.cmsgs()? {
                    match control {
                        ControlMessageOwned::ScmTimestampns(at) => taken.1 = at.into(),
                        ControlMessageOwned::UdpGroSegments(len) if len > 0 => taken.2 = len as usize,
                        _ => {}
                    }
                }
                count += 1;
            }
        }
        for (buffer, (len, at, segment)) in self.buffer.chunks_exact_mut(self.each).zip(&taken[..count]) {
            for datagram in buffer[..*len].chunks_mut((*segment).max(1)) {
                each(datagram, *at);
            }
        }
        Ok(count)
    }
}

/// Sends datagrams over a connected socket. Gives how many went.
pub fn send(socket: &impl AsRawFd, datagrams: &[Vec<u8>]) -> usize {
    let mut sent = 0;
    for datagrams in datagrams.chunks(BATCH) {
        let mut headers = MultiHeaders::<()>::preallocate(datagrams.len(), None);
        let slices: Vec<_> = datagrams.iter().map(|datagram| [IoSlice::new(datagram)]).collect();
        let nowhere: [Option<()>; BATCH] = from_fn(|_| None);
        let result = sendmmsg(socket.as_raw_fd(), &mut headers, &slices, nowhere, [], MsgFlags::MSG_DONTWAIT);
        sent += result.map_or(0, Iterator::count);
    }
    sent
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn what_is_sent_is_received_with_its_time() {
        for gro in [false, true] {
            let (from, to) =
                (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
            from.connect(to.local_addr().unwrap()).unwrap();
            prepare(&to, gro).unwrap();
            let before = crate::stamp::now();
            let datagrams: Vec<_> =
                (0..40).map(|number: u8| vec![number; 100 + usize::from(number)]).collect();
            assert_eq!(send(&from, &datagrams), 40);
            let mut received = Vec::new();
            Inbox::new(gro).receive(&to, |datagram, at| {
                assert!(at >= before && at <= crate::stamp::now(), "{at:?}");
                received.push(datagram.to_vec());
            });
            assert_eq!(received, datagrams);
        }
    }
}
