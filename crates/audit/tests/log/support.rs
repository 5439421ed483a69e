//! A log in memory, and what tests ask of it.

use std::{
    pin::pin,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use audit::{Hash, SignerKey, Tile, TileId, Tiles};
use kernel::StoreError;

/// In memory nothing waits: a future is ready when it is first asked.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("storage in memory never waits"),
    }
}

/// The leaf of the `n`-th event.
pub(crate) fn leaf(n: u64) -> Hash {
    Hash::of_leaf(&n.to_be_bytes())
}

pub(crate) fn signer() -> SignerKey {
    SignerKey::from_seed("example.org/log", &[7; 32]).expect("a name")
}

/// The tree of a log by the definition of RFC 9162 section 2.1.1, word for word.
pub(crate) fn defined_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::EMPTY,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            Hash::of_node(defined_root(left), defined_root(right))
        }
    }
}

/// A place in a list.
pub(crate) fn place(n: u64) -> usize {
    usize::try_from(n).expect("tests are small")
}

/// A log that answers with tiles put together from its leaves.
pub(crate) struct Memory(pub(crate) Vec<Hash>);

impl Memory {
    pub(crate) fn of(size: u64) -> Self {
        Self((0..size).map(leaf).collect())
    }

    pub(crate) fn root(&self) -> Hash {
        defined_root(&self.0)
    }
}

#[async_trait]
impl Tiles for Memory {
    async fn tile(&self, id: TileId, width: u16) -> Result<Tile, StoreError> {
        let below = 256_u64.pow(id.level.into());
        let hashes = id.below(width).map(|n| defined_root(&self.0[place(n * below)..place((n + 1) * below)]));
        Tile::new(id, hashes.collect()).map_err(|error| StoreError::Fault(error.to_string()))
    }
}

/// A log of any size whose leaves are all the same, so that its tiles cost nothing. It notes what was asked for.
pub(crate) struct Uniform {
    levels: Vec<Hash>,
    asked: Mutex<Vec<TileId>>,
}

impl Uniform {
    pub(crate) fn new() -> Self {
        let levels = std::iter::successors(Some(leaf(0)), |below| Some(Hash::of_node(*below, *below)));
        Self { levels: levels.take(64).collect(), asked: Mutex::default() }
    }

    /// The root of a complete subtree.
    pub(crate) fn level(&self, level: u8) -> Hash {
        self.levels[usize::from(level)]
    }

    /// What was asked for since the last time.
    pub(crate) fn asked(&self) -> Vec<TileId> {
        std::mem::take(&mut self.asked.lock().expect("nobody panics"))
    }
}

#[async_trait]
impl Tiles for Uniform {
    async fn tile(&self, id: TileId, width: u16) -> Result<Tile, StoreError> {
        self.asked.lock().expect("nobody panics").push(id);
        let hashes = vec![self.level(8 * id.level); width.into()];
        Tile::new(id, hashes).map_err(|error| StoreError::Fault(error.to_string()))
    }
}
