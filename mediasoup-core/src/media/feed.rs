//! Bounded channels from a worker to who listens: the worker never waits.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::mpsc::{
    self,
    error::{TryRecvError, TrySendError},
};

/// The writing end, for implementations of [`MediaPort`](super::port::MediaPort). Dropping it ends the feed.
#[derive(Debug)]
pub struct FeedSender<T> {
    events: mpsc::Sender<T>,
    missed: Arc<AtomicU64>,
}

impl<T> FeedSender<T> {
    /// Tells the reader, unless it is too far behind. `false`: it has gone.
    #[must_use]
    pub fn send(&self, event: T) -> bool {
        match self.events.try_send(event) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.missed.fetch_add(1, Ordering::Relaxed);
                true
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }
}

/// The reading end. Dropping it ends the feed.
#[derive(Debug)]
pub struct Feed<T> {
    events: mpsc::Receiver<T>,
    missed: Arc<AtomicU64>,
}

impl<T> Feed<T> {
    /// A feed in which at most `capacity` (at least 1) events wait to be read.
    #[must_use]
    pub fn channel(capacity: usize) -> (FeedSender<T>, Self) {
        let (sender, events) = mpsc::channel(capacity.max(1));
        let missed = Arc::<AtomicU64>::default();
        (FeedSender { events: sender, missed: Arc::clone(&missed) }, Self { events, missed })
    }

    /// The next event; `None` when what it is of is closed. A reader that is too slow misses events.
    pub async fn recv(&mut self) -> Option<T> {
        self.events.recv().await
    }

    /// Takes up to `limit` events at once; 0 when what it is of is closed.
    pub async fn recv_many(&mut self, events: &mut Vec<T>, limit: usize) -> usize {
        self.events.recv_many(events, limit).await
    }

    /// What is there already, one after another. A reader that comes by now and then, instead of waiting, is not woken by
    /// the worker for every event.
    ///
    /// # Errors
    /// There is nothing now, or what it is of is closed.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.events.try_recv()
    }

    /// Events missed so far, because this reader was too slow.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }
}
