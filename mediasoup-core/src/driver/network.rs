//! The sockets of a worker: what comes in, in turns, and what goes out, by tuple.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use mio::{Registry, Token, event::Event, net::TcpStream};
use slab::Slab;

use super::{
    LOG_TARGET,
    drops::Drops,
    inbox::Inbox,
    tcp::{Connection, TcpPort},
    turn::Turn,
    udp::{Singles, UdpPort},
};
use crate::{
    engine::{Destination, Transmit},
    media::transport::{Protocol, Tuple},
};

/// TCP connections of a worker; more are closed as they come.
const CONNECTIONS_MAX: usize = 4096;

/// How often connections are looked over for those to be given up.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// Something that may be readable. Its index is the one in [`Network`]'s lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Udp(usize),
    Listener(usize),
    Connection(usize),
}

impl Source {
    const KINDS: usize = 3;

    fn token(self) -> Token {
        let (kind, index) = match self {
            Self::Udp(index) => (0, index),
            Self::Listener(index) => (1, index),
            Self::Connection(index) => (2, index),
        };
        Token(index * Self::KINDS + kind)
    }

    fn of(token: Token) -> Self {
        let index = token.0 / Self::KINDS;
        match token.0 % Self::KINDS {
            0 => Self::Udp(index),
            1 => Self::Listener(index),
            _ => Self::Connection(index),
        }
    }
}

/// A socket and whether it stands in the queue of those to be read.
struct Queued<T> {
    socket: T,
    queued: bool,
}

impl<T> Queued<T> {
    fn new(socket: T) -> Self {
        Self { socket, queued: false }
    }
}

/// The sockets of one worker.
///
/// mio reports a readable socket once. So each one that was reported stands in `readable` until a read said
/// that nothing is left, and takes its turn there, a batch a turn: none starves another.
pub(super) struct Network {
    registry: Registry,
    /// The worker's own come first, and stay.
    udp: Slab<Queued<UdpPort>>,
    own_udp: usize,
    /// Ports of plain transports.
    plain: HashMap<SocketAddr, usize>,
    listeners: Vec<Queued<TcpPort>>,
    connections: Slab<Queued<Connection>>,
    by_tuple: HashMap<Tuple, usize>,
    readable: VecDeque<Source>,
    /// Connections with frames to be flushed.
    unflushed: Vec<usize>,
    /// Gone, and the engine not told yet.
    closed: Vec<Tuple>,
    next_sweep: Option<Instant>,
    drops: Drops,
}

impl Network {
    /// Registers the sockets.
    pub(super) fn new(
        registry: Registry,
        udp: Vec<UdpPort>,
        listeners: Vec<TcpPort>,
        now: Instant,
    ) -> io::Result<Self> {
        let mut network = Self {
            registry,
            own_udp: udp.len(),
            udp: udp.into_iter().map(Queued::new).enumerate().collect(),
            plain: HashMap::new(),
            listeners: listeners.into_iter().map(Queued::new).collect(),
            connections: Slab::new(),
            by_tuple: HashMap::new(),
            readable: VecDeque::new(),
            unflushed: Vec::new(),
            closed: Vec::new(),
            next_sweep: None,
            drops: Drops::new("datagrams could not be sent", now),
        };
        for (index, port) in &mut network.udp {
            port.socket.register(&network.registry, Source::Udp(index).token())?;
        }
        for (index, port) in network.listeners.iter_mut().enumerate() {
            port.socket.register(&network.registry, Source::Listener(index).token())?;
        }
        Ok(network)
    }

    /// Takes a port of a plain transport.
    ///
    /// # Errors
    /// The system's; then the port is closed.
    pub(super) fn add_plain(&mut self, mut port: UdpPort) -> io::Result<SocketAddr> {
        let (local, entry) = (port.local(), self.udp.vacant_entry());
        port.register(&self.registry, Source::Udp(entry.key()).token())?;
        self.plain.insert(local, entry.key());
        entry.insert(Queued::new(port));
        Ok(local)
    }

