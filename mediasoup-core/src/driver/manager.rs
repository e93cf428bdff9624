//! The workers of this process.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;

use super::{
    lock,
    supervisor::{Running, WorkerThread},
};
use crate::{
    engine::EngineCounts,
    ids::WorkerId,
    media::{Worker, WorkerManager, error::WorkerError, options::WorkerOptions, stats::WorkerStats},
};

/// Transports and consumers that a worker has before it is relieved of more: so few take a small part of its time, and to
/// bring a room's producers to another worker takes some, too.
const BUDGET: usize = 100;
/// How many fewer another one has that takes what comes next.
const LEAD: usize = 16;

/// Runs workers as threads of this process.
///
/// A worker that dies takes its routers with it (their readers get
/// [`RouterEvent::WorkerClosed`](crate::media::event::RouterEvent::WorkerClosed)); the others go on, and a new one
/// takes its place after a moment. [`WorkerManager::initialize`] adds workers to those there are, also after a
/// [`WorkerManager::close`]. Dropping the manager asks the workers to end without waiting for them.
#[derive(Debug)]
pub struct LocalWorkerManager {
    options: Arc<WorkerOptions>,
    threads: Mutex<Vec<WorkerThread>>,
    next: AtomicUsize,
    /// Starting and closing exclude each other.
    lifecycle: tokio::sync::Mutex<()>,
}

impl LocalWorkerManager {
    /// A manager without workers yet; all of them will have these options.
    #[must_use]
    pub fn new(options: WorkerOptions) -> Self {
        Self {
            options: Arc::new(options),
            threads: Mutex::default(),
            next: AtomicUsize::new(0),
            lifecycle: tokio::sync::Mutex::default(),
        }
    }
}

#[async_trait]
impl WorkerManager for LocalWorkerManager {
    async fn initialize(&self, count: usize) -> Result<(), WorkerError> {
        let _exclusive = self.lifecycle.lock().await;
        let first = lock(&self.threads).len();
        let mut started = Vec::new();
        // One after the other, so that ports are taken in the order of the workers.
        for index in first..first + count.max(1) {
            match WorkerThread::start(index, Arc::clone(&self.options)).await {
                Ok(thread) => started.push(thread),
                Err(error) => {
                    close_all(started).await;
                    return Err(error);
                }
            }
        }
        lock(&self.threads).extend(started);
        Ok(())
    }

    fn next_worker(&self) -> Result<Worker, WorkerError> {
        let threads = lock(&self.threads);
        let count = threads.len();
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let Running { id, port, .. } = (0..count)
            .find_map(|offset| threads[first.wrapping_add(offset) % count].running())
            .ok_or(WorkerError::NoWorker)?;
        Ok(Worker::new(id, port))
    }

    fn helper_of(&self, worker: WorkerId) -> Option<Worker> {
        let threads = lock(&self.threads);
        let running = || threads.iter().filter_map(WorkerThread::running);
        let own = running().find(|running| running.id == worker)?.port.load();
        let (load, Running { id, port, .. }) =
            running().map(|running| (running.port.load(), running)).min_by_key(|(load, _)| *load)?;
        (own > BUDGET && load + LEAD <= own).then(|| Worker::new(id, port))
    }

    async fn stats(&self) -> Vec<WorkerStats> {
        let running: Vec<(usize, Running)> = lock(&self.threads)
            .iter()
            .filter_map(|thread| Some((thread.index(), thread.running()?)))
            .collect();
        let mut stats = Vec::with_capacity(running.len());
        for (index, worker) in running {
            match worker.port.counts().await {
                Ok(counts) => stats.push(worker_stats(index, &worker, counts)),
                // It has died in the meantime.
                Err(WorkerError::Closed) => {}
                // It is alive, and too busy to count.
                Err(_) => stats.push(worker_stats(index, &worker, EngineCounts::default())),
            }
        }
        stats
    }

    async fn close(&self) {
        let _exclusive = self.lifecycle.lock().await;
        let threads = std::mem::take(&mut *lock(&self.threads));
        close_all(threads).await;
    }
}

async fn close_all(threads: Vec<WorkerThread>) {
    for thread in &threads {
        thread.stop();
    }
    for thread in threads {
        thread.close().await;
    }
}

fn worker_stats(index: usize, worker: &Running, counts: EngineCounts) -> WorkerStats {
    WorkerStats {
        index,
        id: worker.id,
        pid: std::process::id(),
        tid: worker.usage.thread_id(),
        resource_usage: worker.usage.measure(),
        routers: counts.routers,
        transports: counts.transports,
        producers: counts.producers,
        consumers: counts.consumers,
    }
}

#[cfg(test)]
mod tests;
