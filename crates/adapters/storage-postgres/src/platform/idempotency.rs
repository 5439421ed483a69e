//! Idempotency: one row for each caller and key.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{
    IdempotencyKey, IdempotencyState, IdempotencyStore, IdempotentRequest, SavedTarget, Scope, StoreError,
    Timestamp,
};
use time::OffsetDateTime;
use tokio_postgres::{Error, Row};

use crate::{PostgresStorage, driver::query, error::store_error};

const DIED_AFTER: Duration = Duration::from_secs(60);
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Makes the row or locks the one that is there; parallel requests wait for each other.
const RESERVE: &str = "
INSERT INTO platform.idempotency_keys AS held (id, caller, key, fingerprint, claimed_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (caller, key) DO UPDATE SET version = held.version + 1
RETURNING version = 1 AS fresh, fingerprint, claimed_at, committed_at, target_kind, target_id, target_version, sealed_answer";

/// The former holder's unit finds its id gone and fails.
const TAKE_OVER: &str = "
UPDATE platform.idempotency_keys
SET id = $1, fingerprint = $4, claimed_at = $5, committed_at = NULL, target_kind = NULL, target_id = NULL,
    target_version = NULL, sealed_answer = NULL
WHERE caller = $2 AND key = $3";

const RELEASE: &str = "
DELETE FROM platform.idempotency_keys WHERE id = $1 AND committed_at IS NULL AND sealed_answer IS NULL";

#[async_trait]
impl IdempotencyStore for PostgresStorage {
    async fn reserve(
        &self,
        request: &IdempotentRequest,
        now: Timestamp,
    ) -> Result<IdempotencyState, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let bound = |sql| {
            query(sql)
                .bind(request.id.0)
                .bind(&*request.caller)
                .bind(&*request.key)
                .bind(&request.fingerprint[..])
                .bind(now.to_offset_date_time())
        };
        let row = tx.fetch_optional(bound(RESERVE)).await?;
        let found = row.map(|row| judge(&row, request, now)).transpose();
        let state = if let Some(state) = found.map_err(|error| store_error(&error))?.flatten() {
            state
        } else {
            tx.execute(bound(TAKE_OVER)).await?;
            IdempotencyState::Run
        };
        tx.commit().await?;
        Ok(state)
    }

    async fn answer(&self, id: IdempotencyKey, sealed: &[u8]) -> Result<(), StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let answer = "UPDATE platform.idempotency_keys SET sealed_answer = $2 WHERE id = $1";
        tx.execute(query(answer).bind(id.0).bind(sealed)).await?;
        tx.commit().await
    }

    async fn release(&self, id: IdempotencyKey) -> Result<(), StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        tx.execute(query(RELEASE).bind(id.0)).await?;
        tx.commit().await
    }

    async fn purge(&self, before: Timestamp) -> Result<u64, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let purge = "DELETE FROM platform.idempotency_keys WHERE claimed_at < $1";
        let purged = tx.execute(query(purge).bind(before.to_offset_date_time())).await?;
        tx.commit().await?;
        Ok(purged)
    }
}

/// What the row means for the request; `None` when its holder died or it is to be forgotten.
fn judge(row: &Row, request: &IdempotentRequest, now: Timestamp) -> Result<Option<IdempotencyState>, Error> {
    if row.try_get("fresh")? {
        return Ok(Some(IdempotencyState::Run));
    }
    let age = now.since(Timestamp::new(row.try_get("claimed_at")?));
    if age >= FORGOTTEN_AFTER {
        return Ok(None);
    }
    if row.try_get::<_, &[u8]>("fingerprint")? != request.fingerprint {
        return Ok(Some(IdempotencyState::OtherRequest));
    }
    let is_committed = row.try_get::<_, Option<OffsetDateTime>>("committed_at")?.is_some();
    let committed = if is_committed { Some(target(row)?) } else { None };
    Ok(match (row.try_get("sealed_answer")?, committed) {
        (Some(sealed), committed) => Some(IdempotencyState::Answered { sealed, committed }),
        (None, Some(target)) => Some(IdempotencyState::Committed(target)),
        (None, None) => (age < DIED_AFTER).then_some(IdempotencyState::Running),
    })
}

fn target(row: &Row) -> Result<Option<SavedTarget>, Error> {
    let Some(kind) = row.try_get("target_kind")? else { return Ok(None) };
    Ok(Some(SavedTarget { kind, id: row.try_get("target_id")?, version: row.try_get("target_version")? }))
}
