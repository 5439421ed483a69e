//! What the conditions of an assessment leave out, and where they contradict each other: exactly.
//!
//! Each condition becomes a decision diagram over the scores it names, which are not counted out one by one. A
//! combination counts when some person can have such scores: the overall score is the weighted mean of the dimensions
//! and a sum their sum, so that `overall >= 4.5 and strategic < 2` may be out of reach. Dimensions without a score add
//! nothing: a condition that holds without one holds with any.

mod diagram;
mod linear;
mod search;
mod space;

use rust_decimal::Decimal;

use self::{
    diagram::{Budget, Exhausted, NONE, Node, Operation},
    search::Search,
    space::{Space, score_of},
};
use super::{Comparison, Condition, Subject, rounded};
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Pairs of conditions that hold for the same scores, so that their order decides.
    pub overlaps: Vec<Overlap>,
    /// Conditions that never win.
    pub dead: Vec<Dead>,
    /// Narrow holes between conditions.
    pub gaps: Vec<Gap>,
    /// Scores for which no condition holds; `None` where there are none, so that a default is never given.
    pub uncovered: Option<Sample>,
    /// The place of the condition with which the steps ran out. What was found of those before it is exact, as long as
    /// the list where only gaps and `uncovered` are missing.
    pub unchecked: Option<usize>,
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

/// A hole between conditions, narrower than a twentieth of what the score may be.
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
    /// What a condition compares.
    pub fn value(&self, subject: &Subject) -> Option<Decimal> {
        subject.range(Some(rounded(self.overall)), |id| self.dimension(id).map(rounded)).least
    }

    /// The score of a dimension.
    pub fn dimension(&self, id: &Slug) -> Option<Decimal> {
        self.dimensions.iter().find(|(own, _)| own == id).map(|(_, score)| *score)
    }
}

/// The scores for which a condition holds, those for which none before it does, so that it wins, and one of these.
struct Compared {
    holds: Node,
    wins: Node,
    sample: Option<Sample>,
}

impl Coverage {
    /// The most steps that are taken: some tens of milliseconds.
    const MAX_STEPS: usize = 1_000_000;

    /// Looks at conditions over known dimensions.
    pub fn of(conditions: &[&Condition], subjects: Subjects<'_>) -> Self {
        let comparisons: Vec<&Comparison> =
            conditions.iter().flat_map(|condition| condition.comparisons()).collect();
        let mut space = Space::new(&comparisons, subjects, Budget(Self::MAX_STEPS));
        let mut search = Search::new(&mut space);
        let mut found = Self::default();
        let mut compared = Vec::with_capacity(conditions.len());
        if found.look(conditions, &mut search, &mut compared).is_err() {
            found.unchecked = Some(compared.len());
            found.gaps.clear();
        }
        found
    }

    /// Goes through the conditions; those that were compared with all before them are added to the list.
    fn look(
        &mut self,
        conditions: &[&Condition],
        search: &mut Search<'_, '_>,
        compared: &mut Vec<Compared>,
    ) -> Result<(), Exhausted> {
        let mut taken = NONE;
        for condition in conditions {
            let own = search.space.node(&condition.0)?;
            let wins = search.space.diagram.combine(Operation::Without, own, taken)?;
            taken = search.space.diagram.combine(Operation::Or, taken, own)?;
            let sample = search.find(wins)?;
            if sample.is_some() {
                let overlaps = Self::overlaps(own, compared, search)?;
                self.overlaps.extend(overlaps);
            } else if search.is_possible(own)? {
                self.dead.push(Dead::Taken(compared.len()));
            } else {
                self.dead.push(Dead::Never(compared.len()));
            }
            compared.push(Compared { holds: own, wins, sample });
        }
        let open = search.space.diagram.not(taken)?;
        for level in 0..search.space.first() + search.space.named.len() {
            self.narrow_gaps(level, [taken, open], search)?;
        }
        self.uncovered = search.find(open)?;
        Ok(())
    }

    fn overlaps(
        own: Node,
        before: &[Compared],
        search: &mut Search<'_, '_>,
    ) -> Result<Vec<Overlap>, Exhausted> {
        let mut overlaps = Vec::new();
        for (first, other) in before.iter().enumerate() {
            let Some(sample) = &other.sample else { continue };
            let common = search.contains(own, sample);
            let overlap = if common {
                Some(sample.clone())
            } else {
                let both = search.space.diagram.combine(Operation::And, own, other.wins)?;
                search.find(both)?
            };
            if let Some(sample) = overlap {
                let nested = common && {
                    let beyond = search.space.diagram.combine(Operation::Without, other.holds, own)?;
                    !search.is_possible(beyond)?
                };
                overlaps.push(Overlap { first, second: before.len(), nested, sample });
            }
        }
        Ok(overlaps)
    }

    /// Runs of a score, all others being equal, that are open between such as are taken.
    fn narrow_gaps(
        &mut self,
        level: usize,
        [taken, open]: [Node; 2],
        search: &mut Search<'_, '_>,
    ) -> Result<(), Exhausted> {
        let (min, max) = search.space.run(level);
        let ends = search.space.diagram.ends(taken, level);
        let starts: Vec<i64> = [min].into_iter().chain(ends.iter().map(|end| end + 1)).collect();
        for (n, end) in ends.iter().enumerate() {
            let from = end + 1;
            let mut between = search.space.diagram.fixed(taken, level, *end)?;
            for m in n + 1..ends.len() {
                let to = ends[m];
                if to == max || (to - from) * 20 >= max - min {
                    break;
                }
                let still_open = search.space.diagram.fixed(open, level, to)?;
                between = search.space.diagram.combine(Operation::And, between, still_open)?;
                let after = search.space.diagram.fixed(taken, level, to + 1)?;
                let around = search.space.diagram.combine(Operation::And, between, after)?;
                let mut samples = Vec::with_capacity(3);
                // The hole and both of its neighbours are scores that somebody can have.
                for run in [(from, to), (to + 1, ends[m + 1]), (starts[n], *end)] {
                    let there = search.space.within(level, run);
                    let there = search.space.diagram.combine(Operation::And, around, there)?;
                    samples.extend(search.find(there)?);
                }
                if let [_, _, _] = samples[..] {
                    let (subject, from, to) = (search.space.subject(level), score_of(from), score_of(to));
                    self.gaps.push(Gap { subject, from, to, sample: samples.swap_remove(0) });
                }
            }
        }
        Ok(())
    }
}
