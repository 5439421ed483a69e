//! The keys access tokens are signed with.

use async_trait::async_trait;
use identity::credentials::{SigningKeyRecord, SigningKeys};
use kernel::{Scope, StoreError, Timestamp};
use sqlx::postgres::PgRow;
use time::OffsetDateTime;

use crate::{PostgresStorage, tx::Tx};

const LIVE: &str = "
SELECT kid, sealed_private_key, public_jwk, signs_from, verifies_until, created_at FROM identity.signing_keys
WHERE verifies_until IS NULL OR verifies_until > $1
ORDER BY created_at, kid";

/// One addition at a time; the number means this and nothing else.
const LOCK: &str = "SELECT pg_advisory_xact_lock(5292847163)";

const EXPIRE: &str = "DELETE FROM identity.signing_keys WHERE verifies_until <= $1";

const RETIRE: &str = "
UPDATE identity.signing_keys SET verifies_until = $1, version = version + 1 WHERE verifies_until IS NULL";

const ADD: &str = "
INSERT INTO identity.signing_keys (kid, sealed_private_key, public_jwk, signs_from, verifies_until, created_at)
VALUES ($1, $2, $3, $4, $5, $6)";

#[async_trait]
impl SigningKeys for PostgresStorage {
    async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKeyRecord>, StoreError> {
        let tx = self.internal(Scope::Identity).await?;
        live(&tx, now).await
    }

    async fn add_signing_key(
        &self,
        key: &SigningKeyRecord,
        others_until: Timestamp,
        only_if_none: bool,
    ) -> Result<(), StoreError> {
        let now = key.created_at;
        let tx = self.internal(Scope::Identity).await?;
        tx.execute(sqlx::query(LOCK)).await?;
        if only_if_none && !live(&tx, now).await?.is_empty() {
            return Ok(());
        }
        tx.execute(sqlx::query(EXPIRE).bind(now.to_offset_date_time())).await?;
        tx.execute(sqlx::query(RETIRE).bind(others_until.to_offset_date_time())).await?;
        let SigningKeyRecord { kid, sealed_private_key, public_jwk, signs_from, verifies_until, created_at } =
            key;
        let add = sqlx::query(ADD)
            .bind(kid)
            .bind(sealed_private_key)
            .bind(public_jwk)
            .bind(signs_from.to_offset_date_time())
            .bind(verifies_until.map(Timestamp::to_offset_date_time))
            .bind(created_at.to_offset_date_time());
        tx.execute(add).await?;
        tx.commit().await
    }
}

async fn live(tx: &Tx, now: Timestamp) -> Result<Vec<SigningKeyRecord>, StoreError> {
    let rows = tx.fetch_all(sqlx::query(LIVE).bind(now.to_offset_date_time())).await?;
    rows.iter().map(|row| read(tx, row)).collect()
}

fn read(tx: &Tx, row: &PgRow) -> Result<SigningKeyRecord, StoreError> {
    Ok(SigningKeyRecord {
        kid: tx.get(row, "kid")?,
        sealed_private_key: tx.get(row, "sealed_private_key")?,
        public_jwk: tx.get(row, "public_jwk")?,
        signs_from: Timestamp::new(tx.get(row, "signs_from")?),
        verifies_until: tx.get::<Option<OffsetDateTime>>(row, "verifies_until")?.map(Timestamp::new),
        created_at: Timestamp::new(tx.get(row, "created_at")?),
    })
}
