//! Making proofs from tiles: a handful of them, whatever the size of the log.

use std::{
    collections::{BTreeMap, btree_map},
    ops::Range,
};

use async_trait::async_trait;
use kernel::StoreError;

use super::{ConsistencyProof, InclusionProof, ProofError, check_sizes};
use crate::{
    hash::Hash,
    tile::{Tile, TileId},
};

/// The tiles of a log.
#[async_trait]
pub trait Tiles: Send + Sync {
    /// The first `width` hashes of a tile, 1 to 256; more may be returned. They are asked for only where the log has
    /// them. MUST be what the log has now or had before: a log only grows.
    async fn tile(&self, id: TileId, width: u16) -> Result<Tile, StoreError>;
}

/// A proof that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// There is no such proof.
    #[error(transparent)]
    Refused(#[from] ProofError),
    /// The tiles could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Shows that the leaf `index` is in the log of `size` leaves (RFC 9162 section 2.1.3.1). `size` must not be larger
/// than the log.
pub async fn prove_inclusion(tiles: &dyn Tiles, index: u64, size: u64) -> Result<InclusionProof, ProveError> {
    if index >= size {
        return Err(ProofError::Outside { index, size }.into());
    }
    let mut parts = Vec::new();
    let mut tree = 0..size;
    while let Some(middle) = split(&tree) {
        let (inner, beside) = halves(tree, middle, index < middle);
        parts.push(beside);
        tree = inner;
    }
    Ok(InclusionProof { index, size, path: Fetched::new(tiles, size).path(parts).await? })
}

/// Shows that the log of `to` leaves begins with that of `from` leaves (RFC 9162 section 2.1.4.1). `to` must not be
/// larger than the log.
pub async fn prove_consistency(
    tiles: &dyn Tiles,
    from: u64,
    to: u64,
) -> Result<ConsistencyProof, ProveError> {
    check_sizes(from, to)?;
    let mut parts = Vec::new();
    let mut tree = 0..to;
    while tree.end != from {
        let Some(middle) = split(&tree) else { break };
        let (inner, beside) = halves(tree, middle, from <= middle);
        parts.push(beside);
        tree = inner;
    }
    // The verifier has the root of the smaller log; the subtree it ends with is told unless it is all of it.
    if tree.start > 0 {
        parts.push(tree);
    }
    Ok(ConsistencyProof { from, to, path: Fetched::new(tiles, to).path(parts).await? })
}

/// The root of the first `size` leaves, which must not be more than the log has.
pub async fn root_at(tiles: &dyn Tiles, size: u64) -> Result<Hash, StoreError> {
    Fetched::new(tiles, size).root(0..size).await
}

/// Where a tree of more than one leaf divides: the left half is the largest complete tree that leaves a right one.
fn split(tree: &Range<u64>) -> Option<u64> {
    let last = tree.end.checked_sub(tree.start)?.checked_sub(1)?;
    last.checked_ilog2().map(|height| tree.start + (1 << height))
}

/// The half the way goes into, and the other.
const fn halves(tree: Range<u64>, middle: u64, goes_left: bool) -> (Range<u64>, Range<u64>) {
    let (left, right) = (tree.start..middle, middle..tree.end);
    if goes_left { (left, right) } else { (right, left) }
}

/// The tiles of a log of `size` leaves, each read once.
struct Fetched<'a> {
    tiles: &'a dyn Tiles,
    size: u64,
    read: BTreeMap<TileId, Tile>,
}

impl<'a> Fetched<'a> {
    const fn new(tiles: &'a dyn Tiles, size: u64) -> Self {
        Self { tiles, size, read: BTreeMap::new() }
    }

    /// The roots of the parts, the last first: they were found from the root downwards, and are told from below.
    async fn path(mut self, parts: Vec<Range<u64>>) -> Result<Vec<Hash>, StoreError> {
        let mut path = Vec::with_capacity(parts.len());
        for part in parts.into_iter().rev() {
            path.push(self.root(part).await?);
        }
        Ok(path)
    }

    /// The root over these leaves, which are a subtree: they begin at a multiple of the largest power of two in
    /// their number, and are complete or reach to the end of the log.
    async fn root(&mut self, leaves: Range<u64>) -> Result<Hash, StoreError> {
        let mut peaks = Vec::new();
        let mut first = leaves.start;
        while let Some(level) = (leaves.end - first).checked_ilog2() {
            peaks.push(self.subtree(level, first >> level).await?);
            first += 1 << level;
        }
        let root = peaks.into_iter().rev().reduce(|right, left| Hash::of_node(left, right));
        Ok(root.unwrap_or(Hash::EMPTY))
    }

    /// The root of the `index`-th complete subtree of 2^`level` leaves.
    async fn subtree(&mut self, level: u32, index: u64) -> Result<Hash, StoreError> {
        let tile_height = u32::from(Tile::HEIGHT);
        let height = level % tile_height;
        let beside = index % (1 << (tile_height - height));
        let level = u8::try_from(level / tile_height).expect("a u64 has 64 bits");
        let id = TileId { level, index: index >> (tile_height - height) };
        let tile = match self.read.entry(id) {
            btree_map::Entry::Occupied(read) => read.into_mut(),
            btree_map::Entry::Vacant(unread) => {
                let width = id.width_in(self.size);
                unread.insert(self.tiles.tile(id, width).await?)
            }
        };
        let node = u8::try_from(height).ok().and_then(|height| tile.node(height, beside));
        node.filter(|_| tile.id() == id).ok_or_else(|| {
            let (width, found) = (id.width_in(self.size), tile.width());
            StoreError::Fault(format!("the tile {}/{} has {found} of {width} hashes", id.level, id.index))
        })
    }
}
