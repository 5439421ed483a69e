//! Bringing the schema up to date: one process at a time, never backwards.

use std::str::FromStr as _;

use migration::Migrator;
use sea_orm::SqlxPostgresConnector;
use sea_orm_migration::MigratorTrait as _;
use sqlx::{
    AssertSqlSafe, Executor as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::bootstrap::missing_roles;

/// The lock's number, the same for all versions of the program.
const LOCK: i64 = 0x0074_6f75_6368_7374;

/// The extensions that the schema needs; all of them come with PostgreSQL, and the owner may create them.
const EXTENSIONS: &[&str] = &["btree_gist"];

/// Why the schema is not as this program needs it.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The address cannot be read.
    #[error("the owner's address is no PostgreSQL address: {0}")]
    Url(String),
    /// Nobody answers there, or not to us.
    #[error("PostgreSQL cannot be reached as the owner: {0}")]
    Unreachable(String),
    /// A newer program was here: this one knows nothing of these migrations and changes nothing.
    #[error("the schema is newer than this program: it has {}; run a newer version", unknown.join(", "))]
    Newer {
        /// The migrations this program does not know.
        unknown: Vec<String>,
    },
    /// The server has not the roles that this program's schema names.
    #[error("the server lacks roles that this version needs; run as a superuser: {}", statements.join(" "))]
    Roles {
        /// What to run, in this order.
        statements: Vec<String>,
    },
    /// The server has not the extensions that this program's schema needs.
    #[error(
        "the server lacks extensions that this version needs: {}; install the package of PostgreSQL's contrib modules on \
         its host (postgresql-contrib; with Debian and Ubuntu it is part of postgresql-<version>), then run this again",
        missing.join(", ")
    )]
    Extensions {
        /// Which.
        missing: Vec<String>,
    },
    /// A migration failed and was undone; those before it stay.
    #[error("migrating failed: {0}")]
    Failed(String),
}

/// How far a database's schema has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaStatus {
    /// The migrations it has, oldest first.
    pub applied: Vec<String>,
    /// Those it lacks, oldest first.
    pub pending: Vec<String>,
    /// Those this program does not know: a newer one was here.
    pub unknown: Vec<String>,
}

impl SchemaStatus {
    pub(crate) fn of(applied: Vec<String>) -> Self {
        let known = migration::names();
        let unknown = applied.iter().filter(|name| !known.contains(name)).cloned().collect();
        let pending = known.into_iter().filter(|name| !applied.contains(name)).collect();
        Self { applied, pending, unknown }
    }
}

/// Applies what is pending, as `touchstone_owner`, and says what it applied. Parallel callers wait for each other.
pub async fn migrate(owner_url: &str) -> Result<Vec<String>, MigrateError> {
    let pool = open(owner_url).await?;
    let result = locked(&pool).await;
    // The lock goes with its session.
    pool.close().await;
    result
}

/// How far the schema has come; changes nothing.
pub async fn schema_status(owner_url: &str) -> Result<SchemaStatus, MigrateError> {
    let pool = open(owner_url).await?;
    let status = async { status(&mut *pool.acquire().await?).await }.await.map_err(failed);
    pool.close().await;
    status
}

async fn locked(pool: &PgPool) -> Result<Vec<String>, MigrateError> {
    let prepare = async {
        let mut session = pool.acquire().await?;
        sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut *session).await?;
        session.execute("CREATE SCHEMA IF NOT EXISTS platform").await?;
        let statements = sqlx::query_scalar(AssertSqlSafe(missing_roles())).fetch_all(&mut *session).await?;
        let missing = missing_extensions(&mut session, EXTENSIONS).await?;
        Ok((status(&mut session).await?, statements, missing))
    };
    let (SchemaStatus { pending, unknown, .. }, statements, missing) = prepare.await.map_err(failed)?;
    if !missing.is_empty() {
        return Err(MigrateError::Extensions { missing });
    }
    if !statements.is_empty() {
        return Err(MigrateError::Roles { statements });
    }
    if !unknown.is_empty() {
        return Err(MigrateError::Newer { unknown });
    }
    // The pool has one connection: the migrations run in the session that holds the lock.
    let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
    let migrated = Migrator::up(&connection, None).await;
    migrated.map_err(|error| MigrateError::Failed(error.to_string()))?;
    Ok(pending)
}

async fn open(url: &str) -> Result<PgPool, MigrateError> {
    let options = PgConnectOptions::from_str(url).map_err(|error| MigrateError::Url(error.to_string()))?;
    // SeaORM's table of migrations has no schema of its own choice: it takes the first of the search path.
    let options = options.application_name("touchstone migrate").options([("search_path", "platform")]);
    let one = PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    one.connect_with(options).await.map_err(|error| MigrateError::Unreachable(error.to_string()))
}

async fn status(session: &mut PgConnection) -> Result<SchemaStatus, sqlx::Error> {
    applied(session).await.map(SchemaStatus::of)
}

async fn applied(session: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let there = sqlx::query_scalar("SELECT to_regclass('platform.seaql_migrations') IS NOT NULL");
    if !there.fetch_one(&mut *session).await? {
        return Ok(Vec::new());
    }
    let versions = sqlx::query_scalar("SELECT version FROM platform.seaql_migrations ORDER BY version");
    versions.fetch_all(session).await
}

async fn missing_extensions(session: &mut PgConnection, needed: &[&str]) -> Result<Vec<String>, sqlx::Error> {
    let missing = "SELECT name FROM unnest($1::text[]) name WHERE name NOT IN (SELECT name FROM pg_available_extensions)";
    sqlx::query_scalar(missing).bind(needed).fetch_all(session).await
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn failed(error: sqlx::Error) -> MigrateError {
    MigrateError::Failed(error.to_string())
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn extensions_that_the_server_lacks_are_named() {
        let database = crate::testing::fresh_database().await;
        let pool = open(&database.owner_url).await.expect("the owner can connect");
        let mut session = pool.acquire().await.expect("a connection");
        let missing = missing_extensions(&mut session, &["btree_gist", "touchstone_none"]).await;
        assert_eq!(missing.expect("it can be asked"), ["touchstone_none"]);
        let told = MigrateError::Extensions { missing: vec!["btree_gist".to_owned()] }.to_string();
        assert!(told.contains("btree_gist; install the package"), "{told}");
    }
}
