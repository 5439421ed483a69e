//! Many results in a few numbers, without telling anyone's.
//!
//! A [`Tally`] counts results one by one, or tallies of parts of them; it holds counts, no result. A
//! [`Summary`] is what may be shown of it to someone who may not see results, such as a manager:
//!
//! - From [`FEWEST`] results up; of a dimension, from so many scores up. Below there is nothing (k-anonymity
//!   with k = 5: Sweeney 2002, International Journal on Uncertainty, Fuzziness and Knowledge-based Systems
//!   10, 557-570).
//! - Standard deviation and quartiles from [`FEWEST_FOR_SPREAD`] scores up: of five scores, quartiles, mean
//!   and deviation give all five back.
//! - Categories and steps of a histogram with fewer than [`FEWEST`] are hidden, and where those that are
//!   hidden hold fewer together, the smallest of the others with them, so that the total does not give them
//!   away.
//! - [`Tally::refreshed`] keeps the summary that was shown until [`FEWEST`] results came or went: whoever
//!   looks before and after one result sees no difference that is that result.
//!
//! What it does not hide: that all results are alike, where they are; and what somebody knows who gave some
//! of them themselves. Whoever adds filters to summaries defeats it: a summary is of all results of an
//! assessment or campaign.

mod distribution;
mod suppression;

use serde::Serialize;

pub use self::distribution::{Bar, Distribution, Spread};
use self::{distribution::Counts, suppression::suppressed};
use crate::{
    definition::{Definition, Scale},
    scoring::{Outcome, Score},
    slug::Slug,
};

/// Fewer results have no summary.
pub const FEWEST: u64 = 5;
/// Fewer scores have no standard deviation and no quartiles.
pub const FEWEST_FOR_SPREAD: u64 = 10;

/// Counts results of one definition, or of editions of it that score alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    scale: Scale,
    dimensions: Vec<Slug>,
    categories: Vec<Slug>,
    scores: Vec<Counts>,
    overall: Counts,
    /// How many came out with each category; the last with none.
    given: Vec<u64>,
    results: u64,
}

/// Tallies that count different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tallies are of assessments with other dimensions, categories or scales")]
pub struct OtherAssessment;

/// What may be shown of many results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Of how many results.
    pub results: u64,
    /// The overall scores; `None` where fewer than [`FEWEST`] results have one.
    pub overall: Option<Distribution>,
    /// The scores of each dimension, in order.
    pub dimensions: Vec<DimensionSummary>,
    /// How many came out with each category, in order.
    pub categories: Vec<CategorySummary>,
    /// How many came out with none; `None` where it is hidden.
    pub without_category: Option<u64>,
}

/// The scores of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DimensionSummary {
    /// The dimension.
    pub id: Slug,
    /// Its scores; `None` where fewer than [`FEWEST`] results have one.
    pub scores: Option<Distribution>,
}

/// How many came out with a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CategorySummary {
    /// The category.
    pub id: Slug,
    /// How many; `None` where it is hidden.
    pub results: Option<u64>,
}

impl Tally {
    /// Counts nothing yet.
    pub fn new(definition: &Definition) -> Self {
        let dimensions: Vec<Slug> =
            definition.dimensions.iter().map(|dimension| dimension.id.clone()).collect();
        let categories: Vec<Slug> =
            definition.categories.iter().map(|category| category.id.clone()).collect();
        Self {
            scale: definition.settings.scale,
            scores: vec![Counts::default(); dimensions.len()],
            overall: Counts::default(),
            given: vec![0; categories.len() + 1],
            results: 0,
            dimensions,
            categories,
        }
    }

    /// Counts the same things, and nothing yet.
    pub fn emptied(&self) -> Self {
        Self {
            scores: vec![Counts::default(); self.scores.len()],
            overall: Counts::default(),
            given: vec![0; self.given.len()],
            results: 0,
            ..self.clone()
        }
    }

    /// How many results it counts.
    pub const fn results(&self) -> u64 {
        self.results
    }

    /// Counts a result of this assessment.
    pub fn add(&mut self, result: &Outcome) {
        self.count(result, Counts::add, 1);
    }

    /// Takes back a result that was counted, such as one that was scored again.
    pub fn remove(&mut self, result: &Outcome) {
        self.count(result, Counts::remove, -1);
    }

    fn count(&mut self, result: &Outcome, each: fn(&mut Counts, Score), by: i64) {
        for (counts, score) in self.scores.iter_mut().zip(&result.dimensions) {
            if let Some(score) = *score {
                each(counts, score);
            }
        }
        if let Some(score) = result.overall {
            each(&mut self.overall, score);
        }
        let none = self.categories.len();
        let category = result.category.filter(|category| *category < none).unwrap_or(none);
        self.given[category] = self.given[category].saturating_add_signed(by);
        self.results = self.results.saturating_add_signed(by);
    }

    /// Adds what another tally counted: other results of the same assessment.
    pub fn merge(&mut self, other: &Self) -> Result<(), OtherAssessment> {
        let of = |tally: &Self| (tally.scale, tally.dimensions.clone(), tally.categories.clone());
        if of(self) != of(other) {
            return Err(OtherAssessment);
        }
        self.scores.iter_mut().zip(&other.scores).for_each(|(counts, more)| counts.merge(more));
        self.overall.merge(&other.overall);
        self.given.iter_mut().zip(&other.given).for_each(|(count, more)| *count += more);
        self.results += other.results;
        Ok(())
    }

    /// What may be shown; `None` below [`FEWEST`] results.
    pub fn summary(&self) -> Option<Summary> {
        if self.results < FEWEST {
            return None;
        }
        let dimension = |(id, counts): (&Slug, &Counts)| DimensionSummary {
            id: id.clone(),
            scores: counts.distribution(self.scale),
        };
        let mut given = suppressed(&self.given);
        let without_category = given.pop().flatten();
        let category = |(id, results): (&Slug, Option<u64>)| CategorySummary { id: id.clone(), results };
        Some(Summary {
            results: self.results,
            overall: self.overall.distribution(self.scale),
            dimensions: self.dimensions.iter().zip(&self.scores).map(dimension).collect(),
            categories: self.categories.iter().zip(given).map(category).collect(),
            without_category,
        })
    }

    /// What may be shown after `last` was: the same again, until [`FEWEST`] results came or went since.
    pub fn refreshed(&self, last: Option<Summary>) -> Option<Summary> {
        match last {
            Some(last) if last.results.abs_diff(self.results) < FEWEST => Some(last),
            _ => self.summary(),
        }
    }
}
