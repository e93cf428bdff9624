//! The event channels of a worker's routers: written by its thread, subscribed to from anywhere.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::sync::broadcast;

use super::lock;
use crate::{ids::RouterId, media::event::RouterEvent};

/// One bounded channel a router, of pointers: it has room for all it may ever hold from the start. A reader that is too slow is told how many events it missed.
#[derive(Debug)]
pub(super) struct RouterEvents {
    channels: Mutex<HashMap<RouterId, broadcast::Sender<Arc<RouterEvent>>>>,
    channel_len: usize,
}

impl RouterEvents {
    pub(super) fn new(channel_len: usize) -> Self {
        Self { channels: Mutex::default(), channel_len: channel_len.max(1) }
    }

    /// Opens a router's channel, with a first reader.
    pub(super) fn open(&self, id: RouterId) -> broadcast::Receiver<Arc<RouterEvent>> {
        let (sender, receiver) = broadcast::channel(self.channel_len);
        lock(&self.channels).insert(id, sender);
        receiver
    }

    /// A further reader, where there is such a router.
    pub(super) fn subscribe(&self, id: RouterId) -> Option<broadcast::Receiver<Arc<RouterEvent>>> {
        lock(&self.channels).get(&id).map(broadcast::Sender::subscribe)
    }

    /// Ends a router's channel: its readers come to the end after what is in it.
    pub(super) fn close(&self, id: RouterId) {
        lock(&self.channels).remove(&id);
    }

    /// Tells a router's readers, where there are any.
    pub(super) fn send(&self, id: RouterId, event: RouterEvent) {
        if let Some(channel) = lock(&self.channels).get(&id) {
            let _ = channel.send(Arc::new(event));
        }
    }

    /// Tells all readers that the worker is gone, and ends all channels.
    pub(super) fn close_all(&self) {
        let event = Arc::new(RouterEvent::WorkerClosed);
        for (_, channel) in lock(&self.channels).drain() {
            let _ = channel.send(Arc::clone(&event));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast::error::TryRecvError;

    use super::*;
    use crate::{ids::TransportId, media::transport::IceState};

    #[test]
    fn each_router_has_its_own_readers() {
        let events = RouterEvents::new(8);
        let (one, other) = (RouterId::from_u128(1), RouterId::from_u128(2));
        let mut of_one = events.open(one);
        let mut of_other = events.open(other);
        let event = || RouterEvent::IceState(TransportId::from_u128(3), IceState::Connected);
        events.send(one, event());
        assert_eq!(of_one.try_recv(), Ok(Arc::new(event())));
        assert_eq!(of_other.try_recv(), Err(TryRecvError::Empty));

        let mut late = events.subscribe(other).unwrap();
        events.close(one);
        assert!(events.subscribe(one).is_none());
        assert_eq!(of_one.try_recv(), Err(TryRecvError::Closed));

        events.close_all();
        for reader in [&mut of_other, &mut late] {
            assert_eq!(reader.try_recv(), Ok(Arc::new(RouterEvent::WorkerClosed)));
            assert_eq!(reader.try_recv(), Err(TryRecvError::Closed));
        }
    }
}
