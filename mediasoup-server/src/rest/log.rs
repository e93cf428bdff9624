//! `PUT /log`: what is logged, while the server runs.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    envelope::{Failure, Success},
    extract::{Admin, JsonBody},
};
use crate::{
    config::{Config, LogLevel},
    error::ApiError,
    state::AppState,
    telemetry::{TelemetryError, change_logs},
};

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeLog {
    /// `debug`, `warn`, `error` or `none`: of the media engine.
    #[schema(value_type = Option<String>)]
    log_level: Option<LogLevel>,
    /// Instead of that, as `RUST_LOG`.
    filter: Option<String>,
    /// Beside it, as `DEBUG`. Absent: as configured.
    debug: Option<String>,
}

impl ChangeLog {
    /// The configuration as it would be with this.
    fn over(self, config: &Config) -> Config {
        let mut config = config.clone();
        if self.log_level.is_some() || self.filter.is_some() {
            config.worker.log_level = self.log_level.unwrap_or(config.worker.log_level);
            config.log.filter = self.filter;
        }
        config.log.debug = self.debug.or(config.log.debug);
        config
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct LogBody {
    /// What is logged now, in the syntax of `RUST_LOG`.
    filter: String,
}

/// Changes what is logged, until it is changed again.
#[utoipa::path(put, path = "/log", tag = "health", request_body = ChangeLog, responses(
    (status = 200, body = Success<LogBody>),
    (status = 400, body = Failure), (status = 401, body = Failure), (status = 403, body = Failure),
    (status = 501, description = "The process logs by other means", body = Failure),
))]
pub(super) async fn change(
    _: Admin,
    State(state): State<AppState>,
    JsonBody(change): JsonBody<ChangeLog>,
) -> Result<Success<LogBody>, ApiError> {
    let filter = change_logs(&change.over(&state.config)).map_err(|error| match error {
        TelemetryError::Filter(error) => ApiError::invalid("filter", error),
        _ => ApiError::unsupported("a change of logs"),
    })?;
    tracing::info!(filter, "logs changed");
    Ok(Success::new(LogBody { filter }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_stays_as_configured() {
        let mut config = Config::default();
        config.log.filter = Some("warn".to_owned());
        config.log.debug = Some("mediasoup:room".to_owned());
        let after = |body: &str| {
            let Config { worker, log, .. } = serde_json::from_str::<ChangeLog>(body).unwrap().over(&config);
            (worker.log_level, log.filter, log.debug)
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(after("{}"), (LogLevel::Warn, text("warn"), text("mediasoup:room")));
        let louder = after(r#"{"logLevel": "debug"}"#);
        assert_eq!(louder, (LogLevel::Debug, None, text("mediasoup:room")), "the filter would hide it");
        let other = after(r#"{"filter": "error", "debug": ""}"#);
        assert_eq!(other, (LogLevel::Warn, text("error"), text("")));
    }
}
