//! REST: resources under `/api/mediasoup`, and what operators need at the root.
//!
//! One file for each resource; every handler takes what [`extract`] parsed and answers with an [`envelope`].

pub mod cors;
mod download;
mod envelope;
mod extract;
mod health;
mod log;
mod participants;
mod probes;
mod recordings;
mod rooms;
mod stats;

use axum::{Router, extract::DefaultBodyLimit};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::SwaggerUi;

use crate::state::AppState;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "mediasoup-compatible media server",
        description = "Rooms, participants and recordings. Media itself is negotiated over Socket.IO."
    ),
    modifiers(&BearerToken)
)]
struct Description;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        api.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("token", [])]);
    }
}

fn resources() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health::health))
        .routes(routes!(stats::stats))
        .routes(routes!(log::change))
        .routes(routes!(rooms::create, rooms::list))
        .routes(routes!(rooms::read, rooms::close))
        .routes(routes!(participants::add, participants::list))
        .routes(routes!(participants::remove))
        .routes(routes!(recordings::start))
        .routes(routes!(recordings::stop))
        .routes(routes!(recordings::status))
        .routes(routes!(recordings::list))
        .routes(routes!(recordings::download, recordings::delete))
}

fn probes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(probes::healthz))
        .routes(routes!(probes::readyz))
        .routes(routes!(probes::metrics))
}

/// All routes. Unknown paths and wrong methods are answered with the envelope, too: nothing else needs a fallback.
pub fn router(state: AppState) -> Router {
    let body_len_max = usize::try_from(state.config.http.max_body_size).unwrap_or(usize::MAX);
    let (router, api) = OpenApiRouter::with_openapi(Description::openapi())
        .nest("/api/mediasoup", resources())
        .merge(probes())
        .split_for_parts();
    router
        .merge(SwaggerUi::new("/docs").url("/openapi.json", api))
        .fallback(envelope::unknown_path)
        .method_not_allowed_fallback(envelope::wrong_method)
        .layer(DefaultBodyLimit::max(body_len_max))
        .with_state(state)
}
