//! Numbering in progress.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use audit::{
    Hash, Tile, TileId, Tiles,
    event::Event,
    ports::{Leaf, Sequencing},
};
use kernel::StoreError;
use tokio::sync::OwnedMutexGuard;

use super::ledger::cut;
use crate::Shared;

/// Leaves and tiles beside what is committed, which nobody else adds to meanwhile.
pub(super) struct MemorySequencing {
    shared: Arc<Shared>,
    committed: usize,
    leaves: Vec<Hash>,
    full: BTreeMap<TileId, (Tile, Hash)>,
    _guard: OwnedMutexGuard<()>,
}

impl MemorySequencing {
    /// Takes the lock, unless another has it.
    pub(super) fn begin(shared: &Arc<Shared>) -> Option<Self> {
        let guard = shared.sequencer.clone().try_lock_owned().ok()?;
        let committed = shared.read().trail.size();
        let (leaves, full) = (Vec::new(), BTreeMap::new());
        Some(Self { shared: shared.clone(), committed, leaves, full, _guard: guard })
    }

    fn position(&self) -> usize {
        self.committed + self.leaves.len()
    }

    fn leaf_hash(&self, index: u64) -> Option<Hash> {
        let position = usize::try_from(index).ok()?;
        match position.checked_sub(self.committed) {
            None => self.shared.read().trail.leaf_hash(index),
            Some(new) => self.leaves.get(new).copied(),
        }
    }

    fn full_tile(&self, id: TileId) -> Option<(Tile, Hash)> {
        self.full.get(&id).cloned().or_else(|| self.shared.read().trail.full_tile(id).cloned())
    }
}

#[async_trait]
impl Tiles for MemorySequencing {
    async fn tile(&self, id: TileId, width: u16) -> Result<Tile, StoreError> {
        match self.full_tile(id) {
            Some((tile, _)) => Ok(tile),
            None => {
                cut(id, width, |index| self.leaf_hash(index), |id| self.full_tile(id).map(|(_, root)| root))
            }
        }
    }
}

#[async_trait]
impl Sequencing for MemorySequencing {
    fn size(&self) -> u64 {
        self.position() as u64
    }

    fn tiles(&self) -> &dyn Tiles {
        self
    }

    async fn waiting(&mut self, max: u32) -> Result<Vec<Event>, StoreError> {
        let state = self.shared.read();
        let events = state.trail.waiting().iter().skip(self.leaves.len());
        Ok(events.take(usize::try_from(max).unwrap_or(usize::MAX)).cloned().collect())
    }

    async fn append(&mut self, leaves: &[Leaf], full: &[Tile]) -> Result<(), StoreError> {
        let waiting = self.waiting(u32::try_from(leaves.len()).unwrap_or(u32::MAX)).await?;
        let next = (self.size()..).zip(waiting.iter().map(|event| event.id));
        if !next.eq(leaves.iter().map(|leaf| (leaf.index, leaf.event))) {
            return Err(StoreError::Fault("leaves stand in the order of the events that wait".to_owned()));
        }
        for tile in full {
            let root =
                tile.root().ok_or_else(|| StoreError::Fault("a tile that is kept is full".to_owned()))?;
            self.full.insert(tile.id(), (tile.clone(), root));
        }
        self.leaves.extend(leaves.iter().map(|leaf| leaf.hash));
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { shared, committed: _, leaves, full, _guard } = *self;
        let trail = &mut shared.write().trail;
        trail.leaves.extend(leaves);
        trail.full.extend(full);
        Ok(())
    }
}
