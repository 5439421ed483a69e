//! Forgets what has outlived its use.

use std::{fmt::Display, sync::Arc, time::Duration};

use identity::Housekeeping;
use kernel::{
    Actor, Clock, Ctx, IdempotencyStore, Scope, StoreError,
    claims::{Claim, ClaimUpkeep},
    task::{Task, TaskReader},
};
use tracing::{info, warn};

use crate::shutdown::Stopping;

const EVERY: Duration = Duration::from_secs(3600);
const REQUESTS_KEPT: Duration = Duration::from_secs(24 * 3600);
/// Longer than any throttle counter matters.
const REMAINS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Sweeps every hour, first a minute after the start, so that a start is not slower for it.
pub(crate) async fn sweep(
    idempotency: Arc<dyn IdempotencyStore>,
    housekeeping: Arc<dyn Housekeeping>,
    task_reader: Arc<dyn TaskReader>,
    claim_upkeep: Arc<dyn ClaimUpkeep>,
    clock: Arc<dyn Clock>,
    mut stopping: Stopping,
) {
    let mut pause = Duration::from_secs(60);
    while stopping.sleep(pause).await {
        pause = EVERY;
        let now = clock.now();
        log_purged("idempotency keys", idempotency.purge(now.minus(REQUESTS_KEPT)).await);
        log_purged("remains of identity", housekeeping.forget_before(now.minus(REMAINS_KEPT)).await);
        let worker = Ctx::new(Actor::System, Scope::Worker);
        log_purged("time that was held", claim_upkeep.lapse_holds(now).await);
        log_purged("time that was taken", claim_upkeep.forget_claims(now.minus(Claim::KEPT)).await);
        log_purged("files of tasks", task_reader.forget_output(&worker, now.minus(Task::OUTPUT_LIFE)).await);
    }
}

/// So much of a domain is forgotten at a time.
#[cfg(any(feature = "notifications", feature = "webhooks"))]
pub(crate) const FORGOTTEN_AT_A_TIME: u32 = 5_000;

/// The pause after up to [`FORGOTTEN_AT_A_TIME`] were forgotten of a domain: an hour, or a second where there may be
/// more. Says what came of it in the log.
#[cfg(any(feature = "notifications", feature = "webhooks"))]
pub(crate) fn pause_after(what: &str, forgotten: Result<u64, StoreError>) -> Duration {
    let is_more = forgotten.as_ref().is_ok_and(|count| *count >= FORGOTTEN_AT_A_TIME.into());
    log_purged(what, forgotten);
    if is_more { Duration::from_secs(1) } else { EVERY }
}

/// Says in the log what came of forgetting something.
pub(crate) fn log_purged(what: &str, forgotten: Result<u64, impl Display>) {
    match forgotten {
        Ok(0) => {}
        Ok(count) => info!(count, what, "forgot what was over"),
        Err(error) => warn!(%error, what, "what was over could not be forgotten"),
    }
}
