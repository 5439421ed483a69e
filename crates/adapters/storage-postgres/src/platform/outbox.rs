//! The outbox as workers see it.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{
    Admitted, Delivery, DeliveryState, Lane, OrganizationId, Outbox, OutboxEntry, Page, PageRequest, Room,
    Scope, StoreError, Timestamp,
};
use time::OffsetDateTime;
use tokio_postgres::{Error, Row};
use uuid::Uuid;

use crate::{PostgresStorage, broadcast::Committed, driver::query, error::store_error, page::fetch_limit};

/// How many deliveries whose turn is next are looked at to tell how long the oldest has waited.
const NEXT: i64 = 10;

/// Looks at so many of each lane that are due. What nobody waits for costs the database one deletion. The others get
/// their turns, an organisation's one after the other: behind those it has, and not before the round that is being
/// taken. Each row is reached by an index, or by its place (`ctid`), which cannot change while it is locked: no plan
/// depends on what the planner believes of the table.
const ADMIT: &str = "
WITH due AS MATERIALIZED (
  SELECT o.* FROM generate_series(0, 2) AS lanes (lane) CROSS JOIN LATERAL (
    SELECT ctid, lane, due_at, seq, topic,
      coalesce(organization_id, '00000000-0000-0000-0000-000000000000') AS organization,
      coalesce(topic <> ALL($2), false) AS is_unwanted
    FROM platform.outbox o
    WHERE o.lane = lanes.lane AND state = 'waiting' AND turn IS NULL AND due_at <= $1
    ORDER BY due_at, seq LIMIT $3
    FOR UPDATE SKIP LOCKED
  ) o
), organizations AS MATERIALIZED (
  SELECT lane, organization, greatest(0,
    (SELECT turn - 1 FROM platform.outbox o WHERE o.lane = of.lane AND turn IS NOT NULL ORDER BY turn, seq LIMIT 1),
    (SELECT turn FROM platform.outbox o
     WHERE o.lane = of.lane AND turn IS NOT NULL
       AND coalesce(organization_id, '00000000-0000-0000-0000-000000000000') = of.organization
     ORDER BY turn DESC LIMIT 1)) AS last_turn
  FROM (SELECT DISTINCT lane, organization FROM due WHERE NOT is_unwanted) of
), turns AS (
  SELECT ctid, last_turn + row_number() OVER (PARTITION BY lane, organization ORDER BY due_at, seq) AS turn
  FROM due JOIN organizations USING (lane, organization) WHERE NOT is_unwanted
), admitted AS (
  UPDATE platform.outbox o SET turn = turns.turn FROM turns
  WHERE o.ctid = turns.ctid AND o.ctid = ANY(ARRAY(SELECT ctid FROM due))
), forgotten AS (
  DELETE FROM platform.outbox WHERE ctid = ANY(ARRAY(SELECT ctid FROM due WHERE is_unwanted))
)
SELECT topic, is_unwanted, count(*) OVER (PARTITION BY lane) >= $3 AS is_more_due FROM due";

/// Taking a delivery moves the time it is due to the end of the lease, and its turn is over. `place` counts through the
/// lanes, so that a lane is given what those above it left of its room.
const TAKE: &str = "
WITH next AS MATERIALIZED (
  SELECT o.id, o.ctid, room.most, row_number() OVER (ORDER BY room.lane, turn, seq) AS place
  FROM unnest($2::bigint[]) WITH ORDINALITY AS room (most, lane) CROSS JOIN LATERAL (
    SELECT id, ctid, turn, seq FROM platform.outbox o
    WHERE o.lane = room.lane - 1 AND turn IS NOT NULL AND due_at <= $1
    ORDER BY turn, seq LIMIT room.most
    FOR UPDATE SKIP LOCKED
  ) o
), taken AS (
  UPDATE platform.outbox SET due_at = $3, turn = NULL
  WHERE ctid = ANY(ARRAY(SELECT ctid FROM next WHERE place <= most))
  RETURNING *
)
SELECT taken.* FROM taken JOIN next USING (id) ORDER BY place";

