//! An open transaction: a pooled connection that SeaORM can use and that never comes back with work half done.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use kernel::StoreError;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, sea_query::Values,
};
use sea_query_sqlx::SqlxValues;
use sqlx::{
    AssertSqlSafe, Executor as _, IntoArguments, PgConnection, PgPool, Postgres, Row as _,
    pool::PoolConnection,
    postgres::{PgArguments, PgQueryResult, PgRow},
    query::Query,
};
use tokio::{
    runtime::Handle,
    sync::{Mutex, MutexGuard},
};

use crate::{
    error::{from_sea_orm, is_lost, store_error},
    scope::BeginStatement,
};

/// An open transaction. After its first error it takes no more statements. Dropping it rolls back in the
/// background; the connection goes back to the pool after that, or is closed.
pub(crate) struct Tx {
    /// `None` once it was committed or is being dropped.
    connection: Mutex<Option<PoolConnection<Postgres>>>,
    role: &'static str,
    failed: AtomicBool,
}

impl Tx {
    /// Opens one: BEGIN and what row-level security checks go in one message.
    pub(crate) async fn begin(pool: &PgPool, begin_statement: &BeginStatement) -> Result<Self, StoreError> {
        let mut attempts = pool.size().saturating_add(1);
        loop {
            let connection = pool.acquire().await.map_err(|error| store_error(&error))?;
            // From here on drop cleans up, also when this future is dropped while it waits for the answer.
            let (connection, failed) = (Mutex::new(Some(connection)), AtomicBool::new(false));
            let tx = Self { connection, role: begin_statement.role, failed };
            attempts -= 1;
            match tx.script(&begin_statement.message).await {
                Ok(()) => return Ok(tx),
                Err(error) if is_lost(&error) && attempts > 0 => tx.close().await,
                Err(error) => return Err(store_error(&error)),
            }
        }
    }

