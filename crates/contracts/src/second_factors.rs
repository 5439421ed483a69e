//! Rules of second factors.

use identity::{FactorStatus, SecondFactor, unit::SECOND_FACTOR};
use kernel::{Scope, StoreError};

use crate::{StorageUnderTest, accounts::round_trip, world::World};

/// A second factor reads back with its recovery codes, also after both changed and after it began anew.
pub async fn second_factor_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    round_trip(&world, world.factor_sample(&people), |factor| world.changed_factor(factor)).await;
    let pending = SecondFactor::enrol(world.id(), people.bob, vec![1, 2, 3], world.tick());
    round_trip(&world, pending, |factor| {
        let mut again = factor.clone();
        again.restart(vec![4, 5, 6], world.tick());
        again
    })
    .await;
}

/// An account has one second factor.
pub async fn one_second_factor_an_account(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    world.keep(world.factor_sample(&people)).await;
    let mut second = SecondFactor::enrol(world.id(), people.ann, vec![9], world.tick());
    let duplicate = world.try_keep(Scope::Account(people.ann), &mut second).await;
    assert!(matches!(duplicate, Err(StoreError::Duplicate(SECOND_FACTOR))), "a second gets {duplicate:?}");
}

/// A removed second factor is gone with its codes, and another can take its place.
pub async fn a_removed_second_factor_is_gone(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let stale = world.keep(world.factor_sample(&people)).await;
    let mut factor = world.keep(world.changed_factor(&stale)).await;
    let mut late = stale;
    late.remove(world.tick());
    let result = world.try_keep(Scope::Identity, &mut late).await;
    assert!(matches!(result, Err(StoreError::Stale)), "a late removal gets {result:?}");

    factor.remove(world.tick());
    assert_eq!(factor.status, FactorStatus::Removed);
    let gone = world.keep(factor).await;
    assert_eq!(world.read(Scope::Identity, &gone).await, None, "a removed one is gone");
    let next = SecondFactor::enrol(world.id(), people.ann, vec![9], world.tick());
    let next = world.keep(next).await;
    let read = world.read(Scope::Identity, &next).await;
    assert_eq!(read, Some(next), "the next one has none of the old codes");
}
