//! Forgets what has outlived its use.

use std::{sync::Arc, time::Duration};

use kernel::{Clock, IdempotencyClaims};
use tracing::{info, warn};

use crate::shutdown::Stopping;

const EVERY: Duration = Duration::from_secs(3600);
const CLAIMS_KEPT: Duration = Duration::from_secs(24 * 3600);

/// Sweeps every hour, first a minute after the start, so that a start is not slower for it.
pub async fn sweep(claims: Arc<dyn IdempotencyClaims>, clock: Arc<dyn Clock>, mut stopping: Stopping) {
    let mut pause = Duration::from_secs(60);
    while stopping.sleep(pause).await {
        pause = EVERY;
        match claims.purge(clock.now().minus(CLAIMS_KEPT)).await {
            Ok(0) => {}
            Ok(count) => info!(count, "forgot old idempotency keys"),
            Err(error) => warn!(%error, "old idempotency keys could not be forgotten"),
        }
    }
}
