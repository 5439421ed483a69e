//! Known devices, which have neither version nor record of their own.

use async_trait::async_trait;
use identity::{Digest, unit::KnownDevices};
use kernel::{AccountId, StoreError, Timestamp};

use crate::unit::PostgresUnit;

const KNOWS: &str = "
SELECT NOT EXISTS (SELECT FROM identity.known_devices WHERE account_id = $1)
  OR EXISTS (SELECT FROM identity.known_devices WHERE account_id = $1 AND digest = $2) AS known";

const REMEMBER: &str = "
INSERT INTO identity.known_devices AS kept (account_id, digest, last_seen_at, created_at) VALUES ($1, $2, $3, $3)
ON CONFLICT (account_id, digest)
DO UPDATE SET last_seen_at = EXCLUDED.last_seen_at, version = kept.version + 1";

const FORGET: &str = "DELETE FROM identity.known_devices WHERE account_id = $1";

#[async_trait]
impl KnownDevices for PostgresUnit {
    async fn knows_device(&mut self, account: AccountId, device: &Digest) -> Result<bool, StoreError> {
        if !self.tx.can_read("identity", "known_devices") {
            return self.tx.ensure_open().map(|()| true);
        }
        let query = sqlx::query(KNOWS).bind(account.uuid()).bind(&device.0[..]);
        let row = self.tx.fetch_optional(query).await?;
        row.map_or(Ok(false), |row| self.tx.get(&row, "known"))
    }

    async fn remember_device(
        &mut self,
        account: AccountId,
        device: &Digest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let query =
            sqlx::query(REMEMBER).bind(account.uuid()).bind(&device.0[..]).bind(now.to_offset_date_time());
        self.tx.execute(query).await.map(|_| ())
    }

    async fn forget_devices(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.ensure_personal(account)?;
        self.tx.execute(sqlx::query(FORGET).bind(account.uuid())).await.map(|_| ())
    }
}
