//! The stored tiles, each compared with what the leaves come to.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use audit::{Hash, Tile, TileId, TreeAppender, ports::Ledger};
use kernel::StoreError;

use super::findings::Findings;

/// How many tiles are read at a time: half a megabyte.
const PAGE: u32 = 64;

/// Follows the log leaf by leaf and looks up every tile it completes.
pub(super) struct Tiles {
    ledger: Arc<dyn Ledger>,
    /// `None` behind a gap, where no tile can be computed.
    appender: Option<TreeAppender>,
    levels: HashMap<u8, StoredTiles>,
}

/// The stored tiles of a level, in order.
#[derive(Default)]
struct StoredTiles {
    read: VecDeque<(Tile, Hash)>,
    /// The first that was not read.
    next: u64,
}

impl Tiles {
    pub(super) fn of(ledger: Arc<dyn Ledger>) -> Self {
        Self { ledger, appender: Some(TreeAppender::empty()), levels: HashMap::new() }
    }

    /// Takes the stored leaf of the next entry.
    pub(super) fn feed(&mut self, index: u64, leaf: Hash) {
        match &mut self.appender {
            Some(appender) if appender.size() == index => appender.push(leaf),
            appender => *appender = None,
        }
    }

    /// Compares the tiles that became full.
    pub(super) async fn compare(&mut self, findings: &mut Findings) -> Result<(), StoreError> {
        let full = self.appender.as_mut().map(TreeAppender::take_full).unwrap_or_default();
        for expected in full {
            let TileId { level, index } = expected.id();
            match self.stored(expected.id()).await? {
                None => findings.add(format!("the tile {level}/{index} is missing")),
                Some((stored, root)) => differences(&expected, &stored, root, findings),
            }
        }
        Ok(())
    }

    /// Looks for tiles over entries the log does not have; `size` is read after everything else, for a log may grow.
    pub(super) async fn finish(mut self, findings: &mut Findings) -> Result<(), StoreError> {
        if self.appender.is_none() {
            findings.remark("tiles behind the missing entries were not compared");
            return Ok(());
        }
        for level in 0..TileId::LEVELS {
            let stored = self.levels.remove(&level).unwrap_or_default();
            let rest = match stored.read.front() {
                Some((tile, _)) => Some(tile.id()),
                None => {
                    self.ledger.stored_tiles(level, stored.next, 1).await?.first().map(|(tile, _)| tile.id())
                }
            };
            let Some(TileId { index, .. }) = rest else { continue };
            let leaves = 1_u64.checked_shl((u32::from(level) + 1) * u32::from(Tile::HEIGHT));
            let end = leaves.and_then(|leaves| leaves.checked_mul(index.saturating_add(1)));
            if end.unwrap_or(u64::MAX) > self.ledger.size().await? {
                findings.add(format!("the tile {level}/{index} stands over entries that are not in the log"));
            }
        }
        Ok(())
    }

    /// The stored tile, if it is there. Tiles of a level are asked for in their order.
    async fn stored(&mut self, id: TileId) -> Result<Option<(Tile, Hash)>, StoreError> {
        let stored = self.levels.entry(id.level).or_default();
        while stored.read.front().is_some_and(|(tile, _)| tile.id().index < id.index) {
            stored.read.pop_front();
        }
        if stored.read.is_empty() {
            stored.next = stored.next.max(id.index);
            stored.read = self.ledger.stored_tiles(id.level, stored.next, PAGE).await?.into();
            if let Some((last, _)) = stored.read.back() {
                stored.next = last.id().index.saturating_add(1);
            }
        }
        Ok(stored.read.pop_front_if(|(tile, _)| tile.id() == id))
    }
}

fn differences(expected: &Tile, stored: &Tile, root: Hash, findings: &mut Findings) {
    let TileId { level, index } = expected.id();
    let mut pairs = expected.hashes().iter().zip(stored.hashes());
    if let Some(place) = pairs.position(|(expected, stored)| expected != stored) {
        let below = expected.id().below(Tile::WIDTH).start + place as u64;
        let what = match level.checked_sub(1) {
            None => format!("the leaf of entry {below}"),
            Some(level) => format!("the root of the tile {level}/{below}"),
        };
        findings.add(format!("the tile {level}/{index} does not hold {what}"));
    } else if stored.hashes().len() != expected.hashes().len() {
        findings.add(format!("the tile {level}/{index} does not have all its hashes"));
    }
    if expected.root() != Some(root) {
        findings.add(format!("the root of the tile {level}/{index} is not the one over its hashes"));
    }
}
