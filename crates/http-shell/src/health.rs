//! Whether the server lives, and whether it can serve.

use std::time::Duration;

use actix_web::{HttpResponse, get, web::Data};
use kernel::{StoreError, Tag};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::Query,
    problem::Problem,
    response::{HandlerResult, ok},
    state::AppState,
};

/// The paths of this module: never counted by the rate limiter, because an orchestrator asks often.
pub(crate) const PATHS: [&str; 2] = ["/livez", "/readyz"];

/// What the shell itself answers.
pub(crate) const TAG: Tag = Tag::new("health", "Whether the server lives and can serve");

/// How the audit trail stands, as far as this process knows.
#[derive(Debug, Clone, Copy)]
pub struct TrailReport {
    /// `sound`, `altered`, or `unknown`.
    pub soundness: &'static str,
    /// How long the oldest event without a number has waited; `None` while nobody in this process measures it.
    pub lag: Option<Duration>,
}

impl TrailReport {
    /// Nobody in this process looks.
    pub const UNKNOWN: Self = Self { soundness: "unknown", lag: None };
}

/// What the server says of itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Liveness)]
pub struct Liveness {
    /// Always `alive`.
    status: &'static str,
}

/// What the server says of what it depends on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Readiness)]
pub struct Readiness {
    /// Always `ready`; what is not ready answers 503.
    status: &'static str,
    /// The newest migration of the database.
    schema: String,
    /// Whether the database is newer than this program, as it is while an upgrade rolls.
    newer_schema: bool,
    /// Whether the audit trail is what its checkpoints vouch for: `sound`, `altered`, or `unknown` where that cannot be
    /// told or this process does not look. The log says more.
    #[schema(example = "sound")]
    audit: &'static str,
    /// How long, in seconds, the oldest event of the audit trail has waited for its number; `null` where this process
    /// does not measure it.
    audit_lag_seconds: Option<f64>,
}

/// Is the process alive? Asks nothing else.
#[utoipa::path(
    operation_id = "health.live",
    tag = "health",
    responses((status = 200, description = "It is", body = Liveness, example = json!({ "status": "alive" }))),
)]
#[get("/livez")]
pub(crate) async fn live() -> HttpResponse {
    ok(&Liveness { status: "alive" })
}

/// What a readiness check may leave out.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadyQuery {
    /// Whether it must be able to write; `false` asks whether it can answer reads, such as on a replica.
    #[param(default = true, required = false)]
    writes: Option<bool>,
}

/// Can it serve? Asks the database, and whether it takes writes, which is found out every two seconds at most. What it
/// says of the audit trail never makes it answer 503.
#[utoipa::path(
    operation_id = "health.ready",
    tag = "health",
    params(ReadyQuery),
    responses(
        (status = 200, description = "It can", body = Readiness,
            example = json!({ "status": "ready", "schema": "m20261121_000003_audit", "newer_schema": false,
                "audit": "sound", "audit_lag_seconds": 0.12 })),
        (status = 503, description = "The database cannot be reached, lacks migrations or takes no writes"),
    ),
)]
#[get("/readyz")]
pub(crate) async fn ready(state: Data<AppState>, query: Query<ReadyQuery>) -> HandlerResult {
    let unavailable = |error: StoreError| Problem::unavailable(&error, 1);
    let health = state.health().health().await.map_err(unavailable)?;
    if query.writes.unwrap_or(true) {
        state.health().ensure_writable().await.map_err(unavailable)?;
    }
    let TrailReport { soundness, lag } = state.trail_report();
    Ok(ok(&Readiness {
        status: "ready",
        schema: health.schema,
        newer_schema: health.newer_schema,
        audit: soundness,
        audit_lag_seconds: lag.map(|lag| lag.as_secs_f64()),
    }))
}
