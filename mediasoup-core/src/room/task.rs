//! A room's task: takes one command at a time, runs it to its end, and carries out what follows from it.
//!
//! So commands are atomic, everybody hears things in one order, and a caller that goes away in the middle
//! leaves nothing half done.

use std::{collections::VecDeque, pin::Pin, sync::Arc, time::Duration};

use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    time::Instant,
};
use tracing::{debug, info, warn};

use super::{
    api::RoomIdentity,
    error::RoomError,
    event::CloseReason,
    handles::Handles,
    info::RoomInfo,
    registry::Registration,
    roster::{self, Followers},
    sessions::Sessions,
    state::{Effect, RoomCounts, RoomState, SessionKey},
};
use crate::{
    ids::RoomId,
    media::{event::RouterEvent, options::WebRtcTransportOptions},
    recording::RosterEvent,
};

/// What a command's future borrows of the task.
pub(super) type Work<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A command: runs on the task and has its answer's address with it.
pub(super) type Command = Box<dyn for<'a> FnOnce(&'a mut RoomTask) -> Work<'a, ()> + Send>;

/// Wraps what is to be done, and where the answer goes, into a command.
pub(super) fn command<T, F>(work: F) -> (Command, oneshot::Receiver<Result<T, RoomError>>)
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a mut RoomTask) -> Work<'a, Result<T, RoomError>> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let command: Command = Box::new(move |task| {
        Box::pin(async move {
            let result = work(task).await;
            task.publish_counts();
            // A caller that has gone needs no answer; what it asked for is done.
            drop(reply.send(result));
        })
    });
    (command, answer)
}

/// What a room's task is started with.
#[derive(Debug)]
pub(super) struct Wiring {
    pub(super) commands: mpsc::Receiver<Command>,
    /// The name, held for as long as the room is open.
    pub(super) registration: Registration,
    /// Read without asking the task. Dropped last: its end is the task's end.
    pub(super) counts: watch::Sender<RoomCounts>,
}

/// One room, alive.
#[derive(Debug)]
pub(super) struct RoomTask {
    pub(super) id: RoomId,
    pub(super) state: RoomState,
    pub(super) media: Handles,
    pub(super) sessions: Sessions,
    pub(super) followers: Followers,
    pub(super) transport_options: WebRtcTransportOptions,
    router_events: broadcast::Receiver<Arc<RouterEvent>>,
    deadline: Option<Instant>,
    closing: Option<CloseReason>,
    wiring: Wiring,
}

impl RoomTask {
    pub(super) fn new(
        identity: &RoomIdentity,
        state: RoomState,
        media: Handles,
        transport_options: WebRtcTransportOptions,
        wiring: Wiring,
    ) -> Self {
        let router_events = media.routers.home().events();
        let (id, deadline) = (identity.id.clone(), deadline(identity.opened, identity.options.timeout));
        let sessions = Sessions::default();
        Self {
            id,
            state,
            media,
            sessions,
            followers: Followers::default(),
            transport_options,
            router_events,
            deadline,
            closing: None,
            wiring,
        }
    }

    pub(super) fn info(&self) -> RoomInfo {
        self.state.info()
    }

    /// Serves until the room closes; then nothing of it is left.
    pub(super) async fn run(mut self) {
        let reason = loop {
            let deadline = self.deadline;
            tokio::select! {
                command = self.wiring.commands.recv() => match command {
                    Some(command) => command(&mut self).await,
                    None => break CloseReason::Shutdown,
                },
                event = self.router_events.recv() => self.on_router_event(event).await,
                event = self.media.routers.branch_event() => self.on_router_event(Ok(event)).await,
                session = self.sessions.abandoned() => self.on_abandoned(&session).await,
                () = at(deadline) => break CloseReason::Timeout,
            }
            if let Some(reason) = self.closing {
                break reason;
            }
        };
        self.wind_down(reason).await;
    }

    /// Ends the room once the command at hand is done.
    pub(super) fn close(&mut self, reason: CloseReason) {
        self.closing.get_or_insert(reason);
    }

    /// Carries out effects in their order. A session found to be too far behind is removed in turn.
    pub(super) async fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Close(resource) => self.media.close(resource).await,
                Effect::Forget(resource) => self.media.forget(resource),
                Effect::End(id, event) => self.sessions.end(&id, event),
                Effect::Tell(audience, event) => {
                    if let Some(change) = roster::change(&event, &self.media) {
                        self.tell_followers(&change);
                    }
                    for session in self.sessions.tell(&audience, &event) {
                        self.log_removal(&session, "removed: it does not read its events");
                        effects.extend(self.state.leave(&session));
                    }
                }
            }
        }
    }

    /// Tells whoever follows the roster. One too far behind hears no more, as if the room had closed.
    pub(super) fn tell_followers(&mut self, change: &RosterEvent) {
        let behind = self.followers.tell(change);
        if behind > 0 {
            warn!(target: "mediasoup::room", room = %self.id, behind, "recording let go: it does not read the roster");
        }
    }

    fn log_removal(&self, session: &SessionKey, why: &'static str) {
        warn!(target: "mediasoup::participant", room = %self.id, participant = %session.participant, "{why}");
    }

    fn publish_counts(&self) {
        let counts = self.state.counts();
        self.wiring.counts.send_if_modified(|known| std::mem::replace(known, counts) != counts);
    }

    async fn on_router_event(&mut self, event: Result<Arc<RouterEvent>, broadcast::error::RecvError>) {
        match event {
            Err(broadcast::error::RecvError::Closed) => self.close(CloseReason::WorkerDied),
            Ok(event) if *event == RouterEvent::WorkerClosed => self.close(CloseReason::WorkerDied),
            Ok(event) => {
                let effects = self.state.router_event(Arc::unwrap_or_clone(event));
                self.carry_out(Vec::from_iter(effects)).await;
                self.publish_counts();
            }
            Err(broadcast::error::RecvError::Lagged(missed)) => {
                debug!(target: "mediasoup::room", room = %self.id, missed, "router events missed");
            }
        }
    }

    async fn on_abandoned(&mut self, session: &SessionKey) {
        self.log_removal(session, "removed: its events were dropped");
        let effects = self.state.leave(session);
        self.carry_out(effects).await;
        self.publish_counts();
    }

    async fn wind_down(mut self, reason: CloseReason) {
        // The name is free before anybody hears of the end, so that whoever hears may open the room anew.
        self.wiring.registration.free_name();
        self.wiring.commands.close();
        self.followers.end();
        let effects = self.state.close(reason);
        self.carry_out(effects).await;
        self.media.routers.close().await;
        info!(target: "mediasoup::room", room = %self.id, ?reason, "room closed");
    }
}

/// Sleeps to a deadline; for ever where there is none.
async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// When a room opened now is over. It closes when it was empty for longer than its timeout, or is older than
/// that; what was empty for so long is as old, so its age alone decides.
fn deadline(opened: Instant, timeout_ms: u64) -> Option<Instant> {
    if timeout_ms == 0 { None } else { opened.checked_add(Duration::from_millis(timeout_ms)) }
}
