//! Reading a trail nobody vouches for: what was altered is told, and nothing panics.

use audit::{
    Tile, TileId, Tiles as _,
    ports::{EventLog as _, Filter, Ledger as _},
};
use kernel::{OrganizationId, PageRequest, Scope, StoreError};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};
use storage_postgres::testing::fresh_database;

use super::{events, foreign, new_targets, number, record_changes, run};
use crate::support::{ctx, id, storage, superuser};

/// Drops constraints and triggers, as only a superuser can.
async fn drop_guards(admin: &mut PgConnection) {
    let checks = "
        DO $$ DECLARE c record; BEGIN
          FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
            WHERE contype = 'c' AND connamespace = 'audit'::regnamespace LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname);
          END LOOP;
        END $$;
        ALTER TABLE audit.events DISABLE TRIGGER ALL;
        ALTER TABLE audit.leaves DISABLE TRIGGER ALL;
        ALTER TABLE audit.tiles DISABLE TRIGGER ALL;
        ALTER TABLE audit.events ALTER secrets DROP NOT NULL, ALTER difference DROP NOT NULL";
    admin.execute(checks).await.expect("nothing is left");
}

#[tokio::test]
async fn rows_that_cannot_be_read_or_are_gone_are_told_with_their_leaves() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let mut admin = superuser(&database).await;
    events(&storage, 12).await;
    number(&storage).await;
    drop_guards(&mut admin).await;
    let damage = [
        "UPDATE audit.events e SET occurred_at = 'infinity'",
        "UPDATE audit.events e SET occurred_at = '290000-01-01'",
        "UPDATE audit.events e SET outcome = 'perhaps'",
        "UPDATE audit.events e SET salt = 'short'",
        "UPDATE audit.events e SET personal_key = gen_random_uuid()",
        "UPDATE audit.events e SET secrets = ARRAY[NULL]",
        "UPDATE audit.events e SET secrets = NULL",
        "UPDATE audit.events e SET difference = NULL",
        "DELETE FROM audit.events e",
    ];
    for (index, damage) in damage.into_iter().enumerate() {
        let at = format!(
            "{damage} {} audit.leaves l WHERE l.index = {index} AND l.event_id = e.id",
            if damage.starts_with("DELETE") { "USING" } else { "FROM" }
        );
        admin.execute(AssertSqlSafe(at)).await.expect("damaged");
    }
    admin
        .execute(
            "UPDATE audit.leaves SET hash = 'short' WHERE index = 9;
             UPDATE audit.leaves SET index = 20 WHERE index = 10; UPDATE audit.leaves SET index = -3 WHERE index = 11",
        )
        .await
        .expect("damaged");
    let entries = storage.entries(0, 100).await.expect("all that is there");
    let places: Vec<u64> = entries.iter().map(|entry| entry.leaf.index).collect();
    assert_eq!(places, (0..10).chain([20]).collect::<Vec<_>>());
    for entry in &entries[..10] {
        assert!(entry.event.is_err(), "{entry:?}");
    }
    let said = |index: usize| entries[index].event.as_ref().expect_err("damaged").clone();
    assert_eq!(said(8), "its row is missing");
    assert!(said(0).contains("time is out of range"), "{}", said(0));
    assert!(said(9).contains("leaf is no hash"), "{}", said(9));
    let page = storage.events(&ctx(Scope::Worker), &Filter::default(), &PageRequest::default()).await;
    assert!(matches!(page, Err(StoreError::Fault(_))), "a reader is not shown half of it: {page:?}");
}

#[tokio::test]
async fn tiles_are_told_as_they_are_and_missing_ones_follow_from_below() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let mut admin = superuser(&database).await;
    let targets = new_targets(600);
    record_changes(&storage, &ctx(Scope::Identity), &targets).await.expect("events");
    number(&storage).await;
    let id = |index| TileId { level: 0, index };
    let full = storage.tile(id(1), 256).await.expect("a tile");
    assert_eq!(storage.stored_tiles(0, 0, 9).await.expect("read").len(), 2, "only full tiles are kept");
    assert_eq!(storage.tile(id(2), 88).await.expect("a tile").width(), 88);
    let above = storage.tile(TileId { level: 1, index: 0 }, 2).await.expect("a tile");
    assert_eq!(Some(above.hashes()[1]), full.root());
    let beyond = storage.tile(id(3), 1).await;
    assert!(matches!(beyond, Err(StoreError::Fault(_))), "{beyond:?}");

    drop_guards(&mut admin).await;
    admin
        .execute(
            "DELETE FROM audit.tiles WHERE index = 1; UPDATE audit.tiles SET hashes = 'short', root = ''",
        )
        .await
        .expect("damaged");
    assert_eq!(storage.tile(id(1), 256).await.expect("from its leaves"), full);
    assert!(storage.tile(id(0), 256).await.is_err(), "a broken tile proves nothing");
    let stored = storage.stored_tiles(0, 0, 9).await.expect("read");
    let [(tile, root)] = &stored[..] else { panic!("one is left: {stored:?}") };
    assert!(tile.width() < Tile::WIDTH && Some(*root) != tile.root());
}

#[tokio::test]
async fn events_without_a_leaf_behind_the_sequencer_are_counted() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let mut admin = superuser(&database).await;
    events(&storage, 3).await;
    number(&storage).await;
    events(&storage, 1).await;
    number(&storage).await;
    run(&mut admin, &foreign("1")).await.expect("slipped in");
    assert_eq!(storage.passed_over().await.expect("counted"), 1);
    drop_guards(&mut admin).await;
    run(&mut admin, "DELETE FROM audit.leaves WHERE index = 2").await.expect("taken out");
    assert_eq!(storage.passed_over().await.expect("counted"), 2);
    events(&storage, 1).await;
    assert_eq!(storage.passed_over().await.expect("counted"), 2, "what waits is not passed over");
}

#[tokio::test]
async fn a_tenant_finds_its_own_entries_among_all_others() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let north: OrganizationId = id(7);
    for round in 0..20 {
        events(&storage, 3).await;
        if round % 4 == 0 {
            record_changes(&storage, &ctx(Scope::Tenant(north)), &new_targets(1)).await.expect("an event");
        }
    }
    number(&storage).await;
    let own = async |from, max| {
        let entries = storage.own_entries(&ctx(Scope::Tenant(north)), from, max).await.expect("read");
        entries.iter().map(|entry| entry.leaf.index).collect::<Vec<_>>()
    };
    assert_eq!(own(0, 100).await, [3, 16, 29, 42, 55]);
    assert_eq!(own(4, 2).await, [16, 29]);
    assert_eq!(own(56, 2).await, Vec::<u64>::new());
    let nobody = storage.own_entries(&ctx(Scope::Identity), 0, 9).await.expect("read");
    assert_eq!(nobody, []);
    assert_eq!(storage.own_entries(&ctx(Scope::Platform), 0, 100).await.expect("read").len(), 65);
}
