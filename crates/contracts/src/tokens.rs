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

/// A token whose letter was delivered takes the place of the earlier unused ones of its purpose and subject from a time
/// on, which stays, and leaves all others alone; a version is not counted for it.
pub async fn a_delivered_token_replaces_earlier_ones(storage: &StorageUnderTest) {
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
    let newer = world.keep(world.token_sample(&people)).await;
    let replace = async |by: &OneTimeToken, at| {
        let mut unit = world.begin(Scope::Identity).await;
        unit.replace_earlier_tokens(by, at).await.expect("they can be replaced");
        unit
    };
    let at = world.tick();
    drop(replace(&new, at).await);
    assert_eq!(
        world.read(Scope::Identity, &old).await.as_ref(),
        Some(&old),
        "a dropped unit replaces nothing"
    );
    replace(&new, at).await.commit().await.expect("it commits");
    replace(&new, world.tick()).await.commit().await.expect("again is no change");
    let read = world.read(Scope::Identity, &old).await.expect("it is there");
    assert_eq!((read.replaced_at, read.version()), (Some(at), old.version()));
    for kept in [new, newer, used, of_bob, other] {
        assert_eq!(world.read(Scope::Identity, &kept).await, Some(kept), "every other one stays as it is");
    }
}

/// Whoever uses a token in the moment it is replaced does not lose to that, and what they did stays.
pub async fn a_use_does_not_lose_to_a_newer_letter(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut old = world.keep(world.token_sample(&people)).await;
    let new = world.keep(world.token_sample(&people)).await;
    let mut replacing = world.begin(Scope::Identity).await;
    replacing.replace_earlier_tokens(&new, world.tick()).await.expect("they can be replaced");
    replacing.commit().await.expect("it commits");
    assert_eq!(old.use_up(world.now()), Ok(()), "it was read before");
    let old = world.keep(old).await;
    let read = world.read(Scope::Identity, &old).await.expect("it is there");
    assert!(read.used_at.is_some(), "it is used: {read:?}");
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
    if token.use_up(world.now()).is_err() {
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
