//! An open transaction: a connection that never comes back with work half done, and as few flights as the work allows.
//!
//! BEGIN travels with the first statement, what ends a transaction with COMMIT, and ROLLBACK is not waited for: the
//! server works in order, so that whoever gets the connection next is served after it.

use std::{
    mem,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, future::join};
use kernel::StoreError;
use sea_orm::QueryResult;
use tokio::runtime::Handle;
use tokio_postgres::{Row, RowStream, types::FromSql};
use uuid::Uuid;

use crate::{
    driver::{Connection, Lease, Pool, Query, is_lost, query, record},
    error::store_error,
    leaves::LeaveEpoch,
    scope::{Access, BeginStatement},
};

/// An open transaction. After its first error it takes no more statements. Dropping it rolls back.
pub(crate) struct Tx {
    /// `None` while it is being replaced or given back.
    lease: Mutex<Option<Lease>>,
    role: &'static str,
    tenant: Option<Uuid>,
    access: Access,
    /// Told when the leave its caller acts by was not true any more.
    leave_epoch: Option<Arc<LeaveEpoch>>,
    /// BEGIN, until it was sent.
    begin: Mutex<Option<String>>,
    /// What was saved and not sent yet.
    late: Mutex<Vec<Query<'static>>>,
    /// How many answers were asked for and have not come, also when nobody waits for them any more.
    due: AtomicUsize,
    failed: AtomicBool,
    over: bool,
}

