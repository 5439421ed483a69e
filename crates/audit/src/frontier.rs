//! The right edge of a growing tree: enough to append and to know the root, in a few hundred bytes.

use crate::hash::Hash;

/// The roots of the complete subtrees a log consists of, the largest first: one for each bit set in its size.
///
/// It is what RFC 9162 section 2.1.2 calls the stack; others call it a compact range.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// How many leaves can be claimed without pushing each: 2^62, so that no count ever overflows.
    pub const MAX_SIZE: u64 = 1 << 62;

    /// That of a log without leaves.
    pub const fn empty() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// Takes one from storage; `peaks` are its complete subtrees from left to right.
    pub fn restore(size: u64, peaks: Vec<Hash>) -> Result<Self, FrontierError> {
        let needed = size.count_ones() as usize;
        if size > Self::MAX_SIZE {
            Err(FrontierError::TooLarge)
        } else if peaks.len() != needed {
            Err(FrontierError::Peaks { size, needed, found: peaks.len() })
        } else {
            Ok(Self { size, peaks })
        }
    }

    /// Appends a leaf: one hash on average.
    pub fn push(&mut self, leaf: Hash) {
        self.append(0, leaf);
    }

    /// Appends a complete subtree of 2^`level` leaves. It must begin at a multiple of its own size.
    pub fn push_subtree(&mut self, level: u8, root: Hash) -> Result<(), FrontierError> {
        let leaves = 1_u64.checked_shl(level.into()).ok_or(FrontierError::TooLarge)?;
        match self.size.checked_add(leaves) {
            Some(size) if size <= Self::MAX_SIZE => {}
            _ => return Err(FrontierError::TooLarge),
        }
        if !self.size.is_multiple_of(leaves) {
            return Err(FrontierError::Misplaced { level, at: self.size });
        }
        self.append(level, root);
        Ok(())
    }

    /// Adding one is carrying: each bit that flips to zero closes a subtree.
    fn append(&mut self, level: u8, root: Hash) {
        let carries = (self.size >> level).trailing_ones() as usize;
        let rest = self.peaks.len() - carries;
        let peak = self.peaks.drain(rest..).rfold(root, |right, left| Hash::of_node(left, right));
        self.peaks.push(peak);
        self.size += 1 << level;
    }

    /// The number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, from left to right.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// The root of the log; [`Hash::EMPTY`] of one without leaves.
    pub fn root(&self) -> Hash {
        self.extend_left(None).unwrap_or(Hash::EMPTY)
    }

    /// Puts these leaves to the left of a tree that begins where they end.
    pub(crate) fn extend_left(&self, right: Option<Hash>) -> Option<Hash> {
        self.peaks.iter().rev().fold(right, |right, left| match right {
            Some(right) => Some(Hash::of_node(*left, right)),
            None => Some(*left),
        })
    }
}

/// A frontier that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrontierError {
    /// The peaks do not fit the size.
    #[error("{size} leaves have {needed} complete subtrees, not {found}")]
    Peaks {
        /// The number of leaves.
        size: u64,
        /// The bits set in it.
        needed: usize,
        /// How many were given.
        found: usize,
    },
    /// A subtree that does not begin at a multiple of its size.
    #[error("a subtree of 2^{level} leaves cannot begin at leaf {at}")]
    Misplaced {
        /// Its level.
        level: u8,
        /// Where it was to begin.
        at: u64,
    },
    /// More leaves than any log has.
    #[error("a log has at most 2^62 leaves")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(n: u64) -> Hash {
        Hash::of_leaf(&n.to_be_bytes())
    }

    fn grown(size: u64) -> Frontier {
        let mut frontier = Frontier::empty();
        (0..size).for_each(|n| frontier.push(leaf(n)));
        frontier
    }

    #[test]
    fn a_subtree_stands_for_its_leaves() {
        let whole = Hash::of_node(leaf(4), leaf(5));
        let mut frontier = grown(4);
        frontier.push_subtree(1, whole).unwrap();
        frontier.push_subtree(0, leaf(6)).unwrap();
        assert_eq!(frontier, grown(7));
    }

    #[test]
    fn a_subtree_begins_at_a_multiple_of_its_size() {
        let mut frontier = grown(6);
        let refused = frontier.push_subtree(2, leaf(0));
        assert_eq!(refused, Err(FrontierError::Misplaced { level: 2, at: 6 }));
        for level in [62, 63, 64, 255] {
            assert_eq!(frontier.push_subtree(level, leaf(0)), Err(FrontierError::TooLarge), "{level}");
        }
        assert_eq!(frontier, grown(6));
    }

    #[test]
    fn what_was_stored_grows_on_and_what_does_not_fit_is_refused() {
        let mut stored = Frontier::restore(6, grown(6).peaks().to_vec()).unwrap();
        stored.push(leaf(6));
        assert_eq!(stored, grown(7));
        let refused = Frontier::restore(7, grown(6).peaks().to_vec());
        assert_eq!(refused, Err(FrontierError::Peaks { size: 7, needed: 3, found: 2 }));
        assert_eq!(Frontier::restore(1 << 63, vec![leaf(0)]), Err(FrontierError::TooLarge));
    }
}
