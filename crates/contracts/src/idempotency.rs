//! Rules of idempotency.

use std::time::Duration;

use kernel::{Ctx, IdempotencyKey, IdempotencyState, IdempotentRequest, SavedTarget, Scope, StoreError};

use crate::{
    StorageUnderTest,
    world::{World, ctx, hours},
};

const MINUTE: Duration = Duration::from_secs(60);

fn request(world: &World, key: &str) -> IdempotentRequest {
    let id = IdempotencyKey(world.id::<()>().uuid());
    IdempotentRequest { id, caller: "account:ann".to_owned(), key: key.to_owned(), fingerprint: [7; 32] }
}

/// The same request, sent again.
fn again(world: &World, request: &IdempotentRequest) -> IdempotentRequest {
    IdempotentRequest { id: IdempotencyKey(world.id::<()>().uuid()), ..request.clone() }
}

async fn ask(world: &World, request: &IdempotentRequest) -> IdempotencyState {
    world.storage.idempotency.reserve(request, world.now()).await.expect("a request is answered")
}

fn under(request: &IdempotentRequest) -> Ctx {
    Ctx { idempotency: Some(request.id), ..ctx(Scope::Identity) }
}

/// Answered without a commit.
fn answered(sealed: &[u8]) -> IdempotencyState {
    IdempotencyState::Answered { sealed: sealed.to_vec(), committed: None }
}

/// Of many parallel requests with one key one runs; the others are told that it is running.
pub async fn one_of_many_runs(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let (store, request, now) = (storage.idempotency.clone(), request(&world, "key"), world.now());
        tasks.spawn(async move { store.reserve(&request, now).await.expect("a request is answered") });
    }
    let answers = tasks.join_all().await;
    let run = answers.iter().filter(|answer| **answer == IdempotencyState::Run).count();
    let running = answers.iter().filter(|answer| **answer == IdempotencyState::Running).count();
    assert_eq!((run, running), (1, 29), "one of thirty runs: {answers:?}");
}

/// Once answered, a retry gets the answer, as often as it asks and for as long as it is kept.
pub async fn an_answer_is_given_again(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let first = request(&world, "key");
    assert_eq!(ask(&world, &first).await, IdempotencyState::Run);
    storage.idempotency.answer(first.id, b"sealed \x00\xFF").await.expect("an answer can be kept");
    for _ in 0..2 {
        world.pass(hours(11));
        assert_eq!(ask(&world, &again(&world, &first)).await, answered(b"sealed \x00\xFF"));
    }
}

/// A commit marks the key with what it saved first, so that a lost answer can be rendered again.
pub async fn a_commit_marks_the_key(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let first = request(&world, "key");
    assert_eq!(ask(&world, &first).await, IdempotencyState::Run);
    let mut unit = storage.store.begin(&under(&first)).await.expect("a unit can be begun");
    let mut ann = world.account_sample("ann@example.org");
    let mut north = world.organization_sample("north-wind");
    unit.save_account(&mut ann).await.expect("it can be saved");
    unit.save_organization(&mut north).await.expect("it can be saved");
    assert_eq!(
        ask(&world, &again(&world, &first)).await,
        IdempotencyState::Running,
        "it is not committed yet"
    );
    unit.commit().await.expect("it can be committed");
    let target = SavedTarget { kind: "account".to_owned(), id: ann.id.uuid(), version: 1 };
    world.pass(2 * MINUTE);
    assert_eq!(ask(&world, &again(&world, &first)).await, IdempotencyState::Committed(Some(target.clone())));
    storage.idempotency.answer(first.id, b"sealed").await.expect("an answer can be kept");
    let answered = IdempotencyState::Answered { sealed: b"sealed".to_vec(), committed: Some(Some(target)) };
    assert_eq!(ask(&world, &again(&world, &first)).await, answered);
}

/// A commit that saved nothing marks the key too.
pub async fn an_empty_commit_marks_the_key(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let first = request(&world, "key");
    assert_eq!(ask(&world, &first).await, IdempotencyState::Run);
    let unit = storage.store.begin(&under(&first)).await.expect("a unit can be begun");
    unit.commit().await.expect("it can be committed");
    assert_eq!(ask(&world, &again(&world, &first)).await, IdempotencyState::Committed(None));
}

