//! Proofs anyone can check: that an entry is in the log, and that the log only grew (RFC 9162 section 2.1).

mod making;

use serde::{Deserialize, Serialize};

pub use self::making::{ProveError, Tiles, prove_consistency, prove_inclusion, root_at};
use crate::hash::Hash;

/// Shows that the leaf `index` is in the log of `size` leaves. Anybody may have written it: believe what
/// [`InclusionProof::verify`] says, nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InclusionProof {
    /// The leaf's place, from 0.
    pub index: u64,
    /// The number of leaves of the log it is shown to be in.
    pub size: u64,
    /// The hashes beside the way from the leaf to the root, from below.
    pub path: Vec<Hash>,
}

impl InclusionProof {
    /// Whether a leaf with this hash stands at `index` of the log with this root (RFC 9162 section 2.1.3.2).
    pub fn verify(&self, leaf: Hash, root: Hash) -> Result<(), ProofError> {
        let Self { index, size, ref path } = *self;
        if index >= size {
            return Err(ProofError::Outside { index, size });
        }
        let mut way = Way { node: index, last: size - 1 };
        let mut hash = leaf;
        for beside in path {
            hash = if way.up()? { Hash::of_node(*beside, hash) } else { Hash::of_node(hash, *beside) };
        }
        way.arrived()?;
        agrees(hash, root, size)
    }
}

/// Shows that the log of `to` leaves begins with the log of `from` leaves. Anybody may have written it: believe what
/// [`ConsistencyProof::verify`] says, nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsistencyProof {
    /// The smaller number of leaves, at least 1: everything is consistent with an empty log, so that it shows nothing.
    pub from: u64,
    /// The larger number of leaves, or the same.
    pub to: u64,
    /// The hashes the two logs share, and those that were added.
    pub path: Vec<Hash>,
}

impl ConsistencyProof {
    /// Whether the log with the first root grew into the one with the second (RFC 9162 section 2.1.4.2).
    pub fn verify(&self, from_root: Hash, to_root: Hash) -> Result<(), ProofError> {
        let Self { from, to, ref path } = *self;
        check_sizes(from, to)?;
        if from == to {
            let [] = path[..] else { return Err(ProofError::PathTooLong) };
            return agrees(from_root, to_root, to);
        }
        let mut way = Way { node: from - 1, last: to - 1 };
        way.skip(way.node.trailing_ones());
        let (shared, path) = if from.is_power_of_two() {
            (from_root, &path[..])
        } else {
            path.split_first().map(|(shared, path)| (*shared, path)).ok_or(ProofError::PathTooShort)?
        };
        let (mut old, mut new) = (shared, shared);
        for beside in path {
            if way.up()? {
                (old, new) = (Hash::of_node(*beside, old), Hash::of_node(*beside, new));
            } else {
                new = Hash::of_node(new, *beside);
            }
        }
        way.arrived()?;
        agrees(old, from_root, from)?;
        agrees(new, to_root, to)
    }
}

const fn check_sizes(from: u64, to: u64) -> Result<(), ProofError> {
    if from == 0 {
        Err(ProofError::FromNothing)
    } else if from > to {
        Err(ProofError::Backwards { from, to })
    } else {
        Ok(())
    }
}

fn agrees(found: Hash, root: Hash, size: u64) -> Result<(), ProofError> {
    if found == root { Ok(()) } else { Err(ProofError::OtherRoot { size }) }
}

/// The way from a node to the root: its number on its level, and that of the last node there. The RFC's fn and sn.
struct Way {
    node: u64,
    last: u64,
}

impl Way {
    /// Goes up to where the next hash is joined, and tells whether that hash is the left one.
    fn up(&mut self) -> Result<bool, ProofError> {
        if self.last == 0 {
            return Err(ProofError::PathTooLong);
        }
        let is_left = self.node & 1 == 1 || self.node == self.last;
        if is_left {
            // The last node of a level with an odd number of them has nothing beside it, and rises alone.
            self.skip(self.node.trailing_zeros());
        }
        self.skip(1);
        Ok(is_left)
    }

    const fn skip(&mut self, levels: u32) {
        self.node = self.node.unbounded_shr(levels);
        self.last = self.last.unbounded_shr(levels);
    }

    const fn arrived(&self) -> Result<(), ProofError> {
        if self.last == 0 { Ok(()) } else { Err(ProofError::PathTooShort) }
    }
}

/// A proof that shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no such leaf.
    #[error("there is no leaf {index} in a log of {size} leaves")]
    Outside {
        /// The leaf's place, from 0.
        index: u64,
        /// The number of leaves.
        size: u64,
    },
    /// Consistency with an empty log.
    #[error("every log is consistent with an empty one, so that it proves nothing")]
    FromNothing,
    /// A log does not shrink.
    #[error("a log of {from} leaves cannot have grown into one of {to}")]
    Backwards {
        /// The size that was to be the smaller.
        from: u64,
        /// The size that was to be the larger.
        to: u64,
    },
    /// More hashes than the sizes call for.
    #[error("the path has too many hashes")]
    PathTooLong,
    /// Fewer hashes than the sizes call for.
    #[error("the path has too few hashes")]
    PathTooShort,
    /// Something was altered.
    #[error("the proof does not lead to the root of the log of {size} leaves")]
    OtherRoot {
        /// The number of leaves.
        size: u64,
    },
}
