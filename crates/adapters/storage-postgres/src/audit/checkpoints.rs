//! Checkpoints, the key that signs them, and which log they are of.

use ::audit::ports::{Checkpoints, KeptCheckpoint, KeptSigner};
use async_trait::async_trait;
use kernel::{Scope, StoreError, Timestamp};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{signed, unsigned};
use crate::{PostgresStorage, driver::query, tx::Tx};

const LOG: &str = "SELECT id FROM audit.log";

const SIGNER: &str = "SELECT verifier, sealed_seed FROM audit.signers";

const PUT_SIGNER: &str = "
INSERT INTO audit.signers (verifier, sealed_seed) VALUES ($1, $2) ON CONFLICT DO NOTHING";

const LATEST: &str = "SELECT size, note, signed_at FROM audit.checkpoints ORDER BY size DESC LIMIT 1";

const AFTER: &str = "
SELECT size, note, signed_at FROM audit.checkpoints WHERE size > $1 ORDER BY size LIMIT $2";

const KEEP: &str = "
INSERT INTO audit.checkpoints (size, note, signed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

#[async_trait]
impl Checkpoints for PostgresStorage {
    async fn log_id(&self) -> Result<Uuid, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let row = tx.fetch_optional(query(LOG)).await?;
        let row = row.ok_or_else(|| StoreError::Fault("the audit trail has lost its id".to_owned()))?;
        tx.get(&row, "id")
    }

    async fn signer(&self) -> Result<Option<KeptSigner>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let Some(row) = tx.fetch_optional(query(SIGNER)).await? else { return Ok(None) };
        let (verifier, sealed_seed) = (tx.get(&row, "verifier")?, tx.get(&row, "sealed_seed")?);
        Ok(Some(KeptSigner { verifier, sealed_seed }))
    }

    async fn put_signer(&self, signer: &KeptSigner) -> Result<(), StoreError> {
        let KeptSigner { verifier, sealed_seed } = signer;
        let tx = self.internal(Scope::Worker).await?;
        tx.execute(query(PUT_SIGNER).bind(verifier).bind(sealed_seed)).await?;
        tx.commit().await
    }

    async fn latest_checkpoint(&self) -> Result<Option<KeptCheckpoint>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let row = tx.fetch_optional(query(LATEST)).await?;
        row.map(|row| read(&tx, &row)).transpose()
    }

    async fn checkpoints(&self, after: u64, max: u32) -> Result<Vec<KeptCheckpoint>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let rows = tx.fetch_all(query(AFTER).bind(signed(after)).bind(i64::from(max))).await?;
        rows.iter().map(|row| read(&tx, row)).collect()
    }

    async fn keep_checkpoint(&self, checkpoint: &KeptCheckpoint) -> Result<(), StoreError> {
        let KeptCheckpoint { size, note, signed_at } = checkpoint;
        let tx = self.internal(Scope::Worker).await?;
        let query = query(KEEP).bind(signed(*size)).bind(note).bind(signed_at.to_offset_date_time());
        tx.execute(query).await?;
        tx.commit().await
    }
}

fn read(tx: &Tx, row: &Row) -> Result<KeptCheckpoint, StoreError> {
    Ok(KeptCheckpoint {
        size: unsigned(tx.get(row, "size")?),
        note: tx.get(row, "note")?,
        signed_at: Timestamp::new(tx.get::<OffsetDateTime>(row, "signed_at")?),
    })
}
