//! Rooms leave nothing behind, however they end. Alone in its process, because it measures the process.
//!
//! Prints its figures: `cargo test -p mediasoup-tests --test rooms_leak -- --nocapture`.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod figures;
mod life;

use std::{sync::Arc, time::Instant};

use figures::{Figures, held};
use futures::{StreamExt, TryStreamExt, stream};
use mediasoup_core::{
    driver::LocalWorkerManager,
    media::{
        WorkerManager, default_media_codecs,
        options::{RouterOptions, WebRtcTransportOptions, WorkerOptions},
    },
    room::{RoomManager, Rooms, RoomsStats},
};
use tokio::sync::Barrier;

const ROOMS: usize = 10_000;
/// Rooms between two measurements.
const ROUND: usize = 1_000;
/// Rooms that are in full use at the same moment; a divisor of [`ROUND`].
const AT_ONCE: usize = 20;
const WORKERS: usize = 2;
/// What is allocated may grow by this part of what it was after the first round: 5 bytes a room.
const HEAP_GROWTH_MAX: f64 = 0.05;
/// What the process has of the system varies by 1 to 2 MiB from moment to moment, though nothing more is allocated. It is
/// bounded for the sake of what the heap does not show: stacks, and what C code allocates.
const RESIDENT_GROWTH_KIB_MAX: u64 = 4096;

/// Opens, uses and ends the rooms of these numbers, some at a time.
async fn live(rooms: &Rooms, numbers: std::ops::Range<usize>) {
    let full = Arc::new(Barrier::new(AT_ONCE));
    stream::iter(numbers)
        .map(|number| tokio::spawn(life::of_room(rooms.clone(), number, full.clone())))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await
        .expect("no room fails");
}

async fn assert_no_media(workers: &LocalWorkerManager) {
    let stats = workers.stats().await;
    assert_eq!(stats.len(), WORKERS);
    for worker in stats {
        let counts = (worker.routers, worker.transports, worker.producers, worker.consumers);
        assert_eq!(counts, (0, 0, 0, 0), "routers, transports, producers, consumers");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_rooms_leave_nothing_behind() {
    let mut options = WorkerOptions::default();
    options.ports = 0..=0;
    let workers = Arc::new(LocalWorkerManager::new(options));
    workers.initialize(WORKERS).await.unwrap();
    let rooms = Rooms::new(
        workers.clone(),
        RouterOptions::new(default_media_codecs()),
        WebRtcTransportOptions::default(),
    );

    let mut rounds: Vec<Figures> = Vec::new();
    println!(" rooms  {}  µs/room", Figures::TITLES);
    for done in (ROUND..=ROOMS).step_by(ROUND) {
        let begun = Instant::now();
        live(&rooms, done - ROUND..done).await;
        let per_room = begun.elapsed().as_micros() / ROUND as u128;

        assert_eq!(rooms.stats(), RoomsStats::default());
        assert_no_media(&workers).await;
        let figures = Figures::after_tasks_ended().await;
        println!("{done:>6}  {figures}  {per_room:>7}");
        rounds.push(figures);
    }

    let (first, last) = (&rounds[0], &rounds[rounds.len() - 1]);
    assert_eq!(held(last), held(first), "tasks, threads, descriptors, ports");
    assert_eq!(last.tasks, 0);
    let growth = last.heap_bytes as f64 / first.heap_bytes as f64 - 1.0;
    println!("heap after {ROOMS} rooms against after {ROUND}: {:+.1} %", growth * 100.0);
    assert!(growth <= HEAP_GROWTH_MAX, "the heap grew by {:.1} %", growth * 100.0);
    assert!(last.resident_kib <= first.resident_kib + RESIDENT_GROWTH_KIB_MAX, "resident memory grew");
}
