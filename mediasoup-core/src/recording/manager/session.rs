//! The task of one recording: whatever happens to it happens here, one thing after another.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tracing::{info, warn};

use super::{
    Shared,
    book::Entered,
    compose::{Material, compose, text_of},
    live::{Command, Live},
    work::WorkDirectory,
};
use crate::recording::{
    capture::{Capture, Cause, Ended, Written},
    error::RecordingError,
    file::{Recording, RecordingFiles},
    traits::RecordingEvent,
};

type Composed = Result<RecordingFiles, RecordingError>;

/// Something that has come up.
enum Input {
    Command(Option<Command>),
    Ended(Ended),
    Composed(Composed),
    Waited,
}

pub(super) struct Session {
    shared: Arc<Shared>,
    entered: Entered,
    commands: mpsc::Receiver<Command>,
    /// Until nothing more is heard.
    capture: Option<Capture>,
    composing: Option<Pin<Box<dyn Future<Output = Composed> + Send>>>,
    /// The log's end on disk.
    written: Option<Written>,
    /// Held, so that no other process takes it for one that was cut off.
    _work: Arc<WorkDirectory>,
    /// Files that were final before it was heard of the capture's end.
    early: Option<RecordingFiles>,
    disk_was_full: bool,
    /// Who has stopped it, and until when it is waited for files.
    stopper: Option<oneshot::Sender<Recording>>,
    deadline: Option<Instant>,
}

impl Session {
    /// A recording with its queue of commands. Without a capture, it is one that an earlier process has made.
    pub(super) fn new(
        shared: Arc<Shared>,
        entered: Entered,
        commands: mpsc::Receiver<Command>,
        capture: Option<Capture>,
        material: Material,
    ) -> Self {
        let (written, work) = (material.written.clone(), Arc::clone(&material.work));
        let composing = (shared.options.composers > 0)
            .then(|| Box::pin(compose(Arc::clone(&shared), Arc::clone(entered.live()), material)) as _);
        Self {
            shared,
            entered,
            commands,
            capture,
            composing,
            written,
            _work: work,
            early: None,
            disk_was_full: false,
            stopper: None,
            deadline: None,
        }
    }

    /// To its end, or until all recordings are let go of.
    pub(super) async fn run(mut self) {
        let book = self.shared.book.clone();
        tokio::select! {
            () = self.serve() => {}
            () = book.abandoned() => info!(target: "mediasoup::recording", recording = %self.live().id(), "left for the next start"),
        }
    }

    async fn serve(&mut self) {
        while !self.live().lifecycle().is_over() {
            let input = self.next().await;
            self.take(input);
        }
        if let Some(written) = self.written.take() {
            written.wait().await;
        }
        self.shared.retain().await;
    }

    fn live(&self) -> &Live {
        self.entered.live()
    }

    /// Waits for whatever comes first.
    async fn next(&mut self) -> Input {
        let Self { commands, capture, composing, deadline, .. } = self;
        tokio::select! {
            biased;
            Some(composed) = optional(composing.as_mut()) => Input::Composed(composed),
            Some(ended) = optional(capture.as_mut().map(|capture| Box::pin(capture.ended()))) => Input::Ended(ended),
            command = commands.recv() => Input::Command(command),
            Some(()) = optional(deadline.map(|deadline| Box::pin(sleep_until(deadline)))) => Input::Waited,
        }
    }

    fn take(&mut self, input: Input) {
        let position = self.live().position();
        let events = match input {
            Input::Command(command) => {
                self.obey(command);
                Vec::new()
            }
            Input::Ended(ended) => self.ended(ended, position),
            Input::Waited => {
                self.deadline = None;
                self.live().lifecycle().waited(position)
            }
            Input::Composed(composed) => self.composed(composed, position),
        };
        for event in events {
            self.shared.tell(event);
        }
        self.answer();
    }

    fn obey(&mut self, command: Option<Command>) {
        let Some(capture) = &mut self.capture else { return };
        match command {
            // A second one is told nothing: its sender is dropped.
            Some(Command::Stop(stopper)) if self.stopper.is_none() => self.stopper = Some(stopper),
            Some(Command::DiskFull) => self.disk_was_full = true,
            Some(Command::Stop(_)) | None => return,
        }
        capture.stop();
    }

    fn trouble_of(&self, cause: Cause) -> Option<&'static str> {
        match cause {
            Cause::DiskFull => Some(DISK_FULL),
            Cause::Broken => Some("The recording could not be written: it was stopped"),
            Cause::Asked | Cause::RoomClosed => self.disk_was_full.then_some(DISK_FULL),
        }
    }

    fn ended(&mut self, ended: Ended, position: Duration) -> Vec<RecordingEvent> {
        self.capture = None;
        self.deadline = Some(Instant::now() + self.shared.options.stop_wait);
        let trouble = self.trouble_of(ended.cause);
        let mut lifecycle = self.entered.live().lifecycle();
        let mut events = lifecycle.stopped(ended.length, trouble, position);
        if let Some(files) = self.early.take() {
            events.extend(lifecycle.composed(files));
        }
        events
    }

    fn composed(&mut self, composed: Composed, position: Duration) -> Vec<RecordingEvent> {
        self.composing = None;
        match composed {
            Ok(files) if self.capture.is_some() => {
                self.early = Some(files);
                Vec::new()
            }
            Ok(files) => self.live().lifecycle().composed(files),
            Err(error) => {
                let (recording, text) = (self.live().id(), text_of(&error));
                warn!(target: "mediasoup::recording", %recording, error = text, "files not made");
                self.live().lifecycle().compose_failed(&text, position)
            }
        }
    }

    /// Tells whoever has stopped it, when there is something to tell.
    fn answer(&mut self) {
        let is_decided = {
            let lifecycle = self.live().lifecycle();
            !lifecycle.is_on() && !lifecycle.is_stopping()
        };
        if is_decided && let Some(stopper) = self.stopper.take() {
            // A caller that has gone has stopped it all the same.
            drop(stopper.send(self.live().recording()));
        }
    }
}

const DISK_FULL: &str = "Not enough free disk space: the recording was stopped";

/// What is there, when it is done; nothing otherwise, so that a branch of a `select!` is left out.
async fn optional<F: Future + Unpin>(future: Option<F>) -> Option<F::Output> {
    match future {
        Some(future) => Some(future.await),
        None => None,
    }
}