const FAILED: &str = "
UPDATE platform.outbox
SET attempts = attempts + 1, last_error = $2, due_at = coalesce($3, due_at), turn = NULL,
    state = CASE WHEN $3::timestamptz IS NULL THEN 'dead' ELSE state END, version = version + 1
WHERE id = $1";

const PUT_OFF: &str = "
UPDATE platform.outbox SET last_error = $2, due_at = $3, turn = NULL, version = version + 1 WHERE id = $1";

const RETRY: &str = "
UPDATE platform.outbox SET state = 'waiting', due_at = $2, attempts = 0, version = version + 1
WHERE state = 'dead' AND ($1::uuid IS NULL OR id = $1)";

const LAG: &str = "
SELECT min(due_at) AS due_at FROM (
  (SELECT due_at FROM platform.outbox
   WHERE lane = $2 AND state = 'waiting' AND turn IS NULL AND due_at <= $1 ORDER BY due_at, seq LIMIT 1)
  UNION ALL
  (SELECT due_at FROM platform.outbox WHERE lane = $2 AND turn IS NOT NULL ORDER BY turn, seq LIMIT $3)
) next WHERE due_at <= $1";

const LIST: &str = "SELECT * FROM platform.outbox WHERE state = $1 AND seq > $2 ORDER BY seq LIMIT $3";

#[async_trait]
impl Outbox for PostgresStorage {
    async fn admit(&self, now: Timestamp, wanted: Option<&[&str]>, max: u32) -> Result<Admitted, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let query = query(ADMIT).bind(now.to_offset_date_time()).bind(wanted).bind(i64::from(max));
        let mut admitted = Admitted { forgotten: Vec::new(), is_more_due: false };
        for row in tx.fetch_all(query).await? {
            admitted.is_more_due |= tx.get::<bool>(&row, "is_more_due")?;
            if tx.get(&row, "is_unwanted")? {
                admitted.forgotten.push(tx.get(&row, "topic")?);
            }
        }
        tx.commit().await?;
        Ok(admitted)
    }

    async fn take(&self, now: Timestamp, room: Room, lease: Duration) -> Result<Vec<Delivery>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let query = query(TAKE)
            .bind(now.to_offset_date_time())
            .bind(Lane::ALL.map(|lane| i64::from(room.down_to(lane))).to_vec())
            .bind(now.plus(lease).to_offset_date_time());
        let rows = tx.fetch_all(query).await?;
        tx.commit().await?;
        rows.iter().map(delivery).collect::<Result<_, _>>().map_err(|error| store_error(&error))
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

    async fn put_off(&self, id: Uuid, why: &str, until: Timestamp) -> Result<(), StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        tx.execute(query(PUT_OFF).bind(id).bind(why).bind(until.to_offset_date_time())).await?;
        tx.commit().await
    }

    async fn lag(&self, now: Timestamp, lane: Lane) -> Result<Duration, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let query = query(LAG).bind(now.to_offset_date_time()).bind(number_of(lane)).bind(NEXT);
        let oldest = tx.fetch_optional(query).await?;
        let due = oldest.map(|row| tx.get::<Option<OffsetDateTime>>(&row, "due_at")).transpose()?.flatten();
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
            self.commits.tell(Committed::SOMETHING);
        }
        Ok(count)
    }

    async fn notified(&self) {
        self.commits.heard().await;
    }
}

/// The lane as it is kept, in the order of urgency.
pub(crate) const fn number_of(lane: Lane) -> i16 {
    match lane {
        Lane::Now => 0,
        Lane::Soon => 1,
        Lane::Bulk => 2,
    }
}

fn delivery(row: &Row) -> Result<Delivery, Error> {
    let organization: Option<Uuid> = row.try_get("organization_id")?;
    let lane: i16 = row.try_get("lane")?;
    Ok(Delivery {
        id: row.try_get("id")?,
        topic: row.try_get("topic")?,
        lane: Lane::ALL.into_iter().find(|known| number_of(*known) == lane).unwrap_or(Lane::Soon),
        target_kind: row.try_get("target_kind")?,
        target_id: row.try_get("target_id")?,
        target_version: row.try_get("target_version")?,
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
