//! Rules of idempotency claims.

use std::time::Duration;

use kernel::{Claim, ClaimTarget, Claimed, Ctx, IdempotencyKey, Scope, StoreError};

use crate::{
    Subject,
    world::{World, ctx, hours},
};

const MINUTE: Duration = Duration::from_secs(60);

fn claim(world: &World, key: &str) -> Claim {
    let id = IdempotencyKey(world.id::<()>().uuid());
    Claim { id, caller: "account:ann".to_owned(), key: key.to_owned(), fingerprint: [7; 32] }
}

/// The same request, sent again.
fn again(world: &World, claim: &Claim) -> Claim {
    Claim { id: IdempotencyKey(world.id::<()>().uuid()), ..claim.clone() }
}

async fn ask(world: &World, claim: &Claim) -> Claimed {
    world.subject.claims.claim(claim, world.now()).await.expect("a claim is answered")
}

fn under(claim: &Claim) -> Ctx {
    Ctx { idempotency: Some(claim.id), ..ctx(Scope::Identity) }
}

/// Of many parallel claims of one key one runs; the others are told that it is running.
pub async fn one_of_many_runs(subject: &Subject) {
    let world = World::of(subject);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let (claims, claim, now) = (subject.claims.clone(), claim(&world, "key"), world.now());
        tasks.spawn(async move { claims.claim(&claim, now).await.expect("a claim is answered") });
    }
    let answers = tasks.join_all().await;
    let run = answers.iter().filter(|answer| **answer == Claimed::Run).count();
    let running = answers.iter().filter(|answer| **answer == Claimed::Running).count();
    assert_eq!((run, running), (1, 29), "one of thirty runs: {answers:?}");
}

/// Once answered, a retry gets the answer, as often as it asks and for as long as it is kept.
pub async fn an_answer_is_given_again(subject: &Subject) {
    let world = World::of(subject);
    let first = claim(&world, "key");
    assert_eq!(ask(&world, &first).await, Claimed::Run);
    subject.claims.answer(first.id, b"sealed \x00\xFF").await.expect("an answer can be kept");
    for _ in 0..2 {
        world.pass(hours(11));
        assert_eq!(ask(&world, &again(&world, &first)).await, Claimed::Answered(b"sealed \x00\xFF".to_vec()));
    }
}

/// A commit marks the claim with what it saved first, so that a lost answer can be rendered again.
pub async fn a_commit_marks_the_claim(subject: &Subject) {
    let world = World::of(subject);
    let first = claim(&world, "key");
    assert_eq!(ask(&world, &first).await, Claimed::Run);
    let mut unit = subject.store.begin(&under(&first)).await.expect("a unit can be begun");
    let mut ann = world.account_sample("ann@example.org");
    let mut north = world.organization_sample("north-wind");
    unit.save_account(&mut ann).await.expect("it can be saved");
    unit.save_organization(&mut north).await.expect("it can be saved");
    assert_eq!(ask(&world, &again(&world, &first)).await, Claimed::Running, "it is not committed yet");
    unit.commit().await.expect("it can be committed");
    let target = ClaimTarget { kind: "account".to_owned(), id: ann.id.uuid(), version: 1 };
    world.pass(2 * MINUTE);
    assert_eq!(ask(&world, &again(&world, &first)).await, Claimed::Committed(Some(target)));
    subject.claims.answer(first.id, b"sealed").await.expect("an answer can be kept");
    assert_eq!(ask(&world, &again(&world, &first)).await, Claimed::Answered(b"sealed".to_vec()));
}

/// A commit that saved nothing marks the claim too.
pub async fn an_empty_commit_marks_the_claim(subject: &Subject) {
    let world = World::of(subject);
    let first = claim(&world, "key");
    assert_eq!(ask(&world, &first).await, Claimed::Run);
    let unit = subject.store.begin(&under(&first)).await.expect("a unit can be begun");
    unit.commit().await.expect("it can be committed");
    assert_eq!(ask(&world, &again(&world, &first)).await, Claimed::Committed(None));
}

