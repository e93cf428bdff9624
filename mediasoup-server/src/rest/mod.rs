//! REST: resources under `/api/mediasoup`, and what operators need at the root.

use crate::app::AppState;

/// All routes.
pub fn router(state: AppState) -> axum::Router {
    axum::Router::new().with_state(state)
}
