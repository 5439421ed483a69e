//! Forgets what is over.

use async_trait::async_trait;
use identity::Housekeeping;
use kernel::{Scope, StoreError, Timestamp};

use crate::PostgresStorage;

const OVER: [&str; 3] = [
    "DELETE FROM identity.registrations WHERE expires_at < $1",
    "DELETE FROM identity.one_time_tokens WHERE expires_at < $1",
    "DELETE FROM identity.auth_throttle WHERE last_at < $1",
];

#[async_trait]
impl Housekeeping for PostgresStorage {
    async fn forget_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        let tx = self.internal(Scope::Identity).await?;
        let mut count = 0;
        for statement in OVER {
            let deleted = tx.execute(sqlx::query(statement).bind(before.to_offset_date_time())).await?;
            count += deleted.rows_affected();
        }
        tx.commit().await?;
        Ok(count)
    }
}
