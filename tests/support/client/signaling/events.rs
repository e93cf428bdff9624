//! A reader of the server's events.

use std::{collections::VecDeque, time::Duration};

use serde_json::Value;
use tokio::{sync::broadcast, time::timeout};

use super::super::ClientError;

/// How long [`Events::next`] waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// An event, as it came.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) data: Value,
}

/// Events in the order they came, from the moment the reader was made. Those that are passed over are
/// kept, so that one may wait for events in another order than they come in.
#[derive(Debug)]
pub struct Events {
    receiver: broadcast::Receiver<Event>,
    passed_over: VecDeque<Event>,
}

impl Events {
    pub(super) fn new(receiver: broadcast::Receiver<Event>) -> Self {
        Self { receiver, passed_over: VecDeque::new() }
    }

    /// The first event of this name that was not taken yet.
    ///
    /// # Errors
    /// The socket closed, too many events were left unread, or none came within ten seconds.
    pub async fn next(&mut self, name: &str) -> Result<Value, ClientError> {
        self.next_where(name, |_| true).await
    }

    /// The first event of this name for which `wanted` holds and that was not taken yet.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub async fn next_where(
        &mut self,
        name: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value, ClientError> {
        let matches = |event: &Event| event.name == name && wanted(&event.data);
        if let Some(event) =
            self.passed_over.iter().position(matches).and_then(|i| self.passed_over.remove(i))
        {
            return Ok(event.data);
        }
        let next = async {
            loop {
                let event = self.receiver.recv().await.map_err(|error| missed(&error))?;
                if matches(&event) {
                    return Ok(event.data);
                }
                self.passed_over.push_back(event);
            }
        };
        timeout(PATIENCE, next).await.map_err(|_| ClientError::Timeout(name.to_owned()))?
    }

    /// Takes every event of this name that has come and was not taken, without waiting.
    pub fn drain(&mut self, name: &str) -> Vec<Value> {
        while let Ok(event) = self.receiver.try_recv() {
            self.passed_over.push_back(event);
        }
        let (taken, kept) = self.passed_over.drain(..).partition(|event| event.name == name);
        self.passed_over = kept;
        let taken: VecDeque<Event> = taken;
        taken.into_iter().map(|event| event.data).collect()
    }
}

fn missed(error: &broadcast::error::RecvError) -> ClientError {
    match error {
        broadcast::error::RecvError::Closed => ClientError::Closed,
        broadcast::error::RecvError::Lagged(count) => ClientError::EventsMissed(*count),
    }
}
