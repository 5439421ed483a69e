//! Rules of refresh-token rotation.

use std::time::Duration;

use identity::{EndReason, Rotation, Session, session::GRACE};
use kernel::{Scope, StoreError, Timestamp};

use crate::{
    StorageUnderTest,
    world::{World, minutes},
};

async fn rotate(storage: &StorageUnderTest, session: &Session, counter: i64, now: Timestamp) -> Rotation {
    storage.rotation.rotate(session.id, counter, now).await.expect("a rotation is answered")
}

/// The current token moves the session on by one and renews its idle time; storage keeps exactly what is answered.
pub async fn the_current_token_moves_the_session_on(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let session = world.session(people.ann).await;
    let now = world.pass(minutes(30));
    let Rotation::Rotated(moved) = rotate(storage, &session, 0, now).await else {
        panic!("the current token rotates")
    };
    assert_eq!((moved.counter, moved.rotated_at), (1, now));
    assert_eq!(moved.idle_expires_at, now.plus(minutes(60)), "idle time begins anew");
    assert_eq!(moved.expires_at, session.expires_at, "the end does not move");
    assert_eq!(moved.authenticated_at, session.authenticated_at, "nobody proved anything again");
    assert_eq!(world.read(Scope::Identity, &session).await, Some(moved));
}

/// Idle time never reaches beyond the session's end.
pub async fn idle_time_ends_with_the_session(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let session = world.session(people.ann).await;
    let mut counter = 0;
    while world.pass(minutes(50)) < session.expires_at {
        match rotate(storage, &session, counter, world.now()).await {
            Rotation::Rotated(moved) => assert!(moved.idle_expires_at <= session.expires_at),
            other => panic!("a live session rotates, not {other:?}"),
        }
        counter += 1;
    }
    assert_eq!(
        rotate(storage, &session, counter, world.now()).await,
        Rotation::Dead,
        "at its end it is dead"
    );
}

/// The token before the current one fetches the session as it is for ten seconds; then its use is a theft.
pub async fn the_token_before_has_a_grace(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let session = world.session(people.ann).await;
    let rotated_at = world.tick();
    let Rotation::Rotated(moved) = rotate(storage, &session, 0, rotated_at).await else {
        panic!("the current token rotates")
    };
    let in_time = rotate(storage, &session, 0, rotated_at.plus(GRACE)).await;
    assert_eq!(
        in_time,
        Rotation::Reissued(moved.clone()),
        "within the grace the current token is issued again"
    );
    let late = rotate(storage, &session, 0, rotated_at.plus(GRACE + Duration::from_micros(1))).await;
    assert_eq!(late, Rotation::Reused(moved.clone()), "after it was used before");
    assert_eq!(world.read(Scope::Identity, &session).await, Some(moved), "neither changes the session");
}

/// A token older than the one before is a reuse at once; one that was never issued opens nothing.
pub async fn old_and_future_tokens_do_not_rotate(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let session = world.session(people.ann).await;
    for counter in 0..2 {
        let rotated = rotate(storage, &session, counter, world.now()).await;
        assert!(matches!(rotated, Rotation::Rotated(_)), "{rotated:?}");
    }
    let old = rotate(storage, &session, 0, world.now()).await;
    assert!(matches!(old, Rotation::Reused(ref session) if session.counter == 2), "{old:?}");
    assert_eq!(rotate(storage, &session, 3, world.now()).await, Rotation::Dead);
}

/// Nothing rotates a session that is unknown, ended, expired or idled away.
pub async fn dead_sessions_do_not_rotate(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let unknown = storage.rotation.rotate(world.id(), 0, world.now()).await.expect("a rotation is answered");
    assert_eq!(unknown, Rotation::Dead);
    let mut ended = world.session(people.ann).await;
    ended.end(EndReason::Logout, world.tick());
    let ended = world.keep(ended).await;
    assert_eq!(rotate(storage, &ended, 0, world.now()).await, Rotation::Dead);
    let idle = world.session(people.ann).await;
    assert_eq!(rotate(storage, &idle, 0, idle.idle_expires_at).await, Rotation::Dead);
    assert_eq!(world.read(Scope::Identity, &idle).await, Some(idle), "a dead session is left as it is");
}

/// A suspended account's session does not rotate, and does again once the account is reinstated.
pub async fn a_suspended_account_cannot_rotate(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut ann = world.account("ann@example.org").await;
    let session = world.session(ann.id).await;
    ann.suspend(world.tick());
    let mut ann = world.keep(ann).await;
    assert_eq!(rotate(storage, &session, 0, world.now()).await, Rotation::Dead);
    ann.reinstate(world.tick());
    let mut ann = world.keep(ann).await;
    assert!(matches!(rotate(storage, &session, 0, world.now()).await, Rotation::Rotated(_)));
    ann.erase(world.tick());
    world.keep(ann).await;
    assert_eq!(rotate(storage, &session, 1, world.now()).await, Rotation::Dead, "nor does an erased one's");
}

/// Of fifty parallel uses of one token exactly one rotates; the others get its successor or are told of the reuse.
pub async fn parallel_refreshes_leave_one_lineage(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let session = world.session(people.ann).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (rotation, id, now) = (storage.rotation.clone(), session.id, world.now());
        tasks.spawn(async move { rotation.rotate(id, 0, now).await.expect("a rotation is answered") });
    }
    let results = tasks.join_all().await;
    let rotated = results.iter().filter(|result| matches!(result, Rotation::Rotated(_))).count();
    assert_eq!(rotated, 1, "exactly one rotates: {results:?}");
    for result in &results {
        let (Rotation::Rotated(session) | Rotation::Reissued(session)) = result else {
            panic!("within the grace nothing else is answered: {result:?}")
        };
        assert_eq!(session.counter, 1, "all get the same successor");
    }
    let left = world.read(Scope::Identity, &session).await.expect("it is there");
    assert_eq!(left.counter, 1, "the session moved on once");
}

/// A unit that read the session before a rotation cannot turn its counter back.
pub async fn a_save_cannot_undo_a_rotation(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut read_before = world.session(people.ann).await;
    let rotated = rotate(storage, &read_before, 0, world.now()).await;
    assert!(matches!(rotated, Rotation::Rotated(_)), "{rotated:?}");
    read_before.stepped_up(kernel::Assurance::Aal2, world.tick());
    let saved = world.try_keep(Scope::Identity, &mut read_before).await;
    assert!(matches!(saved, Ok(()) | Err(StoreError::Stale)), "{saved:?}");
    let left = world.read(Scope::Identity, &read_before).await.expect("it is there");
    assert_eq!(left.counter, 1, "the counter never goes back");
}
