//! Events and the unit of work: both, or neither.

use identity::Account;
use kernel::{Ctx, IdempotencyKey, Recorded as _, Scope, StoreError};

use super::actions;
use crate::{
    Subject,
    world::{World, ctx, hours},
};

/// In a claim that was given to another meanwhile, or never was anybody's: its commit comes too late.
pub(super) fn too_late(world: &World, scope: Scope) -> Ctx {
    Ctx { idempotency: Some(IdempotencyKey(world.id::<()>().uuid())), ..ctx(scope) }
}

/// A unit that is dropped leaves no event.
pub async fn a_dropped_unit_leaves_no_event(subject: &Subject) {
    let world = World::of(subject);
    let mut unit = world.begin(Scope::Identity).await;
    unit.save_account(&mut world.account_sample("ann@example.org")).await.expect("it can be saved");
    unit.record(world.happens("report.ask"));
    drop(unit);
    let mut unit = subject.records.begin(&ctx(Scope::Identity)).await.expect("a unit can be begun");
    unit.record(world.happens("report.ask"));
    drop(unit);
    let left = world.events().await;
    assert!(left.is_empty(), "a dropped unit leaves {left:?}");
}

/// A unit that fails, before its commit or with it, leaves no event of what it did.
pub async fn a_failed_unit_leaves_no_event(subject: &Subject) {
    let world = World::of(subject);
    let mut unit = world.begin(Scope::Identity).await;
    unit.save_account(&mut world.account_sample("ann@example.org")).await.expect("it can be saved");
    let mut silent = world.account_sample("bob@example.org");
    silent.changes().drain();
    let unrecorded = unit.save_account(&mut silent).await;
    assert!(matches!(unrecorded, Err(StoreError::Unrecorded(Account::KIND))), "it gets {unrecorded:?}");
    unit.record(world.happens("report.ask"));
    assert!(matches!(unit.commit().await, Err(StoreError::Failed)));

    let mut unit =
        subject.store.begin(&too_late(&world, Scope::Identity)).await.expect("a unit can be begun");
    unit.save_account(&mut world.account_sample("ann@example.org")).await.expect("it can be saved");
    unit.record(world.happens("report.ask"));
    let late = unit.commit().await;
    assert!(matches!(late, Err(StoreError::Stale)), "one that comes too late gets {late:?}");
    let left = world.events().await;
    assert!(left.is_empty(), "a failed unit leaves {left:?}");
}

/// A unit that only records does so: events and deliveries are there with its commit.
pub async fn a_bare_unit_records(subject: &Subject) {
    let world = World::of(subject);
    let mut unit = subject.records.begin(&ctx(Scope::Identity)).await.expect("a unit can be begun");
    unit.record(world.happens("report.ask"));
    unit.record(world.happens("report.write"));
    assert!(world.events().await.is_empty(), "nothing is there before the commit");
    unit.commit().await.expect("it can be committed");
    assert_eq!(actions(&world.events().await), ["report.ask", "report.write"]);
    let told = subject.outbox.take(world.now(), 10, hours(1)).await.expect("an outbox can be asked");
    let topics: Vec<_> = told.iter().map(|delivery| delivery.topic.as_str()).collect();
    assert_eq!(topics, ["report.ask", "report.write"]);
    let unit = subject.records.begin(&ctx(Scope::Platform)).await.expect("a unit can be begun");
    unit.commit().await.expect("nothing can be committed, too");
    assert_eq!(world.events().await.len(), 2);
}

/// Every scope that can commit leaves its events.
pub async fn every_scope_leaves_its_events(subject: &Subject) {
    let world = World::of(subject);
    let cast = world.cast().await;
    let scopes = [
        (Scope::Identity, None),
        (Scope::Platform, None),
        (Scope::Account(cast.bob), None),
        (Scope::Tenant(cast.south), Some(cast.south)),
    ];
    for (scope, organization) in scopes {
        let event = world.told(&ctx(scope), world.happens("report.ask").about(cast.ann.uuid())).await;
        assert_eq!(event.organization, organization, "{scope:?}");
        assert_eq!(event.subject, Some(cast.ann.uuid()), "{scope:?}");
    }
}

/// Nobody writes into another organisation's trail: a tenant's unit names itself or none, a person's names none.
pub async fn no_unit_names_an_organization_out_of_scope(subject: &Subject) {
    let world = World::of(subject);
    let cast = world.cast().await;
    for scope in [Scope::Identity, Scope::Platform, Scope::Tenant(cast.south)] {
        let named = world.told(&ctx(scope), world.happens("report.ask").of(cast.south)).await;
        assert_eq!(named.organization, Some(cast.south), "{scope:?} names it");
    }
    let before = world.events().await;
    for scope in [Scope::Tenant(cast.north), Scope::Account(cast.ann)] {
        let changes = [world.happens("report.ask"), world.happens("report.ask").of(cast.south)];
        let refused = world.tell(&ctx(scope), changes).await;
        assert!(matches!(refused, Err(StoreError::OutOfScope)), "{scope:?} gets {refused:?}");
    }
    assert_eq!(world.events().await, before, "nothing of such a unit is left");
}