/// A dropped unit leaves the claim as it was.
pub async fn a_dropped_unit_marks_nothing(subject: &Subject) {
    let world = World::of(subject);
    let first = claim(&world, "key");
    assert_eq!(ask(&world, &first).await, Claimed::Run);
    let mut unit = subject.store.begin(&under(&first)).await.expect("a unit can be begun");
    unit.save_account(&mut world.account_sample("ann@example.org")).await.expect("it can be saved");
    drop(unit);
    assert_eq!(ask(&world, &again(&world, &first)).await, Claimed::Running);
}

/// A key serves one request of one caller: another request is told so, another caller's key is another key.
pub async fn a_key_belongs_to_one_request_of_one_caller(subject: &Subject) {
    let world = World::of(subject);
    let first = claim(&world, "key");
    assert_eq!(ask(&world, &first).await, Claimed::Run);
    let other_request = Claim { fingerprint: [8; 32], ..again(&world, &first) };
    assert_eq!(ask(&world, &other_request).await, Claimed::OtherRequest);
    subject.claims.answer(first.id, b"sealed").await.expect("an answer can be kept");
    assert_eq!(ask(&world, &other_request).await, Claimed::OtherRequest);
    let other_caller = Claim { caller: "account:bob".to_owned(), ..again(&world, &first) };
    assert_eq!(ask(&world, &other_caller).await, Claimed::Run);
    assert_eq!(ask(&world, &claim(&world, "other")).await, Claimed::Run);
}

/// A claim that was neither committed nor answered for a minute died with its process: the next one runs, and
/// should the dead one come back, its commit is too late.
pub async fn a_dead_claim_is_given_to_the_next(subject: &Subject) {
    let world = World::of(subject);
    let first = claim(&world, "key");
    assert_eq!(ask(&world, &first).await, Claimed::Run);
    let mut slow = subject.store.begin(&under(&first)).await.expect("a unit can be begun");
    let mut ann = world.account_sample("ann@example.org");
    slow.save_account(&mut ann).await.expect("it can be saved");
    world.pass(Duration::from_secs(58));
    assert_eq!(ask(&world, &again(&world, &first)).await, Claimed::Running);
    world.pass(Duration::from_secs(3));
    let next = again(&world, &first);
    assert_eq!(ask(&world, &next).await, Claimed::Run);
    assert_eq!(ask(&world, &again(&world, &first)).await, Claimed::Running, "the next one has a minute too");
    let late = slow.commit().await;
    assert!(matches!(late, Err(StoreError::Stale)), "one request has one effect: {late:?}");
    assert_eq!(world.read(Scope::Identity, &ann).await, None, "nothing of the dead one is left");
    let unit = subject.store.begin(&under(&next)).await.expect("a unit can be begun");
    unit.commit().await.expect("the next one commits");
}

/// A released key is free again at once.
pub async fn a_released_key_is_free(subject: &Subject) {
    let world = World::of(subject);
    let first = claim(&world, "key");
    assert_eq!(ask(&world, &first).await, Claimed::Run);
    subject.claims.release(first.id).await.expect("a claim can be released");
    assert_eq!(ask(&world, &Claim { fingerprint: [8; 32], ..again(&world, &first) }).await, Claimed::Run);
}

/// Claims are forgotten after a day, or when they are purged.
pub async fn old_claims_are_forgotten(subject: &Subject) {
    let world = World::of(subject);
    let first = claim(&world, "first");
    assert_eq!(ask(&world, &first).await, Claimed::Run);
    subject.claims.answer(first.id, b"sealed").await.expect("an answer can be kept");
    world.pass(hours(24) + Duration::from_secs(1));
    let next = Claim { fingerprint: [8; 32], ..again(&world, &first) };
    assert_eq!(ask(&world, &next).await, Claimed::Run, "a day later the key is free for any request");
    subject.claims.answer(next.id, b"sealed").await.expect("an answer can be kept");
    let between = world.tick();
    world.tick();
    let young = claim(&world, "young");
    assert_eq!(ask(&world, &young).await, Claimed::Run);
    subject.claims.answer(young.id, b"young").await.expect("an answer can be kept");
    assert_eq!(subject.claims.purge(between).await.expect("claims can be purged"), 1);
    assert_eq!(ask(&world, &again(&world, &next)).await, Claimed::Run, "a purged one is forgotten");
    assert_eq!(ask(&world, &again(&world, &young)).await, Claimed::Answered(b"young".to_vec()));
}