/// A dropped unit leaves the request as it was.
pub async fn a_dropped_unit_marks_nothing(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let first = request(&world, "key");
    assert_eq!(ask(&world, &first).await, IdempotencyState::Run);
    let mut unit = storage.store.begin(&under(&first)).await.expect("a unit can be begun");
    unit.save_account(&mut world.account_sample("ann@example.org")).await.expect("it can be saved");
    drop(unit);
    assert_eq!(ask(&world, &again(&world, &first)).await, IdempotencyState::Running);
}

/// A key serves one request of one caller: another request is told so, another caller's key is another key.
pub async fn a_key_belongs_to_one_request_of_one_caller(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let first = request(&world, "key");
    assert_eq!(ask(&world, &first).await, IdempotencyState::Run);
    let other_request = IdempotentRequest { fingerprint: [8; 32], ..again(&world, &first) };
    assert_eq!(ask(&world, &other_request).await, IdempotencyState::OtherRequest);
    storage.idempotency.answer(first.id, b"sealed").await.expect("an answer can be kept");
    assert_eq!(ask(&world, &other_request).await, IdempotencyState::OtherRequest);
    let other_caller = IdempotentRequest { caller: "account:bob".to_owned(), ..again(&world, &first) };
    assert_eq!(ask(&world, &other_caller).await, IdempotencyState::Run);
    assert_eq!(ask(&world, &request(&world, "other")).await, IdempotencyState::Run);
}

/// A request that was neither committed nor answered for a minute died with its process: the next one runs, and
/// should the dead one come back, its commit is too late.
pub async fn a_dead_request_leaves_its_key_to_the_next(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let first = request(&world, "key");
    assert_eq!(ask(&world, &first).await, IdempotencyState::Run);
    let mut slow = storage.store.begin(&under(&first)).await.expect("a unit can be begun");
    let mut ann = world.account_sample("ann@example.org");
    slow.save_account(&mut ann).await.expect("it can be saved");
    world.pass(Duration::from_secs(58));
    assert_eq!(ask(&world, &again(&world, &first)).await, IdempotencyState::Running);
    world.pass(Duration::from_secs(3));
    let next = again(&world, &first);
    assert_eq!(ask(&world, &next).await, IdempotencyState::Run);
    assert_eq!(
        ask(&world, &again(&world, &first)).await,
        IdempotencyState::Running,
        "the next one has a minute too"
    );
    let late = slow.commit().await;
    assert!(matches!(late, Err(StoreError::Stale)), "one request has one effect: {late:?}");
    assert_eq!(world.read(Scope::Identity, &ann).await, None, "nothing of the dead one is left");
    let unit = storage.store.begin(&under(&next)).await.expect("a unit can be begun");
    unit.commit().await.expect("the next one commits");
}

/// A released key is free again at once.
pub async fn a_released_key_is_free(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let first = request(&world, "key");
    assert_eq!(ask(&world, &first).await, IdempotencyState::Run);
    storage.idempotency.release(first.id).await.expect("a key can be released");
    assert_eq!(
        ask(&world, &IdempotentRequest { fingerprint: [8; 32], ..again(&world, &first) }).await,
        IdempotencyState::Run
    );
}

/// Requests are forgotten after a day, or when they are purged.
pub async fn old_requests_are_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let first = request(&world, "first");
    assert_eq!(ask(&world, &first).await, IdempotencyState::Run);
    storage.idempotency.answer(first.id, b"sealed").await.expect("an answer can be kept");
    world.pass(hours(24) + Duration::from_secs(1));
    let next = IdempotentRequest { fingerprint: [8; 32], ..again(&world, &first) };
    assert_eq!(
        ask(&world, &next).await,
        IdempotencyState::Run,
        "a day later the key is free for any request"
    );
    storage.idempotency.answer(next.id, b"sealed").await.expect("an answer can be kept");
    let between = world.tick();
    world.tick();
    let young = request(&world, "young");
    assert_eq!(ask(&world, &young).await, IdempotencyState::Run);
    storage.idempotency.answer(young.id, b"young").await.expect("an answer can be kept");
    assert_eq!(storage.idempotency.purge(between).await.expect("requests can be purged"), 1);
    assert_eq!(ask(&world, &again(&world, &next)).await, IdempotencyState::Run, "a purged one is forgotten");
    assert_eq!(ask(&world, &again(&world, &young)).await, answered(b"young"));
}
