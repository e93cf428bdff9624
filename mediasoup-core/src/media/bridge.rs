//! Bridges: ways from a router to another one of the same process. What goes over them needs no socket and no key.
//!
//! Each worker has an inbox, a bounded queue without locks; each bridge has two ends, which know each other's inbox. A run of
//! packets crosses at once, in a buffer that goes back empty.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    task::Waker,
};

use async_trait::async_trait;

use super::error::TransportError;
use crate::ids::{RouterId, TransportId};

/// Empty buffers that wait for a bridge's next runs.
const SPARES_MAX: usize = 64;

/// What crosses at once.
#[derive(Debug)]
pub(crate) enum Load {
    /// RTP or RTCP packets, one behind the other.
    Packets {
        /// Bytes of each; only the last may be shorter.
        segment: usize,
        /// All of them.
        contents: Vec<u8>,
    },
    /// A message of a data channel.
    Message {
        /// The channel.
        stream: u16,
        /// What it is (RFC 8831 §8).
        ppid: u32,
        /// As it was sent.
        payload: Vec<u8>,
    },
}

/// It and whom it is for.
#[derive(Debug)]
pub(crate) struct Parcel {
    /// The end it goes to.
    pub(crate) to: TransportId,
    pub(crate) load: Load,
}

/// Where bridges bring what is for one worker.
#[derive(Clone)]
pub struct BridgeInbox {
    parcels: SyncSender<Parcel>,
    /// The worker was told of parcels, and has not looked since.
    is_told: Arc<AtomicBool>,
    waker: Waker,
}

impl fmt::Debug for BridgeInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeInbox").finish_non_exhaustive()
    }
}

impl BridgeInbox {
    /// An inbox for so many parcels, and the worker's side of it; `waker` makes the worker look.
    pub(crate) fn new(capacity: usize, waker: Waker) -> (Self, Arrivals) {
        let (sender, parcels) = sync_channel(capacity);
        let is_told = Arc::new(AtomicBool::new(false));
        (Self { parcels: sender, is_told: Arc::clone(&is_told), waker }, Arrivals { parcels, is_told })
    }

    /// `Err`: it is full, or nobody is there any more.
    fn put(&self, parcel: Parcel) -> Result<(), Parcel> {
        self.parcels.try_send(parcel).map_err(|refused| match refused {
            std::sync::mpsc::TrySendError::Full(parcel)
            | std::sync::mpsc::TrySendError::Disconnected(parcel) => parcel,
        })?;
        if !self.is_told.swap(true, Ordering::SeqCst) {
            self.waker.wake_by_ref();
        }
        Ok(())
    }
}

/// What has come to a worker.
#[derive(Debug)]
pub(crate) struct Arrivals {
    parcels: Receiver<Parcel>,
    is_told: Arc<AtomicBool>,
}

impl Arrivals {
    /// Whether somebody told of parcels since the last time this was asked. To be asked before they are taken: of one that
    /// comes later, it will be told again.
    pub(crate) fn take_told(&self) -> bool {
        self.is_told.swap(false, Ordering::SeqCst)
    }

    pub(crate) fn poll(&self) -> Option<Parcel> {
        self.parcels.try_recv().ok()
    }
}

/// One end of a bridge, on its way to the worker that will hold it.
pub struct BridgeEnd {
    other: TransportId,
    inbox: BridgeInbox,
    /// Buffers that have come back.
    spares: Receiver<Vec<u8>>,
    /// Where the other end's buffers go back to.
    returns: SyncSender<Vec<u8>>,
}

impl fmt::Debug for BridgeEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeEnd").field("other", &self.other).finish_non_exhaustive()
    }
}

impl BridgeEnd {
    /// The ends of a bridge between two transports, each with its worker's inbox.
    pub(crate) fn pair(
        one: (TransportId, BridgeInbox),
        other: (TransportId, BridgeInbox),
    ) -> (BridgeEnd, BridgeEnd) {
        let (to_one, spares_of_one) = sync_channel(SPARES_MAX);
        let (to_other, spares_of_other) = sync_channel(SPARES_MAX);
        (
            BridgeEnd { other: other.0, inbox: other.1, spares: spares_of_one, returns: to_other },
            BridgeEnd { other: one.0, inbox: one.1, spares: spares_of_other, returns: to_one },
        )
    }

    /// Brings packets to the other end. Gives whether there was room for them.
    pub(crate) fn send_packets(&self, segment: usize, packets: &[u8]) -> bool {
        let mut contents = self.spares.try_recv().unwrap_or_default();
        contents.extend_from_slice(packets);
        self.send(Load::Packets { segment, contents })
    }

    /// The same of anything.
    pub(crate) fn send(&self, load: Load) -> bool {
        self.inbox.put(Parcel { to: self.other, load }).is_ok()
    }

    /// What came from the other end was read.
    pub(crate) fn give_back(&self, mut contents: Vec<u8>) {
        contents.clear();
        // Beyond so many, they are not needed.
        let _ = self.returns.try_send(contents);
    }
}

/// Bridges' part of the seam between handles and whatever carries the media. Object safe; every call is complete when it
/// returns, and has changed nothing where it fails. What a port without them answers is already here.
#[async_trait]
#[expect(unused_variables, reason = "the answers of a port without bridges")]
pub trait BridgePort: Send + Sync + 'static {
    /// Where bridges to this worker bring what they carry.
    fn bridge_inbox(&self) -> Option<BridgeInbox> {
        None
    }
    /// Opens an end of a bridge: a transport, connected from the start.
    async fn create_bridge(
        &self,
        router: RouterId,
        id: TransportId,
        end: BridgeEnd,
    ) -> Result<(), TransportError> {
        Err(TransportError::NotFound(id))
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::AtomicUsize, task::Wake};

    use super::*;

    #[derive(Default)]
    struct Counter(AtomicUsize);

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn packets(arrivals: &Arrivals) -> Vec<u8> {
        match arrivals.poll().map(|parcel| parcel.load) {
            Some(Load::Packets { contents, .. }) => contents,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_put_in_comes_out_the_worker_is_told_once_and_buffers_come_back() {
        let wakes = Arc::new(Counter::default());
        let (inbox, arrivals) = BridgeInbox::new(2, Arc::clone(&wakes).into());
        let (elsewhere, _arrivals) = BridgeInbox::new(2, Waker::noop().clone());
        let (one, other) = (TransportId::from_u128(1), TransportId::from_u128(2));
        let (from, to) = BridgeEnd::pair((one, elsewhere), (other, inbox));

        assert!(from.send_packets(2, &[1, 2, 3]) && from.send_packets(1, &[4]));
        assert!(!from.send_packets(1, &[5]), "it is full");
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        assert!(arrivals.take_told() && !arrivals.take_told());
        let first = packets(&arrivals);
        assert_eq!((&first[..], &packets(&arrivals)[..]), (&[1, 2, 3][..], &[4][..]));
        assert!(arrivals.poll().is_none());

        let buffer = first.as_ptr();
        to.give_back(first);
        assert!(from.send_packets(1, &[6]));
        let second = packets(&arrivals);
        assert_eq!(second.as_ptr(), buffer, "it is used again");
        assert_eq!(wakes.0.load(Ordering::Relaxed), 2);
        drop(arrivals);
        assert!(!from.send_packets(1, &[7]), "nobody is there");
    }
}
