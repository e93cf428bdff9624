//! Workers leave no thread and no descriptor behind. Alone in its process, because it counts the process's.

use std::{
    fs,
    time::{Duration, Instant},
};

use mediasoup_core::{
    driver::LocalWorkerManager,
    media::{WorkerManager, options::WorkerOptions},
};

const ROUNDS: usize = 50;
const WORKERS: usize = 3;

/// Threads and descriptors.
fn held() -> (usize, usize) {
    let count = |folder| fs::read_dir(folder).expect("Linux").count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

#[tokio::test]
async fn workers_leave_no_thread_and_no_descriptor() {
    let mut options = WorkerOptions::default();
    options.ports = 0..=0;
    let manager = LocalWorkerManager::new(options);
    let mut before = None;
    let mut handles = Vec::new();
    for _ in 0..ROUNDS {
        manager.initialize(WORKERS).await.unwrap();
        // Handles outlive their workers, and hold nothing.
        handles.extend((0..WORKERS).map(|_| manager.next_worker().unwrap()));
        manager.close().await;
        before.get_or_insert_with(held);
    }
    let before = before.expect("there was a round");
    // A joined thread stays listed for some microseconds.
    let until = Instant::now() + Duration::from_secs(5);
    while held() != before && Instant::now() < until {
        std::thread::yield_now();
    }
    assert_eq!(held(), before, "after {ROUNDS} rounds; (threads, descriptors)");
    assert_eq!(handles.len(), ROUNDS * WORKERS);
}
