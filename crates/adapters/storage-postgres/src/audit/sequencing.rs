//! Numbering events.
//!
//! Transactions get their numbers when they begin to write and end in any order. What stands below the oldest
//! number that is still running can no longer be joined by anything: up to there a cursor over `(transaction, seq)`
//! misses nothing.
//!
//! Every cluster counts its transactions for itself. After a dump was restored elsewhere, events carry the numbers
//! of the cluster they were written in, and new ones may stand below the cursor. So the cursor names its home: the
//! cluster, the database and the table it was counted in. Where the home is another, the cursor passes over
//! everything once more, from the beginning, and what has no leaf gets one. Then it goes on from its horizon: the
//! oldest transaction that was running when the pass began. What such a one wrote, or a later one, stands behind
//! it; what an earlier one wrote was passed.

use ::audit::{
    Event, Tile, TileId, Tiles,
    ports::{Leaf, Sequencing},
};
use async_trait::async_trait;
use kernel::{Scope, StoreError};
use tokio_postgres::Row;

use super::{
    row::{self, Columns, Unreadable},
    signed, tiles, unsigned,
};
use crate::{
    PostgresStorage,
    driver::{Query, query},
    tx::Tx,
};

/// One process at a time; the number means this and nothing else.
const LOCK: &str = "SELECT pg_try_advisory_xact_lock(7310579611) AS ours";

/// The cluster, the database and the table: a dump that is restored anywhere gets another.
macro_rules! home {
    () => {
        "((SELECT system_identifier FROM pg_control_system()) || '/'
    || (SELECT oid FROM pg_database WHERE datname = current_database()) || '/' || 'audit.events'::regclass::oid)"
    };
}
pub(super) use home;

const STATE: &str = concat!(
    "
SELECT tx::text, seq, home IS NOT DISTINCT FROM ",
    home!(),
    " AS at_home, horizon IS NOT NULL AS passing, (SELECT max(index) FROM audit.leaves) AS last
FROM audit.sequencer"
);

/// Leaves are looked up one by one: a plan that does not know how little waits would read all of them.
const WAITING: &str = concat!(
    "
SELECT e.tx::text, e.seq, l.numbered, ",
    row::event!(),
    "
FROM (
  SELECT * FROM audit.events
  WHERE (tx, seq) > ($1::text::xid8, $2) AND tx < pg_snapshot_xmin(pg_current_snapshot())
  ORDER BY tx, seq LIMIT $3
) e LEFT JOIN LATERAL (SELECT true AS numbered FROM audit.leaves l WHERE l.event_id = e.id LIMIT 1) l ON true
ORDER BY e.tx, e.seq"
);

const WITHOUT_LEAF: &str = concat!(
    "
SELECT e.tx::text, e.seq, NULL::boolean, ",
    row::event!(),
    "
FROM audit.events e
WHERE (e.tx, e.seq) > ($1::text::xid8, $2)
  AND NOT EXISTS (SELECT FROM audit.leaves l WHERE l.event_id = e.id)
ORDER BY e.tx, e.seq LIMIT $3"
);

const BEGIN_PASS: &str = concat!(
    "UPDATE audit.sequencer SET tx = '0', seq = 0, horizon = pg_snapshot_xmin(pg_current_snapshot()), home = ",
    home!()
);

const MOVE: &str = "UPDATE audit.sequencer SET tx = $1::text::xid8, seq = $2";

const END_PASS: &str = "UPDATE audit.sequencer SET tx = horizon, seq = 0, horizon = NULL";

const APPEND: &str = "
WITH leaves AS (
  INSERT INTO audit.leaves (index, event_id, hash) SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bytea[])
)
INSERT INTO audit.tiles (level, index, root, hashes)
SELECT * FROM unnest($4::smallint[], $5::bigint[], $6::bytea[], $7::bytea[])";

/// A transaction's number, as text, and the place of an event in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cursor {
    tx: String,
    seq: i64,
}

struct PostgresSequencing {
    tx: Tx,
    size: u64,
    /// How far `waiting` has come.
    cursor: Cursor,
    /// Whether the cursor passes over what was restored.
    passing: bool,
    /// Whether nothing is left behind the cursor.
    at_end: bool,
}

