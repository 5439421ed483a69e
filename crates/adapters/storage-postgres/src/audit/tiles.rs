//! Tiles of the tree: full ones are kept, others follow from what is below them.

use ::audit::{Hash, ParseHashError, Tile, TileId, Tiles};
use async_trait::async_trait;
use kernel::{Scope, StoreError};

use super::signed;
use crate::{PostgresStorage, driver::query, tx::Tx};

const FULL: &str = "SELECT hashes FROM audit.tiles WHERE level = $1 AND index = $2";

const LEAVES: &str = "
SELECT index, hash FROM audit.leaves WHERE index >= $1 AND index < $2 ORDER BY index";

const ROOTS: &str = "
SELECT index, root AS hash FROM audit.tiles WHERE level = $3 AND index >= $1 AND index < $2 ORDER BY index";

#[async_trait]
impl Tiles for PostgresStorage {
    async fn tile(&self, id: TileId, width: u16) -> Result<Tile, StoreError> {
        let tx = self.internal(Scope::Worker).await?;
        read(&tx, id, width).await
    }
}

/// The tile as the transaction sees it.
pub(super) async fn read(tx: &Tx, id: TileId, width: u16) -> Result<Tile, StoreError> {
    if width == Tile::WIDTH
        && let Some(tile) = full(tx, id).await?
    {
        return Ok(tile);
    }
    let hashes = below(tx, id).await?;
    Tile::new(id, hashes).map_err(|_| tx.fail(missing_or_damaged(id)))
}

async fn full(tx: &Tx, id: TileId) -> Result<Option<Tile>, StoreError> {
    let query = query(FULL).bind(i16::from(id.level)).bind(signed(id.index));
    let Some(row) = tx.fetch_optional(query).await? else { return Ok(None) };
    let hashes: Vec<u8> = tx.get(&row, "hashes")?;
    Tile::from_bytes(id, &hashes).map(Some).map_err(|_| tx.fail(missing_or_damaged(id)))
}

/// What is there, up to the first gap.
async fn below(tx: &Tx, id: TileId) -> Result<Vec<Hash>, StoreError> {
    let places = id.below(Tile::WIDTH);
    let query = query(if id.level == 0 { LEAVES } else { ROOTS });
    let query = query.bind(signed(places.start)).bind(signed(places.end));
    let query = match id.level.checked_sub(1) {
        Some(level) => query.bind(i16::from(level)),
        None => query,
    };
    let mut hashes = Vec::new();
    for (row, place) in tx.fetch_all(query).await?.iter().zip(places) {
        if tx.get::<i64>(row, "index")? != signed(place) {
            break;
        }
        let hash = Hash::from_slice(tx.get(row, "hash")?);
        hashes.push(hash.map_err(|ParseHashError| tx.fail(missing_or_damaged(id)))?);
    }
    Ok(hashes)
}

fn missing_or_damaged(TileId { level, index }: TileId) -> StoreError {
    StoreError::Fault(format!("the tile {level}/{index} of the audit trail is missing or broken"))
}
