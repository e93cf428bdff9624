//! The taps of a worker's routers: written by its thread, read from anywhere.

use std::{collections::HashMap, sync::Mutex};

use super::lock;
use crate::{
    ids::RouterId,
    media::tap::{Tap, TapEvent, TapSender},
};

/// Bounded channels. A reader that is too slow misses events.
#[derive(Debug, Default)]
pub(super) struct RouterTaps {
    taps: Mutex<HashMap<RouterId, Vec<TapSender>>>,
}

impl RouterTaps {
    /// A further tap on a router.
    pub(super) fn open(&self, router: RouterId, capacity: usize) -> Tap {
        let (sender, tap) = Tap::channel(capacity);
        lock(&self.taps).entry(router).or_default().push(sender);
        tap
    }

    /// Ends a router's taps: their readers come to the end after what is in them.
    pub(super) fn close(&self, router: RouterId) {
        lock(&self.taps).remove(&router);
    }

    /// Ends all taps.
    pub(super) fn close_all(&self) {
        lock(&self.taps).clear();
    }

    /// Tells a router's readers. `false`: there are none any more.
    pub(super) fn send(&self, router: RouterId, event: &TapEvent) -> bool {
        let mut taps = lock(&self.taps);
        let Some(readers) = taps.get_mut(&router) else { return false };
        readers.retain(|reader| reader.send(event.clone()));
        let listening = !readers.is_empty();
        if !listening {
            taps.remove(&router);
        }
        listening
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::ProducerId, media::tap::TapSenderReport};

    fn event(now: std::time::Instant) -> TapEvent {
        let producer_id = ProducerId::from_u128(1);
        TapEvent::SenderReport(TapSenderReport {
            producer_id,
            encoding: 0,
            arrival: now,
            ntp: 0,
            rtp_timestamp: 0,
        })
    }

    #[tokio::test]
    async fn a_slow_reader_misses_and_one_that_went_is_forgotten() {
        let (taps, router) = (RouterTaps::default(), RouterId::from_u128(1));
        let event = event(tokio::time::Instant::now().into_std());
        assert!(!taps.send(router, &event));
        let (mut slow, quick) = (taps.open(router, 1), taps.open(router, 8));
        assert!(taps.send(router, &event));
        assert!(taps.send(router, &event));
        let mut events = Vec::new();
        assert_eq!(slow.recv_many(&mut events, 8).await, 1);
        assert_eq!((slow.missed(), quick.missed()), (1, 0));
        drop(slow);
        assert!(taps.send(router, &event));
        drop(quick);
        assert!(!taps.send(router, &event));

        let mut last = taps.open(router, 1);
        taps.close(router);
        assert_eq!(last.recv().await, None);
    }
}
