//! How the log grows: leaves in, full tiles out.

use crate::{
    frontier::Frontier,
    hash::Hash,
    tile::{Tile, TileError, TileId},
};

/// The right edge of a log, cut into tiles: the partial tile of each level.
///
/// ```
/// use audit::{Hash, TreeAppender};
///
/// let mut appender = TreeAppender::empty();
/// (0..300_u32).for_each(|n| appender.push(Hash::of_leaf(&n.to_be_bytes())));
/// let full = appender.take_full();
/// assert_eq!((appender.size(), full.len()), (300, 1));
/// // What is left is 44 leaves, and on the level above the root of the tile that is full.
/// let needed: Vec<u16> = TreeAppender::needs(300).into_iter().map(|(_, width)| width).collect();
/// assert_eq!(needed, [44, 1]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct TreeAppender {
    size: u64,
    edges: Vec<Edge>,
    full: Vec<Tile>,
}

/// The partial tile of a level, with the roots of the complete runs in it, so that nothing is hashed twice.
#[derive(Debug, Clone, Default)]
struct Edge {
    hashes: Vec<Hash>,
    runs: Frontier,
}

impl Edge {
    fn push(&mut self, hash: Hash) {
        self.hashes.push(hash);
        self.runs.push(hash);
    }
}

impl TreeAppender {
    /// Of a log without leaves.
    pub const fn empty() -> Self {
        Self { size: 0, edges: Vec::new(), full: Vec::new() }
    }

    /// The partial tiles a log of `size` leaves goes on from, with the number of hashes in each; empty ones are left
    /// out. At most 8.
    pub fn needs(size: u64) -> Vec<(TileId, u16)> {
        let ids = (0..TileId::LEVELS).map(|level| {
            let index = size.unbounded_shr((u32::from(level) + 1) * u32::from(Tile::HEIGHT));
            TileId { level, index }
        });
        ids.map(|id| (id, id.width_in(size))).filter(|(_, width)| *width > 0).collect()
    }

    /// Goes on from `size` leaves, given the tiles [`TreeAppender::needs`] names, in any order; what a tile has
    /// more than is needed is left out.
    pub fn restore(size: u64, tiles: impl IntoIterator<Item = Tile>) -> Result<Self, TileError> {
        let needs = Self::needs(size);
        let levels = needs.last().map_or(0, |(id, _)| usize::from(id.level) + 1);
        let mut edges = vec![Edge::default(); levels];
        for tile in tiles {
            let (id, found) = (tile.id(), tile.width());
            let unfit = TileError::Unfit { size, id, width: found };
            let Some((_, width)) = needs.iter().find(|(needed, width)| *needed == id && *width <= found)
            else {
                return Err(unfit);
            };
            let edge = &mut edges[usize::from(id.level)];
            if !edge.hashes.is_empty() {
                return Err(unfit);
            }
            tile.into_hashes().into_iter().take((*width).into()).for_each(|hash| edge.push(hash));
        }
        match needs.iter().find(|(id, _)| edges[usize::from(id.level)].hashes.is_empty()) {
            Some((id, _)) => Err(TileError::Unfit { size, id: *id, width: 0 }),
            None => Ok(Self { size, edges, full: Vec::new() }),
        }
    }

    /// Appends a leaf: one hash on average.
    pub fn push(&mut self, leaf: Hash) {
        self.size += 1;
        let mut hash = leaf;
        for level in 0..TileId::LEVELS {
            if self.edges.len() == usize::from(level) {
                self.edges.push(Edge::default());
            }
            let edge = &mut self.edges[usize::from(level)];
            edge.push(hash);
            if edge.hashes.len() < usize::from(Tile::WIDTH) {
                return;
            }
            let Edge { hashes, runs } = std::mem::take(edge);
            hash = runs.root();
            let index = (self.size >> (u32::from(level + 1) * u32::from(Tile::HEIGHT))) - 1;
            self.full.push(Tile::new(TileId { level, index }, hashes).expect("256 hashes are a tile"));
        }
    }