impl Tx {
    /// Takes a connection. BEGIN, and what row-level security checks, go with the first statement.
    pub(crate) async fn begin(
        pool: &Arc<Pool>,
        BeginStatement { role, tenant, access, message }: BeginStatement,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            lease: Mutex::new(Some(pool.lease().await?)),
            role,
            tenant,
            access,
            leave_epoch: None,
            begin: Mutex::new(Some(message)),
            late: Mutex::default(),
            due: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            over: false,
        })
    }

    /// Asks for the leave its caller acts by, in its first flight: without it, nothing is read and nothing done.
    pub(crate) fn asking(mut self, leave: Query<'static>) -> Self {
        self.late.get_mut().unwrap_or_else(PoisonError::into_inner).push(leave);
        self
    }

    /// Tells where a leave turns out to be outdated.
    pub(crate) fn telling(mut self, epoch: Arc<LeaveEpoch>) -> Self {
        self.leave_epoch = Some(epoch);
        self
    }

    /// Sends a change as late as reads allow: with the next statement, which must see it, or with COMMIT. There it
    /// fails, if it does.
    pub(crate) async fn execute_late(&self, query: Query<'static>) -> Result<(), StoreError> {
        self.ensure_open()?;
        if self.is_unsaid() {
            return self.execute(query).await.map(drop);
        }
        #[cfg(feature = "testing")]
        self.ensure_names_organization(query.sql());
        lock(&self.late).push(query);
        Ok(())
    }

    /// Makes its work lasting.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.commit_with(Vec::new()).await
    }

    /// Makes one statement lasting, in one flight once it is prepared; tells how many rows it touched. Where the
    /// connection is lost it may run twice.
    pub(crate) async fn execute_alone(mut self, query: Query<'_>) -> Result<u64, StoreError> {
        let connection = self.connection()?;
        let is_alone = self.is_unsaid() && lock(&self.late).is_empty() && connection.knows(&query);
        let begin = lock(&self.begin).take_if(|_| is_alone);
        if let Some(begin) = begin {
            #[cfg(feature = "testing")]
            self.ensure_names_organization(query.sql());
            match self.awaited(Box::pin(connection.transact(&begin, &query))).await {
                Ok(touched) => {
                    self.over = true;
                    return Ok(touched);
                }
                Err(error) if is_lost(&error) && self.replace(1).await? => *lock(&self.begin) = Some(begin),
                Err(error) => return Err(self.fail(store_error(&error))),
            }
        }
        let touched = self.execute(query).await?;
        self.commit().await?;
        Ok(touched)
    }

    /// Sends the last statements and COMMIT in one flight: where one of them fails, nothing lasts.
    pub(crate) async fn commit_with(mut self, last: Vec<Query<'_>>) -> Result<(), StoreError> {
        self.ensure_open()?;
        let mut last = last.into_iter();
        if self.is_unsaid() {
            // A connection that was lost is noticed by BEGIN, where another can still be taken.
            let Some(first) = last.next() else { return Ok(()) };
            self.execute(first).await?;
        }
        let all = mem::take(&mut *lock(&self.late)).into_iter().chain(last).collect();
        let committed = self.awaited(Box::pin(self.last_flight(all))).await;
        committed.map_err(|error| self.fail(error))?;
        self.over = true;
        Ok(())
    }

    async fn last_flight(&self, last: Vec<Query<'_>>) -> Result<(), StoreError> {
        let connection = self.connection()?;
        let sent = connection.execute_all_with(&last, connection.script("COMMIT")).await;
        sent.map_err(|error| store_error(&error))
    }

    /// Takes another role for the rest of the transaction, with the next statement.
    pub(crate) async fn switch_role(&mut self, role: &'static str) -> Result<(), StoreError> {
        self.execute_late(query("SELECT set_config('role', $1, true)").bind(role)).await?;
        self.role = role;
        Ok(())
    }

    /// The organisation whose rows it sees, in a tenant's scope.
    pub(crate) const fn tenant(&self) -> Option<Uuid> {
        self.tenant
    }

    pub(crate) const fn role(&self) -> &'static str {
        self.role
    }

    /// Refuses work after an error.
    pub(crate) fn ensure_open(&self) -> Result<(), StoreError> {
        if self.failed.load(Ordering::Relaxed) { Err(StoreError::Failed) } else { Ok(()) }
    }

    /// Marks the transaction as failed, and returns the reason. Whoever only reads is stale where their leave is.
    pub(crate) fn fail(&self, error: StoreError) -> StoreError {
        self.failed.store(true, Ordering::Relaxed);
        match (&self.leave_epoch, error) {
            (Some(epoch), StoreError::Stale) => {
                epoch.advance();
                match self.access {
                    Access::Read => StoreError::Unavailable("the leave to read this was changed".to_owned()),
                    Access::Write => StoreError::Stale,
                }
            }
            (_, error) => error,
        }
    }

    /// Runs a statement; tells how many rows it touched.
    pub(crate) async fn execute(&self, query: Query<'_>) -> Result<u64, StoreError> {
        self.awaited(async {
            let mut rows = pin!(Box::pin(self.send(&query)).await?);
            while let Some(row) = rows.next().await {
                self.outcome(row)?;
            }
            Ok(rows.rows_affected().unwrap_or(0))
        })
        .await
    }

    /// Reads all rows of a statement.
    pub(crate) async fn fetch_all(&self, query: Query<'_>) -> Result<Vec<Row>, StoreError> {
        self.awaited(async {
            let rows = Box::pin(self.send(&query)).await?.try_collect().await;
            self.outcome(rows)
        })
        .await
    }

    /// Reads the row of a statement, if there is one.
    pub(crate) async fn fetch_optional(&self, query: Query<'_>) -> Result<Option<Row>, StoreError> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    /// Reads the rows of a statement one by one, as they come.
    pub(crate) async fn for_each(
        &self,
        query: Query<'_>,
        mut take: impl FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.awaited(async {
            let mut rows = pin!(Box::pin(self.send(&query)).await?);
            while let Some(row) = rows.next().await {
                take(&self.outcome(row)?).map_err(|error| self.fail(error))?;
            }
            Ok(())
        })
        .await
    }

    /// Reads all rows of a statement, for SeaORM.
    pub(crate) async fn records(&self, query: Query<'_>) -> Result<Vec<QueryResult>, StoreError> {
        let rows = self.fetch_all(query).await?;
        rows.iter().map(record).collect::<Result<_, _>>().map_err(|error| self.fail(error))
    }

    /// A value of a row; one that cannot be read is the transaction's last.
    pub(crate) fn get<'r, T: FromSql<'r>>(&self, row: &'r Row, column: &str) -> Result<T, StoreError> {
        self.outcome(row.try_get(column))
    }

    fn outcome<T>(&self, result: Result<T, tokio_postgres::Error>) -> Result<T, StoreError> {
        result.map_err(|error| self.fail(store_error(&error)))
    }

    /// Boxed where it is awaited: with the room for taking another connection it is large.
    async fn send(&self, query: &Query<'_>) -> Result<RowStream, StoreError> {
        self.ensure_open()?;
        #[cfg(feature = "testing")]
        self.ensure_names_organization(query.sql());
        let begin = lock(&self.begin).take();
        let sent = match begin {
            None => {
                let (connection, late) = (self.connection()?, mem::take(&mut *lock(&self.late)));
                let sent = connection.execute_all_with(&late, connection.query(query)).await;
                sent.map_err(|error| store_error(&error))
            }
            Some(begin) => self.send_first(&begin, query).await,
        };
        sent.map_err(|error| self.fail(error))
    }

    /// Sends BEGIN and the first statement in one flight. Where the connection turns out to be lost, nothing of it was
    /// done, and another is taken.
    async fn send_first(&self, begin: &str, query: &Query<'_>) -> Result<RowStream, StoreError> {
        let (late, mut attempts) = (mem::take(&mut *lock(&self.late)), 0);
        loop {
            let connection = self.connection()?;
            let sent = connection.execute_all_with(&late, connection.query(query));
            let (begun, sent) = join(connection.script(begin), sent).await;
            let error = match begun.and(sent) {
                Ok(rows) => return Ok(rows),
                Err(error) => error,
            };
            attempts += 1;
            if !is_lost(&error) || !self.replace(attempts).await? {
                return Err(store_error(&error));
            }
        }
    }

    /// Takes another connection, unless so many were lost that the server must be.
    async fn replace(&self, attempts: usize) -> Result<bool, StoreError> {
        let Some(mut lease) = self.lease().take() else { return Err(StoreError::Failed) };
        let few = attempts <= lease.most();
        if few {
            lease.replace().await?;
        }
        self.lease().replace(lease);
        Ok(few)
    }

    fn connection(&self) -> Result<Arc<Connection>, StoreError> {
        let lease = self.lease();
        lease.as_ref().and_then(Lease::connection).cloned().ok_or(StoreError::Failed)
    }

    fn lease(&self) -> MutexGuard<'_, Option<Lease>> {
        lock(&self.lease)
    }

    fn is_unsaid(&self) -> bool {
        lock(&self.begin).is_some()
    }

    /// Counts an answer as due until it has come. A wait that is cancelled leaves it so.
    async fn awaited<T>(&self, answer: impl Future<Output = T>) -> T {
        self.due.fetch_add(1, Ordering::Relaxed);
        #[cfg(feature = "testing")]
        if let Some(lease) = &*self.lease() {
            lease.count_flight();
        }
        let answer = answer.await;
        self.due.fetch_sub(1, Ordering::Relaxed);
        answer
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(mut lease) = self.lease().take() else { return };
        let Some(connection) = lease.connection().cloned() else { return };
        if self.over || self.is_unsaid() {
            return;
        }
        let rollback = async move { connection.script("ROLLBACK").await };
        if *self.due.get_mut() == 0 {
            // It is sent now, and nothing stands before it.
            let _ = rollback.now_or_never();
            return;
        }
        // A statement may still be running, or wait for a lock: nobody else is to wait with it.
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    if rollback.await.is_err() {
                        lease.discard();
                    }
                });
            }
            Err(_) => lease.discard(),
        }
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests;
