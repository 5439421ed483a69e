//! Whether the database takes writes.

use embedded_postgres::testing::TemporaryCluster;
use kernel::{HealthCheck as _, Scope, StoreError};
use storage_postgres::testing::TestDatabase;
use storage_postgres::{bootstrap_sql, migrate};

use crate::support::{account, begin, storage};

#[tokio::test]
async fn a_database_that_takes_no_writes_is_told_until_it_takes_them_again() {
    let cluster = TemporaryCluster::start().await.expect("a cluster");
    cluster.sql("postgres", &bootstrap_sql("postgres")).await.expect("roles");
    let [app_url, owner_url, superuser_url] =
        ["touchstone_app", "touchstone_owner", "postgres"].map(|role| cluster.url(role, "postgres"));
    migrate(&owner_url).await.expect("migrated");
    let storage = storage(&TestDatabase { app_url, owner_url, superuser_url }, 2).await;
    let write = async |number| {
        let mut unit = begin(&storage, Scope::Identity).await;
        unit.save_account(&mut account(number)).await?;
        unit.commit().await
    };
    let settle = async |writable: bool| {
        for _ in 0..100 {
            if storage.ensure_writable().await.is_ok() == writable {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("it does not find out");
    };
    storage.ensure_writable().await.expect("it takes writes");
    write(1).await.expect("saved");
    for (read_only, number) in [("on", 2), ("off", 3)] {
        let set = format!("ALTER SYSTEM SET default_transaction_read_only = {read_only}");
        cluster.sql("postgres", &set).await.expect("set");
        cluster.sql("postgres", "SELECT pg_reload_conf()").await.expect("reloaded");
        settle(read_only == "off").await;
        let written = write(number).await;
        match read_only {
            "on" => assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}"),
            _ => written.expect("saved"),
        }
        storage.health().await.expect("it can be read all the while");
    }
}