    /// The tiles that became full since the last time, each once, those of lower levels before those above them.
    pub fn take_full(&mut self) -> Vec<Tile> {
        std::mem::take(&mut self.full)
    }

    /// The number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of the log.
    pub fn root(&self) -> Hash {
        self.edges.iter().fold(None, |right, edge| edge.runs.extend_left(right)).unwrap_or(Hash::EMPTY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(n: u64) -> Hash {
        Hash::of_leaf(&n.to_be_bytes())
    }

    /// A log as a store keeps it: its leaves, and the tiles that are full.
    struct Stored {
        leaves: Vec<Hash>,
        full: Vec<Tile>,
    }

    impl Stored {
        /// So many leaves that are all the same, which costs little.
        fn uniform(full_tiles: u16) -> (Self, Frontier) {
            let count = usize::from(full_tiles);
            let tile = |index| Tile::new(TileId { level: 0, index }, vec![leaf(0); 256]).unwrap();
            let root = tile(0).root().unwrap();
            let mut frontier = Frontier::empty();
            (0..count).for_each(|_| frontier.push_subtree(8, root).unwrap());
            let full = (0..count as u64).map(tile).collect();
            (Self { leaves: vec![leaf(0); 256 * count], full }, frontier)
        }

        fn tile(&self, id: TileId, width: u16) -> Tile {
            let root = |index| {
                let below = TileId { level: id.level - 1, index };
                self.full.iter().find(|tile| tile.id() == below).and_then(Tile::root).unwrap()
            };
            let hash = |n| if id.level == 0 { self.leaves[usize::try_from(n).unwrap()] } else { root(n) };
            Tile::new(id, id.below(width).map(hash).collect()).unwrap()
        }

        fn appender(&self) -> TreeAppender {
            let size = self.leaves.len() as u64;
            let tiles = TreeAppender::needs(size).into_iter().map(|(id, width)| self.tile(id, width));
            TreeAppender::restore(size, tiles).unwrap()
        }
    }

    #[test]
    fn growing_in_any_steps_gives_the_same_root_and_each_full_tile_once() {
        let (mut stored, mut frontier) = Stored::uniform(254);
        let mut appender = stored.appender();
        let mut filled = Vec::new();
        for n in 254 * 256..258 * 256 {
            if [65_279, 65_280, 65_281, 65_535, 65_536, 65_537, 65_792].contains(&n) {
                appender = stored.appender();
            }
            appender.push(leaf(n));
            frontier.push(leaf(n));
            stored.leaves.push(leaf(n));
            if n % 64 == 63 {
                assert_eq!((appender.size(), appender.root()), (n + 1, frontier.root()));
            }
            for tile in appender.take_full() {
                assert_eq!(tile, stored.tile(tile.id(), 256));
                filled.push((tile.id().level, tile.id().index));
                stored.full.push(tile);
            }
        }
        assert_eq!(filled, [(0, 254), (0, 255), (1, 0), (0, 256), (0, 257)]);
    }

    #[test]
    fn a_tile_may_be_wider_than_needed_but_not_narrower_missing_twice_there_or_another() {
        let stored = Stored::uniform(2).0;
        let tile = |level, index, width| stored.tile(TileId { level, index }, width);
        let above = || tile(1, 0, 1);
        let root = TreeAppender::restore(300, [tile(0, 1, 256), above()]).unwrap().root();
        assert_eq!(root, TreeAppender::restore(300, [above(), tile(0, 1, 44)]).unwrap().root());
        for tiles in [
            vec![above(), tile(0, 1, 43)],
            vec![above()],
            vec![above(), tile(0, 1, 44), above()],
            vec![above(), tile(0, 1, 44), tile(0, 0, 44)],
        ] {
            assert!(TreeAppender::restore(300, tiles).is_err());
        }
    }

    #[test]
    fn the_largest_log_needs_a_tile_on_each_level() {
        assert_eq!(TreeAppender::needs(u64::MAX).len(), 8);
        assert_eq!(TreeAppender::needs(0), []);
        assert_eq!(TreeAppender::needs(256), [(TileId { level: 1, index: 0 }, 1)]);
    }
}
