//! News of recordings, as one session hears them: what a reply has told already is none, and what happens while a reply
//! is due comes after it.

use std::collections::{BTreeMap, BTreeSet};

use mediasoup_core::{
    ids::{RecordingId, RoomId},
    recording::{Recording, RecordingEvent},
};
use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};

/// A turn in a recording's life that a reply can tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// It goes on: the reply to `start-recording`, or to `join-room`.
    Started,
    /// It was stopped: the reply to `stop-recording`.
    Stopped,
}

/// What happens to all recordings, but for what this session knows.
#[derive(Debug)]
pub(super) struct RecordingNews {
    events: broadcast::Receiver<RecordingEvent>,
    /// Told by a reply; the event of it is still to come.
    told: BTreeSet<(RecordingId, Turn)>,
    /// Rooms whose recording this session is stopping, with what has happened since.
    held: BTreeMap<RoomId, Vec<RecordingEvent>>,
}

impl RecordingNews {
    pub(super) fn new(events: broadcast::Receiver<RecordingEvent>) -> Self {
        Self { events, told: BTreeSet::new(), held: BTreeMap::new() }
    }

    /// The next piece of news; pending for ever once there is no manager any more.
    pub(super) async fn next(&mut self) -> RecordingEvent {
        loop {
            match self.events.recv().await {
                Ok(event) => {
                    if let Some(news) = self.sift(event) {
                        return news;
                    }
                }
                Err(RecvError::Lagged(missed)) => log_missed(missed),
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// News that has come already.
    pub(super) fn ready(&mut self) -> Option<RecordingEvent> {
        loop {
            match self.events.try_recv() {
                Ok(event) => {
                    if let Some(news) = self.sift(event) {
                        return Some(news);
                    }
                }
                Err(TryRecvError::Lagged(missed)) => log_missed(missed),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
    }

    /// A reply tells of this turn.
    pub(super) fn told(&mut self, id: RecordingId, turn: Turn) {
        self.told.insert((id, turn));
    }

    /// A reply about this room's recording is due: what happens to it is kept until [`release`](Self::release).
    pub(super) fn hold(&mut self, room: RoomId) {
        self.held.entry(room).or_default();
    }

    /// The reply was sent: what has happened meanwhile, but for what it told.
    pub(super) fn release(&mut self, room: &RoomId) -> Vec<RecordingEvent> {
        let held = self.held.remove(room).unwrap_or_default();
        held.into_iter().filter_map(|event| self.sift(event)).collect()
    }

    fn sift(&mut self, event: RecordingEvent) -> Option<RecordingEvent> {
        let recording = subject(&event)?;
        if let Some(held) = self.held.get_mut(&recording.room_id) {
            held.push(event);
            return None;
        }
        let id = recording.id;
        let is_told = match event {
            RecordingEvent::Started(_) => self.told.remove(&(id, Turn::Started)),
            // Nobody will be told that it starts any more.
            RecordingEvent::Stopped(_) => {
                self.told.remove(&(id, Turn::Started));
                self.told.remove(&(id, Turn::Stopped))
            }
            _ => {
                self.told.retain(|(known, _)| *known != id);
                false
            }
        };
        if is_told { None } else { Some(event) }
    }
}

/// Whose an event is; `None` for those of a later version.
fn subject(event: &RecordingEvent) -> Option<&Recording> {
    match event {
        RecordingEvent::Started(recording)
        | RecordingEvent::Stopped(recording)
        | RecordingEvent::Ready(recording)
        | RecordingEvent::Failed { recording, .. } => Some(recording),
        _ => None,
    }
}

fn log_missed(missed: u64) {
    tracing::warn!(target: "mediasoup::recording", missed, "a session has missed events of recordings");
}

#[cfg(test)]
mod tests {
    use mediasoup_core::recording::{RecordingFiles, RecordingOptions, RecordingStatus};

    use super::*;

    fn recording(id: u128) -> Recording {
        Recording {
            id: RecordingId::from_u128(id),
            room_id: "r".parse().unwrap(),
            filename: "room_r".to_owned(),
            started_at: 0,
            options: RecordingOptions::default(),
            files: RecordingFiles::default(),
            status: RecordingStatus::Recording,
        }
    }

    fn news() -> (broadcast::Sender<RecordingEvent>, RecordingNews) {
        let (events, reader) = broadcast::channel(16);
        (events, RecordingNews::new(reader))
    }

    fn ready(news: &mut RecordingNews) -> Vec<RecordingEvent> {
        std::iter::from_fn(|| news.ready()).collect()
    }

    #[test]
    fn what_a_reply_told_is_no_news_and_anything_else_is() {
        let (events, mut news) = news();
        let (own, others) = (recording(1), recording(2));
        news.told(own.id, Turn::Started);
        events.send(RecordingEvent::Started(own.clone())).unwrap();
        events.send(RecordingEvent::Started(others.clone())).unwrap();
        events.send(RecordingEvent::Stopped(own.clone())).unwrap();
        let expected = [RecordingEvent::Started(others), RecordingEvent::Stopped(own)];
        assert_eq!(ready(&mut news), expected);
        assert!(news.told.is_empty());
    }

    #[test]
    fn what_happens_while_a_reply_is_due_comes_after_it() {
        let (events, mut news) = news();
        let own = recording(1);
        news.hold(own.room_id.clone());
        events.send(RecordingEvent::Stopped(own.clone())).unwrap();
        events.send(RecordingEvent::Ready(own.clone())).unwrap();
        assert_eq!(ready(&mut news), []);
        news.told(own.id, Turn::Stopped);
        assert_eq!(news.release(&own.room_id), [RecordingEvent::Ready(own.clone())]);
        assert!(news.told.is_empty() && news.held.is_empty());
        assert_eq!(news.release(&own.room_id), []);
    }

    #[test]
    fn a_reply_that_failed_told_nothing() {
        let (events, mut news) = news();
        let own = recording(1);
        news.hold(own.room_id.clone());
        events.send(RecordingEvent::Stopped(own.clone())).unwrap();
        assert_eq!(ready(&mut news), []);
        assert_eq!(news.release(&own.room_id), [RecordingEvent::Stopped(own)]);
    }
}
