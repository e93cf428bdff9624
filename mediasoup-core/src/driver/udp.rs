//! A worker's UDP port.
//!
//! The seam for batched system calls: [`UdpPort::receive`] hands out one datagram a call, whether or not
//! the kernel gave several; [`UdpPort::send`] takes one.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use mio::{Interest, Registry, Token, net::UdpSocket};
use socket2::{Domain, Socket, Type};

use super::{LOG_TARGET, turn::Turn};

/// Asked of the kernel for each direction, in bytes: a key frame to a hundred viewers is a burst of megabytes.
/// `net.core.rmem_max` and `wmem_max` may give less.
const SOCKET_BUFFER_LEN: usize = 4 * 1024 * 1024;

/// The longest UDP payload, in bytes.
const DATAGRAM_LEN_MAX: usize = 65_535;

/// A bound UDP socket.
pub(super) struct UdpPort {
    socket: UdpSocket,
    local: SocketAddr,
    buffer: Box<[u8]>,
}

impl UdpPort {
    /// Binds; port 0 lets the system choose.
    pub(super) fn bind(ip: IpAddr, port: u16) -> io::Result<Self> {
        let address = SocketAddr::new(ip, port);
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
        if ip.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        for size in
            [socket.set_recv_buffer_size(SOCKET_BUFFER_LEN), socket.set_send_buffer_size(SOCKET_BUFFER_LEN)]
        {
            if let Err(error) = size {
                tracing::debug!(target: LOG_TARGET, %address, %error, "socket buffer left as it is");
            }
        }
        let socket = UdpSocket::from_std(socket.into());
        let local = socket.local_addr()?;
        Ok(Self { socket, local, buffer: vec![0; DATAGRAM_LEN_MAX].into_boxed_slice() })
    }

    /// The address it is bound to.
    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }

    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut self.socket, token, Interest::READABLE)
    }

    pub(super) fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister(&mut self.socket)
    }

    /// Delivers the next datagram, if there is one.
    pub(super) fn receive(&mut self, deliver: impl FnOnce(SocketAddr, &mut [u8])) -> Turn {
        match self.socket.recv_from(&mut self.buffer) {
            Ok((len, remote)) => {
                deliver(remote, &mut self.buffer[..len]);
                Turn::More
            }
            // An ICMP error of an earlier send, or a signal: the next datagram stands behind it.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::Interrupted
                        | io::ErrorKind::ConnectionRefused
                        | io::ErrorKind::ConnectionReset
                ) =>
            {
                Turn::More
            }
            // Nothing left, or an error of the socket: the next datagram wakes us either way.
            Err(_) => Turn::Drained,
        }
    }

    /// Sends, or says why not: nothing waits for a full socket buffer.
    pub(super) fn send(&self, remote: SocketAddr, contents: &[u8]) -> io::Result<()> {
        self.socket.send_to(contents, remote).map(drop)
    }
}
