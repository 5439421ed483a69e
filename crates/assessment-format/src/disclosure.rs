//! What a person sees of the own result.
//!
//! | level | sees |
//! |---|---|
//! | `full` | scores, category, and the reasons |
//! | `teaser` | the category's name and prose: no number, not even in its condition |
//! | `none` | that it is done |
//!
//! What a level hides is not there, so that no adapter can forget to leave it out. Before a result is
//! released there is nothing to see, whatever the level.

use serde::Serialize;

use crate::{
    definition::Disclosure,
    scoring::{Explanation, Report, Score},
    session::Stage,
};

/// What a person sees of the own result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "disclosure", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Disclosed<'r> {
    /// All of it.
    Full {
        /// The dimensions, in order.
        dimensions: Vec<DimensionScore<'r>>,
        /// The overall score.
        overall_score: Option<Score>,
        /// The category.
        category: Option<CategoryProse<'r>>,
        /// Why.
        explanation: &'r Explanation,
    },
    /// The category and its prose.
    Teaser {
        /// The category.
        category: Option<CategoryProse<'r>>,
    },
    /// That it is done.
    None,
}

/// A dimension's name and score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DimensionScore<'r> {
    /// Its name.
    pub name: &'r str,
    /// What it is: markdown.
    pub description: &'r str,
    /// Its score.
    pub score: Option<Score>,
}

/// What a category says, without its condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CategoryProse<'r> {
    /// Its name.
    pub name: &'r str,
    /// What it means: markdown, perhaps empty.
    pub description: &'r str,
}

/// What a person sees of the own result at this level; `None` before it is released.
pub fn disclosed<'r>(
    report: &'r Report<'_>,
    explanation: &'r Explanation,
    level: Disclosure,
    stage: Stage,
) -> Option<Disclosed<'r>> {
    if stage != Stage::Released {
        return None;
    }
    let category = report.category().map(|of| CategoryProse { name: &of.name, description: &of.description });
    let scores = || report.definition().dimensions.iter().zip(&report.outcome().dimensions);
    Some(match level {
        Disclosure::Full => Disclosed::Full {
            dimensions: scores()
                .map(|(of, score)| DimensionScore {
                    name: &of.name,
                    description: &of.description,
                    score: *score,
                })
                .collect(),
            overall_score: report.outcome().overall,
            category,
            explanation,
        },
        Disclosure::Teaser => Disclosed::Teaser { category },
        Disclosure::None => Disclosed::None,
    })
}
