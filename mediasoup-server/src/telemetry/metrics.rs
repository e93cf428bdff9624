//! `/metrics`: what the server counts, in Prometheus' text format.

use std::sync::OnceLock;

use mediasoup_core::{media::stats::WorkerStats, recording::RecordingStats};
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
    set_recordings(&state.recordings.stats().await);
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

fn set_recordings(stats: &RecordingStats) {
    let recordings = &stats.recordings;
    let lag = recordings.iter().map(|it| it.recorded.saturating_sub(it.composed)).max().unwrap_or(0);
    let gauges = [
        ("mediasoup_recordings_active", count(stats.active_recordings)),
        ("mediasoup_recordings_processing", count(recordings.len().saturating_sub(stats.active_recordings))),
        ("mediasoup_recordings_bytes", recordings.iter().map(|it| bytes(it.bytes)).sum()),
        ("mediasoup_recordings_packets_missed", recordings.iter().map(|it| bytes(it.packets_missed)).sum()),
        ("mediasoup_recordings_lag_seconds", bytes(lag) / 1000.0),
        ("mediasoup_recordings_disk_reserve_bytes", bytes(stats.disk_reserve)),
    ];
    for (name, value) in gauges {
        gauge!(name).set(value);
    }
    if let Some(free) = stats.disk_free {
        gauge!("mediasoup_recordings_disk_free_bytes").set(bytes(free));
    }
}

/// Installs the process's recorder, where none was asked for yet.
pub(super) fn install() {
    recorder();
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
        super::recordings::describe();
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
    describe_gauge!("mediasoup_recordings_active", "Recordings that go on");
    describe_gauge!("mediasoup_recordings_processing", "Stopped recordings whose files are being made");
    describe_gauge!("mediasoup_recordings_bytes", "Bytes heard by these recordings");
    describe_gauge!("mediasoup_recordings_packets_missed", "Packets these recordings could not keep up with");
    describe_gauge!(
        "mediasoup_recordings_lag_seconds",
        "How far the files of the slowest are behind what it heard"
    );
    describe_gauge!("mediasoup_recordings_disk_free_bytes", "Free space on the disk of the recordings");
    describe_gauge!("mediasoup_recordings_disk_reserve_bytes", "Free space under which nothing is recorded");
}

/// Exact up to 2^53.
fn bytes(value: u64) -> f64 {
    value as f64
}

/// Exact up to 2^53.
fn count(value: usize) -> f64 {
    value as f64
}
