//! The leaves and the tree over them.

use std::{ops::Range, time::Duration};

use async_trait::async_trait;
use audit::{
    Hash, Tile, TileId, Tiles,
    event::{Event, EventId, WITHHELD},
    ports::{Entry, Leaf, Ledger, Sequencing},
};
use kernel::{Ctx, StoreError, Timestamp};

use super::sequencing::MemorySequencing;
use crate::{
    MemoryStorage,
    trail::{Trail, event_index::IndexKey},
};

const HOUR: Duration = Duration::from_secs(3600);

impl Trail {
    /// How many events have a number.
    pub(super) fn size(&self) -> usize {
        self.leaves.len()
    }

    /// The events without a number, in the order they will get one.
    pub(super) fn waiting(&self) -> &[Event] {
        &self.events[self.size()..]
    }

    /// The positions of up to `max` leaves from `from` on.
    fn leaves(&self, from: u64, max: u32) -> Range<usize> {
        let first = usize::try_from(from).unwrap_or(usize::MAX).min(self.size());
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        first..first.saturating_add(max).min(self.size())
    }

    fn entry(&self, position: usize) -> Entry {
        let event = self.events[position].clone();
        let leaf = Leaf { index: position as u64, event: event.id, hash: self.leaves[position] };
        Entry { leaf, event: Ok(event) }
    }

    pub(super) fn leaf_hash(&self, index: u64) -> Option<Hash> {
        self.leaves.get(usize::try_from(index).ok()?).copied()
    }

    pub(super) fn full_tile(&self, id: TileId) -> Option<&(Tile, Hash)> {
        self.full.get(&id)
    }
}

/// The first hashes of a tile, from the leaves and the full tiles below it.
pub(super) fn cut(
    id: TileId,
    width: u16,
    leaf: impl Fn(u64) -> Option<Hash>,
    full: impl Fn(TileId) -> Option<Hash>,
) -> Result<Tile, StoreError> {
    let hash = |index| match id.level.checked_sub(1) {
        None => leaf(index),
        Some(level) => full(TileId { level, index }),
    };
    let hashes: Option<Vec<Hash>> = id.below(width).map(hash).collect();
    let absent =
        || StoreError::Fault(format!("the log has no {width} hashes of tile {}/{}", id.level, id.index));
    hashes.and_then(|hashes| Tile::new(id, hashes).ok()).ok_or_else(absent)
}

/// Since when an event waits, at the latest: one that tells its hour alone, since that hour ended.
fn waits_since(event: &Event) -> Timestamp {
    if event.actor.kind == WITHHELD { event.occurred_at.plus(HOUR) } else { event.occurred_at }
}

#[async_trait]
impl Tiles for MemoryStorage {
    async fn tile(&self, id: TileId, width: u16) -> Result<Tile, StoreError> {
        let trail = &self.shared.read().trail;
        match trail.full_tile(id) {
            Some((tile, _)) => Ok(tile.clone()),
            None => cut(
                id,
                width,
                |index| trail.leaf_hash(index),
                |id| trail.full_tile(id).map(|(_, root)| *root),
            ),
        }
    }
}

#[async_trait]
impl Ledger for MemoryStorage {
    async fn sequence(&self) -> Result<Option<Box<dyn Sequencing>>, StoreError> {
        Ok(MemorySequencing::begin(&self.shared)
            .map(|sequencing| Box::new(sequencing) as Box<dyn Sequencing>))
    }

    async fn size(&self) -> Result<u64, StoreError> {
        Ok(self.shared.read().trail.size() as u64)
    }

    async fn sequencing_lag(&self, now: Timestamp) -> Result<Duration, StoreError> {
        let state = self.shared.read();
        let oldest = state.trail.waiting().iter().map(waits_since).min();
        Ok(oldest.map_or(Duration::ZERO, |oldest| now.since(oldest)))
    }

    async fn leaf_of(&self, event: EventId) -> Result<Option<Leaf>, StoreError> {
        let trail = &self.shared.read().trail;
        let position = trail.positions.get(&event).copied().filter(|position| *position < trail.size());
        Ok(position.map(|position| trail.entry(position).leaf))
    }

    async fn entries(&self, from: u64, max: u32) -> Result<Vec<Entry>, StoreError> {
        let trail = &self.shared.read().trail;
        Ok(trail.leaves(from, max).map(|position| trail.entry(position)).collect())
    }

    async fn own_entries(&self, ctx: &Ctx, from: u64, max: u32) -> Result<Vec<Entry>, StoreError> {
        let trail = &self.shared.read().trail;
        let index = IndexKey::within(ctx.scope).and_then(|key| trail.indexes.get(&key));
        let Some(index) = index else { return Ok(Vec::new()) };
        let own = index.within(&trail.leaves(from, u32::MAX));
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        Ok(own.iter().take(max).map(|position| trail.entry(*position)).collect())
    }

    async fn stored_tiles(&self, level: u8, from: u64, max: u32) -> Result<Vec<(Tile, Hash)>, StoreError> {
        let trail = &self.shared.read().trail;
        let of_level = TileId { level, index: from }..=TileId { level, index: u64::MAX };
        let tiles = trail.full.range(of_level).map(|(_, tile)| tile.clone());
        Ok(tiles.take(usize::try_from(max).unwrap_or(usize::MAX)).collect())
    }

    async fn passed_over(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}
