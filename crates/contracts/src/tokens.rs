//! Rules of one-time tokens.

use identity::{OneTimeToken, OneTimeTokenState, Purpose};
use kernel::{Scope, StoreError};

use crate::{
    StorageUnderTest,
    accounts::round_trip,
    aggregate::Aggregate as _,
    world::{TestPeople, World},
};

fn with(token: &OneTimeToken, change: impl FnOnce(&mut OneTimeTokenState)) -> OneTimeToken {
    let mut state = token.state().clone();
    change(&mut state);
    let now = state.created_at;
    OneTimeToken::restore(state, 0).mark(now)
}

/// A token reads back as it was saved, and as used.
pub async fn token_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    round_trip(&world, world.token_sample(&people), |token| {
        let mut used = token.clone();
        used.touch(world.tick());
        used
    })
    .await;
}

/// A token is found under its own purpose and digest alone.
pub async fn a_token_serves_one_purpose(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let token = world.keep(world.token_sample(&people)).await;
    let mut unit = world.begin(Scope::Identity).await;
    for purpose in Purpose::ALL {
        let found = unit.one_time_token(purpose, &token.digest).await.expect("it can be read");
        assert_eq!(found.is_some(), purpose == token.purpose, "{purpose:?}");
    }
    let other = unit.one_time_token(token.purpose, &world.digest()).await.expect("it can be read");
    assert_eq!(other, None);
}

/// A new token makes the unused ones of its purpose and subject worthless and leaves all others alone.
pub async fn a_newer_token_invalidates_older_ones(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut used = world.keep(world.token_sample(&people)).await;
    used.touch(world.tick());
    let used = world.keep(used).await;
    let old = world.keep(world.token_sample(&people)).await;
    let of_bob = with(&world.token_sample(&people), |token| token.subject = people.bob.uuid());
    let of_bob = world.keep(of_bob).await;
    let other = with(&world.token_sample(&people), |token| token.purpose = Purpose::ChangeEmail);
    let other = world.keep(other).await;

    let new = world.keep(world.token_sample(&people)).await;
    assert_eq!(world.read(Scope::Identity, &old).await, None, "the older one is worthless");
    for kept in [new, used, of_bob, other] {
        assert_eq!(world.read(Scope::Identity, &kept).await, Some(kept), "every other one stays");
    }
}

/// A dropped unit's new token leaves the older one working.
pub async fn a_dropped_token_invalidates_nothing(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let old = world.keep(world.token_sample(&people)).await;
    let mut unit = world.begin(Scope::Identity).await;
    unit.save_one_time_token(&mut world.token_sample(&people)).await.expect("it can be saved");
    assert_eq!(old.read(&mut *unit).await.expect("it can be read"), None, "within the unit it is gone");
    drop(unit);
    assert_eq!(world.read(Scope::Identity, &old).await, Some(old));
}

async fn use_up(
    storage: StorageUnderTest,
    people: TestPeople,
    token: OneTimeToken,
) -> Result<bool, StoreError> {
    let world = World::of(&storage);
    let mut unit = world.begin(Scope::Identity).await;
    let Some(mut token) = token.read(&mut *unit).await? else { return Ok(false) };
    tokio::task::yield_now().await;
    if !token.use_up(world.now()) {
        return Ok(false);
    }
    unit.save_one_time_token(&mut token).await?;
    let mut ann = unit.account(people.ann).await?.expect("the account is there");
    ann.raise_epoch("token", world.now());
    unit.save_account(&mut ann).await?;
    unit.commit().await.map(|()| true)
}

/// Of many who use one token at once, one succeeds; its effect happens once.
pub async fn a_token_works_once_in_parallel(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let token = world.keep(world.token_sample(&people)).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        tasks.spawn(use_up(storage.clone(), people, token.clone()));
    }
    let results = tasks.join_all().await;
    let won = results.iter().filter(|result| matches!(result, Ok(true))).count();
    assert_eq!(won, 1, "one of twenty wins: {results:?}");
    let lost = |result: &Result<bool, StoreError>| matches!(result, Ok(_) | Err(StoreError::Stale));
    assert!(results.iter().all(lost), "the others come too late: {results:?}");
    let mut unit = world.begin(Scope::Identity).await;
    let ann = unit.account(people.ann).await.expect("it can be read").expect("it is there");
    assert_eq!((ann.epoch, ann.version()), (1, 2), "the effect happened once");
}
