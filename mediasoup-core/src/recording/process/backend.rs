//! The backend: a child process for each recorder.

use std::{fmt, io, os::unix::net::UnixStream, sync::Arc, thread::JoinHandle, time::Duration};

use async_trait::async_trait;
use tokio::sync::{oneshot, watch};

use super::{
    ambient,
    command::RecorderCommand,
    supervisor::{Supervisor, Warnings},
};
use crate::recording::{
    Recorder, RecorderBackend, RecorderFiles, RecorderJob, RecordingError, settings::Settings,
};

type Check = dyn Fn(&Settings) -> Result<(), RecordingError> + Send + Sync;

/// Runs each recorder in a process of its own: watched, started again when it crashes or hangs, and on Linux without
/// access to the network, to keys or to anything but its directory, as far as the kernel can do that.
#[derive(Clone)]
pub struct ProcessBackend {
    command: RecorderCommand,
    check: Arc<Check>,
    warnings: Warnings,
}

impl ProcessBackend {
    /// A backend whose children are `command`, which ends up in [`run_child`](super::run_child). Whatever is asked for
    /// is taken for possible; see [`ProcessBackend::with_check`].
    #[must_use]
    pub fn new(command: RecorderCommand) -> Self {
        Self { command, check: Arc::new(|_| Ok(())), warnings: Warnings::default() }
    }

    /// A backend whose children are the running program itself, called with `arguments`.
    #[must_use]
    pub fn for_current_exe(arguments: &[&str]) -> Self {
        Self::new(RecorderCommand::current_exe(arguments.iter().map(Into::into).collect()))
    }

    /// With a function that knows what the children can do: its answer is [`RecorderBackend::check`]'s.
    #[must_use]
    pub fn with_check(
        mut self,
        check: impl Fn(&Settings) -> Result<(), RecordingError> + Send + Sync + 'static,
    ) -> Self {
        self.check = Arc::new(check);
        self
    }

    #[cfg(test)]
    pub(super) fn warnings(&self) -> std::collections::BTreeSet<String> {
        self.warnings.lock().unwrap().clone()
    }
}

impl fmt::Debug for ProcessBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessBackend").field("command", &self.command).finish_non_exhaustive()
    }
}

#[async_trait]
impl RecorderBackend for ProcessBackend {
    fn check(&self, settings: &Settings) -> Result<(), RecordingError> {
        (self.check)(settings)
    }

    async fn start(&self, job: RecorderJob) -> Result<Box<dyn Recorder>, RecordingError> {
        let (stop, stopped) = UnixStream::pair()?;
        let (position_sender, position) = watch::channel(Duration::ZERO);
        let (result_sender, result) = watch::channel(None);
        let (started_sender, started) = oneshot::channel();
        let supervisor = Supervisor {
            command: self.command.clone(),
            job,
            warnings: self.warnings.clone(),
            position: position_sender,
            stop: stopped,
        };
        let run = move || match supervisor.command.spawn() {
            Err(error) => {
                let _ = started_sender.send(Err(error));
            }
            Ok(child) => {
                let _ = started_sender.send(Ok(()));
                if let Some(result) = supervisor.run(child) {
                    result_sender.send_replace(Some(result));
                }
            }
        };
        let thread = Some(ambient::spawn("recorder-watch", run)?);
        // Made before waiting: should nobody wait any more, it ends what was started.
        let recorder = ProcessRecorder { position, result, stop: Some(stop), thread };
        started.await.map_err(|_| io::Error::other("a recorder's thread ended"))??;
        Ok(Box::new(recorder))
    }
}

/// A recorder in a child process. Dropped, it waits the moment until the child is gone, so that nobody writes into its
/// directory any more.
#[derive(Debug)]
struct ProcessRecorder {
    position: watch::Receiver<Duration>,
    result: watch::Receiver<Option<Result<RecorderFiles, String>>>,
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

#[async_trait]
impl Recorder for ProcessRecorder {
    fn position(&self) -> watch::Receiver<Duration> {
        self.position.clone()
    }

    async fn finished(&mut self) -> Result<RecorderFiles, RecordingError> {
        let result = match self.result.wait_for(Option::is_some).await {
            Ok(result) => result.clone(),
            Err(_) => None,
        };
        result
            .unwrap_or_else(|| Err("the recorder's thread ended".to_owned()))
            .map_err(|text| RecordingError::Backend(text.into()))
    }
}

impl Drop for ProcessRecorder {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
