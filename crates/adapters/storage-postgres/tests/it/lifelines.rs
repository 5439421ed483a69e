//! No connection comes back to the pool with an open transaction, whatever happened to its unit.

use std::time::Duration;

use kernel::{Scope, StoreError};
use sqlx::Executor as _;
use storage_postgres::testing::fresh_database;

use crate::support::{account, all_over, begin, founded, id, open_transactions, storage, superuser};

#[tokio::test]
async fn a_dropped_unit_gives_its_only_connection_back_clean() {
    let database = fresh_database().await;
    let storage = storage(&database, 1).await;
    let mut watcher = superuser(&database).await;
    for number in 1..20 {
        let mut unit = begin(&storage, Scope::Identity).await;
        unit.save_account(&mut account(number)).await.expect("saved");
        drop(unit);
    }
    let mut unit = begin(&storage, Scope::Identity).await;
    assert!(unit.account(id(1)).await.expect("read").is_none(), "nothing of the dropped units is there");
    drop(unit);
    assert!(all_over(&mut watcher).await, "no transaction stays open");
}

#[tokio::test]
async fn a_begin_that_is_cancelled_leaves_no_transaction_open() {
    let database = fresh_database().await;
    let storage = storage(&database, 3).await;
    let mut watcher = superuser(&database).await;
    for round in 0..400_u64 {
        let patience = Duration::from_micros(20 * (round % 50));
        let _ = tokio::time::timeout(patience, begin(&storage, Scope::Identity)).await;
    }
    assert!(all_over(&mut watcher).await, "no transaction stays open");
    for _ in 0..10 {
        let mut unit = begin(&storage, Scope::Worker).await;
        let read = unit.account(id(1)).await;
        assert!(matches!(read, Ok(None)), "a worker's unit is no identity unit: {read:?}");
        unit.commit().await.expect("an empty commit");
    }
}

#[tokio::test]
async fn a_cancelled_statement_does_not_poison_its_connection() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let mut watcher = superuser(&database).await;
    let north = founded(&storage, 7, &[1, 2]).await;
    let mut first = begin(&storage, Scope::Tenant(north)).await;
    first.owners_for_update(north).await.expect("locked");
    let mut second = begin(&storage, Scope::Tenant(north)).await;
    let wait = tokio::time::timeout(Duration::from_millis(100), second.owners_for_update(north)).await;
    assert!(wait.is_err(), "the second waits for the first");
    drop(second);
    first.commit().await.expect("committed");
    assert!(all_over(&mut watcher).await, "no transaction stays open");
    for _ in 0..4 {
        let mut unit = begin(&storage, Scope::Tenant(north)).await;
        assert_eq!(unit.owners_for_update(north).await.expect("locked").len(), 2);
    }
}

#[tokio::test]
async fn a_unit_that_failed_gives_its_connection_back_clean() {
    let database = fresh_database().await;
    let storage = storage(&database, 1).await;
    let mut watcher = superuser(&database).await;
    let mut unit = begin(&storage, Scope::Identity).await;
    unit.save_account(&mut account(1)).await.expect("saved");
    let again = unit.save_account(&mut account(1)).await;
    assert!(matches!(again, Err(StoreError::Stale)), "{again:?}");
    assert!(matches!(unit.commit().await, Err(StoreError::Failed)));
    let mut unit = begin(&storage, Scope::Identity).await;
    unit.save_account(&mut account(1)).await.expect("nothing of the failed unit is there");
    unit.commit().await.expect("committed");
    assert_eq!(open_transactions(&mut watcher).await, 0);
}

#[tokio::test]
async fn waiting_too_long_for_a_lock_is_unavailable() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let north = founded(&storage, 7, &[1]).await;
    let mut first = begin(&storage, Scope::Tenant(north)).await;
    first.owners_for_update(north).await.expect("locked");
    let mut second = begin(&storage, Scope::Tenant(north)).await;
    let late = second.owners_for_update(north).await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
}

#[tokio::test]
async fn connections_the_server_ended_are_replaced_unnoticed() {
    let database = fresh_database().await;
    let storage = storage(&database, 4).await;
    let mut watcher = superuser(&database).await;
    let units = futures(&storage, 4).await;
    drop(units);
    assert!(all_over(&mut watcher).await);
    watcher
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND usename = 'touchstone_app'",
        )
        .await
        .expect("ended");
    for _ in 0..6 {
        let mut unit = begin(&storage, Scope::Identity).await;
        assert!(unit.account(id(1)).await.expect("read").is_none());
        unit.commit().await.expect("committed");
    }
}

async fn futures(storage: &storage_postgres::PostgresStorage, count: usize) -> Vec<Box<identity::Unit>> {
    let mut units = Vec::new();
    for _ in 0..count {
        units.push(begin(storage, Scope::Identity).await);
    }
    units
}
