//! Leaves that rest on what was read a moment ago: what they spare, and that nothing happens by one that is outdated.

use std::time::Duration;

use identity::{Role, Roles, directory::Directory as _};
use kernel::{AccountId, Change, Ctx, Leave, OrganizationId, Scope, Store, StoreError, Target};
use sqlx::Executor as _;
use storage_postgres::{
    PostgresStorage,
    testing::{TestDatabase, fresh_database},
};

use crate::support::{begin, ctx, founded, id, noon, storage, superuser};

/// An organisation with the owners 1 and 2, and what the gate would let the first do.
async fn house() -> (TestDatabase, PostgresStorage, OrganizationId, Ctx) {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let north = founded(&storage, 7, &[1, 2]).await;
    let leave = Leave { account: id(1), roles: Roles::only(Role::Owner), second_factor: false };
    (database, storage, north, Ctx { leave: Some(leave), ..ctx(Scope::Tenant(north)) })
}

async fn recent(storage: &PostgresStorage, north: OrganizationId) -> Roles {
    let account: AccountId = id(1);
    let found =
        storage.recent_membership_of(&ctx(Scope::Identity), north, account).await.expect("it can be read");
    found.expect("it is there").membership.roles.clone()
}

/// Those of all threads but the one that asks.
async fn flights(storage: &PostgresStorage) -> u64 {
    let storage = storage.clone();
    tokio::task::spawn_blocking(move || storage.flights()).await.expect("counted")
}

/// As another process would do it, of which this one hears nothing.
async fn demote(database: &TestDatabase) -> Result<(), sqlx::Error> {
    let demote = "SET lock_timeout = '300ms'; UPDATE identity.memberships SET roles = '{member}' WHERE account_id = '00000000-0000-0000-0000-000000000001'";
    superuser(database).await.execute(demote).await.map(drop)
}

#[tokio::test]
async fn a_membership_is_read_once_until_one_changes_here() {
    let (_database, storage, north, _) = house().await;
    let owner = Roles::only(Role::Owner);
    assert_eq!(recent(&storage, north).await, owner);
    let before = flights(&storage).await;
    assert_eq!(recent(&storage, north).await, owner);
    assert_eq!(flights(&storage).await, before, "it is remembered");
    let mut unit = begin(&storage, Scope::Tenant(north)).await;
    let mut membership = unit.membership(north, id(1)).await.expect("it can be read").expect("it is there");
    membership.grant(Roles::only(Role::Member), noon());
    unit.save_membership(&mut membership).await.expect("saved");
    unit.commit().await.expect("committed");
    assert_eq!(recent(&storage, north).await, Roles::only(Role::Member));
}

#[tokio::test]
async fn an_outdated_leave_reads_nothing_and_is_asked_anew() {
    let (database, storage, north, by_owner) = house().await;
    let read = async || storage.organization(&by_owner, north).await;
    assert_eq!(read().await.expect("it can be read").map(|found| found.id), Some(north));
    recent(&storage, north).await;
    demote(&database).await.expect("demoted");
    assert_eq!(recent(&storage, north).await, Roles::only(Role::Owner), "it was not heard of");
    let refused = read().await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert_eq!(recent(&storage, north).await, Roles::only(Role::Member), "it is by now");
}

#[tokio::test]
async fn a_unit_keeps_the_leave_it_acts_by() {
    let (database, storage, _, by_owner) = house().await;
    let begin = async || Store::<assessment_engine::Unit>::begin(&storage, &by_owner).await.expect("a unit");
    let mut unit = begin().await;
    assert!(unit.campaign(id(9)).await.expect("it can be read").is_none());
    let meanwhile = demote(&database).await.expect_err("the membership is locked");
    assert!(meanwhile.to_string().contains("lock timeout"), "{meanwhile}");
    unit.commit().await.expect("the leave was held");
    demote(&database).await.expect("demoted once the unit was over");
    let late = begin().await.campaign(id(9)).await;
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
}

#[tokio::test]
async fn two_who_lock_the_owners_of_one_organisation_wait_for_each_other_and_do_not_clash() {
    let (_database, storage, north, by_owner) = house().await;
    let leave = by_owner.leave.clone().map(|leave| Leave { account: id(2), ..leave });
    let by_other = Ctx { leave, ..by_owner.clone() };
    let lock = async |by: &Ctx| {
        let mut unit = Store::<identity::Unit>::begin(&storage, by).await.expect("a unit");
        // Whatever else is read first.
        assert!(unit.organization(north).await.expect("it can be read").is_some());
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(unit.owners_for_update(north).await.expect("they wait, and are locked").len(), 2);
        tokio::time::sleep(Duration::from_millis(50)).await;
        unit.record(Change::new("test.told", Target::new("organization", north), noon()));
        unit.commit().await
    };
    let (one, other) = tokio::join!(lock(&by_owner), lock(&by_other));
    one.and(other).expect("both are done, one after the other");
}
