//! Threads that carry media: sockets, timers, and nothing that waits.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    os::fd::AsRawFd as _,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token};
use tokio::sync::oneshot;

use crate::{
    Result,
    client::Client,
    connect::Connected,
    options::Options,
    socket::{self, Inbox},
    totals::{Losses, Totals},
    track::Track,
};

/// Sockets read between two looks at the clock.
const EVENTS: usize = 64;
/// Between two readings. The kernel says when packets came, so they may wait: then a call takes several of a socket, and
/// it is not the server's work to wake this thread for each.
const READ_PERIOD: Duration = Duration::from_millis(5);
const CHECK_PERIOD: Duration = Duration::from_secs(5);
const REPORT_PERIOD: Duration = Duration::from_secs(1);
const FEEDBACK_PERIOD: Duration = Duration::from_millis(100);

pub(crate) type ClientId = usize;

enum Command {
    Add { id: ClientId, client: Box<Client> },
    Watch { id: ClientId, ssrc: u32 },
    Publish { id: ClientId, track: Box<Track> },
    Remove { id: ClientId },
    Restart,
    Totals(oneshot::Sender<Totals>),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Frame(usize),
    Feedback,
    Report,
    Check,
}

/// All threads. They end when this is dropped.
pub(crate) struct Media {
    threads: Vec<mpsc::Sender<Command>>,
    next: AtomicUsize,
    gro: bool,
}

impl Media {
    pub(crate) fn start(options: &Options) -> Result<Self> {
        let mut threads = Vec::new();
        for number in 0..options.threads {
            let (sender, commands) = mpsc::channel();
            let thread = Thread {
                poll: Poll::new()?,
                commands,
                inbox: Inbox::new(options.gro),
                sample: options.sample,
                clients: BTreeMap::new(),
                timers: BinaryHeap::new(),
                packets: Vec::new(),
                totals: Totals::default(),
                losses_before: Losses::default(),
                losses_of_gone: Losses::default(),
            };
            thread::Builder::new().name(format!("media-{number}")).spawn(move || thread.run())?;
            threads.push(sender);
        }
        Ok(Self { threads, next: AtomicUsize::new(0), gro: options.gro })
    }

    /// Takes over a client that began to connect at `begun`; `extension` is the id of the number of transport-wide
    /// congestion control, where it does that.
    pub(crate) fn add(
        &self,
        connected: Connected,
        begun: Instant,
        extension: Option<u8>,
    ) -> Result<ClientId> {
        socket::prepare(&connected.socket, self.gro)?;
        let socket = mio::net::UdpSocket::from_std(connected.socket);
        let client = Box::new(Client::new(socket, connected.keys, connected.ice, begun, extension));
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.tell(id, Command::Add { id, client });
        Ok(id)
    }

    /// Packets with this SSRC are those of a stream.
    pub(crate) fn watch(&self, id: ClientId, ssrc: u32) {
        self.tell(id, Command::Watch { id, ssrc });
    }

    pub(crate) fn publish(&self, id: ClientId, track: Track) {
        self.tell(id, Command::Publish { id, track: Box::new(track) });
    }

    pub(crate) fn remove(&self, id: ClientId) {
        self.tell(id, Command::Remove { id });
    }

    /// Counts from zero.
    pub(crate) fn restart(&self) {
        (0..self.threads.len()).for_each(|thread| self.tell(thread, Command::Restart));
    }

    /// Since the start, or the last [`Self::restart`].
    pub(crate) async fn totals(&self) -> Totals {
        let mut all = Totals::default();
        let replies: Vec<_> = (0..self.threads.len())
            .map(|thread| {
                let (sender, reply) = oneshot::channel();
                self.tell(thread, Command::Totals(sender));
                reply
            })
            .collect();
        for reply in replies {
            all.merge(&reply.await.unwrap_or_default());
        }
        all
    }

    fn tell(&self, id: usize, command: Command) {
        // A thread that has panicked has said so.
        let _gone = self.threads[id % self.threads.len()].send(command);
    }
}

