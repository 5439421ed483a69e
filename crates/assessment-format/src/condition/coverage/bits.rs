//! Sets of cells.

use std::ops::Range;

/// A set of the numbers below a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits {
    size: usize,
    words: Vec<u64>,
}

const WORD: usize = 64;

impl Bits {
    pub(super) fn none(size: usize) -> Self {
        Self { size, words: vec![0; size.div_ceil(WORD)] }
    }

    pub(super) fn insert(&mut self, range: Range<usize>) {
        for n in range {
            self.words[n / WORD] |= 1 << (n % WORD);
        }
    }

    pub(super) fn contains(&self, n: usize) -> bool {
        self.words[n / WORD] >> (n % WORD) & 1 == 1
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        self.with(other, |own, other| own & other)
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        self.with(other, |own, other| own | other)
    }

    pub(super) fn without(&self, other: &Self) -> Self {
        self.with(other, |own, other| own & !other)
    }

    pub(super) fn not(&self) -> Self {
        let mut all = Self::none(self.size);
        all.words.fill(u64::MAX);
        if let (Some(last), rest @ 1..) = (all.words.last_mut(), self.size % WORD) {
            *last = (1 << rest) - 1;
        }
        all.without(self)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(own, other)| own & !other == 0)
    }

    pub(super) fn first(&self) -> Option<usize> {
        let at = self.words.iter().position(|word| *word != 0)?;
        Some(at * WORD + self.words[at].trailing_zeros() as usize)
    }

    fn with(&self, other: &Self, combine: fn(u64, u64) -> u64) -> Self {
        let words = self.words.iter().zip(&other.words).map(|(own, other)| combine(*own, *other)).collect();
        Self { size: self.size, words }
    }
}
