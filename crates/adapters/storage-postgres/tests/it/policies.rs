//! Row-level security at work, below the adapter.

use sqlx::{Connection as _, Executor as _, PgConnection, error::DatabaseError};
use storage_postgres::testing::{TestDatabase, fresh_database};

use crate::support::{founded, storage};

async fn app(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(&database.app_url).await.expect("connected")
}

async fn count(connection: &mut PgConnection, table: &str) -> Result<i64, String> {
    let sql = format!("SELECT count(*) FROM {table}");
    let count = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(connection).await;
    count.map_err(|error| {
        error.as_database_error().and_then(DatabaseError::code).unwrap_or_default().into_owned()
    })
}

#[tokio::test]
async fn the_login_role_itself_sees_nothing() {
    let database = fresh_database().await;
    let mut connection = app(&database).await;
    for table in ["identity.accounts", "identity.sessions", "platform.outbox", "identity.signing_keys"] {
        assert_eq!(count(&mut connection, table).await, Err("42501".to_owned()), "{table}");
    }
}

#[tokio::test]
async fn a_tenants_role_sees_its_own_rows_and_cannot_write_anothers() {
    let database = fresh_database().await;
    let storage = storage(&database, 2).await;
    let north = founded(&storage, 7, &[1, 2]).await;
    let south = founded(&storage, 8, &[3]).await;
    let mut connection = app(&database).await;
    let enter = format!("BEGIN; SET LOCAL ROLE touchstone_tenant; SET LOCAL app.tenant_id = '{north}'");
    connection.execute(sqlx::AssertSqlSafe(enter)).await.expect("in scope");
    assert_eq!(count(&mut connection, "identity.memberships").await, Ok(2));
    assert_eq!(count(&mut connection, "identity.organizations").await, Ok(1));
    let steal = format!("UPDATE identity.memberships SET organization_id = '{south}'");
    let refused =
        connection.execute(sqlx::AssertSqlSafe(steal)).await.expect_err("a row cannot be moved away");
    assert_eq!(refused.as_database_error().and_then(DatabaseError::code).as_deref(), Some("42501"));
}

#[tokio::test]
async fn without_a_scope_a_tenants_role_gets_an_error_and_no_default() {
    let database = fresh_database().await;
    let mut connection = app(&database).await;
    connection.execute("BEGIN; SET LOCAL ROLE touchstone_tenant").await.expect("a role");
    assert!(count(&mut connection, "identity.memberships").await.is_err());
    connection.execute("ROLLBACK").await.expect("undone");
    connection
        .execute("BEGIN; SET LOCAL app.tenant_id = ''; SET LOCAL ROLE touchstone_tenant")
        .await
        .expect("a role");
    assert_eq!(count(&mut connection, "identity.memberships").await, Err("22P02".to_owned()));
}
