//! The way from callers to a worker's thread: a bounded queue of closures over what the thread owns.

use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    time::Instant,
};

use mio::Waker;
use tokio::sync::oneshot;

use super::LOG_TARGET;

use crate::media::error::WorkerError;

type Job<S> = Box<dyn FnOnce(&mut S, Instant) + Send>;

/// A queue onto a thread that owns an `S`, and its two ends. Ordinary jobs are refused beyond `limit`.
///
/// `waker` ends with the receiver: a caller that outlives the worker keeps no descriptor open.
pub(super) fn queue<S>(limit: usize, waker: Arc<Waker>) -> (JobSender<S>, JobReceiver<S>) {
    let (sender, receiver) = mpsc::channel();
    let queued = Arc::new(AtomicUsize::new(0));
    let sender =
        JobSender { jobs: sender, waker: Arc::downgrade(&waker), queued: Arc::clone(&queued), limit };
    (sender, JobReceiver { jobs: receiver, queued, _waker: waker })
}

/// The callers' end.
pub(super) struct JobSender<S> {
    jobs: mpsc::Sender<Job<S>>,
    waker: Weak<Waker>,
    queued: Arc<AtomicUsize>,
    limit: usize,
}

impl<S> fmt::Debug for JobSender<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobSender").field("queued", &self.queued).field("limit", &self.limit).finish()
    }
}

impl<S> JobSender<S> {
    /// Runs `job` on the thread and waits for its answer. Where the caller goes away, it still runs.
    ///
    /// # Errors
    /// [`WorkerError::Overloaded`]: it will not run. [`WorkerError::Closed`]: the thread is gone, or went.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut S, Instant) -> T + Send + 'static,
    ) -> Result<T, WorkerError> {
        let queued = self.queued.fetch_add(1, Ordering::Relaxed);
        if queued >= self.limit {
            self.queued.fetch_sub(1, Ordering::Relaxed);
            return Err(WorkerError::Overloaded);
        }
        self.send_and_wait(job).await
    }

    /// Like [`JobSender::call`], for what frees something: never refused, because a refusal would be a leak. What
    /// there is to be freed bounds it.
    pub(super) async fn call_freeing(
        &self,
        job: impl FnOnce(&mut S, Instant) + Send + 'static,
    ) -> Result<(), WorkerError> {
        self.queued.fetch_add(1, Ordering::Relaxed);
        self.send_and_wait(job).await
    }

    /// Like [`JobSender::call`], for what creates something: where the caller goes away before it has the answer,
    /// `undo` runs after `job`. A job that fails has created nothing: what is there under its id is somebody else's.
    pub(super) async fn call_creating<T, E>(
        &self,
        job: impl FnOnce(&mut S, Instant) -> Result<T, E> + Send + 'static,
        undo: impl FnOnce(&mut S, Instant) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<WorkerError> + Send + 'static,
    {
        // Both run on the thread of the jobs, one after the other.
        let created = Arc::new(AtomicBool::new(false));
        let creates = Arc::clone(&created);
        let undo = move |state: &mut S, now| {
            if created.load(Ordering::Relaxed) {
                undo(state, now);
            }
        };
        let mut undo = UndoOnDrop { sender: self, undo: Some(Box::new(undo)) };
        let answer = self.call(move |state, now| {
            let answer = job(state, now);
            creates.store(answer.is_ok(), Ordering::Relaxed);
            answer
        });
        let answer = answer.await;
        undo.undo = None;
        answer?
    }

    /// Makes the thread look around.
    pub(super) fn wake(&self) {
        if let Some(waker) = self.waker.upgrade()
            && let Err(error) = waker.wake()
        {
            tracing::error!(target: LOG_TARGET, %error, "cannot wake the worker");
        }
    }

    async fn send_and_wait<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut S, Instant) -> T + Send + 'static,
    ) -> Result<T, WorkerError> {
        let (answer, answered) = oneshot::channel();
        self.send(Box::new(move |state, now| drop(answer.send(job(state, now)))))?;
        answered.await.map_err(|_| WorkerError::Closed)
    }

    /// The job is counted in `queued` already.
    fn send(&self, job: Job<S>) -> Result<(), WorkerError> {
        self.jobs.send(job).map_err(|_| WorkerError::Closed)?;
        self.wake();
        Ok(())
    }
}

/// Queues `undo` when a caller is dropped while it waits. The queue keeps order, so it runs after what it undoes.
struct UndoOnDrop<'a, S> {
    sender: &'a JobSender<S>,
    undo: Option<Job<S>>,
}

impl<S> Drop for UndoOnDrop<'_, S> {
    fn drop(&mut self) {
        if let Some(undo) = self.undo.take() {
            self.sender.queued.fetch_add(1, Ordering::Relaxed);
            // A thread that is gone has nothing left to undo.
            let _ = self.sender.send(undo);
        }
    }
}

/// The thread's end.
pub(super) struct JobReceiver<S> {
    jobs: mpsc::Receiver<Job<S>>,
    queued: Arc<AtomicUsize>,
    _waker: Arc<Waker>,
}

impl<S> JobReceiver<S> {
    /// The next job, in order.
    pub(super) fn poll_job(&mut self) -> Option<Job<S>> {
        let job = self.jobs.try_recv().ok()?;
        self.queued.fetch_sub(1, Ordering::Relaxed);
        Some(job)
    }

    /// Jobs are waiting.
    pub(super) fn has_work(&self) -> bool {
        self.queued.load(Ordering::Relaxed) > 0
    }
}

#[cfg(test)]
mod tests;
