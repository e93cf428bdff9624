//! The recordings that are not over.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::watch;

use super::live::Live;
use crate::{
    ids::{RecordingId, RoomId},
    recording::error::RecordingError,
};

/// Whether recordings may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Openness {
    #[default]
    Open,
    /// No new ones.
    Closing,
    /// None: what is not done is left for the next start.
    Abandoned,
}

#[derive(Debug, Default)]
struct Pages {
    openness: Openness,
    live: BTreeMap<RecordingId, Arc<Live>>,
    last_start: u64,
}

/// The recordings that are not over. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Book(watch::Sender<Pages>);

impl Book {
    /// `now`, or just after the last start: names of files tell recordings apart by it.
    pub(super) fn next_start(&self, now_ms: u64) -> u64 {
        let mut start = now_ms;
        self.0.send_if_modified(|pages| {
            start = now_ms.max(pages.last_start + 1);
            pages.last_start = start;
            false
        });
        start
    }

    /// Enters a recording until the answer is dropped. A room has one that goes on at a time.
    pub(super) fn enter(&self, live: Arc<Live>) -> Result<Entered, RecordingError> {
        let mut outcome = Ok(());
        self.0.send_if_modified(|pages| {
            let is_same_room = |other: &Arc<Live>| other.room() == live.room() && other.is_on();
            outcome = if pages.openness != Openness::Open {
                Err(RecordingError::ShuttingDown)
            } else if live.is_on() && pages.live.values().any(is_same_room) {
                Err(RecordingError::InProgress)
            } else {
                pages.live.insert(live.id(), Arc::clone(&live));
                Ok(())
            };
            outcome.is_ok()
        });
        outcome.map(|()| Entered { book: self.clone(), live })
    }

    pub(super) fn get(&self, id: RecordingId) -> Option<Arc<Live>> {
        self.0.borrow().live.get(&id).cloned()
    }

    /// The one that goes on.
    pub(super) fn of_room(&self, room: &RoomId) -> Option<Arc<Live>> {
        self.0.borrow().live.values().find(|live| live.room() == room && live.is_on()).cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<Live>> {
        self.0.borrow().live.values().cloned().collect()
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.borrow().openness == Openness::Open
    }

    /// Takes no further one.
    pub(super) fn close(&self) {
        self.0.send_modify(|pages| pages.openness = pages.openness.max_with(Openness::Closing));
    }

    /// Lets go of those that are left.
    pub(super) fn abandon(&self) {
        self.0.send_modify(|pages| pages.openness = Openness::Abandoned);
    }

    /// Returns when nothing is to be entered any more.
    pub(super) async fn closing(&self) {
        self.wait_for(|pages| pages.openness != Openness::Open).await;
    }

    /// Returns when recordings are to be let go of.
    pub(super) async fn abandoned(&self) {
        self.wait_for(|pages| pages.openness == Openness::Abandoned).await;
    }

    /// Returns when there is none.
    pub(super) async fn empty(&self) {
        self.wait_for(|pages| pages.live.is_empty()).await;
    }

    async fn wait_for(&self, condition: impl FnMut(&Pages) -> bool) {
        // The sender is ours, so the only answer is the condition's.
        drop(self.0.subscribe().wait_for(condition).await);
    }
}

impl Openness {
    fn max_with(self, other: Self) -> Self {
        if self == Self::Abandoned { self } else { other }
    }
}

/// A recording's place in the book.
#[derive(Debug)]
pub(super) struct Entered {
    book: Book,
    live: Arc<Live>,
}

impl Entered {
    pub(super) fn live(&self) -> &Arc<Live> {
        &self.live
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.book.0.send_modify(|pages| {
            pages.live.remove(&self.live.id());
        });
    }
}
