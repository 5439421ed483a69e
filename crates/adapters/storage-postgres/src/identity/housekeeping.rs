//! Forgets what is over, in SQL: it deletes unread, and across the tables of two schemas.

use async_trait::async_trait;
use identity::Housekeeping;
use kernel::{Scope, StoreError, Timestamp};
use uuid::Uuid;

use crate::{PostgresStorage, driver::query, record::DELETE_SUBJECT_KEYS};

const REGISTRATIONS: &str = "DELETE FROM identity.registrations WHERE expires_at < $1 RETURNING id";

/// A key that was made in the moment of its subject's erasure.
const ERASED: &str = "
DELETE FROM audit.subject_keys WHERE subject_id IN (
  SELECT id FROM identity.accounts WHERE status = 'erased' AND updated_at > now() - interval '2 days')";

const OVER: [&str; 2] = [
    "DELETE FROM identity.one_time_tokens WHERE expires_at < $1",
    "DELETE FROM identity.auth_throttle WHERE last_at < $1",
];

#[async_trait]
impl Housekeeping for PostgresStorage {
    async fn forget_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        let tx = self.internal(Scope::Identity).await?;
        let registrations = tx.fetch_all(query(REGISTRATIONS).bind(before.to_offset_date_time())).await?;
        let nobody: Vec<Uuid> =
            registrations.iter().map(|row| tx.get(row, "id")).collect::<Result<_, _>>()?;
        if !nobody.is_empty() {
            tx.execute(query(DELETE_SUBJECT_KEYS).bind(&nobody)).await?;
        }
        tx.execute(query(ERASED)).await?;
        let mut count = nobody.len() as u64;
        for statement in OVER {
            let deleted = tx.execute(query(statement).bind(before.to_offset_date_time())).await?;
            count += deleted;
        }
        tx.commit().await?;
        Ok(count)
    }
}