/// Begins, when nobody else has.
pub(super) async fn begin(storage: &PostgresStorage) -> Result<Option<Box<dyn Sequencing>>, StoreError> {
    loop {
        let tx = storage.internal(Scope::Worker).await?;
        let Some(row) = tx.fetch_optional(query(LOCK)).await? else { return Ok(None) };
        if !tx.get::<bool>(&row, "ours")? {
            return Ok(None);
        }
        // A statement of its own: it must see what the one before left behind.
        let state = tx.fetch_optional(query(STATE)).await?;
        let state = state.ok_or_else(|| fault("its sequencer has lost its place"))?;
        let last: Option<i64> = tx.get(&state, "last")?;
        let size = last.map_or(0, |last| unsigned(last).saturating_add(1));
        let cursor = Cursor { tx: tx.get(&state, "tx")?, seq: tx.get(&state, "seq")? };
        let passing = tx.get(&state, "passing")?;
        if !tx.get(&state, "at_home")? {
            tracing::info!("the audit trail is in a new place: a first start, or a dump that was restored");
            tx.execute(query(BEGIN_PASS)).await?;
        } else if passing && !is_anything_left(&tx, &cursor).await? {
            tx.execute(query(END_PASS)).await?;
        } else {
            return Ok(Some(Box::new(PostgresSequencing { tx, size, cursor, passing, at_end: false })));
        }
        tx.commit().await?;
    }
}

async fn is_anything_left(tx: &Tx, cursor: &Cursor) -> Result<bool, StoreError> {
    without_timeout(tx).await?;
    Ok(tx.fetch_optional(after(WITHOUT_LEAF, cursor, 1)).await?.is_some())
}

fn after<'q>(sql: &'static str, Cursor { tx, seq }: &'q Cursor, max: usize) -> Query<'q> {
    query(sql).bind(tx).bind(*seq).bind(signed(max as u64))
}

/// For what looks through the whole log, once.
pub(super) async fn without_timeout(tx: &Tx) -> Result<(), StoreError> {
    tx.execute(query("SELECT set_config('statement_timeout', '0', true)")).await.map(|_| ())
}

#[async_trait]
impl Tiles for PostgresSequencing {
    async fn tile(&self, id: TileId, width: u16) -> Result<Tile, StoreError> {
        tiles::read(&self.tx, id, width).await
    }
}

#[async_trait]
impl Sequencing for PostgresSequencing {
    fn size(&self) -> u64 {
        self.size
    }

    fn tiles(&self) -> &dyn Tiles {
        self
    }

    async fn waiting(&mut self, max: u32) -> Result<Vec<Event>, StoreError> {
        let sql = if self.passing { WITHOUT_LEAF } else { WAITING };
        let (mut events, max) = (Vec::new(), max as usize);
        while events.len() < max {
            let wanted = max - events.len();
            let rows = self.tx.fetch_all(after(sql, &self.cursor, wanted)).await?;
            for row in &rows {
                let (cursor, event) = self.read(row)?;
                self.cursor = cursor;
                events.extend(event);
            }
            if rows.len() < wanted {
                self.at_end = true;
                break;
            }
        }
        Ok(events)
    }

    async fn append(&mut self, leaves: &[Leaf], full: &[Tile]) -> Result<(), StoreError> {
        let indexes: Vec<i64> = leaves.iter().map(|leaf| signed(leaf.index)).collect();
        let events: Vec<_> = leaves.iter().map(|leaf| leaf.event.uuid()).collect();
        let hashes: Vec<&[u8]> = leaves.iter().map(|leaf| &leaf.hash.as_bytes()[..]).collect();
        let roots: Option<Vec<_>> = full.iter().map(Tile::root).collect();
        let roots = roots.ok_or_else(|| self.tx.fail(fault("a tile that is not full was to be kept")))?;
        let append = query(APPEND)
            .bind(indexes)
            .bind(events)
            .bind(hashes)
            .bind(full.iter().map(|tile| i16::from(tile.id().level)).collect::<Vec<_>>())
            .bind(full.iter().map(|tile| signed(tile.id().index)).collect::<Vec<_>>())
            .bind(roots.iter().map(|root| &root.as_bytes()[..]).collect::<Vec<_>>())
            .bind(full.iter().map(Tile::to_bytes).collect::<Vec<_>>());
        self.tx.execute(append).await?;
        self.size += leaves.len() as u64;
        let Cursor { tx, seq } = &self.cursor;
        self.tx.execute(query(MOVE).bind(tx).bind(seq)).await?;
        if self.passing && self.at_end {
            self.tx.execute(query(END_PASS)).await?;
        }
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.tx.commit().await
    }
}

impl PostgresSequencing {
    /// The place of a row, and its event unless that has its number.
    fn read(&self, row: &Row) -> Result<(Cursor, Option<Event>), StoreError> {
        let mut columns = Columns::of(row);
        let mut read = || {
            let cursor = Cursor { tx: columns.next()?, seq: columns.next()? };
            let numbered = columns.next::<Option<bool>>()?.is_some();
            Ok((cursor, if numbered { None } else { Some(columns.event()?) }))
        };
        read().map_err(|error: Unreadable| self.tx.fail(fault(&format!("an event cannot be read: {error}"))))
    }
}

fn fault(what: &str) -> StoreError {
    StoreError::Fault(format!("the audit trail cannot be numbered: {what}"))
}
