//! Forgets what has outlived its use.

use std::{sync::Arc, time::Duration};

use identity::Housekeeping;
use kernel::{
    Actor, Clock, Ctx, IdempotencyStore, Scope, StoreError,
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
        log_purged("files of tasks", task_reader.forget_output(&worker, now.minus(Task::OUTPUT_LIFE)).await);
    }
}

fn log_purged(what: &str, forgotten: Result<u64, StoreError>) {
    match forgotten {
        Ok(0) => {}
        Ok(count) => info!(count, what, "forgot what was over"),
        Err(error) => warn!(%error, what, "what was over could not be forgotten"),
    }
}
