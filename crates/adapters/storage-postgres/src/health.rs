//! Whether the database can be reached and has the schema this program needs.

use async_trait::async_trait;
use kernel::{Health, HealthCheck, StoreError};

use crate::{PostgresStorage, error::store_error, migrate::SchemaStatus};

#[async_trait]
impl HealthCheck for PostgresStorage {
    async fn health(&self) -> Result<Health, StoreError> {
        let versions = sqlx::query_scalar("SELECT version FROM platform.seaql_migrations ORDER BY version");
        let applied = versions.fetch_all(&self.pool).await.map_err(|error| store_error(&error))?;
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
