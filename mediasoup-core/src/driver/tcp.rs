//! ICE-TCP (RFC 6544, passive): a worker's listening port and the connections on it.

use std::{
    io::{self, Read},
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use mio::{
    Interest, Registry, Token,
    net::{TcpListener, TcpStream},
};
use socket2::{Domain, SockRef, Socket, TcpKeepalive, Type};

use super::{
    framing::{FrameReader, FrameWriter},
    inbox::Inbox,
    turn::Turn,
};
use crate::media::transport::{Protocol, Tuple};

/// Connections the kernel holds for us before we accept them.
const BACKLOG: i32 = 1024;

/// Bytes on their way to one peer; above it whole frames are dropped, as a full UDP socket would.
const OUTBOX_LEN_MAX: usize = 256 * 1024;

/// How long a connection may go without a valid STUN request after it was accepted.
const PROOF_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may go on without the engine sending anything over it: a living peer asks for consent
/// (RFC 7675) every few seconds, and is answered.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(60);

/// STUN message type "Binding error response" (RFC 8489 §5): an answer that proves nothing.
const BINDING_ERROR: [u8; 2] = [0x01, 0x11];

/// A listening TCP socket.
pub(super) struct TcpPort {
    listener: TcpListener,
    local: SocketAddr,
}

impl TcpPort {
    /// Binds and listens; port 0 lets the system choose.
    pub(super) fn bind(ip: IpAddr, port: u16) -> io::Result<Self> {
        let address = SocketAddr::new(ip, port);
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        if ip.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        // Connections of an earlier process in TIME_WAIT do not keep the port; a listener does.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        let listener = TcpListener::from_std(socket.into());
        let local = listener.local_addr()?;
        Ok(Self { listener, local })
    }

    /// The address it listens on.
    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }

    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut self.listener, token, Interest::READABLE)
    }

    /// The next connection.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::WouldBlock`] where none waits.
    pub(super) fn accept(&self) -> io::Result<TcpStream> {
        self.listener.accept().map(|(stream, _)| stream)
    }
}

/// A connection of a peer.
pub(super) struct Connection {
    stream: TcpStream,
    tuple: Tuple,
    reader: FrameReader,
    outbox: FrameWriter,
    /// The kernel takes bytes; `false` from a refused write to the next event.
    writable: bool,
    /// When it is closed unless the engine answers before.
    expires: Instant,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, now: Instant) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        // Finds out about peers that vanished without a word.
        let keepalive =
            TcpKeepalive::new().with_time(Duration::from_secs(30)).with_interval(Duration::from_secs(10));
        SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
        // The connection's own addresses: with two local addresses behind a wildcard, one peer's port may
        // be connected to both.
        let tuple =
            Tuple { protocol: Protocol::Tcp, local: stream.local_addr()?, remote: stream.peer_addr()? };
        Ok(Self {
            stream,
            tuple,
            reader: FrameReader::new(),
            outbox: FrameWriter::new(OUTBOX_LEN_MAX),
            writable: true,
            expires: now + PROOF_TIMEOUT,
        })
    }

    pub(super) fn tuple(&self) -> Tuple {
        self.tuple
    }

    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut self.stream, token, Interest::READABLE | Interest::WRITABLE)
    }

    pub(super) fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister(&mut self.stream)
    }

    /// Takes in the next frame, or reads towards it.
    pub(super) fn receive(&mut self, inbox: &mut Inbox) -> Turn {
        match self.reader.next_frame() {
            Ok(Some(frame)) => {
                inbox.put(self.tuple, frame);
                return Turn::More;
            }
            Ok(None) => {}
            Err(_) => return Turn::Closed,
        }
        match self.stream.read(self.reader.space()) {
            Ok(0) => Turn::Closed,
            Ok(len) => {
                self.reader.filled(len);
                Turn::More
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Turn::Drained,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Turn::More,
            Err(_) => Turn::Closed,
        }
    }

    /// Appends a frame for the next [`Connection::flush`]; `false`: the peer reads too slowly, it is dropped.
    #[must_use]
    pub(super) fn push(&mut self, now: Instant, contents: &[u8]) -> bool {
        // The engine answers only those whose STUN was authentic, error responses apart.
        if !contents.starts_with(&BINDING_ERROR) {
            self.expires = now + SILENCE_TIMEOUT;
        }
        self.outbox.push(contents)
    }

    /// Nothing waits to be written.
    pub(super) fn is_flushed(&self) -> bool {
        self.outbox.is_empty()
    }

    /// The kernel takes bytes again.
    pub(super) fn became_writable(&mut self) {
        self.writable = true;
    }

    /// Writes what waits, as far as the kernel takes it. The error means: the connection is gone.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if !self.writable {
            return Ok(());
        }
        match self.outbox.write_to(&mut self.stream) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.writable = false;
                Ok(())
            }
            done => done,
        }
    }

    /// Nobody has answered it for too long.
    pub(super) fn expired(&self, now: Instant) -> bool {
        self.expires <= now
    }
}
