//! Data keys, which have neither version nor record of their own.

use async_trait::async_trait;
use identity::unit::DataKeys;
use kernel::{AccountId, StoreError};

use crate::unit::PostgresUnit;

const GET: &str = "SELECT wrapped_key FROM identity.data_keys WHERE account_id = $1";

const PUT: &str = "
INSERT INTO identity.data_keys AS kept (account_id, wrapped_key) VALUES ($1, $2)
ON CONFLICT (account_id) DO UPDATE SET wrapped_key = EXCLUDED.wrapped_key, version = kept.version + 1";

const DESTROY: &str = "DELETE FROM identity.data_keys WHERE account_id = $1";

#[async_trait]
impl DataKeys for PostgresUnit {
    async fn data_key(&mut self, account: AccountId) -> Result<Option<Vec<u8>>, StoreError> {
        if !self.tx.can_read("identity", "data_keys") {
            return self.tx.ensure_open().map(|()| None);
        }
        let row = self.tx.fetch_optional(sqlx::query(GET).bind(account.uuid())).await?;
        row.map(|row| self.tx.get(&row, "wrapped_key")).transpose()
    }

    async fn put_data_key(&mut self, account: AccountId, wrapped: &[u8]) -> Result<(), StoreError> {
        self.tx.execute(sqlx::query(PUT).bind(account.uuid()).bind(wrapped)).await.map(|_| ())
    }

    async fn destroy_data_key(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.ensure_personal(account)?;
        self.tx.execute(sqlx::query(DESTROY).bind(account.uuid())).await.map(|_| ())
    }
}