    /// Makes its work lasting.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.ensure_open()?;
        self.script("COMMIT").await.map_err(|error| store_error(&error))?;
        self.connection.lock().await.take();
        Ok(())
    }

    /// Takes another role for the rest of the transaction.
    pub(crate) async fn switch_role(&mut self, role: &'static str) -> Result<(), StoreError> {
        self.execute(sqlx::query("SELECT set_config('role', $1, true)").bind(role)).await?;
        self.role = role;
        Ok(())
    }

    pub(crate) const fn role(&self) -> &'static str {
        self.role
    }

    /// Refuses work after an error.
    pub(crate) fn ensure_open(&self) -> Result<(), StoreError> {
        if self.has_failed() { Err(StoreError::Failed) } else { Ok(()) }
    }

    /// Marks the transaction as failed, and returns the reason.
    pub(crate) fn fail(&self, error: StoreError) -> StoreError {
        self.failed.store(true, Ordering::Relaxed);
        error
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// What SeaORM returned, with the kernel's error, which is the transaction's last.
    pub(crate) fn checked<T>(&self, result: Result<T, DbErr>) -> Result<T, StoreError> {
        result.map_err(
            |error| if is_refusal(&error) { StoreError::Failed } else { self.fail(from_sea_orm(&error)) },
        )
    }

    /// Runs a statement of our own.
    pub(crate) async fn execute(
        &self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<PgQueryResult, StoreError> {
        let mut held = self.held().await?;
        let result = query.execute(connection(&mut held)?).await;
        self.outcome(result)
    }

    /// Reads all rows of a statement of our own.
    pub(crate) async fn fetch_all(
        &self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, StoreError> {
        let mut held = self.held().await?;
        let result = query.fetch_all(connection(&mut held)?).await;
        self.outcome(result)
    }

    /// Reads the rows of a statement of our own one by one, as they come.
    pub(crate) async fn for_each<'q, A: IntoArguments<Postgres> + 'q>(
        &self,
        query: Query<'q, Postgres, A>,
        mut take: impl FnMut(&PgRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut held = self.held().await?;
        let mut rows = query.fetch(connection(&mut held)?);
        while let Some(row) = rows.next().await {
            let row = self.outcome(row)?;
            take(&row).map_err(|error| self.fail(error))?;
        }
        Ok(())
    }

    /// Reads the row of a statement of our own, if there is one.
    pub(crate) async fn fetch_optional(
        &self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Option<PgRow>, StoreError> {
        let mut held = self.held().await?;
        let result = query.fetch_optional(connection(&mut held)?).await;
        self.outcome(result)
    }

    /// A value of a row; one that cannot be read is the transaction's last.
    pub(crate) fn get<'r, T>(&self, row: &'r PgRow, column: &str) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
    {
        self.outcome(row.try_get(column))
    }

    fn outcome<T>(&self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        result.map_err(|error| self.fail(store_error(&error)))
    }

    async fn held(&self) -> Result<Held<'_>, StoreError> {
        self.ensure_open()?;
        Ok(self.connection.lock().await)
    }

    async fn script(&self, sql: &str) -> Result<(), sqlx::Error> {
        let mut held = self.connection.lock().await;
        let connection = held.as_deref_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        connection.execute(AssertSqlSafe(sql)).await.map(|_| ())
    }

    /// Gives up a connection that was found dead.
    async fn close(self) {
        if let Some(mut connection) = self.connection.lock().await.take() {
            connection.close_on_drop();
        }
    }
}

type Held<'a> = MutexGuard<'a, Option<PoolConnection<Postgres>>>;

fn connection<'a>(held: &'a mut Held<'_>) -> Result<&'a mut PgConnection, StoreError> {
    held.as_deref_mut().ok_or(StoreError::Failed)
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.get_mut().take() else { return };
        let Ok(runtime) = Handle::try_current() else {
            // Nobody is left to say ROLLBACK: closing the socket says it.
            drop(connection.leak());
            return;
        };
        runtime.spawn(async move {
            // Also when a statement, or BEGIN itself, was cancelled half-way: its answer is read first.
            if connection.execute("ROLLBACK").await.is_err() {
                connection.close_on_drop();
            }
        });
    }
}

const REFUSED: &str = "the transaction failed before";

fn is_refusal(error: &DbErr) -> bool {
    matches!(error, DbErr::Custom(text) if text == REFUSED)
}

/// A statement of SeaORM's, for the driver.
pub(crate) fn query_of(statement: &Statement) -> Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone().unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

macro_rules! run {
    ($tx:ident, $connection:ident => $work:expr) => {{
        if $tx.has_failed() {
            return Err(DbErr::Custom(REFUSED.to_owned()));
        }
        let mut held = $tx.connection.lock().await;
        let Some($connection) = held.as_deref_mut() else { return Err(DbErr::Custom(REFUSED.to_owned())) };
        $work.await.map_err(|error| {
            $tx.failed.store(true, Ordering::Relaxed);
            DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
        })
    }};
}

#[async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        run!(self, connection => query_of(&statement).execute(connection)).map(Into::into)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        run!(self, connection => connection.execute(AssertSqlSafe(sql))).map(Into::into)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let row = run!(self, connection => query_of(&statement).fetch_optional(connection))?;
        Ok(row.map(Into::into))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = run!(self, connection => query_of(&statement).fetch_all(connection))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use std::time::Duration;

    use super::*;

    /// sqlx 0.9.0 hands back a connection inside the transaction, in the role of the caller who went away.
    async fn role_after(message: &str, patience: Duration) -> Result<String, sqlx::Error> {
        let database = crate::testing::fresh_database().await;
        let one = sqlx::postgres::PgPoolOptions::new().max_connections(1);
        let pool = one.connect(&database.app_url).await.expect("connected");
        let begin_statement = BeginStatement { role: "touchstone_identity", message: message.to_owned() };
        let opened = tokio::time::timeout(patience, Tx::begin(&pool, &begin_statement)).await;
        assert!(!matches!(opened, Ok(Ok(_))), "it was not opened");
        sqlx::query_scalar("SELECT current_user::text").fetch_one(&pool).await
    }

    #[tokio::test]
    async fn a_cancelled_begin_leaves_no_role_behind() {
        let slow = "BEGIN; SELECT set_config('role', 'touchstone_identity', true), pg_sleep(0.3)";
        let role = role_after(slow, Duration::from_millis(100)).await;
        assert_eq!(role.expect("the connection works"), "touchstone_app");
    }

    #[tokio::test]
    async fn a_begin_that_fails_half_way_leaves_no_transaction_behind() {
        let wrong = "BEGIN; SELECT set_config('role', 'touchstone_nobody', true)";
        let role = role_after(wrong, Duration::from_secs(5)).await;
        assert_eq!(role.expect("the connection works"), "touchstone_app");
    }
}
