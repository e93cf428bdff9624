//! Logs and metrics.

use crate::app::AppState;

/// What `/metrics` answers: the Prometheus text format, version 0.0.4.
pub async fn metrics_text(state: &AppState) -> String {
    let _ = state;
    String::new()
}
