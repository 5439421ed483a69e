//! Which category a person comes out with.

use super::{Score, Scorer};
use crate::{
    condition::Condition,
    definition::{CategoryRule, Definition, TieBreak, TieRule},
    slug::Slug,
};

/// How categories are chosen, compiled.
#[derive(Debug)]
pub(super) enum Categories<'d> {
    /// The first whose condition holds; `None` always does.
    FirstMatch(Vec<Option<&'d Condition>>),
    /// That of the dimension with the highest score.
    Highest {
        rule: TieRule,
        /// The category of each dimension.
        of: Vec<Option<usize>>,
        /// The category of a tie nobody wins.
        default: Option<usize>,
    },
}

/// How a category was chosen.
pub(super) enum CategoryDecision {
    /// In order, up to this many; whether each condition held, `None` where it hangs on a missing score.
    ByCondition(Vec<Option<bool>>),
    /// By the highest score.
    ByHighest {
        /// The dimensions within the margin of the highest, in order; empty where too little was covered.
        tied: Vec<usize>,
        /// Which of them won; `None` where the default is given.
        winner: Option<usize>,
    },
}

impl<'d> Categories<'d> {
    pub(super) fn new(definition: &'d Definition) -> Self {
        let Some(rule) = definition.settings.tie else {
            let condition = |rule: &'d CategoryRule| match rule {
                CategoryRule::When(condition) => Some(condition),
                // Only a comparative assessment, which has a tie rule, has categories by the highest score.
                CategoryRule::Highest(_) | CategoryRule::Default => None,
            };
            return Self::FirstMatch(definition.categories.iter().map(|of| condition(&of.rule)).collect());
        };
        let find =
            |rule: &CategoryRule| definition.categories.iter().position(|category| category.rule == *rule);
        let of = definition.dimensions.iter().map(|of| find(&CategoryRule::Highest(of.id.clone()))).collect();
        Self::Highest { rule, of, default: find(&CategoryRule::Default) }
    }

    pub(super) fn choose(
        &self,
        scorer: &Scorer<'_>,
        dimensions: &[Option<Score>],
        overall: Option<Score>,
    ) -> Option<usize> {
        match self {
            Self::FirstMatch(conditions) => {
                let mut tried = conditions.iter().map(|c| holds(*c, scorer, dimensions, overall)).enumerate();
                let (place, held) = tried.find(|(_, held)| *held != Some(false))?;
                held.map(|_| place)
            }
            Self::Highest { rule, of, default } => {
                let tied = tied(*rule, dimensions, overall)?;
                match winner(*rule, scorer, &tied, dimensions) {
                    Some(dimension) => of[dimension],
                    None => *default,
                }
            }
        }
    }

    /// The same again, step by step.
    pub(super) fn explain(
        &self,
        scorer: &Scorer<'_>,
        dimensions: &[Option<Score>],
        overall: Option<Score>,
    ) -> CategoryDecision {
        match self {
            Self::FirstMatch(conditions) => {
                let mut tried = Vec::new();
                for condition in conditions {
                    let held = holds(*condition, scorer, dimensions, overall);
                    tried.push(held);
                    if held != Some(false) {
                        break;
                    }
                }
                CategoryDecision::ByCondition(tried)
            }
            Self::Highest { rule, .. } => {
                let tied = tied(*rule, dimensions, overall).unwrap_or_default();
                let winner = winner(*rule, scorer, &tied, dimensions);
                CategoryDecision::ByHighest { tied, winner }
            }
        }
    }
}

fn holds(
    condition: Option<&Condition>,
    scorer: &Scorer<'_>,
    dimensions: &[Option<Score>],
    overall: Option<Score>,
) -> Option<bool> {
    let Some(condition) = condition else { return Some(true) };
    let dimension = |id: &Slug| dimensions[scorer.place(id)?].map(Score::decimal);
    condition.evaluate(overall.map(Score::decimal), dimension)
}

/// The dimensions whose scores are within the margin of the highest; none where too little was covered for an
/// overall score, and so to say which is.
fn tied(rule: TieRule, dimensions: &[Option<Score>], overall: Option<Score>) -> Option<Vec<usize>> {
    overall?;
    let highest = dimensions.iter().flatten().max()?;
    let within = |score: Score| highest.decimal() - score.decimal() <= rule.margin;
    let tied = |(place, score): (usize, &Option<Score>)| score.filter(|score| within(*score)).map(|_| place);
    Some(dimensions.iter().enumerate().filter_map(tied).collect())
}

fn winner(rule: TieRule, scorer: &Scorer<'_>, tied: &[usize], dimensions: &[Option<Score>]) -> Option<usize> {
    let weight = |place: usize| scorer.weights[place];
    // `max_by_key` takes the last of equals; the first is wanted.
    let from_last = || tied.iter().rev().copied();
    match (tied, rule.winner) {
        ([only], _) => Some(*only),
        (_, TieBreak::Order) => from_last().max_by_key(|place| dimensions[*place]),
        (_, TieBreak::Weight) => from_last().max_by_key(|place| weight(*place)),
        (_, TieBreak::Default) => None,
    }
}
