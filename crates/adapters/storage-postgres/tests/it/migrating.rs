//! Bringing a database up to date.

use kernel::{HealthCheck as _, StoreError};
use sqlx::Executor as _;
use storage_postgres::{
    MigrateError, bootstrap_sql, migrate, schema_status,
    testing::{blank_database, fresh_database},
};
use tokio::task::JoinSet;

use crate::support::{storage, superuser};

#[tokio::test]
async fn of_parallel_migrations_one_does_the_work() {
    let database = blank_database().await;
    assert_eq!(schema_status(&database.owner_url).await.expect("a status").applied, Vec::<String>::new());
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let url = database.owner_url.clone();
        tasks.spawn(async move { migrate(&url).await.expect("migrated") });
    }
    let applied: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(applied, migration::names(), "each once");
    let status = schema_status(&database.owner_url).await.expect("a status");
    assert_eq!((status.applied, status.pending), (migration::names(), Vec::new()));
}

#[tokio::test]
async fn a_newer_schema_is_left_alone_but_served() {
    let database = fresh_database().await;
    let later =
        "INSERT INTO platform.seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)";
    superuser(&database).await.execute(later).await.expect("a later program was here");
    let refused = migrate(&database.owner_url).await;
    assert!(
        matches!(&refused, Err(MigrateError::Newer { unknown }) if unknown == &["m29991231_000001_later"]),
        "{refused:?}"
    );
    let health = storage(&database, 1).await.health().await.expect("it can serve");
    assert_eq!((health.schema.as_str(), health.newer_schema), ("m29991231_000001_later", true));
}

#[tokio::test]
async fn a_schema_that_lacks_migrations_is_not_healthy() {
    let database = fresh_database().await;
    let undo = "DELETE FROM platform.seaql_migrations WHERE version LIKE '%_identity'";
    superuser(&database).await.execute(undo).await.expect("an older program was here");
    let health = storage(&database, 1).await.health().await;
    assert!(matches!(&health, Err(StoreError::Unavailable(why)) if why.contains("_identity")), "{health:?}");
}

#[tokio::test]
async fn setting_up_again_changes_nothing() {
    let database = fresh_database().await;
    let mut admin = superuser(&database).await;
    let name: String =
        sqlx::query_scalar("SELECT current_database()::text").fetch_one(&mut admin).await.expect("a name");
    for _ in 0..2 {
        admin.execute(sqlx::AssertSqlSafe(bootstrap_sql(&name))).await.expect("it can be run again");
    }
}
