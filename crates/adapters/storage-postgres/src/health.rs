//! Whether the database can be reached and has the schema this program needs.

use async_trait::async_trait;
use kernel::{Health, HealthCheck, StoreError};

use crate::{PostgresStorage, driver::query, migrate::SchemaStatus, scope::BeginStatement, tx::Tx};

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
}
