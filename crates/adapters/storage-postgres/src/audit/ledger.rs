//! The ledger: events with their numbers, and how far numbering has come.

use std::time::Duration;

use ::audit::{
    EventId, Hash, Tile, TileId,
    ports::{Entry, Leaf, Ledger, Sequencing},
};
use async_trait::async_trait;
use kernel::{Ctx, Scope, StoreError, Timestamp};
use tokio_postgres::Row;

use super::{
    row::{self, Columns},
    sequencing::{self, home},
    signed, unsigned,
};
use crate::{PostgresStorage, driver::query, tx::Tx};

const LAST: &str = "SELECT max(index) AS last FROM audit.leaves";

const LEAF: &str = "SELECT index, hash FROM audit.leaves WHERE event_id = $1";

/// Joined one by one, because a plan that does not know the limit would read the whole log for each page.
const ENTRIES: &str = concat!(
    "SELECT l.index, l.event_id, l.hash, ",
    row::event!(),
    "
FROM (SELECT * FROM audit.leaves WHERE index >= $1 ORDER BY index LIMIT $2) l
LEFT JOIN LATERAL (SELECT * FROM audit.events e WHERE e.id = l.event_id LIMIT 1) e ON true
ORDER BY l.index"
);

const OWN_ENTRIES: &str = concat!(
    "SELECT l.index, l.event_id, l.hash, ",
    row::event!(),
    "
FROM (SELECT * FROM audit.leaves WHERE index >= $1 AND index < $2 ORDER BY index) l
CROSS JOIN LATERAL (SELECT * FROM audit.events e WHERE e.id = l.event_id LIMIT 1) e
ORDER BY l.index LIMIT $3"
);

/// How many leaves are looked through in one statement, so that none runs into its timeout.
const STRIDE: u64 = 50_000;

const TILES: &str = "
SELECT index, root, hashes FROM audit.tiles WHERE level = $1 AND index >= $2 ORDER BY index LIMIT $3";

/// An event that withholds its actor tells the hour alone; it is counted from the end of it.
const OLDEST: &str = concat!(
    "
WITH place AS MATERIALIZED (
  SELECT CASE WHEN at_home THEN tx ELSE '0' END AS tx, CASE WHEN at_home THEN seq ELSE 0 END AS seq
  FROM (SELECT tx, seq, home IS NOT DISTINCT FROM ",
    home!(),
    " AS at_home FROM audit.sequencer) s
), waiting AS (
  SELECT e.occurred_at, e.actor_kind
  FROM place CROSS JOIN LATERAL (
    SELECT * FROM audit.events e
    WHERE (e.tx, e.seq) > (place.tx, place.seq) AND e.tx < pg_snapshot_xmax(pg_current_snapshot())
    ORDER BY e.tx, e.seq
  ) e LEFT JOIN LATERAL (SELECT true AS numbered FROM audit.leaves l WHERE l.event_id = e.id LIMIT 1) l ON true
  WHERE l.numbered IS NULL ORDER BY e.tx, e.seq LIMIT 1000
)
SELECT occurred_at + CASE actor_kind WHEN 'withheld' THEN interval '1 hour' ELSE '0' END AS since
FROM waiting ORDER BY since LIMIT 1"
);

/// What was restored from elsewhere is not passed over until it is passed.
const PASSED_OVER: &str = concat!(
    "
SELECT count(*) AS events FROM audit.events e
WHERE (e.tx, e.seq) <= (
    (SELECT tx FROM audit.sequencer WHERE horizon IS NULL AND home = ",
    home!(),
    "), (SELECT seq FROM audit.sequencer))
  AND NOT EXISTS (SELECT FROM audit.leaves l WHERE l.event_id = e.id)"
);

#[async_trait]
impl Ledger for PostgresStorage {
    async fn sequence(&self) -> Result<Option<Box<dyn Sequencing>>, StoreError> {
        sequencing::begin(self).await
    }

    async fn size(&self) -> Result<u64, StoreError> {
        size(&self.internal(Scope::Worker).await?).await
    }

    async fn sequencing_lag(&self, now: Timestamp) -> Result<Duration, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let oldest = tx.fetch_optional(query(OLDEST)).await?;
        let since = oldest.map(|row| Columns::of(&row).time()).transpose();
        let since = since.map_err(|error| StoreError::Fault(format!("an event cannot be read: {error}")))?;
        Ok(since.map_or(Duration::ZERO, |since| now.since(since)))
    }

    async fn leaf_of(&self, event: EventId) -> Result<Option<Leaf>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let row = tx.fetch_optional(query(LEAF).bind(event.uuid())).await?;
        let Some(row) = row else { return Ok(None) };
        let hash = Hash::from_slice(tx.get(&row, "hash")?);
        let hash = hash.map_err(|error| StoreError::Fault(format!("a leaf cannot be read: {error}")))?;
        Ok(Some(Leaf { index: unsigned(tx.get(&row, "index")?), event, hash }))
    }

    async fn entries(&self, from: u64, max: u32) -> Result<Vec<Entry>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let query = query(ENTRIES).bind(signed(from)).bind(i64::from(max));
        Ok(tx.fetch_all(query).await?.iter().filter_map(row::entry).collect())
    }

    async fn own_entries(&self, ctx: &Ctx, from: u64, max: u32) -> Result<Vec<Entry>, StoreError> {
        let tx = self.reading(ctx).await?;
        let mut entries = Vec::new();
        if !tx.can_read("audit", "events") {
            return Ok(entries);
        }
        let (mut from, end, max) = (from, size(&tx).await?, max as usize);
        while from < end && entries.len() < max {
            let to = from.saturating_add(STRIDE);
            let wanted = signed((max - entries.len()) as u64);
            let query = query(OWN_ENTRIES).bind(signed(from)).bind(signed(to)).bind(wanted);
            entries.extend(tx.fetch_all(query).await?.iter().filter_map(row::entry));
            from = to;
        }
        Ok(entries)
    }

    async fn stored_tiles(&self, level: u8, from: u64, max: u32) -> Result<Vec<(Tile, Hash)>, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        let query = query(TILES).bind(i16::from(level)).bind(signed(from)).bind(i64::from(max));
        let rows = tx.fetch_all(query).await?;
        rows.iter().map(|row| stored(&tx, level, row)).collect()
    }

    async fn passed_over(&self) -> Result<u64, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        sequencing::without_timeout(&tx).await?;
        let row = tx.fetch_optional(query(PASSED_OVER)).await?;
        row.map_or(Ok(0), |row| tx.get::<i64>(&row, "events").map(unsigned))
    }
}

pub(super) async fn size(tx: &Tx) -> Result<u64, StoreError> {
    let row = tx.fetch_optional(query(LAST)).await?;
    let last = row.map(|row| tx.get::<Option<i64>>(&row, "last")).transpose()?.flatten();
    Ok(last.map_or(0, |last| unsigned(last).saturating_add(1)))
}

/// A tile as it stands there. One that is not even hashes is given as one that is wrong, for whoever compares to see.
fn stored(tx: &Tx, level: u8, row: &Row) -> Result<(Tile, Hash), StoreError> {
    let id = TileId { level, index: unsigned(tx.get(row, "index")?) };
    let wrong = |_| Tile::new(id, vec![Hash::EMPTY]);
    let tile = Tile::from_bytes(id, tx.get(row, "hashes")?).or_else(wrong);
    let tile = tile.map_err(|error| StoreError::Fault(error.to_string()))?;
    Ok((tile, Hash::from_slice(tx.get(row, "root")?).unwrap_or(Hash::EMPTY)))
}