struct Thread {
    poll: Poll,
    commands: mpsc::Receiver<Command>,
    inbox: Inbox,
    sample: u32,
    clients: BTreeMap<ClientId, Client>,
    timers: BinaryHeap<Reverse<(Instant, ClientId, Timer)>>,
    packets: Vec<Vec<u8>>,
    totals: Totals,
    losses_before: Losses,
    losses_of_gone: Losses,
}

impl Thread {
    fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS);
        let mut next_read = Instant::now();
        while self.obey() {
            if next_read <= Instant::now() {
                next_read = Instant::now() + READ_PERIOD;
                self.read(&mut events);
            }
            self.fire();
            let next = self.timers.peek().map_or(next_read, |Reverse((due, ..))| next_read.min(*due));
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }

    /// Reads what has come. Frames that are due meanwhile are sent.
    fn read(&mut self, events: &mut Events) {
        loop {
            // Interrupted, by a signal: it is read the next time.
            let _interrupted = self.poll.poll(events, Some(Duration::ZERO));
            for event in &*events {
                let Some(client) = self.clients.get_mut(&event.token().0) else { continue };
                let socket = client.socket.as_raw_fd();
                let (sample, totals) = (self.sample, &mut self.totals);
                self.inbox.receive(&socket, |datagram, at| client.receive(datagram, at, sample, totals));
            }
            self.fire();
            if events.iter().count() < EVENTS {
                return;
            }
        }
    }

    /// `false`: nobody will command any more.
    fn obey(&mut self) -> bool {
        loop {
            match self.commands.try_recv() {
                Ok(command) => self.execute(command),
                Err(mpsc::TryRecvError::Empty) => return true,
                Err(mpsc::TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn execute(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Add { id, mut client } => {
                let registered =
                    self.poll.registry().register(&mut client.socket, Token(id), Interest::READABLE);
                if let Err(error) = registered {
                    eprintln!("error: a socket cannot be watched: {error}");
                }
                self.clients.insert(id, *client);
                self.timers.push(Reverse((now + FEEDBACK_PERIOD, id, Timer::Feedback)));
                self.timers.push(Reverse((now + REPORT_PERIOD, id, Timer::Report)));
                self.timers.push(Reverse((now + CHECK_PERIOD, id, Timer::Check)));
            }
            Command::Watch { id, ssrc } => {
                if let Some(client) = self.clients.get_mut(&id) {
                    client.watch(ssrc);
                }
            }
            Command::Publish { id, track } => {
                if let Some(client) = self.clients.get_mut(&id) {
                    let due = track.due();
                    let place = client.publish(*track);
                    self.timers.push(Reverse((due, id, Timer::Frame(place))));
                }
            }
            Command::Remove { id } => {
                if let Some(client) = self.clients.remove(&id) {
                    client.losses().for_each(|losses| self.losses_of_gone.add(losses));
                }
            }
            Command::Restart => {
                self.losses_before = self.losses();
                self.totals.restart();
            }
            Command::Totals(reply) => {
                let losses = self.losses().since(self.losses_before);
                let totals = Totals { expected: losses.expected, lost: losses.lost, ..self.totals.clone() };
                // Who asked may have been stopped.
                let _gone = reply.send(totals);
            }
        }
    }

    fn losses(&self) -> Losses {
        let mut losses = self.losses_of_gone;
        self.clients.values().flat_map(Client::losses).for_each(|more| losses.add(more));
        losses
    }

    fn fire(&mut self) {
        let now = Instant::now();
        while let Some(&Reverse((due, id, timer))) = self.timers.peek()
            && due <= now
        {
            self.timers.pop();
            let Some(client) = self.clients.get_mut(&id) else { continue };
            let next = match timer {
                Timer::Frame(track) => {
                    client.send_frame(track, Instant::now(), &mut self.packets, &mut self.totals);
                    client.due(track)
                }
                Timer::Feedback => client.send_feedback(&mut self.totals).then(|| now + FEEDBACK_PERIOD),
                Timer::Report => {
                    client.send_reports();
                    Some(now + REPORT_PERIOD)
                }
                Timer::Check => {
                    client.send_check();
                    Some(now + CHECK_PERIOD)
                }
            };
            self.timers.extend(next.map(|due| Reverse((due, id, timer))));
        }
    }
}
