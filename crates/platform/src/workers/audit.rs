//! Work on the audit trail: events get their numbers, checkpoints are signed, and what it costs in time is measured.
//!
//! None of it ever stops by itself. What goes wrong is told once, when it begins, and tried again.

mod failure_log;

use std::{fmt, time::Duration};

use audit::{
    checkpoint_signer::CheckpointSignerError,
    sequencer::{Sequencer, Step},
};
use kernel::StoreError;
use metrics::{counter, describe_counter, describe_gauge, gauge};
use tokio::{task::JoinSet, time};
use tracing::{info, warn};

use self::failure_log::FailureLog;
use crate::{Audit, Soundness, TrailHealth, shutdown::Stopping};

const LAG: &str = "audit_lag_seconds";
const NUMBERED: &str = "audit_events_numbered_total";
const CHECKPOINT: &str = "audit_checkpoint_size";
const ALTERED: &str = "audit_altered";

/// How often the checkpoint signer is asked; it signs less often.
const ASKED_EVERY: Duration = Duration::from_secs(1);
const MEASURED_EVERY: Duration = Duration::from_secs(1);
/// How long a step that is at work may go on when everything stops.
const GRACE: Duration = Duration::from_secs(2);
const SWEPT_EVERY: Duration = Duration::from_secs(3600);

/// How fast it works.
#[derive(Debug, Clone, Copy)]
pub struct TrailWorkerSettings {
    /// The pause between looks for new events while none waits.
    pub poll: Duration,
    /// For how long the addresses of strangers can be read.
    pub strangers_kept: Duration,
}

impl Default for TrailWorkerSettings {
    fn default() -> Self {
        Self { poll: Duration::from_millis(250), strangers_kept: Duration::from_secs(90 * 24 * 3600) }
    }
}

/// Starts all of it.
pub(crate) fn run_trail_workers(
    tasks: &mut JoinSet<()>,
    audit: &Audit,
    trail_health: &TrailHealth,
    settings: TrailWorkerSettings,
    stopping: &Stopping,
) {
    describe_gauge!(LAG, metrics::Unit::Seconds, "How long the oldest event without a number has waited");
    describe_counter!(NUMBERED, "Events this process gave their number");
    describe_gauge!(CHECKPOINT, "How many events the newest checkpoint vouches for");
    describe_gauge!(ALTERED, "1 when the audit trail is not what its checkpoints vouch for");
    let number = number(audit.sequencer.clone(), settings.poll, stopping.clone());
    tasks.spawn(until_stopped(number, stopping.clone()));
    tasks.spawn(until_stopped(sign(audit.clone(), trail_health.clone(), stopping.clone()), stopping.clone()));
    tasks.spawn(until_stopped(
        measure(audit.clone(), trail_health.clone(), stopping.clone()),
        stopping.clone(),
    ));
    let forget = forget_strangers(audit.clone(), settings.strangers_kept, stopping.clone());
    tasks.spawn(until_stopped(forget, stopping.clone()));
}

/// What is at work may come to its end, unless that takes long: where the database is gone each call waits for it. What
/// is left half done undoes itself.
async fn until_stopped(work: impl Future<Output = ()>, mut stopping: Stopping) {
    let patience = async {
        stopping.stopped().await;
        time::sleep(GRACE).await;
    };
    tokio::select! {
        () = work => {}
        () = patience => {}
    }
}

/// Gives events their numbers: at once again while more may wait.
async fn number(sequencer: Sequencer, poll: Duration, mut stopping: Stopping) {
    let mut failures = FailureLog::of("numbering the audit trail");
    let mut pause = Duration::ZERO;
    while stopping.sleep(pause).await {
        let stepping = sequencer.clone();
        pause = match guarded(async move { stepping.step().await }).await {
            Ok(step) => {
                failures.recovered();
                match step {
                    Step::Numbered { events, more } => {
                        counter!(NUMBERED).increment(events);
                        if more { Duration::ZERO } else { poll }
                    }
                    Step::Busy => poll,
                }
            }
            Err(error) => failures.warn(&error),
        };
    }
}

/// Asks the checkpoint signer again and again, and notes what it found.
async fn sign(audit: Audit, trail_health: TrailHealth, mut stopping: Stopping) {
    let mut failures = FailureLog::of("signing checkpoints of the audit trail");
    let mut pause = Duration::ZERO;
    while stopping.sleep(pause).await {
        let (checkpoint_signer, now) = (audit.checkpoint_signer.clone(), audit.ports.clock.now());
        let signed = guarded(async move { checkpoint_signer.step(now).await }).await;
        let (soundness, next) = match signed {
            Ok(_) => {
                failures.recovered();
                (Soundness::Sound, ASKED_EVERY)
            }
            Err(Failed::Of(error @ CheckpointSignerError::Altered(_))) => {
                (Soundness::Altered, failures.alarm(&error))
            }
            Err(error @ Failed::Of(CheckpointSignerError::Store(StoreError::Unavailable(_)))) => {
                (Soundness::Unknown, failures.warn(&error))
            }
            // Damage to the file of checkpoints, another log's file, a key that does not open: none mends itself.
            Err(error) => (Soundness::Unknown, failures.alarm(&error)),
        };
        pause = next;
        trail_health.set_soundness(soundness);
        match soundness {
            Soundness::Sound => gauge!(ALTERED).set(0.0),
            Soundness::Altered => gauge!(ALTERED).set(1.0),
            // What was found before still holds.
            Soundness::Unknown => {}
        }
        if let Ok(Some(latest)) = audit.ports.checkpoints.latest_checkpoint().await {
            #[expect(clippy::cast_precision_loss, reason = "gauges are floating-point numbers")]
            gauge!(CHECKPOINT).set(latest.size as f64);
        }
    }
}

async fn measure(audit: Audit, trail_health: TrailHealth, mut stopping: Stopping) {
    let mut pause = Duration::ZERO;
    while stopping.sleep(pause).await {
        pause = MEASURED_EVERY;
        let prover = audit.prover.clone();
        let lag = guarded(async move { prover.lag().await }).await.ok();
        if let Some(lag) = lag {
            gauge!(LAG).set(lag.as_secs_f64());
        }
        trail_health.set_lag(lag);
    }
}

/// Strangers' addresses are of no use for longer; first a minute after the start, so that a start is not slower for it.
async fn forget_strangers(audit: Audit, kept: Duration, mut stopping: Stopping) {
    let mut pause = Duration::from_secs(60);
    while stopping.sleep(pause).await {
        pause = SWEPT_EVERY;
        let (log, before) = (audit.ports.log.clone(), audit.ports.clock.now().minus(kept));
        match guarded(async move { log.forget_strangers(before).await }).await {
            Ok(0) => {}
            Ok(keys) => info!(keys, "addresses of strangers can no longer be read"),
            Err(error) => warn!(%error, "addresses of strangers could not be made unreadable"),
        }
    }
}

/// Why a step failed.
enum Failed<E> {
    Of(E),
    Panicked,
}

impl<E: fmt::Display> fmt::Display for Failed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(error) => error.fmt(f),
            Self::Panicked => f.write_str("it panicked"),
        }
    }
}

/// In a task of its own, so that a panic is a failure like any other; it ends with whoever waits for it.
async fn guarded<T, E>(step: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, Failed<E>>
where
    T: Send + 'static,
    E: Send + 'static,
{
    let mut task = JoinSet::new();
    task.spawn(step);
    match task.join_next().await {
        Some(Ok(done)) => done.map_err(Failed::Of),
        Some(Err(_)) | None => Err(Failed::Panicked),
    }
}

#[cfg(test)]
mod tests;
