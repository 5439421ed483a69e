//! Connecting, and refusing to work with more power than is needed.

use std::{fmt, sync::Arc};

use audit::EventRecorder;
use kernel::{Ctx, Scope, StoreError};

use crate::{
    Settings,
    broadcast::{Broadcast, Committed},
    driver::{Pool, query},
    health::WriteProbe,
    leaves::{self, LeaveEpoch},
    scope::{Access, BeginStatement, begin_statement, internal},
    tx::Tx,
};

/// Why storage could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address cannot be read.
    #[error(
        "DATABASE_URL is no PostgreSQL address such as postgres://touchstone_app@localhost/touchstone: {0}"
    )]
    Url(String),
    /// Nobody answers there, or not to us.
    #[error("PostgreSQL cannot be reached: {0}")]
    Unreachable(String),
    /// The login role could get around row-level security.
    #[error(
        "the database role {role} {reason}, so that row-level security would not bind it; connect as touchstone_app"
    )]
    Privileged {
        /// The role that was logged in as.
        role: String,
        /// What it is or may become.
        reason: &'static str,
    },
}

/// Every storage port of every domain, on one PostgreSQL database. Clones share the pool.
#[derive(Clone)]
pub struct PostgresStorage {
    pub(crate) pool: Arc<Pool>,
    pub(crate) commits: Arc<Broadcast<Committed>>,
    #[cfg(feature = "notification")]
    pub(crate) inbox_changes: Arc<Broadcast<crate::notification::Accounts>>,
    pub(crate) recorder: Arc<EventRecorder>,
    pub(crate) leave_epoch: Arc<LeaveEpoch>,
    pub(crate) write_probe: Arc<WriteProbe>,
    #[cfg(feature = "identity")]
    pub(crate) recent_memberships: Arc<crate::identity::RecentMemberships>,
}

/// A role counts with every role it may become by SET ROLE.
const ROLE_ATTRIBUTES: &str = "
SELECT current_user::text AS role,
  coalesce(bool_or(r.rolsuper), false) AS superuser,
  coalesce(bool_or(r.rolbypassrls), false) AS bypasses,
  EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg\\_%' AND pg_has_role(current_user, c.relowner, 'MEMBER')
  ) AS owns
FROM pg_roles r WHERE pg_has_role(current_user, r.oid, 'MEMBER')";

impl PostgresStorage {
    /// Opens the pool and checks that the login role is bound by row-level security. `recorder` writes the audit
    /// trail of every unit.
    pub async fn connect(settings: &Settings, recorder: Arc<EventRecorder>) -> Result<Self, ConnectError> {
        let (pool, listening) = (settings.pool()?, settings.listening()?);
        let asked = async {
            let tx = Tx::begin(&pool, BeginStatement::login()).await?;
            let row = tx.fetch_optional(query(ROLE_ATTRIBUTES)).await?;
            row.ok_or_else(|| StoreError::Fault("PostgreSQL does not tell who we are".to_owned()))
        };
        let row = asked.await.map_err(|error| {
            ConnectError::Unreachable(match error {
                StoreError::Unavailable(why) => why,
                other => other.to_string(),
            })
        })?;
        let is = |column: &str| row.try_get::<_, bool>(column).unwrap_or(true);
        let reason = match (is("superuser"), is("bypasses"), is("owns")) {
            (true, _, _) => "is a superuser",
            (_, true, _) => "may bypass it",
            (_, _, true) => "owns tables",
            _ => {
                return Ok(Self {
                    #[cfg(feature = "notification")]
                    inbox_changes: Arc::new(Broadcast::new(Arc::clone(&pool), listening.clone())),
                    commits: Arc::new(Broadcast::new(Arc::clone(&pool), listening)),
                    pool,
                    recorder,
                    leave_epoch: Arc::default(),
                    write_probe: Arc::default(),
                    #[cfg(feature = "identity")]
                    recent_memberships: Arc::default(),
                });
            }
        };
        pool.close().await;
        Err(ConnectError::Privileged { role: row.try_get("role").unwrap_or_default(), reason })
    }

    /// Waits for running work and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A transaction that reads as far as the caller sees.
    pub(crate) async fn reading(&self, ctx: &Ctx) -> Result<Tx, StoreError> {
        self.acting(ctx, Access::Read).await
    }

    /// A transaction of the caller's, by the leave they act by.
    pub(crate) async fn acting(&self, ctx: &Ctx, access: Access) -> Result<Tx, StoreError> {
        let tx = self.beginning(ctx, access).await?;
        Ok(match leaves::asked(ctx, access) {
            Some(leave) => tx.asking(leave),
            None => tx,
        })
    }

    /// The same, which asks for no leave.
    pub(crate) async fn beginning(&self, ctx: &Ctx, access: Access) -> Result<Tx, StoreError> {
        let tx = Tx::begin(&self.pool, begin_statement(ctx, access)).await?;
        Ok(if ctx.leave.is_some() { tx.telling(Arc::clone(&self.leave_epoch)) } else { tx })
    }

    /// A transaction for what no caller stands behind.
    pub(crate) async fn internal(&self, scope: Scope) -> Result<Tx, StoreError> {
        Tx::begin(&self.pool, internal(scope, Access::Write)).await
    }
}

impl fmt::Debug for PostgresStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStorage").finish_non_exhaustive()
    }
}
