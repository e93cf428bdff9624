//! The life of a worker's thread: it runs one worker after another, should one die.
#![expect(clippy::disallowed_methods, reason = "how long a worker lived says how soon the next one starts")]

use std::{
    any::Any,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{
    LOG_TARGET, lock,
    port::WorkerPort,
    usage::{UsageMeter, current_thread_id},
    worker::Worker,
};
use crate::{
    ids::WorkerId,
    media::{error::WorkerError, options::WorkerOptions},
};

/// How long after a death the next worker starts; doubled at each further one, until one lives long.
const RESTART_DELAY_MIN: Duration = Duration::from_millis(100);
const RESTART_DELAY_MAX: Duration = Duration::from_secs(10);
const LIVED_LONG: Duration = Duration::from_secs(60);

/// A worker that is alive.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) id: WorkerId,
    pub(super) port: Arc<WorkerPort>,
    pub(super) usage: Arc<UsageMeter>,
}

/// A thread that always has a worker, short breaks after a death apart.
///
/// Dropping it asks the thread to end; [`WorkerThread::close`] also waits for that.
#[derive(Debug)]
pub(super) struct WorkerThread {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    ended: oneshot::Receiver<()>,
}

#[derive(Debug)]
struct Shared {
    /// Round-robin position of whatever worker runs here.
    index: usize,
    stop: AtomicBool,
    running: Mutex<Option<Running>>,
}

impl WorkerThread {
    /// Starts the thread and its first worker.
    ///
    /// # Errors
    /// The first worker's; the thread has ended then.
    pub(super) async fn start(index: usize, options: Arc<WorkerOptions>) -> Result<Self, WorkerError> {
        let shared = Arc::new(Shared { index, stop: AtomicBool::new(false), running: Mutex::new(None) });
        let (start, started) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let of_thread = Arc::clone(&shared);
        let body = move || {
            of_thread.live(&options, start);
            let _ = end.send(());
        };
        let thread =
            thread::Builder::new().name(format!("worker-{index}")).spawn(body).map_err(WorkerError::Start)?;
        let worker_thread = Self { shared, thread: Some(thread), ended };
        match started.await {
            Ok(Ok(())) => Ok(worker_thread),
            Ok(Err(error)) => {
                worker_thread.close().await;
                Err(error)
            }
            Err(_) => Err(WorkerError::Closed),
        }
    }

    /// Round-robin position.
    pub(super) fn index(&self) -> usize {
        self.shared.index
    }

    /// The worker, while one is alive.
    pub(super) fn running(&self) -> Option<Running> {
        lock(&self.shared.running).clone()
    }

    /// Asks the thread to end.
    pub(super) fn stop(&self) {
        self.shared.stop.store(true, Ordering::Release);
        if let Some(running) = &*lock(&self.shared.running) {
            running.port.wake();
        }
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// Ends the thread and waits for it.
    pub(super) async fn close(mut self) {
        self.stop();
        // The thread's last act, whatever its fate: joining it takes no time then.
        let _ = (&mut self.ended).await;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(target: LOG_TARGET, index = self.shared.index, "the supervisor panicked");
        }
    }
}

impl Drop for WorkerThread {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    /// The thread's body.
    fn live(&self, options: &WorkerOptions, start: oneshot::Sender<Result<(), WorkerError>>) {
        let mut next = match self.open(options) {
            Ok(worker) => {
                let _ = start.send(Ok(()));
                Some(worker)
            }
            Err(error) => {
                let _ = start.send(Err(error));
                return;
            }
        };
        let mut delay = RESTART_DELAY_MIN;
        loop {
            let started_at = Instant::now();
            if let Some(worker) = next.take() {
                self.run(worker);
            }
            if started_at.elapsed() >= LIVED_LONG {
                delay = RESTART_DELAY_MIN;
            }
            if self.stopped_within(delay) {
                return;
            }
            delay = (delay * 2).min(RESTART_DELAY_MAX);
            match self.open(options) {
                Ok(worker) => next = Some(worker),
                Err(error) => {
                    tracing::error!(target: LOG_TARGET, index = self.index, %error, "worker not replaced");
                }
            }
        }
    }

    /// Opens a worker and makes it known.
    fn open(&self, options: &WorkerOptions) -> Result<Worker, WorkerError> {
        let opened = catch_unwind(AssertUnwindSafe(|| Worker::open(options)))
            .unwrap_or_else(|panic| Err(WorkerError::Start(io::Error::other(text_of(&*panic)))));
        let (worker, port) = opened?;
        let id = WorkerId::random();
        let first_port = port.candidates().first().map(|candidate| candidate.port);
        tracing::info!(target: LOG_TARGET, worker = %id, port = first_port, index = self.index, "worker started");
        let usage = Arc::new(UsageMeter::new(current_thread_id()));
        *lock(&self.running) = Some(Running { id, port: Arc::new(port), usage });
        Ok(worker)
    }

    /// Runs a worker to its end, and tells those who rely on it.
    fn run(&self, worker: Worker) {
        let outcome = catch_unwind(AssertUnwindSafe(|| worker.run(&self.stop)));
        // Not to be handed out any more before its routers' owners look for another one.
        let Some(Running { id, port, .. }) = lock(&self.running).take() else { return };
        port.worker_closed();
        match outcome {
            Ok(Ok(())) => {
                tracing::info!(target: LOG_TARGET, worker = %id, index = self.index, "worker closed")
            }
            Ok(Err(error)) => {
                tracing::error!(target: LOG_TARGET, worker = %id, index = self.index, %error, "worker died");
            }
            Err(panic) => {
                let panic = text_of(&*panic);
                tracing::error!(target: LOG_TARGET, worker = %id, index = self.index, panic, "worker died");
            }
        }
    }

    /// Waits; `true`: the thread is to end, maybe at once.
    fn stopped_within(&self, delay: Duration) -> bool {
        let until = Instant::now() + delay;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if self.stop.load(Ordering::Acquire) {
                return true;
            }
            if left.is_zero() {
                return false;
            }
            thread::park_timeout(left);
        }
    }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("panicked").to_owned()
}
