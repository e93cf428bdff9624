//! A worker's UDP port: many datagrams in a call, in both directions.

#[cfg(target_os = "linux")]
use std::io::IoSlice;
use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use arrayvec::ArrayVec;
use mio::{Interest, Registry, Token, net::UdpSocket};
use quinn_udp::{RecvMeta, UdpSocketState};
#[cfg(target_os = "linux")]
use rustix::{
    io::Errno,
    net::{
        MMsgHdr, SendAncillaryBuffer, SendFlags,
        addr::SocketAddrArg as _,
        sockopt::{Ipv4PathMtuDiscovery, Ipv6PathMtuDiscovery},
    },
};
use socket2::{Domain, Socket, Type};

use super::{LOG_TARGET, inbox::Inbox, turn::Turn};
use crate::{
    engine::Transmit,
    media::transport::{Protocol, Tuple},
};

/// Asked of the kernel for each direction, in bytes: a key frame to a hundred viewers is a burst of megabytes.
/// `net.core.rmem_max` and `wmem_max` may give less.
const SOCKET_BUFFER_LEN: usize = 4 * 1024 * 1024;

/// Datagrams to various peers that go in one call.
const SINGLES_MAX: usize = 32;

/// Datagrams, each with where it goes.
pub(super) type Singles<'a> = ArrayVec<(SocketAddr, &'a [u8]), SINGLES_MAX>;

/// A bound UDP socket.
pub(super) struct UdpPort {
    socket: UdpSocket,
    local: SocketAddr,
    /// What the kernel can put together and cut apart.
    offload: UdpSocketState,
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
        let offload = UdpSocketState::new((&socket).into())?;
        #[cfg(target_os = "linux")]
        allow_fragments(&socket, ip)?;
        Ok(Self { socket, local, offload })
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

    /// Takes in what waits, as much as one call gives.
    pub(super) fn receive(&mut self, inbox: &mut Inbox) -> Turn {
        let Self { socket, offload, local } = self;
        let tuple = |meta: &RecvMeta| Tuple { protocol: Protocol::Udp, local: *local, remote: meta.addr };
        match inbox.fill(|slices, metas| offload.recv((&*socket).into(), slices, metas), tuple) {
            Ok(_) => Turn::More,
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

    /// Sends datagrams to one peer, the kernel cutting them apart where it can. Gives how many could not go: nothing waits
    /// for a full socket buffer.
    pub(super) fn send_run(&self, remote: SocketAddr, run: &Transmit<'_>) -> usize {
        if self.offload.max_gso_segments() > 1 {
            let transmit = quinn_udp::Transmit {
                destination: remote,
                ecn: None,
                contents: run.contents,
                segment_size: Some(run.segment),
                src_ip: None,
            };
            match self.offload.try_send((&self.socket).into(), &transmit) {
                Ok(()) => return 0,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return run.datagrams().count(),
                // Not on this way: one of its links takes shorter ones only, or leaves the cutting to nobody.
                Err(_) => {}
            }
        }
        let mut singles = Singles::new();
        let mut dropped = 0;
        for datagram in run.datagrams() {
            if singles.is_full() {
                dropped += self.send_each(&singles);
                singles.clear();
            }
            singles.push((remote, datagram));
        }
        dropped + self.send_each(&singles)
    }

    /// Sends datagrams in one call. Gives how many could not go.
    #[cfg(target_os = "linux")]
    pub(super) fn send_each(&self, singles: &Singles<'_>) -> usize {
        type Batch<T> = ArrayVec<T, SINGLES_MAX>;
        let remotes: Batch<_> = singles.iter().map(|(remote, _)| remote.as_any()).collect();
        let slices: Batch<_> = singles.iter().map(|(_, datagram)| [IoSlice::new(datagram)]).collect();
        let mut controls: Batch<_> = singles.iter().map(|_| SendAncillaryBuffer::default()).collect();
        let mut messages: Batch<_> = remotes
            .iter()
            .zip(&slices)
            .zip(&mut controls)
            .map(|((remote, slice), control)| MMsgHdr::new_with_addr(remote, slice, control))
            .collect();
        let (mut done, mut dropped) = (0, 0);
        while done < messages.len() {
            match rustix::net::sendmmsg(&self.socket, &mut messages[done..], SendFlags::empty()) {
                Ok(sent) => done += sent,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return dropped + messages.len() - done,
                Err(_) => (done, dropped) = (done + 1, dropped + 1),
            }
        }
        dropped
    }

    /// Sends datagrams. Gives how many could not go.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn send_each(&self, singles: &Singles<'_>) -> usize {
        singles.iter().filter(|(remote, datagram)| self.socket.send_to(datagram, *remote).is_err()).count()
    }
}

/// Lets the system cut up what a link does not take whole: it was forbidden for QUIC, which looks for the path's MTU itself.
#[cfg(target_os = "linux")]
fn allow_fragments(socket: &UdpSocket, ip: IpAddr) -> io::Result<()> {
    use rustix::net::sockopt;
    if ip.is_ipv6() {
        sockopt::set_ipv6_mtu_discover(socket, Ipv6PathMtuDiscovery::WANT)?;
    } else {
        sockopt::set_ip_mtu_discover(socket, Ipv4PathMtuDiscovery::WANT)?;
    }
    Ok(())
}
