//! The work on the trail, over storage in memory.

use std::{path::PathBuf, sync::Arc};

use audit::{Hash, SignedCheckpoint, SignerKey};
use identity::{EmailAddress, registration::Register};
use kernel::{Actor, Ctx, Scope, Secret};
use mail::MemoryMailer;
use tokio::time::{Instant, sleep};

use super::*;
use crate::{Options, Platform, shutdown};

const PATIENCE: Duration = Duration::from_secs(10);

async fn composed(checkpoint_file: Option<PathBuf>) -> Platform {
    let options = Options::for_tests(Arc::new(MemoryMailer::new()));
    Platform::in_memory(Options { checkpoint_file, ..options }).await.unwrap()
}

async fn something_happens(platform: &Platform) {
    let email = EmailAddress::new("ann@example.org").unwrap();
    let password = Secret::new("plinth-orbit-walnut-sieve");
    let register = Register { email, password, full_name: None, timezone: None };
    let nobody = Ctx::new(Actor::Anonymous, Scope::Identity);
    platform.identity.registrations.register(&nobody, register).await.unwrap();
}

/// Runs the work until `done`.
async fn work_until(platform: &Platform, mut done: impl AsyncFnMut() -> bool) {
    let (stop, stopping) = shutdown::channel();
    let mut tasks = JoinSet::new();
    run_trail_workers(
        &mut tasks,
        &platform.audit,
        &platform.trail_health,
        TrailWorkerSettings::default(),
        &stopping,
    );
    let begun = Instant::now();
    while !done().await {
        assert!(begun.elapsed() < PATIENCE, "it never came");
        sleep(Duration::from_millis(10)).await;
    }
    stop.stop();
    while tasks.join_next().await.is_some() {}
}

#[tokio::test]
async fn an_event_gets_its_number_at_once_and_a_checkpoint_within_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkpoints");
    let platform = composed(Some(file.clone())).await;
    something_happens(&platform).await;
    let Audit { prover, ports, .. } = &platform.audit;
    let trail_health = &platform.trail_health;
    work_until(&platform, async || {
        prover.checkpoint().await.is_ok() && file.exists() && trail_health.soundness() == Soundness::Sound
    })
    .await;
    let vouched = prover.checkpoint().await.unwrap();
    assert_eq!(vouched.checkpoint.size, ports.ledger.size().await.unwrap());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{}\n", vouched.checkpoint.note));
    assert_eq!(trail_health.lag(), Some(Duration::ZERO));
}

#[tokio::test]
async fn a_trail_that_is_not_what_was_signed_is_told_and_no_longer_signed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkpoints");
    let platform = composed(Some(file.clone())).await;
    let Audit { checkpoint_signer, ports, prover, .. } = &platform.audit;
    let origin = checkpoint_signer.verifier().await.unwrap().name().to_string();
    let kept = ports.checkpoints.signer().await.unwrap().unwrap();
    let signer = SignerKey::from_seed(&origin, &ports.sealer.open_seed(&kept.sealed_seed).unwrap()).unwrap();
    std::fs::write(&file, SignedCheckpoint::sign(1, Hash::EMPTY, &signer).record()).unwrap();
    something_happens(&platform).await;
    work_until(&platform, async || {
        let numbered = ports.ledger.size().await.unwrap() > 0;
        numbered && platform.trail_health.soundness() == Soundness::Altered
    })
    .await;
    assert!(prover.checkpoint().await.is_err(), "nothing is signed");
}

#[tokio::test]
async fn where_the_file_cannot_be_read_nobody_can_tell() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkpoints");
    std::fs::write(&file, "nonsense\n\nnonsense\n\n").unwrap();
    let platform = composed(Some(file)).await;
    let (stop, stopping) = shutdown::channel();
    let sign = sign(platform.audit.clone(), platform.trail_health.clone(), stopping);
    something_happens(&platform).await;
    platform.audit.sequencer.catch_up().await.unwrap();
    let signing = tokio::spawn(sign);
    sleep(Duration::from_millis(300)).await;
    assert_eq!(platform.trail_health.soundness(), Soundness::Unknown);
    assert!(platform.audit.prover.checkpoint().await.is_err(), "nothing is signed");
    drop(stop);
    signing.await.unwrap();
}

#[tokio::test]
async fn a_step_that_panics_has_failed_and_no_more() {
    let step = async || -> Result<(), StoreError> { panic!("canary") };
    let failed = guarded(step()).await.unwrap_err();
    assert_eq!(failed.to_string(), "it panicked");
}
