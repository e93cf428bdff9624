//! A worker in this process, and tasks that call it.

use futures::future::join_all;
use mediasoup_benches::traffic::router_options;
use mediasoup_core::{
    driver::LocalWorkerManager,
    media::{Router, Worker, WorkerManager, options::WorkerOptions},
};
use tokio::runtime::{Builder, Runtime};

/// One thread: callers take turns, as the measured processor is one.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("the system has threads")
}

/// A manager of one worker, whose thread is `worker-0`.
pub(crate) async fn workers() -> LocalWorkerManager {
    let mut options = WorkerOptions::default();
    // Peers that were connected say nothing more.
    (options.ports, options.enable_tcp, options.ice_consent_timeout) = (0..=0, false, None);
    let workers = LocalWorkerManager::new(options);
    workers.initialize(1).await.expect("the system has a port");
    workers
}

pub(crate) fn worker(workers: &LocalWorkerManager) -> Worker {
    workers.next_worker().expect("there is one")
}

pub(crate) async fn router(workers: &LocalWorkerManager) -> Router {
    worker(workers).create_router(router_options()).await.expect("it is open")
}

/// Does `call` with each number below `count`, so many at a time. Gives what they gave, in no order.
pub(crate) async fn at_a_time<T, F: Future<Output = T>>(
    callers: usize,
    count: usize,
    call: impl Fn(usize) -> F,
) -> Vec<T> {
    let call = &call;
    let caller = |first: usize| async move {
        let mut results = Vec::with_capacity(count.div_ceil(callers));
        for number in (first..count).step_by(callers) {
            results.push(call(number).await);
        }
        results
    };
    join_all((0..callers).map(caller)).await.into_iter().flatten().collect()
}
