//! Thin I/O: the only home of clock, sockets and threads.
//!
//! ```text
//! handles -> WorkerPort -> jobs -> +---------------- worker thread ----------------+
//!                                  |  Worker: loop { jobs, network, deadlines }    |
//! peers   <-> Network (udp, tcp) <-|         \--> Engine (sans I/O)                |
//! rooms   <- RouterEvents <--------+-----------------------------------------------+
//! ```
//!
//! [`LocalWorkerManager`] starts the threads, hands the workers out, and replaces one that died.

mod addresses;
mod bridges;
mod data_port;
mod direct_port;
mod drops;
mod dump_port;
mod framing;
mod handshakes;
mod inbox;
mod jobs;
mod manager;
mod network;
mod observer_port;
mod plain;
mod port;
mod ports;
mod router_events;
mod router_taps;
mod sockets;
mod spacing;
mod supervisor;
mod tcp;
mod trace_port;
mod turn;
mod udp;
mod usage;
mod worker;

pub use manager::LocalWorkerManager;

/// Target of the log lines about workers.
const LOG_TARGET: &str = "mediasoup::worker";

/// Locks, also after another holder panicked: what these locks guard is whole between any two statements.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
