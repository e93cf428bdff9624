//! The bridges of a worker: what it sends over them, and what comes.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    task::Wake,
    time::Instant,
};

use async_trait::async_trait;
use mio::Waker;

use super::{drops::Drops, port::WorkerPort, worker::Media};
use crate::{
    engine::{Destination, Transmit},
    ids::{RouterId, TransportId},
    media::{
        bridge::{Arrivals, BridgeEnd, BridgeInbox, BridgePort, Load, Parcel},
        error::TransportError,
    },
};

/// Parcels that wait for a worker. One that is so far behind has lost already what its sockets hold.
const PARCELS_MAX: usize = 1024;

/// Makes a worker look, as long as there is one.
struct WakeWorker(Weak<Waker>);

impl Wake for WakeWorker {
    fn wake(self: Arc<Self>) {
        // A worker that cannot be woken finds its parcels at the next packet or deadline.
        let _ = self.0.upgrade().map(|waker| waker.wake());
    }
}

/// What a worker's thread knows of bridges.
pub(super) struct Bridges {
    arrivals: Arrivals,
    ends: HashMap<TransportId, BridgeEnd>,
    has_arrivals: bool,
    drops: Drops,
}

impl Bridges {
    /// None yet, and the inbox for those to come.
    pub(super) fn new(now: Instant, waker: &Arc<Waker>) -> (Self, BridgeInbox) {
        let waker = Arc::new(WakeWorker(Arc::downgrade(waker)));
        let (inbox, arrivals) = BridgeInbox::new(PARCELS_MAX, waker.into());
        let drops = Drops::new("packets for another worker, which is behind, were dropped", now);
        (Self { arrivals, ends: HashMap::new(), has_arrivals: false, drops }, inbox)
    }

    fn add(&mut self, id: TransportId, end: BridgeEnd) {
        self.ends.insert(id, end);
    }

    pub(super) fn remove(&mut self, id: TransportId) {
        self.ends.remove(&id);
    }

    /// Brings what is for bridges to their other ends. Nothing waits for a full inbox.
    pub(super) fn send<'a>(&mut self, now: Instant, transmits: impl Iterator<Item = Transmit<'a>>) {
        if self.ends.is_empty() {
            return;
        }
        for transmit in transmits {
            let Destination::Bridge(id) = transmit.to else { continue };
            let end = self.ends.get(&id);
            if end.is_some_and(|end| !end.send_packets(transmit.segment, transmit.contents)) {
                self.drops.add(now, transmit.datagrams().count());
            }
        }
    }

    /// The same of a message.
    pub(super) fn send_load(&mut self, now: Instant, id: TransportId, load: Load) {
        if self.ends.get(&id).is_some_and(|end| !end.send(load)) {
            self.drops.add(now, 1);
        }
    }

    /// There is something that no event will tell of again.
    pub(super) fn has_work(&self) -> bool {
        self.has_arrivals
    }

    /// The next parcel.
    pub(super) fn poll(&mut self) -> Option<Parcel> {
        self.has_arrivals |= self.arrivals.take_told();
        if !self.has_arrivals {
            return None;
        }
        let parcel = self.arrivals.poll();
        self.has_arrivals = parcel.is_some();
        parcel
    }

    /// It was read.
    pub(super) fn give_back(&self, parcel: Parcel) {
        if let (Some(end), Load::Packets { contents, .. }) = (self.ends.get(&parcel.to), parcel.load) {
            end.give_back(contents);
        }
    }
}

#[async_trait]
impl BridgePort for WorkerPort {
    fn bridge_inbox(&self) -> Option<BridgeInbox> {
        Some(self.inbox().clone())
    }

    async fn create_bridge(
        &self,
        router: RouterId,
        id: TransportId,
        end: BridgeEnd,
    ) -> Result<(), TransportError> {
        let create = move |media: &mut Media, now| {
            media.engine.create_bridge(now, router, id)?;
            media.bridges.add(id, end);
            Ok(())
        };
        self.jobs().call_creating(create, move |media, now| media.engine.close_transport(now, id)).await
    }
}
