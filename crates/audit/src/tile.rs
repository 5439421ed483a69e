//! Tiles: the tree cut into pieces of 256 hashes, as C2SP tlog-tiles cuts it (<https://c2sp.org/tlog-tiles>).

use std::ops::Range;

use crate::hash::Hash;

/// Names a tile: the `index`-th of its `level`.
///
/// A tile of level t holds the roots of complete subtrees of 256^t leaves: on level 0 the leaves' own hashes, above
/// it the roots of the full tiles below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// From 0 to 7.
    pub level: u8,
    /// From 0.
    pub index: u64,
}

impl TileId {
    /// How many levels of tiles the largest log has.
    pub const LEVELS: u8 = 8;

    /// Which leaves (on level 0) or full tiles of the level below stand behind the first `width` hashes.
    pub fn below(self, width: u16) -> Range<u64> {
        let first = self.index.saturating_mul(Tile::WIDTH.into());
        first..first.saturating_add(width.into())
    }

    /// How many hashes the tile has in a log of `size` leaves: 0 to 256.
    pub fn width_in(self, size: u64) -> u16 {
        let hashes = size.unbounded_shr(u32::from(self.level) * u32::from(Tile::HEIGHT));
        let before = self.index.saturating_mul(u64::from(Tile::WIDTH));
        u16::try_from(hashes.saturating_sub(before)).map_or(Tile::WIDTH, |width| width.min(Tile::WIDTH))
    }
}

/// 1 to 256 neighbouring hashes of a level; fewer only at the right edge of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    id: TileId,
    hashes: Vec<Hash>,
}

impl Tile {
    /// How many levels of the tree a tile spans.
    pub const HEIGHT: u8 = 8;
    /// How many hashes a full tile has.
    pub const WIDTH: u16 = 1 << Self::HEIGHT;

    /// Checks the level and the number of hashes.
    pub fn new(id: TileId, hashes: Vec<Hash>) -> Result<Self, TileError> {
        if id.level >= TileId::LEVELS {
            Err(TileError::Level(id.level))
        } else if hashes.is_empty() || hashes.len() > Self::WIDTH.into() {
            Err(TileError::Width(hashes.len()))
        } else {
            Ok(Self { id, hashes })
        }
    }

    /// Takes the hashes end to end, as a tile is stored and served.
    pub fn from_bytes(id: TileId, bytes: &[u8]) -> Result<Self, TileError> {
        let (hashes, rest) = bytes.as_chunks::<{ Hash::LENGTH }>();
        if !rest.is_empty() {
            return Err(TileError::Torn(bytes.len()));
        }
        Self::new(id, hashes.iter().copied().map(Hash::from_bytes).collect())
    }

    /// The hashes end to end.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(Hash::as_bytes).copied().collect()
    }

    /// Which tile it is.
    pub const fn id(&self) -> TileId {
        self.id
    }

    /// The hashes, from left to right.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// How many hashes it has.
    pub fn width(&self) -> u16 {
        u16::try_from(self.hashes.len()).expect("`new` lets at most 256 pass")
    }

    /// Whether it has all 256 and will never change.
    pub fn is_full(&self) -> bool {
        self.width() == Self::WIDTH
    }

    /// The root over a full tile, which is a hash of the tile above.
    pub fn root(&self) -> Option<Hash> {
        self.node(Self::HEIGHT, 0)
    }

    /// The root over the `index`-th run of 2^`height` hashes; `None` where the tile has not all of them.
    pub fn node(&self, height: u8, index: u64) -> Option<Hash> {
        let run = 1_usize.checked_shl(height.into())?;
        let first = usize::try_from(index).ok()?.checked_mul(run)?;
        let mut hashes = self.hashes.get(first..first.checked_add(run)?)?.to_vec();
        while hashes.len() > 1 {
            hashes = hashes.as_chunks().0.iter().map(|&[left, right]| Hash::of_node(left, right)).collect();
        }
        hashes.pop()
    }

    pub(crate) fn into_hashes(self) -> Vec<Hash> {
        self.hashes
    }
}

/// A tile that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Trees of 2^64 leaves have no such level.
    #[error("a tile's level is from 0 to 7, not {0}")]
    Level(u8),
    /// It has no hashes, or too many.
    #[error("a tile has from 1 to 256 hashes, not {0}")]
    Width(usize),
    /// Its bytes are not a whole number of hashes.
    #[error("a tile is a multiple of 32 bytes, not {0}")]
    Torn(usize),
    /// A log of this size has no such tile, or the tile is narrower than it must be.
    #[error("a log of {size} leaves cannot go on from the tile {}/{} of {width} hashes", id.level, id.index)]
    Unfit {
        /// The number of leaves.
        size: u64,
        /// The tile that was given, or that is missing.
        id: TileId,
        /// How many hashes were given; 0 when it is missing.
        width: u16,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(width: u16) -> Tile {
        let hashes = (0..width).map(|n| Hash::of_leaf(&n.to_be_bytes())).collect();
        Tile::new(TileId { level: 0, index: 3 }, hashes).unwrap()
    }

    #[test]
    fn a_run_of_hashes_has_a_root_when_it_is_complete() {
        let tile = tile(6);
        let [h0, h1, h2, h3, h4, h5] = *tile.hashes().first_chunk().unwrap();
        let left = Hash::of_node(Hash::of_node(h0, h1), Hash::of_node(h2, h3));
        assert_eq!(tile.node(2, 0), Some(left));
        assert_eq!(tile.node(1, 2), Some(Hash::of_node(h4, h5)));
        assert_eq!(tile.node(0, 5), Some(h5));
        for (height, index) in [(2, 1), (0, 6), (8, 0), (63, 1), (64, 0), (3, u64::MAX)] {
            assert_eq!(tile.node(height, index), None, "{height} {index}");
        }
    }

    #[test]
    fn only_a_full_tile_has_a_root() {
        assert!(tile(256).is_full() && tile(256).root().is_some());
        assert!(!tile(255).is_full() && tile(255).root().is_none());
    }

    #[test]
    fn a_tile_has_from_one_to_256_whole_hashes() {
        let id = TileId { level: 7, index: 0 };
        assert_eq!(Tile::from_bytes(tile(6).id(), &tile(6).to_bytes()), Ok(tile(6)));
        assert_eq!(Tile::from_bytes(id, &[0; 33]), Err(TileError::Torn(33)));
        assert_eq!(Tile::from_bytes(id, &[]), Err(TileError::Width(0)));
        assert_eq!(Tile::from_bytes(id, &[0; 257 * 32]), Err(TileError::Width(257)));
        assert_eq!(Tile::from_bytes(TileId { level: 8, index: 0 }, &[0; 32]), Err(TileError::Level(8)));
    }

    #[test]
    fn seventy_thousand_leaves_have_the_tiles_of_the_specifications_example() {
        let width = |level, index| TileId { level, index }.width_in(70_000);
        assert_eq!((width(0, 272), width(0, 273), width(0, 274)), (256, 112, 0));
        assert_eq!((width(1, 0), width(1, 1), width(1, 2)), (256, 17, 0));
        assert_eq!((width(2, 0), width(3, 0)), (1, 0));
        assert_eq!(TileId { level: 1, index: 1 }.below(17), 256..273);
        assert_eq!(TileId { level: 7, index: u64::MAX }.width_in(u64::MAX), 0);
    }
}
