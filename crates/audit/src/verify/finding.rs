//! What a verifier has to say, in words for a person.

use std::fmt;

use crate::hash::Hash;

/// Something that is wrong with a log. Places count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// An entry and its leaf disagree.
    Disagreement {
        /// Its place.
        index: u64,
        /// Which of the two was altered, as the next checkpoint tells.
        altered: Altered,
    },
    /// There is a leaf, and no entry.
    NoEntry {
        /// Its place.
        index: u64,
    },
    /// There is an entry, and no leaf.
    NoLeaf {
        /// Its place.
        index: u64,
    },
    /// There is neither.
    Missing {
        /// The place of the first that is missing.
        first: u64,
        /// The place of the last.
        last: u64,
    },
    /// A piece came whose place was passed already, or is one no log has.
    OutOfOrder {
        /// The place that was due.
        expected: u64,
        /// The place that came.
        found: u64,
    },
    /// The hash of entries that cannot stand together.
    Misplaced {
        /// The place of the first of them.
        index: u64,
        /// They were to be 2^`level`.
        level: u8,
    },
    /// The log does not lead to a checkpoint: what lies between two of them was altered.
    Contradiction {
        /// The size of the last checkpoint the log agrees with.
        last_good: Option<u64>,
        /// The size of the first it does not.
        first_bad: u64,
    },
    /// Checkpoints that were signed over another log: a later one, or one of the same size, agrees with this one.
    Fork {
        /// The size of the first of them.
        first: u64,
        /// The size of the last.
        last: u64,
        /// The size of the checkpoint that agrees.
        size: u64,
    },
    /// The end of the log was cut off.
    Shorter {
        /// How many entries there are.
        size: u64,
        /// How many a checkpoint says there were.
        signed: u64,
    },
}

/// What was altered where an entry and its leaf disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Altered {
    /// The entry: a checkpoint agrees with the leaf.
    Entry,
    /// The leaf: a checkpoint agrees with the entry.
    Leaf,
    /// One or the other, or both: no checkpoint tells.
    Unknown,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disagreement { index, altered } => {
                write!(f, "entry {index} and its leaf disagree: ")?;
                match altered {
                    Altered::Entry => f.write_str("the entry was altered"),
                    Altered::Leaf => f.write_str("the leaf was altered"),
                    Altered::Unknown => f.write_str("one of them was altered"),
                }
            }
            Self::NoEntry { index } => write!(f, "entry {index} is missing, only its leaf is there"),
            Self::NoLeaf { index } => write!(f, "the leaf of entry {index} is missing"),
            Self::Missing { first, last } if first == last => {
                write!(f, "entry {first} is missing with its leaf")
            }
            Self::Missing { first, last } => {
                write!(f, "entries {first} to {last} are missing with their leaves")
            }
            Self::OutOfOrder { expected, found } => write!(f, "entry {found} came where {expected} was due"),
            Self::Misplaced { index, level } => {
                write!(f, "2^{level} entries cannot stand together at {index}")
            }
            Self::Contradiction { last_good: Some(last_good), first_bad } => write!(
                f,
                "the log agrees with the checkpoint of {last_good} entries and not with that of {first_bad}: \
                 something from entry {last_good} to entry {} was altered",
                first_bad - 1
            ),
            Self::Contradiction { last_good: None, first_bad } => {
                write!(f, "the log does not agree with its first checkpoint, of {first_bad} entries")
            }
            Self::Fork { first, last, size } if first == last => write!(
                f,
                "the checkpoint of {first} entries was signed over another log: this one agrees with that of {size}"
            ),
            Self::Fork { first, last, size } => write!(
                f,
                "the checkpoints from {first} to {last} entries were signed over another log: this one agrees with \
                 that of {size}"
            ),
            Self::Shorter { size, signed } => {
                write!(
                    f,
                    "the log has {size} entries, but a checkpoint was signed over {signed}: its end was cut off"
                )
            }
        }
    }
}

/// What a verifier found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many entries the log has.
    pub size: u64,
    /// The root over its leaves; `None` when some are missing.
    pub root: Option<Hash>,
    /// How many entries, from the first, the last agreeing checkpoint vouches for.
    pub vouched: Option<u64>,
    /// How many checkpoints were compared.
    pub compared: u64,
    /// How many checkpoints lie within entries of others, and could not be compared.
    pub skipped: u64,
    /// What is wrong: the first in the order they were found, and what only the end tells.
    pub findings: Vec<Finding>,
    /// How many findings there were, those not kept included.
    pub found: u64,
}

/// The outcome in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is wrong with what checkpoints vouch for, nor with the entries after them as far as can be told.
    Sound,
    /// Something is wrong.
    Broken,
    /// Nothing seems wrong, but no checkpoint vouches for it.
    Unknown,
}

impl Report {
    /// The outcome in a word.
    pub fn verdict(&self) -> Verdict {
        match self.vouched {
            _ if self.found > 0 => Verdict::Broken,
            Some(vouched) if vouched > 0 || self.size == 0 => Verdict::Sound,
            _ => Verdict::Unknown,
        }
    }
}
