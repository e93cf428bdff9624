//! What every request goes through.

use std::{any::Any, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{self, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, trace::TraceLayer};

use crate::{
    config::Http,
    error::{ApiError, Code},
    rest::cors,
};

/// Around REST alone: long polling may take its time.
pub(super) fn inner(router: Router, http: &Http) -> Router {
    let timeout = Duration::from_millis(http.request_timeout.get().into());
    router.layer(middleware::from_fn_with_state(timeout, within))
}

/// Around REST and Socket.IO.
pub(super) fn outer(router: Router, http: &Http) -> Router {
    // Failures are logged where they are made: a 503 of `/readyz` is none.
    let trace = TraceLayer::new_for_http().make_span_with(span).on_failure(());
    router.layer(cors::layer(http)).layer(CatchPanicLayer::custom(after_panic)).layer(trace)
}

async fn within(State(timeout): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::new(Code::Internal, "Request timed out")
            .with_status(StatusCode::SERVICE_UNAVAILABLE)
            .into_response(),
    }
}

/// A panic is our bug; the client is told no more than that.
#[expect(clippy::needless_pass_by_value, reason = "tower-http hands the panic over")]
fn after_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
    tracing::error!(panic = text, "a request handler panicked");
    ApiError::new(Code::Internal, "Internal error").into_response()
}

/// Path only: queries carry tokens and session ids.
fn span<B>(request: &http::Request<B>) -> tracing::Span {
    tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
}
