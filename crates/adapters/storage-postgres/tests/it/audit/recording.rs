//! Events are written with the change or not at all, and in the same statement as its outbox row.

use std::sync::Arc;

use audit::ports::{EventLog as _, Filter};
use kernel::{
    AccountId, Actor, Ctx, Denial, Denials as _, OrganizationId, Outcome, PageRequest, PlatformRole, Scope,
    StoreError,
};
use sqlx::{Executor as _, Row as _};
use storage_postgres::{PostgresStorage, testing::fresh_database};
use uuid::Uuid;

use super::{change, count, new_targets, record_changes};
use crate::support::{account, begin, ctx, id, noon, storage, superuser};

/// Somebody who signed in, and is known by their address.
fn caller(number: u128, scope: Scope) -> Ctx {
    let actor = Actor::Account {
        id: id(number),
        session: id(number + 1000),
        platform_role: PlatformRole::User,
        assurance: kernel::Assurance::Aal1,
        authenticated_at: noon(),
    };
    let mut ctx = Ctx::new(actor, scope);
    ctx.address = Some([192, 0, 2, 7].into());
    ctx.route = Some(Arc::from("PATCH /v1/me"));
    ctx
}

async fn seen(storage: &PostgresStorage, scope: Scope) -> Vec<audit::Event> {
    let page = storage.events(&ctx(scope), &Filter::default(), &PageRequest::default()).await;
    page.expect("a page").items
}

#[tokio::test]
async fn a_change_that_cannot_be_recorded_does_not_happen() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let mut admin = superuser(&database).await;
    let break_and_mend = [
        ("REVOKE INSERT ON audit.events FROM touchstone_identity", ""),
        (
            "ALTER TABLE audit.events ADD CONSTRAINT broken CHECK (action <> 'account.open')",
            "DROP CONSTRAINT broken",
        ),
    ];
    for (number, (broken, mend)) in (1..).zip(break_and_mend) {
        let grants = "GRANT INSERT ON audit.events TO touchstone_identity";
        admin
            .execute(sqlx::AssertSqlSafe(if mend.is_empty() {
                broken.to_owned()
            } else {
                format!("{grants}; {broken}")
            }))
            .await
            .expect("broken");
        let mut unit = begin(&storage, Scope::Identity).await;
        unit.save_account(&mut account(number)).await.expect("saved");
        let refused = unit.commit().await;
        assert!(matches!(refused, Err(StoreError::OutOfScope | StoreError::Fault(_))), "{refused:?}");
    }
    for table in ["identity.accounts", "platform.outbox", "audit.events"] {
        assert_eq!(count(&mut admin, table).await, 0, "{table}");
    }
    admin.execute("ALTER TABLE audit.events DROP CONSTRAINT broken").await.expect("mended");
    let mut unit = begin(&storage, Scope::Identity).await;
    unit.save_account(&mut account(1)).await.expect("saved");
    unit.commit().await.expect("committed");
    assert_eq!(count(&mut admin, "audit.events").await, 1);
}

/// `cmin` is the number of the statement in its transaction.
#[tokio::test]
async fn outbox_events_and_keys_are_one_statement_however_many_changes_there_are() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    for changes in [1, 1, 3] {
        let mut admin = superuser(&database).await;
        let before = count(&mut admin, "audit.events").await;
        let caller = caller(1, Scope::Identity);
        let targets = new_targets(changes);
        record_changes(&storage, &caller, &targets).await.expect("committed");
        let rows = sqlx::query(
            "SELECT e.cmin::text::int AS statement, e.cmin = o.cmin AND e.xmin = o.xmin AS with_outbox, e.target_id,
               coalesce(k.cmin = e.cmin OR k.xmin <> e.xmin, false) AS with_key
             FROM audit.events e JOIN platform.outbox o USING (target_id)
             LEFT JOIN audit.subject_keys k ON k.id = e.address_key ORDER BY e.seq OFFSET $1",
        )
        .bind(before)
        .fetch_all(&mut admin)
        .await
        .expect("rows");
        let order: Vec<Uuid> = rows.iter().map(|row| row.get("target_id")).collect();
        assert_eq!(order, targets, "in the order things happened");
        for row in rows {
            assert_eq!(row.get::<i32, _>("statement"), 0, "nothing was written before");
            assert!(row.get("with_outbox") && row.get("with_key"));
        }
        assert_eq!(count(&mut admin, "audit.subject_keys").await, 1, "a key lasts for an hour");
    }
}

