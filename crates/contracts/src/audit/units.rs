//! Events and the unit of work: both, or neither.

use identity::Account;
use kernel::{Ctx, IdempotencyKey, Recorded as _, Scope, StoreError};

use super::actions;
use crate::{
    StorageUnderTest,
    outbox::take,
    world::{World, ctx},
};

/// Under a key that was given to another meanwhile, or never was anybody's: its commit comes too late.
pub(super) fn too_late(world: &World, scope: Scope) -> Ctx {
    Ctx { idempotency: Some(IdempotencyKey(world.id::<()>().uuid())), ..ctx(scope) }
}

/// A unit that is dropped leaves no event.
pub async fn a_dropped_unit_leaves_no_event(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut unit = world.begin(Scope::Identity).await;
    unit.save_account(&mut world.account_sample("ann@example.org")).await.expect("it can be saved");
    unit.record(world.new_change("report.ask"));
    drop(unit);
    let mut unit = storage.records.begin(&ctx(Scope::Identity)).await.expect("a unit can be begun");
    unit.record(world.new_change("report.ask"));
    drop(unit);
    let left = world.events().await;
    assert!(left.is_empty(), "a dropped unit leaves {left:?}");
}

/// A unit that fails, before its commit or with it, leaves no event of what it did.
pub async fn a_failed_unit_leaves_no_event(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut unit = world.begin(Scope::Identity).await;
    unit.save_account(&mut world.account_sample("ann@example.org")).await.expect("it can be saved");
    let mut silent = world.account_sample("bob@example.org");
    silent.changes().drain();
    let unrecorded = unit.save_account(&mut silent).await;
    assert!(matches!(unrecorded, Err(StoreError::Unrecorded(Account::KIND))), "it gets {unrecorded:?}");
    unit.record(world.new_change("report.ask"));
    assert!(matches!(unit.commit().await, Err(StoreError::Failed)));

    let mut unit =
        storage.store.begin(&too_late(&world, Scope::Identity)).await.expect("a unit can be begun");
    unit.save_account(&mut world.account_sample("ann@example.org")).await.expect("it can be saved");
    unit.record(world.new_change("report.ask"));
    let late = unit.commit().await;
    assert!(matches!(late, Err(StoreError::Stale)), "one that comes too late gets {late:?}");
    let left = world.events().await;
    assert!(left.is_empty(), "a failed unit leaves {left:?}");
}

/// A unit that only records does so: events and deliveries are there with its commit.
pub async fn a_bare_unit_records(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut unit = storage.records.begin(&ctx(Scope::Identity)).await.expect("a unit can be begun");
    unit.record(world.new_change("report.ask"));
    unit.record(world.new_change("report.write"));
    assert!(world.events().await.is_empty(), "nothing is there before the commit");
    unit.commit().await.expect("it can be committed");
    assert_eq!(actions(&world.events().await), ["report.ask", "report.write"]);
    let told = take(storage, world.now(), 10).await;
    let topics: Vec<_> = told.iter().map(|delivery| delivery.topic.as_str()).collect();
    assert_eq!(topics, ["report.ask", "report.write"]);
    let unit = storage.records.begin(&ctx(Scope::Platform)).await.expect("a unit can be begun");
    unit.commit().await.expect("nothing can be committed, too");
    assert_eq!(world.events().await.len(), 2);
}

/// Every scope that can commit leaves its events.
pub async fn every_scope_leaves_its_events(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let scopes = [
        (Scope::Identity, None),
        (Scope::Platform, None),
        (Scope::Account(people.bob), None),
        (Scope::Tenant(people.south), Some(people.south)),
    ];
    for (scope, organization) in scopes {
        let event = world.told(&ctx(scope), world.new_change("report.ask").about(people.ann.uuid())).await;
        assert_eq!(event.organization, organization, "{scope:?}");
        assert_eq!(event.subject, Some(people.ann.uuid()), "{scope:?}");
    }
}

/// Nobody writes into another organisation's trail: a tenant's unit names itself or none, a person's names none.
pub async fn no_unit_names_an_organization_out_of_scope(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    for scope in [Scope::Identity, Scope::Platform, Scope::Tenant(people.south)] {
        let named = world.told(&ctx(scope), world.new_change("report.ask").of(people.south)).await;
        assert_eq!(named.organization, Some(people.south), "{scope:?} names it");
    }
    let before = world.events().await;
    for scope in [Scope::Tenant(people.north), Scope::Account(people.ann)] {
        let changes = [world.new_change("report.ask"), world.new_change("report.ask").of(people.south)];
        let refused = world.tell(&ctx(scope), changes).await;
        assert!(matches!(refused, Err(StoreError::OutOfScope)), "{scope:?} gets {refused:?}");
    }
    assert_eq!(world.events().await, before, "nothing of such a unit is left");
}
