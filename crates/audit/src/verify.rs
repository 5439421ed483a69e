//! The verifier: reads a log from its first entry to its last, trusts nothing in it, and compares what it finds with
//! saved checkpoints. Its memory does not grow with the log.
//!
//! The tree is built over the leaves, and where a leaf and its entry disagree a second one over the entries: the next
//! checkpoint tells which of the two is true, and from there on both are that one. So each place of damage is named by
//! itself, as long as a checkpoint lies between it and the next:
//!
//! | altered | what shows it |
//! |---|---|
//! | an entry | entry and leaf disagree; checkpoints agree with the leaf |
//! | a leaf | entry and leaf disagree; checkpoints agree with the entry |
//! | both, and the tiles | no checkpoint agrees any more: it lies between the last that does and the first that does not |
//! | entries or leaves removed | the numbers have a gap, or end before a checkpoint does |
//! | everything, signed anew by who holds the key | a checkpoint saved elsewhere contradicts the log |

mod finding;

use std::{iter::Peekable, vec};

pub use self::finding::{Altered, Finding, Report, Verdict};
use crate::{checkpoint::Checkpoint, frontier::Frontier, hash::Hash};

/// A piece of a log, in the order of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// One entry.
    Entry {
        /// Its place, from 0.
        index: u64,
        /// Its leaf as it is stored.
        stored: Option<Hash>,
        /// Its leaf as it is computed from the event; `None` when there is no event.
        computed: Option<Hash>,
    },
    /// Entries of others, of which only the hash is told.
    Subtree {
        /// The place of the first of them, a multiple of their number.
        index: u64,
        /// They are 2^`level`: 0 is one leaf.
        level: u8,
        /// The root over them.
        hash: Hash,
    },
}

/// Where the pieces come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The tables: every entry has a stored leaf, and one without is a finding.
    Tables,
    /// An export: entries need no stored leaves, their hashes are computed.
    Export,
}

/// Verifies one log.
#[derive(Debug)]
pub struct Verifier {
    source: Source,
    checkpoints: Peekable<vec::IntoIter<(u64, Hash)>>,
    next: u64,
    trees: Trees,
    vouched: Option<u64>,
    compared: u64,
    skipped: u64,
    contradicting: Option<(u64, u64)>,
    findings: Vec<Finding>,
    found: u64,
    undecided: usize,
}

/// What the log may be, as far as it was read.
#[derive(Debug)]
enum Trees {
    /// Leaves and entries agree since the last checkpoint that did.
    One(Frontier),
    /// They do not: one over the leaves, one over the entries.
    Two { leaves: Frontier, entries: Frontier },
    /// Hashes are missing, and every root from here on with them.
    Lost,
}

impl Trees {
    fn push(&mut self, leaf: Hash, entry: Hash) {
        match self {
            Self::One(tree) if leaf == entry => tree.push(leaf),
            Self::One(tree) => {
                let mut entries = tree.clone();
                let mut leaves = std::mem::take(tree);
                leaves.push(leaf);
                entries.push(entry);
                *self = Self::Two { leaves, entries };
            }
            Self::Two { leaves, entries } => {
                leaves.push(leaf);
                entries.push(entry);
            }
            Self::Lost => {}
        }
    }

    /// The root over the leaves.
    fn root(&self) -> Option<Hash> {
        match self {
            Self::One(tree) | Self::Two { leaves: tree, .. } => Some(tree.root()),
            Self::Lost => None,
        }
    }
}

impl Verifier {
    /// How many findings are kept; more are counted.
    pub const MAX_FINDINGS: usize = 100;

