//! The outbox as workers see it.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{
    Delivery, DeliveryState, OrganizationId, Outbox, OutboxEntry, Page, PageRequest, Scope, StoreError,
    Timestamp,
};
use time::OffsetDateTime;
use tokio_postgres::{Error, Row};
use uuid::Uuid;

use crate::{PostgresStorage, driver::query, error::store_error, page::fetch_limit};

/// Taking a delivery moves the time it is due to the end of the lease.
const TAKE: &str = "
WITH due AS (
  SELECT id, due_at AS was_due FROM platform.outbox
  WHERE state = 'waiting' AND due_at <= $1
  ORDER BY due_at, seq LIMIT $2
  FOR UPDATE SKIP LOCKED
), taken AS (
  UPDATE platform.outbox o SET due_at = $3 FROM due WHERE o.id = due.id
  RETURNING o.*, due.was_due
)
SELECT * FROM taken ORDER BY was_due, seq";

/// What nobody waits for is neither leased nor read: it costs the database one deletion. By its place (`ctid`), which
/// cannot change while it is locked, because no plan for it depends on what the planner believes of the table.
const FORGET_UNWANTED: &str = "
DELETE FROM platform.outbox WHERE ctid = ANY(ARRAY(
  SELECT ctid FROM platform.outbox
  WHERE state = 'waiting' AND due_at <= $1 AND topic <> ALL($2)
  ORDER BY due_at, seq LIMIT $3
  FOR UPDATE SKIP LOCKED
)) RETURNING topic";

const FAILED: &str = "
UPDATE platform.outbox
SET attempts = attempts + 1, last_error = $2, due_at = coalesce($3, due_at),
    state = CASE WHEN $3::timestamptz IS NULL THEN 'dead' ELSE state END, version = version + 1
WHERE id = $1";

const RETRY: &str = "
UPDATE platform.outbox SET state = 'waiting', due_at = $2, attempts = 0, version = version + 1
WHERE state = 'dead' AND ($1::uuid IS NULL OR id = $1)";

const LAG: &str = "
SELECT due_at FROM platform.outbox WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at LIMIT 1";

const LIST: &str = "SELECT * FROM platform.outbox WHERE state = $1 AND seq > $2 ORDER BY seq LIMIT $3";

#[async_trait]
impl Outbox for PostgresStorage {
    async fn take(&self, now: Timestamp, max: u32, lease: Duration) -> Result<Vec<Delivery>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let query = query(TAKE)
            .bind(now.to_offset_date_time())
            .bind(i64::from(max))
            .bind(now.plus(lease).to_offset_date_time());
        let rows = tx.fetch_all(query).await?;
        tx.commit().await?;
        rows.iter().map(delivery).collect::<Result<_, _>>().map_err(|error| store_error(&error))
    }

    async fn forget_unwanted(
        &self,
        now: Timestamp,
        wanted: &[&str],
        max: u32,
    ) -> Result<Vec<String>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let forget = query(FORGET_UNWANTED).bind(now.to_offset_date_time()).bind(wanted).bind(i64::from(max));
        let topics = tx.fetch_all(forget).await?;
        let topics = topics.iter().map(|row| tx.get(row, "topic")).collect::<Result<_, _>>()?;
        tx.commit().await?;
        Ok(topics)
    }

    async fn done(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        tx.execute(query("DELETE FROM platform.outbox WHERE id = ANY($1)").bind(ids)).await?;
        tx.commit().await
    }

    async fn failed(&self, id: Uuid, error: &str, retry_at: Option<Timestamp>) -> Result<(), StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let retry_at = retry_at.map(Timestamp::to_offset_date_time);
        // PostgreSQL keeps no NUL in a text.
        let error = error.replace('\0', " ");
        tx.execute(query(FAILED).bind(id).bind(error).bind(retry_at)).await?;
        tx.commit().await
    }

    async fn lag(&self, now: Timestamp) -> Result<Duration, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let oldest = tx.fetch_optional(query(LAG).bind(now.to_offset_date_time())).await?;
        let due = oldest.map(|row| tx.get::<OffsetDateTime>(&row, "due_at")).transpose()?;
        Ok(due.map_or(Duration::ZERO, |due| now.since(Timestamp::new(due))))
    }

    async fn list(&self, state: DeliveryState, page: &PageRequest) -> Result<Page<OutboxEntry>, StoreError> {
        let filter = ("outbox", state.name());
        let after = page.key::<i64>(&filter)?.unwrap_or(i64::MIN);
        let tx = self.internal(Scope::Worker).await?;
        let limit = i64::try_from(fetch_limit(page)).unwrap_or(i64::MAX);
        let rows = tx.fetch_all(query(LIST).bind(state.name()).bind(after).bind(limit)).await?;
        let read = |row: &Row| Ok((row.try_get("seq")?, entry(row)?));
        let entries: Result<Vec<(i64, _)>, Error> = rows.iter().map(read).collect();
        let entries = entries.map_err(|error| store_error(&error))?;
        Ok(Page::cut(entries, page, &filter, |(seq, _)| *seq).map(|(_, entry)| entry))
    }

    async fn retry(&self, id: Option<Uuid>, now: Timestamp) -> Result<u64, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let query = query(RETRY).bind(id).bind(now.to_offset_date_time());
        let count = tx.execute(query).await?;
        tx.commit().await?;
        if count > 0 {
            self.notifier.notify();
        }
        Ok(count)
    }

    async fn notified(&self) {
        self.notifier.notified().await;
    }
}

fn delivery(row: &Row) -> Result<Delivery, Error> {
    let organization: Option<Uuid> = row.try_get("organization_id")?;
    Ok(Delivery {
        id: row.try_get("id")?,
        topic: row.try_get("topic")?,
        target_kind: row.try_get("target_kind")?,
        target_id: row.try_get("target_id")?,
        organization: organization.map(OrganizationId::from_uuid),
        data: row.try_get("data")?,
        occurred_at: Timestamp::new(row.try_get("occurred_at")?),
        attempts: row.try_get::<_, i32>("attempts")?.try_into().unwrap_or(0),
    })
}

fn entry(row: &Row) -> Result<OutboxEntry, Error> {
    let dead = row.try_get::<_, &str>("state")? == DeliveryState::Dead.name();
    Ok(OutboxEntry {
        delivery: delivery(row)?,
        state: if dead { DeliveryState::Dead } else { DeliveryState::Waiting },
        due_at: Timestamp::new(row.try_get("due_at")?),
        last_error: row.try_get("last_error")?,
    })
}
