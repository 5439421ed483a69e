//! What the conditions of an assessment leave out, and where they contradict each other: exactly.
//!
//! The numbers in the conditions cut every score they speak of into pieces on which no comparison changes: the
//! grid. On a cell of it each condition is true or false throughout. A cell counts when some person can have such
//! scores: the overall score is the weighted mean of the dimensions, so that `overall >= 4.5 and strategic < 2` may
//! be out of reach. Dimensions without a score add nothing: a condition that holds without one holds with any.

mod bits;
mod grid;

use std::collections::HashMap;

use rust_decimal::Decimal;

use self::{bits::Bits, grid::Grid};
use super::{Comparison, Condition, Expression, Subject};
use crate::{definition::Scale, slug::Slug};

/// What the scores are: the scale and the dimensions with their weights.
#[derive(Debug, Clone, Copy)]
pub struct Subjects<'a> {
    /// What every score is measured on.
    pub scale: Scale,
    /// Id and weight of each dimension; the weights are above 0 and have at most 6 decimal places.
    pub dimensions: &'a [(Slug, Decimal)],
}

/// What was found about a list of conditions, the first match of which wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Pairs of conditions that hold for the same scores, so that their order decides.
    pub overlaps: Vec<Overlap>,
    /// Conditions that never win.
    pub dead: Vec<Dead>,
    /// Narrow holes between conditions.
    pub gaps: Vec<Gap>,
    /// Scores for which no condition holds; `None` where there are none, so that a default is never given.
    pub uncovered: Option<Sample>,
}

/// Two conditions that hold for the same scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The condition that wins, by its place in the list.
    pub first: usize,
    /// The condition that loses.
    pub second: usize,
    /// Whether the winner is a special case of the loser: it holds nowhere else.
    pub nested: bool,
    /// Scores for which both hold and none before them does.
    pub sample: Sample,
}

/// A condition that never wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dead {
    /// It cannot hold.
    Never(usize),
    /// Whenever it holds another did before it.
    Taken(usize),
}

/// A hole between conditions, narrower than a twentieth of the scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The score along which it is narrow.
    pub subject: Subject,
    /// The lowest score in it, as results show it.
    pub from: Decimal,
    /// The highest.
    pub to: Decimal,
    /// Scores in it.
    pub sample: Sample,
}

/// Scores a person can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Before rounding.
    pub overall: Decimal,
    /// Of every dimension, in their order, before rounding.
    pub dimensions: Vec<(Slug, Decimal)>,
}

impl Sample {
    /// The score of a subject.
    pub fn score(&self, subject: &Subject) -> Option<Decimal> {
        match subject {
            Subject::Overall => Some(self.overall),
            Subject::Dimension(id) => {
                self.dimensions.iter().find(|(own, _)| own == id).map(|(_, score)| *score)
            }
        }
    }
}

impl Coverage {
    /// The most cells of a grid that is checked.
    pub const MAX_CELLS: u128 = 10_000;

    /// Looks at conditions over known dimensions; the number of cells where there are more than
    /// [`Coverage::MAX_CELLS`].
    pub fn of(conditions: &[&Condition], subjects: Subjects<'_>) -> Result<Self, u128> {
        let comparisons: Vec<_> = conditions.iter().flat_map(|condition| condition.comparisons()).collect();
        let grid = Grid::new(&comparisons, subjects)?;
        let possible = grid.possible();
        let mut known = HashMap::new();
        let holds: Vec<Bits> = conditions
            .iter()
            .map(|condition| bits_of(&condition.0, &grid, &mut known).and(&possible))
            .collect();

        let mut found = Self { overlaps: Vec::new(), dead: Vec::new(), gaps: Vec::new(), uncovered: None };
        let mut taken = Bits::none(grid.cells());
        for (second, own) in holds.iter().enumerate() {
            if own.is_empty() {
                found.dead.push(Dead::Never(second));
            } else if own.is_within(&taken) {
                found.dead.push(Dead::Taken(second));
            } else {
                found.add_overlaps(second, &holds, &grid);
            }
            taken = taken.or(own);
        }
        found.gaps = grid.narrow_gaps(&taken, &possible);
        found.uncovered = possible.without(&taken).first().map(|cell| grid.sample(cell));
        Ok(found)
    }

    fn add_overlaps(&mut self, second: usize, holds: &[Bits], grid: &Grid<'_>) {
        let own = &holds[second];
        let mut taken = Bits::none(grid.cells());
        for (first, other) in holds[..second].iter().enumerate() {
            // Where an earlier one wins, the order of these two does not matter.
            if let Some(cell) = own.and(other).without(&taken).first() {
                let nested = other.is_within(own);
                self.overlaps.push(Overlap { first, second, nested, sample: grid.sample(cell) });
            }
            taken = taken.or(other);
        }
    }
}

fn bits_of<'c>(
    expression: &'c Expression,
    grid: &Grid<'_>,
    known: &mut HashMap<&'c Comparison, Bits>,
) -> Bits {
    match expression {
        Expression::Compare(comparison) => {
            known.entry(comparison).or_insert_with(|| grid.bits_of(comparison)).clone()
        }
        Expression::Not(inner) => bits_of(inner, grid, known).not(),
        Expression::All(parts) => {
            let all = Bits::none(grid.cells()).not();
            parts.iter().fold(all, |bits, part| bits.and(&bits_of(part, grid, known)))
        }
        Expression::Any(parts) => {
            let none = Bits::none(grid.cells());
            parts.iter().fold(none, |bits, part| bits.or(&bits_of(part, grid, known)))
        }
    }
}