    /// Starts at the first entry. The checkpoints are of this log, their signatures are checked; their order does not
    /// matter.
    pub fn new<'a>(source: Source, checkpoints: impl IntoIterator<Item = &'a Checkpoint>) -> Self {
        let mut checkpoints: Vec<_> =
            checkpoints.into_iter().map(|checkpoint| (checkpoint.size, checkpoint.root)).collect();
        checkpoints.sort_unstable();
        checkpoints.dedup();
        let mut verifier = Self {
            source,
            checkpoints: checkpoints.into_iter().peekable(),
            next: 0,
            trees: Trees::One(Frontier::empty()),
            vouched: None,
            compared: 0,
            skipped: 0,
            contradicting: None,
            findings: Vec::new(),
            found: 0,
            undecided: 0,
        };
        verifier.compare();
        verifier
    }

    /// Takes the next piece.
    pub fn feed(&mut self, piece: Piece) {
        match piece {
            Piece::Entry { index, stored, computed } => {
                if self.reach(index, 1) {
                    self.entry(index, stored, computed);
                }
            }
            Piece::Subtree { index, level, hash } => match 1_u64.checked_shl(level.into()) {
                Some(leaves) if index.is_multiple_of(leaves) => {
                    if self.reach(index, leaves) {
                        self.subtree(level, hash);
                    }
                }
                _ => self.find(Finding::Misplaced { index, level }),
            },
        }
    }

    /// Ends: the log has no more pieces.
    pub fn finish(mut self) -> Report {
        let size = self.next;
        let mut last = Vec::new();
        if let Some((first_bad, _)) = self.contradicting {
            last.push(Finding::Contradiction { last_good: self.vouched, first_bad });
        }
        if let Some((signed, _)) = self.checkpoints.last() {
            last.push(Finding::Shorter { size, signed });
        }
        self.found += last.len() as u64;
        self.findings.append(&mut last);
        Report {
            size,
            root: self.trees.root(),
            vouched: self.vouched,
            compared: self.compared,
            skipped: self.skipped,
            findings: self.findings,
            found: self.found,
        }
    }

    /// Whether a piece that begins at `index` comes in turn. What lies before it is missing.
    fn reach(&mut self, index: u64, leaves: u64) -> bool {
        let end = index.checked_add(leaves).filter(|end| *end <= Frontier::MAX_SIZE);
        if index < self.next || end.is_none() {
            self.find(Finding::OutOfOrder { expected: self.next, found: index });
            return false;
        }
        if index > self.next {
            self.find(Finding::Missing { first: self.next, last: index - 1 });
            self.lose(index);
        }
        true
    }

    /// Goes on at `index` without the hashes before it.
    fn lose(&mut self, index: u64) {
        self.trees = Trees::Lost;
        self.next = index;
        self.compare();
    }

    fn entry(&mut self, index: u64, stored: Option<Hash>, computed: Option<Hash>) {
        let (leaf, entry) = match (stored, computed) {
            (Some(leaf), Some(entry)) => {
                if leaf != entry {
                    self.find(Finding::Disagreement { index, altered: Altered::Unknown });
                }
                (leaf, entry)
            }
            (Some(leaf), None) => {
                self.find(Finding::NoEntry { index });
                (leaf, leaf)
            }
            (None, Some(entry)) => {
                if self.source == Source::Tables {
                    self.find(Finding::NoLeaf { index });
                }
                (entry, entry)
            }
            (None, None) => {
                self.find(Finding::Missing { first: index, last: index });
                return self.lose(index + 1);
            }
        };
        self.trees.push(leaf, entry);
        self.next += 1;
        self.compare();
    }

    fn subtree(&mut self, level: u8, hash: Hash) {
        const FITS: &str = "`feed` checked where it begins, and `reach` where it ends";
        match &mut self.trees {
            Trees::One(tree) => tree.push_subtree(level, hash).expect(FITS),
            Trees::Two { leaves, entries } => {
                leaves.push_subtree(level, hash).expect(FITS);
                entries.push_subtree(level, hash).expect(FITS);
            }
            Trees::Lost => {}
        }
        self.next += 1 << level;
        self.compare();
    }

    /// Compares the log so far with the checkpoints of its size, and passes by those it went past.
    fn compare(&mut self) {
        let next = self.next;
        while let Some((size, root)) = self.checkpoints.next_if(|(size, _)| *size <= next) {
            if size == next || matches!(self.trees, Trees::Lost) {
                self.compared += 1;
                self.compare_with(size, root);
            } else {
                self.skipped += 1;
            }
        }
    }

    fn compare_with(&mut self, size: u64, root: Hash) {
        let (tree, altered) = match &self.trees {
            Trees::One(tree) if tree.root() == root => (tree, Altered::Unknown),
            Trees::Two { leaves, .. } if leaves.root() == root => (leaves, Altered::Entry),
            Trees::Two { entries, .. } if entries.root() == root => (entries, Altered::Leaf),
            _ if self.vouched == Some(size) => {
                return self.find(Finding::Fork { first: size, last: size, size });
            }
            _ => {
                let first = self.contradicting.map_or(size, |(first, _)| first);
                self.contradicting = Some((first, size));
                return;
            }
        };
        self.trees = Trees::One(tree.clone());
        for finding in &mut self.findings[self.undecided..] {
            if let Finding::Disagreement { altered: undecided, .. } = finding {
                *undecided = altered;
            }
        }
        self.undecided = self.findings.len();
        self.vouched = Some(size);
        // Had the log been altered, this one would not agree: it was the others that were signed over another log.
        if let Some((first, last)) = self.contradicting.take() {
            self.find(Finding::Fork { first, last, size });
        }
    }

    fn find(&mut self, finding: Finding) {
        self.found += 1;
        if self.findings.len() < Self::MAX_FINDINGS {
            self.findings.push(finding);
        }
    }
}
