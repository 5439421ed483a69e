//! Whether the database can be reached, has the schema this program needs, and takes writes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use kernel::{Health, HealthCheck, StoreError};
use tokio::sync::Mutex;

use crate::{
    PostgresStorage,
    driver::{Pool, query},
    migrate::SchemaStatus,
    scope::BeginStatement,
    tx::Tx,
};

/// For how long the outcome of a probe answers everyone who asks.
const PROBE_LASTS: Duration = Duration::from_secs(2);

/// A mebibyte does not fit into the `work_mem` the probe begins with: PostgreSQL writes it to a temporary file beside
/// the tables and removes it at the end. So a disk that is full fails the probe, which needs no table and leaves no
/// row, no log and nothing to vacuum. The size is bound, or each plan would hold what is written.
const PROBE: &str = "
SELECT count(*), pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean AS read_only
FROM unnest(array_fill(repeat('x', $1), ARRAY[128]))";

/// When it was last probed whether the database takes writes, and what keeps it from that. Whoever asks meanwhile
/// waits.
#[derive(Default)]
pub(crate) struct WriteProbe(Mutex<Option<(Instant, Result<(), String>)>>);

impl WriteProbe {
    async fn outcome(&self, pool: &Arc<Pool>) -> Result<(), StoreError> {
        let mut last = self.0.lock().await;
        if last.as_ref().is_none_or(|(at, _)| at.elapsed() >= PROBE_LASTS) {
            let found = probe(pool).await.map_err(|error| match error {
                StoreError::Unavailable(why) => why,
                other => other.to_string(),
            });
            *last = Some((Instant::now(), found));
        }
        last.iter().try_for_each(|(_, outcome)| outcome.clone()).map_err(StoreError::Unavailable)
    }
}

async fn probe(pool: &Arc<Pool>) -> Result<(), StoreError> {
    let message = format!("{}; SET LOCAL work_mem = '64kB'", BeginStatement::login().message);
    let tx = Tx::begin(pool, BeginStatement { message, ..BeginStatement::login() }).await?;
    let rows = tx.fetch_all(query(PROBE).bind(8192_i32)).await?;
    for row in &rows {
        if tx.get(row, "read_only")? {
            return Err(StoreError::Unavailable("the database takes no writes".to_owned()));
        }
    }
    Ok(())
}

#[async_trait]
impl HealthCheck for PostgresStorage {
    async fn health(&self) -> Result<Health, StoreError> {
        let tx = Tx::begin(&self.pool, BeginStatement::login()).await?;
        let versions = query("SELECT version FROM platform.seaql_migrations ORDER BY version");
        let applied = tx.fetch_all(versions).await?;
        let applied = applied.iter().map(|row| tx.get(row, "version")).collect::<Result<_, _>>()?;
        let SchemaStatus { applied, pending, unknown } = SchemaStatus::of(applied);
        if pending.is_empty() {
            let schema = applied.last().cloned().unwrap_or_default();
            Ok(Health { schema, newer_schema: !unknown.is_empty() })
        } else {
            let pending = pending.join(", ");
            Err(StoreError::Unavailable(format!("the schema lacks {pending}; run `touchstone migrate`")))
        }
    }

    async fn ensure_writable(&self) -> Result<(), StoreError> {
        self.write_probe.outcome(&self.pool).await
    }
}