#[tokio::test]
async fn changes_of_a_save_carry_its_version_and_other_records_none() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let mut unit = begin(&storage, Scope::Identity).await;
    unit.save_account(&mut account(1)).await.expect("saved");
    unit.record(change(new_targets(1)[0]));
    unit.commit().await.expect("committed");
    let mut versions: Vec<_> =
        seen(&storage, Scope::Worker).await.into_iter().map(|event| event.target.version).collect();
    versions.sort_unstable();
    assert_eq!(versions, [None, Some(1)]);
}

#[tokio::test]
async fn forgetting_destroys_the_keys_of_a_subject_and_of_nobody_else() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let mut admin = superuser(&database).await;
    for number in [1, 2] {
        let caller = caller(number, Scope::Identity);
        record_changes(&storage, &caller, &new_targets(1)).await.expect("committed");
    }
    let mut unit = begin(&storage, Scope::Identity).await;
    let name = change(new_targets(1)[0]).about(Uuid::from_u128(1)).personal("name", &"Ann", &"");
    unit.record(name);
    unit.shred_keys(Uuid::from_u128(1));
    unit.commit().await.expect("committed");
    let left: Vec<Uuid> = sqlx::query_scalar("SELECT subject_id FROM audit.subject_keys")
        .fetch_all(&mut admin)
        .await
        .expect("keys");
    assert_eq!(left, [Uuid::from_u128(2)]);

    for scope in [Scope::Account(id(2)), Scope::Worker] {
        let mut outside = begin(&storage, scope).await;
        outside.shred_keys(Uuid::from_u128(2));
        let refused = outside.commit().await;
        assert!(
            matches!(refused, Err(StoreError::OutOfScope)),
            "only the identity scope erases: {refused:?}"
        );
    }
    assert_eq!(count(&mut admin, "audit.subject_keys").await, 1);
}

#[tokio::test]
async fn a_dropped_unit_leaves_a_denial_but_no_event() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let mut unit = begin(&storage, Scope::Identity).await;
    unit.save_account(&mut account(1)).await.expect("saved");
    drop(unit);
    let denial = |number| Denial {
        action: "session.begin",
        outcome: Outcome::Failure,
        reason: "identity.wrong_password",
        target_kind: "account",
        target: Some(Uuid::from_u128(number)),
        organization: None,
        subject: Some(Uuid::from_u128(number)),
        at: noon(),
    };
    let anonymous = Ctx { address: Some([192, 0, 2, 7].into()), ..ctx(Scope::Identity) };
    for _ in 0..2 {
        storage.record_denial(&anonymous, denial(1)).await.expect("kept");
    }
    let ours: AccountId = id(1);
    let own = seen(&storage, Scope::Account(ours)).await;
    assert_eq!(own.len(), 2, "a person sees who tried");
    assert!(own.iter().all(|event| event.reason.as_deref() == Some("identity.wrong_password")));
    let keys: Vec<Uuid> = own.iter().flat_map(|event| &event.address).map(|sealed| sealed.key).collect();
    assert_eq!(keys[0], keys[1]);
    assert_eq!(storage.subject_keys(&keys).await.expect("read").len(), 1, "the key is there, too");
}

#[tokio::test]
async fn every_scope_writes_and_each_reads_what_is_its_own() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let (north, south, ann): (OrganizationId, OrganizationId, AccountId) = (id(7), id(8), id(1));
    for scope in [
        Scope::Tenant(north),
        Scope::Tenant(south),
        Scope::Account(ann),
        Scope::Identity,
        Scope::Worker,
        Scope::Platform,
    ] {
        record_changes(&storage, &caller(1, scope), &new_targets(1)).await.expect("written");
    }
    let store: &dyn kernel::Store<dyn kernel::UnitOfWork> = &storage;
    let mut unit = store.begin(&ctx(Scope::Tenant(north))).await.expect("a unit");
    unit.record(change(new_targets(1)[0]).about(ann.uuid()));
    unit.commit().await.expect("written");
    let counts = [
        (Scope::Tenant(north), 2),
        (Scope::Tenant(south), 1),
        (Scope::Account(ann), 1),
        (Scope::Account(id(2)), 0),
        (Scope::Identity, 0),
        (Scope::Worker, 7),
        (Scope::Platform, 7),
    ];
    for (scope, expected) in counts {
        assert_eq!(seen(&storage, scope).await.len(), expected, "{scope:?}");
    }
    let mut elsewhere = store.begin(&ctx(Scope::Tenant(north))).await.expect("a unit");
    elsewhere.record(change(new_targets(1)[0]).of(south));
    let refused = elsewhere.commit().await;
    assert!(matches!(refused, Err(StoreError::OutOfScope)), "nobody writes another's history: {refused:?}");
}
