//! Bringing a database up to date.

use embedded_postgres::testing::TemporaryCluster;
use kernel::{HealthCheck as _, StoreError};
use migration::Migrator;
use sea_orm_migration::MigratorTrait as _;
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

#[tokio::test]
async fn whoever_was_asked_by_an_address_still_is_after_an_upgrade() {
    let database = blank_database().await;
    let mut admin = superuser(&database).await;
    admin.execute("CREATE SCHEMA platform AUTHORIZATION touchstone_owner").await.expect("a schema");
    let url = format!("{}&options=-csearch_path%3Dplatform", database.owner_url);
    let owner = sea_orm::Database::connect(url).await.expect("the owner may connect");
    Migrator::up(&owner, Some(6)).await.expect("an older version");
    owner.close().await.expect("closed");
    let asked = "INSERT INTO assessment.asked_addresses
      (email_normalized, origin_id, session_type, campaign_id, organization_id, created_at)
      SELECT 'carl@example.org', md5(n || 'a')::uuid, CASE n WHEN 1 THEN 'campaign' ELSE 'coaching' END,
        CASE n WHEN 1 THEN md5('campaign')::uuid END, md5('north')::uuid, to_timestamp(n)
      FROM generate_series(1, 2) n";
    admin.execute(asked).await.expect("two were asked");
    migrate(&database.owner_url).await.expect("migrated");
    let moved: Vec<(String, i16, bool, i64)> = sqlx::query_as(
        "SELECT email_normalized, kind, parent_id = md5('campaign')::uuid IS TRUE, extract(epoch FROM created_at)::bigint
         FROM platform.pending_invitations
         WHERE organization_id = md5('north')::uuid AND invited_id = md5(extract(epoch FROM created_at)::int || 'a')::uuid
         ORDER BY created_at",
    )
    .fetch_all(&mut admin)
    .await
    .expect("rows");
    let carl = || "carl@example.org".to_owned();
    assert_eq!(moved, [(carl(), 1, true, 1), (carl(), 2, false, 2)]);
}

#[tokio::test]
async fn roles_as_the_handbook_makes_them_are_all_there_are() {
    const HANDBOOK: &str = include_str!("../../../../../docs/operations.md");
    let (_, script) = HANDBOOK.split_once("-- The roles").expect("the statements");
    let (roles, _) = script.split_once("-- The database.").expect("the database comes after them");
    let cluster = TemporaryCluster::start().await.expect("a cluster");
    let script = format!("-- {roles} ALTER DATABASE postgres OWNER TO touchstone_owner;");
    cluster.sql("postgres", &script).await.expect("a superuser runs them");
    let migrated = migrate(&cluster.url("touchstone_owner", "postgres")).await.expect("nothing is missing");
    assert_eq!(migrated, migration::names());
}

#[tokio::test]
async fn a_server_that_lacks_roles_is_told_which_statements_make_them() {
    let cluster = TemporaryCluster::start().await.expect("a cluster");
    cluster.sql("postgres", &bootstrap_sql("postgres")).await.expect("roles");
    let older = "DROP ROLE touchstone_buyer; REVOKE touchstone_tally FROM touchstone_app;
                 REVOKE ALL ON DATABASE postgres FROM touchstone_collector; DROP ROLE touchstone_collector";
    cluster.sql("postgres", older).await.expect("as an older version left it");
    let owner = cluster.url("touchstone_owner", "postgres");
    let Err(MigrateError::Roles { statements }) = migrate(&owner).await else { panic!("roles are missing") };
    let expected = [
        "CREATE ROLE touchstone_buyer NOLOGIN NOINHERIT;",
        "CREATE ROLE touchstone_collector LOGIN NOINHERIT;",
        "GRANT touchstone_ballot TO touchstone_collector;",
        "GRANT touchstone_buyer TO touchstone_app;",
        "GRANT touchstone_tally TO touchstone_app;",
    ];
    assert_eq!(statements, expected);
    cluster.sql("postgres", &statements.join("\n")).await.expect("a superuser runs them");
    assert_eq!(migrate(&owner).await.expect("migrated"), migration::names());
}
