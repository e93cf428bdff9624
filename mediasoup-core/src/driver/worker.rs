//! The loop of a worker's thread: sockets, jobs and deadlines into the engine; datagrams and events out of it.
#![expect(clippy::disallowed_methods, reason = "the loop tells the engine the time")]

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use mio::{Events, Poll, Token, Waker};
use rand::{TryRng, rngs::SysRng};

use super::{
    addresses,
    bridges::Bridges,
    handshakes::{self, Handshakes},
    inbox::Inbox,
    jobs::{self, JobReceiver},
    network::Network,
    plain::PlainPorts,
    port::WorkerPort,
    router_events::RouterEvents,
    router_taps::RouterTaps,
    sockets::Sockets,
    spacing::Spacing,
};
use crate::{
    engine::{Engine, EngineConfig, transport::DtlsIdentity},
    ids::TransportId,
    media::{direct::DirectPacket, error::WorkerError, feed::FeedSender, options::WorkerOptions},
};

const EVENTS_PER_POLL: usize = 1024;

/// Turns given to jobs, and to sockets, before the other one has its own.
const JOBS_PER_ROUND: usize = 64;
const DATAGRAMS_PER_ROUND: usize = 256;
const PARCELS_PER_ROUND: usize = 64;
/// Some jobs take long: no more of them than this, and the one that was begun.
const JOBS_BUDGET: Duration = Duration::from_millis(2);

/// The rest of a picture that has begun to come is given this long: its packets come one right after the other.
const REST: Duration = Duration::from_micros(50);

/// Not one of [`Network`]'s.
const WAKER: Token = Token(usize::MAX);

/// What jobs are done on.
pub(super) struct Media {
    pub(super) engine: Engine,
    pub(super) network: Network,
    pub(super) bridges: Bridges,
    /// Who reads what direct transports send.
    pub(super) direct: HashMap<TransportId, FeedSender<DirectPacket>>,
}

impl Media {
    /// Sends what the engine wants sent.
    fn send(&mut self, now: Instant) {
        self.bridges.send(now, self.engine.transmits());
        self.network.send(now, self.engine.transmits());
        self.engine.clear_transmits();
    }
}

/// What a worker's thread owns.
pub(super) struct Worker {
    poll: Poll,
    events: Events,
    media: Media,
    jobs: JobReceiver<Media>,
    inbox: Inbox,
    handshakes: Handshakes,
    routers: Arc<RouterEvents>,
    taps: Arc<RouterTaps>,
    /// Transports and consumers, for whoever spreads them.
    load: Arc<AtomicUsize>,
}

