//! `/metrics`: what the server counts, in Prometheus' text format.

use std::sync::OnceLock;

use mediasoup_core::media::stats::WorkerStats;
use metrics::{describe_gauge, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::state::AppState;

/// What `/metrics` answers: the Prometheus text format, version 0.0.4. Gauges are read when they are asked for.
pub async fn metrics_text(state: &AppState) -> String {
    let workers = state.workers.stats().await;
    let handle = recorder();
    let rooms = state.rooms.stats();
    gauge!("mediasoup_ready").set(f64::from(u8::from(state.readiness.is_ready())));
    gauge!("mediasoup_rooms").set(count(rooms.total_rooms));
    gauge!("mediasoup_participants").set(count(rooms.total_participants));
    gauge!("mediasoup_workers").set(count(workers.len()));
    for worker in &workers {
        set_worker(worker);
    }
    handle.run_upkeep();
    handle.render()
}

fn set_worker(worker: &WorkerStats) {
    let index = worker.index.to_string();
    let gauges = [
        ("mediasoup_worker_cpu_ratio", worker.resource_usage.cpu),
        ("mediasoup_worker_routers", count(worker.routers)),
        ("mediasoup_worker_transports", count(worker.transports)),
        ("mediasoup_worker_producers", count(worker.producers)),
        ("mediasoup_worker_consumers", count(worker.consumers)),
    ];
    for (name, value) in gauges {
        gauge!(name, "worker" => index.clone()).set(value);
    }
}

/// The process's one recorder, installed when it is first asked for. Where an embedder has installed another,
/// ours stays empty and theirs is filled.
fn recorder() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("metrics are recorded elsewhere: /metrics stays empty");
        }
        describe();
        handle
    })
}

fn describe() {
    describe_gauge!("mediasoup_ready", "1 while new work is taken");
    describe_gauge!("mediasoup_rooms", "Open rooms");
    describe_gauge!("mediasoup_participants", "Participants of all rooms");
    describe_gauge!("mediasoup_workers", "Media workers alive");
    describe_gauge!("mediasoup_worker_cpu_ratio", "Share of one core the worker used since the last time");
    describe_gauge!("mediasoup_worker_routers", "Routers on the worker");
    describe_gauge!("mediasoup_worker_transports", "Transports on the worker");
    describe_gauge!("mediasoup_worker_producers", "Producers on the worker");
    describe_gauge!("mediasoup_worker_consumers", "Consumers on the worker");
}

/// Exact up to 2^53.
fn count(value: usize) -> f64 {
    value as f64
}