    /// Closes it.
    pub(super) fn remove_plain(&mut self, local: SocketAddr) {
        let Some(index) = self.plain.remove(&local) else { return };
        let mut port = self.udp.remove(index).socket;
        if let Err(error) = port.deregister(&self.registry) {
            tracing::debug!(target: LOG_TARGET, %local, %error, "cannot deregister a port");
        }
        // The next port in this place is not in the queue.
        self.readable.retain(|source| *source != Source::Udp(index));
    }

    /// Takes note of an event.
    pub(super) fn handle_event(&mut self, event: &Event) {
        let source = Source::of(event.token());
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            self.enqueue(source);
        }
        if let Source::Connection(key) = source
            && event.is_writable()
            && let Some(connection) = self.connections.get_mut(key)
        {
            connection.socket.became_writable();
            self.unflushed.push(key);
        }
    }

    /// There is work that no event will tell of again.
    pub(super) fn has_work(&self) -> bool {
        !(self.readable.is_empty() && self.unflushed.is_empty() && self.closed.is_empty())
    }

    /// Lets the next readable socket take its turn: at most one batch of datagrams, one frame or one new connection.
    /// `false`: none is readable.
    pub(super) fn receive(&mut self, now: Instant, inbox: &mut Inbox) -> bool {
        inbox.clear();
        let Some(source) = self.readable.pop_front() else { return false };
        let turn = match source {
            Source::Udp(index) => {
                // One that was closed with datagrams waiting.
                let Some(Queued { socket: port, .. }) = self.udp.get_mut(index) else { return true };
                port.receive(inbox)
            }
            Source::Listener(index) => self.accept(now, index),
            Source::Connection(key) => match self.connections.get_mut(key) {
                Some(connection) => connection.socket.receive(inbox),
                None => return true,
            },
        };
        match turn {
            Turn::More => self.readable.push_back(source),
            Turn::Drained => self.unmark(source),
            Turn::Closed => {
                if let Source::Connection(key) = source {
                    self.close(key);
                }
            }
        }
        true
    }

    /// Sends the datagrams that are for the network, and holds frames until [`Network::flush`]. What cannot go is dropped: it is media, or
    /// something that its sender repeats.
    pub(super) fn send<'a>(&mut self, now: Instant, transmits: impl Iterator<Item = Transmit<'a>>) {
        // Of one port; they go before what comes after them.
        let mut singles: Option<(usize, Singles<'a>)> = None;
        let mut dropped = 0;
        for transmit in transmits {
            let Destination::Network(tuple) = transmit.to else { continue };
            let Tuple { protocol, local, remote } = tuple;
            if protocol == Protocol::Tcp {
                dropped += transmit.datagrams().filter(|frame| !self.send_frame(now, &tuple, frame)).count();
                continue;
            }
            let Some(port) = self.udp_at(local) else {
                dropped += transmit.datagrams().count();
                continue;
            };
            let is_single = transmit.contents.len() <= transmit.segment;
            if let Some((of, batch)) = &mut singles
                && (*of != port || !is_single || batch.is_full())
            {
                dropped += self.udp[*of].socket.send_each(batch);
                singles = None;
            }
            if is_single {
                singles.get_or_insert_with(|| (port, Singles::new())).1.push((remote, transmit.contents));
            } else {
                dropped += self.udp[port].socket.send_run(remote, &transmit);
            }
        }
        if let Some((port, batch)) = singles {
            dropped += self.udp[port].socket.send_each(&batch);
        }
        self.drops.add(now, dropped);
    }

    /// Writes the frames that [`Network::send`] held.
    pub(super) fn flush(&mut self) {
        while let Some(key) = self.unflushed.pop() {
            let Some(connection) = self.connections.get_mut(key) else { continue };
            if connection.socket.flush().is_err() {
                self.close(key);
            }
        }
    }

    /// The next connection that is gone.
    pub(super) fn poll_closed(&mut self) -> Option<Tuple> {
        self.closed.pop()
    }

    /// When [`Network::handle_timeout`] wants to be called.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.next_sweep
    }

    /// Closes the connections that nobody answers.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if self.next_sweep.is_none_or(|at| now < at) {
            return;
        }
        let expired: Vec<usize> = self
            .connections
            .iter()
            .filter_map(|(key, connection)| connection.socket.expired(now).then_some(key))
            .collect();
        for key in expired {
            self.close(key);
        }
        self.next_sweep = (!self.connections.is_empty()).then_some(now + SWEEP_INTERVAL);
        // A listener that was left alone because the system had no more descriptors.
        for index in 0..self.listeners.len() {
            self.enqueue(Source::Listener(index));
        }
    }

    fn queued_mut(&mut self, source: Source) -> Option<&mut bool> {
        match source {
            Source::Udp(index) => self.udp.get_mut(index).map(|port| &mut port.queued),
            Source::Listener(index) => self.listeners.get_mut(index).map(|port| &mut port.queued),
            Source::Connection(key) => self.connections.get_mut(key).map(|connection| &mut connection.queued),
        }
    }

    fn enqueue(&mut self, source: Source) {
        if let Some(queued) = self.queued_mut(source)
            && !std::mem::replace(queued, true)
        {
            self.readable.push_back(source);
        }
    }

    fn unmark(&mut self, source: Source) {
        if let Some(queued) = self.queued_mut(source) {
            *queued = false;
        }
    }

    fn accept(&mut self, now: Instant, index: usize) -> Turn {
        match self.listeners[index].socket.accept() {
            Ok(stream) => {
                if let Err(error) = self.adopt(now, stream) {
                    tracing::debug!(target: LOG_TARGET, %error, "connection refused");
                }
                Turn::More
            }
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => Turn::Drained,
                io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => Turn::More,
                _ => {
                    tracing::warn!(target: LOG_TARGET, %error, "cannot accept connections");
                    self.next_sweep.get_or_insert(now + SWEEP_INTERVAL);
                    Turn::Drained
                }
            },
        }
    }

    fn adopt(&mut self, now: Instant, stream: TcpStream) -> io::Result<()> {
        if self.connections.len() >= CONNECTIONS_MAX {
            return Err(io::Error::other("too many connections"));
        }
        let mut connection = Connection::new(stream, now)?;
        let entry = self.connections.vacant_entry();
        let key = entry.key();
        connection.register(&self.registry, Source::Connection(key).token())?;
        self.by_tuple.insert(connection.tuple(), key);
        entry.insert(Queued::new(connection));
        self.next_sweep.get_or_insert(now + SWEEP_INTERVAL);
        Ok(())
    }

    fn close(&mut self, key: usize) {
        let Some(Queued { socket: mut connection, .. }) = self.connections.try_remove(key) else { return };
        let tuple = connection.tuple();
        if let Err(error) = connection.deregister(&self.registry) {
            tracing::debug!(target: LOG_TARGET, %error, "cannot deregister a connection");
        }
        self.by_tuple.remove(&tuple);
        self.closed.push(tuple);
    }

    /// The port at this address.
    fn udp_at(&self, local: SocketAddr) -> Option<usize> {
        let mut own = self.udp.iter().take(self.own_udp);
        let own = own.find(|(_, port)| port.socket.local() == local).map(|(index, _)| index);
        own.or_else(|| self.plain.get(&local).copied())
    }

    fn send_frame(&mut self, now: Instant, tuple: &Tuple, contents: &[u8]) -> bool {
        let Some(&key) = self.by_tuple.get(tuple) else { return false };
        let Some(connection) = self.connections.get_mut(key) else { return false };
        // With frames before it, it is in the list already, or the kernel takes no more for now.
        if connection.socket.is_flushed() {
            self.unflushed.push(key);
        }
        connection.socket.push(now, contents)
    }
}

#[cfg(test)]
mod tests;