impl Worker {
    /// Opens a worker's sockets and makes its engine, with the port to be given out for it.
    ///
    /// # Errors
    /// An address or a port that cannot be had, or the system's lack of something.
    pub(super) fn open(options: &WorkerOptions) -> Result<(Self, WorkerPort), WorkerError> {
        let mut seed = [0; 32];
        SysRng.try_fill_bytes(&mut seed).map_err(|error| start_error(error.to_string()))?;
        let identity = DtlsIdentity::generate().map_err(|error| start_error(error.to_string()))?;
        let config = EngineConfig {
            seed,
            identity: Arc::new(identity),
            ice_consent_timeout: options.ice_consent_timeout,
        };
        let now = Instant::now();
        let engine = Engine::new(config, now);

        let poll = Poll::new().map_err(WorkerError::Start)?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER).map_err(WorkerError::Start)?);
        let (bridges, inbox) = Bridges::new(now, &waker);
        let registry = poll.registry().try_clone().map_err(WorkerError::Start)?;
        let sockets = Sockets::open(options)?;
        let candidates = addresses::candidates(&sockets.listening);
        let network = Network::new(registry, sockets.udp, sockets.tcp, now).map_err(WorkerError::Start)?;

        let (sender, jobs) = jobs::queue(options.command_queue_len, waker);
        let routers = Arc::new(RouterEvents::new(options.event_queue_len));
        let taps = Arc::new(RouterTaps::default());
        let load = Arc::new(AtomicUsize::new(0));
        let port = WorkerPort::new(
            sender,
            Arc::clone(&routers),
            Arc::clone(&taps),
            candidates,
            PlainPorts::new(options),
            inbox,
            Arc::clone(&load),
        );
        let events = Events::with_capacity(EVENTS_PER_POLL);
        let media = Media { engine, network, bridges, direct: HashMap::new() };
        let (inbox, handshakes) = (Inbox::new(), Handshakes::default());
        Ok((Self { poll, events, media, jobs, inbox, handshakes, routers, taps, load }, port))
    }

    /// Works until `stop`.
    ///
    /// # Errors
    /// The system's, where it cannot wait for sockets any more.
    pub(super) fn run(mut self, stop: &AtomicBool) -> io::Result<()> {
        let mut spacing = Spacing::new(Instant::now());
        while !stop.load(Ordering::Acquire) {
            if let Some(gap) = spacing.gap().filter(|_| !self.has_work()) {
                thread::sleep(gap);
            }
            self.wait()?;
            let mut now = Instant::now();
            self.run_jobs(now);
            let mut received = self.take_in(now);
            if self.media.engine.is_cut_short() {
                thread::sleep(REST);
                self.wait()?;
                now = Instant::now();
                received += self.take_in(now);
            }
            self.fan_out(now);
            spacing.on_round(now, received);
            self.shake_hands(now);
            self.handle_timeouts(now);
            self.media.network.flush();
        }
        Ok(())
    }

    /// Waits for an event or the next deadline; not at all where work was left over.
    fn wait(&mut self) -> io::Result<()> {
        let timeout = if self.has_work() {
            Some(Duration::ZERO)
        } else {
            let deadline = [self.media.engine.poll_timeout(), self.media.network.poll_timeout()]
                .into_iter()
                .flatten()
                .min();
            deadline.map(|at| at.saturating_duration_since(Instant::now()))
        };
        match self.poll.poll(&mut self.events, timeout) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(error),
        }
        for event in self.events.iter().filter(|event| event.token() != WAKER) {
            self.media.network.handle_event(event);
        }
        Ok(())
    }

    /// There is something to do that no event will tell of.
    fn has_work(&self) -> bool {
        let Media { engine, network, bridges, .. } = &self.media;
        engine.has_gathered()
            || network.has_work()
            || bridges.has_work()
            || self.jobs.has_work()
            || !self.handshakes.is_empty()
    }

    fn run_jobs(&mut self, now: Instant) {
        let begun = Instant::now();
        for _ in 0..JOBS_PER_ROUND {
            let Some(job) = self.jobs.poll_job() else { return };
            job(&mut self.media, now);
            self.drain(now);
            let counts = self.media.engine.counts();
            self.load.store(counts.transports + counts.consumers, Ordering::Relaxed);
            if begun.elapsed() >= JOBS_BUDGET {
                return;
            }
        }
    }

    /// Goes on with handshakes, now that media has had its turn.
    fn shake_hands(&mut self, now: Instant) {
        let begun = Instant::now();
        while let Some((tuple, mut datagram)) = self.handshakes.pop() {
            self.media.engine.gather_datagram(now, tuple, &mut datagram);
            self.drain(now);
            if begun.elapsed() >= handshakes::BUDGET {
                return;
            }
        }
    }

    /// Takes in what has come before anything goes out: what a picture's packets become goes out in one run to each viewer.
    /// Gives how many datagrams there were.
    fn take_in(&mut self, now: Instant) -> usize {
        let mut received = 0;
        while received < DATAGRAMS_PER_ROUND
            && !self.media.engine.has_enough()
            && self.media.network.receive(now, &mut self.inbox)
        {
            self.media.engine.touch(self.inbox.tuples());
            while let Some((tuple, datagram)) = self.inbox.pop() {
                received += 1;
                if self.handshakes.take(&self.media.engine, tuple, datagram) {
                    continue;
                }
                self.media.engine.gather_datagram(now, tuple, datagram);
                if self.media.engine.is_full() {
                    self.media.send(now);
                }
            }
        }
        for _ in 0..PARCELS_PER_ROUND {
            let Some(mut parcel) = self.media.bridges.poll() else { break };
            received += self.media.engine.gather_parcel(now, &mut parcel);
            self.media.bridges.give_back(parcel);
        }
        received
    }

    /// Sends on what was taken in.
    fn fan_out(&mut self, now: Instant) {
        while self.media.engine.fan_out() {
            self.media.send(now);
        }
        self.drain(now);
        while let Some(tuple) = self.media.network.poll_closed() {
            self.media.engine.handle_tuple_closed(now, tuple);
            self.drain(now);
        }
    }

    fn handle_timeouts(&mut self, now: Instant) {
        self.media.network.handle_timeout(now);
        if self.media.engine.poll_timeout().is_some_and(|at| at <= now) {
            self.media.engine.handle_timeout(now);
            self.drain(now);
        }
    }

    /// Carries out what the engine wants done.
    fn drain(&mut self, now: Instant) {
        self.media.send(now);
        while let Some((router, event)) = self.media.engine.poll_event() {
            self.routers.send(router, event);
        }
        while let Some((router, event)) = self.media.engine.poll_tap() {
            if !self.taps.send(router, &event) {
                self.media.engine.untap_router(router);
            }
        }
        while let Some((id, packet)) = self.media.engine.poll_direct() {
            match (packet, self.media.direct.get(&id)) {
                // A reader that has gone reads no more: nothing is to be done about it.
                (Some(packet), Some(reader)) => drop(reader.send(packet)),
                (Some(_), None) => {}
                (None, _) => drop(self.media.direct.remove(&id)),
            }
        }
        while let Some((id, load)) = self.media.engine.poll_bridged() {
            match load {
                Some(load) => self.media.bridges.send_load(now, id, load),
                None => self.media.bridges.remove(id),
            }
        }
        while let Some(local) = self.media.engine.poll_unbound() {
            self.media.network.remove_plain(local);
        }
    }
}

fn start_error(text: String) -> WorkerError {
    WorkerError::Start(io::Error::other(text))
}
