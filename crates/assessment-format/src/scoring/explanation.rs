//! Why a result is what it is: every number with what it was made of, and what was left out.
//!
//! Values are shown to six places; the computation carries thirty. Neither raters nor quotes nor texts are in
//! it, so that it can be shown to whoever may see the result.

use rust_decimal::Decimal;
use serde::Serialize;

use super::{
    Outcome, SCORER_VERSION, Score, ScoredItem, Scorer, ScoringObserver, category::CategoryDecision,
    fixed::Fixed, number,
};
use crate::{
    definition::{Answer, Category, CategoryRule, Definition, Dimension, Scale},
    session::Reply,
    slug::Slug,
    version::Version,
};

/// Why a result is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// By which rules it was scored.
    pub scorer_version: u16,
    /// By which version of the assessment.
    pub assessment_version: Version,
    /// What every score is measured on.
    pub scale: Scale,
    /// Each dimension, in order.
    pub dimensions: Vec<DimensionExplained>,
    /// The overall score.
    pub overall: OverallExplained,
    /// The category.
    pub category: CategoryExplained,
}

/// Why a dimension has its score: the mean of the values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DimensionExplained {
    /// The dimension.
    pub id: Slug,
    /// Its score.
    pub score: Option<Score>,
    /// What it is the mean of: items in the order of the questionnaire, then ratings.
    pub values: Vec<Value>,
    /// What could have counted and did not, in the same order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// A value on the scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Value {
    /// Where it comes from.
    #[serde(flatten)]
    pub source: ValueSource,
    /// The value, to six places.
    #[serde(with = "number")]
    pub value: Decimal,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "from", rename_all = "camelCase")]
pub enum ValueSource {
    /// An answer.
    Item {
        /// The item.
        item: Slug,
        /// What was answered.
        reply: Reply,
        /// Whether a high answer is a low value.
        reversed: bool,
    },
    /// The mean of ratings.
    Ratings {
        /// The text that was rated; `None` for the interview.
        #[serde(skip_serializing_if = "Option::is_none")]
        item: Option<Slug>,
        /// How many raters gave a score.
        raters: u32,
    },
}

/// What could have counted and did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The item; `None` for the interview.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Slug>,
    /// Why.
    pub why: WhyLeftOut,
}

/// Why something does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum WhyLeftOut {
    /// It was not answered.
    NotAnswered,
    /// It is a text, and nobody rated it.
    NotRated,
    /// Those who rated found too little to judge by.
    TooLittleEvidence,
    /// What is kept is no answer to the item.
    DoesNotFit,
    /// Whatever is answered is worth the same.
    AllWorthTheSame,
}

/// Why there is an overall score, or none: the sum of the contributions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OverallExplained {
    /// The score.
    pub score: Option<Score>,
    /// The share of the weight that has a score, from 0 to 1, to six places.
    #[serde(with = "number")]
    pub covered: Decimal,
    /// The share that must have one.
    #[serde(with = "number")]
    pub needed: Decimal,
    /// The dimensions that have one, in order.
    pub shares: Vec<Share>,
    /// The dimensions that have none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Slug>,
}

/// What a dimension adds to the overall score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The dimension.
    pub dimension: Slug,
    /// Its weight as the definition has it.
    #[serde(with = "number")]
    pub weight: Decimal,
    /// Its share of the weights that count, to six places.
    #[serde(with = "number")]
    pub share: Decimal,
    /// Its mean, to six places.
    #[serde(with = "number")]
    pub mean: Decimal,
}

/// Why a category was given, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CategoryExplained {
    /// The category.
    pub category: Option<Slug>,
    /// The categories that were tried, up to the one that holds or cannot be decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Tried>,
    /// In a comparative assessment: the dimensions that tie for the highest score.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tied: Vec<Slug>,
    /// Which of them won; none where the default is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winner: Option<Slug>,
}

/// A category that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// The category.
    pub category: Slug,
    /// Its condition; `None` for the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Whether it holds; `None` where that hangs on a missing score.
    pub holds: Option<bool>,
}

impl Explanation {
    /// The same bytes for the same explanation, ever (RFC 8785).
    pub fn to_canonical_json(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self)
            .expect("an explanation has string keys and finite numbers only")
    }
}

/// Notes what is added up, while it is.
pub(super) struct ExplanationBuilder<'s> {
    definition: &'s Definition,
    /// For each dimension its values and what was left out, with the place of the item where there is one.
    pages: Vec<DimensionNotes>,
}

#[derive(Default)]
struct DimensionNotes {
    values: Vec<(usize, Value)>,
    left_out: Vec<(usize, LeftOut)>,
    sum: Fixed,
}

impl<'s> ExplanationBuilder<'s> {
    pub(super) fn new(definition: &'s Definition) -> Self {
        Self { definition, pages: definition.dimensions.iter().map(|_| DimensionNotes::default()).collect() }
    }

    /// The place in the questionnaire; past its end for the interview.
    fn place(&self, item: Option<&Slug>) -> usize {
        let end = self.definition.items.len();
        item.map_or(end, |id| self.definition.items.iter().position(|item| item.id == *id).unwrap_or(end))
    }

    pub(super) fn finish(mut self, scorer: &Scorer<'_>, outcome: &Outcome) -> Explanation {
        self.note_unrated();
        let settings = &self.definition.settings;
        let definition = self.definition;
        let dimensions = || definition.dimensions.iter().zip(&outcome.dimensions);
        let whole: Decimal = dimensions().map(|(dimension, _)| dimension.weight).sum();
        let with_score = || dimensions().filter(|(_, score)| score.is_some());
        let rated: Decimal = with_score().map(|(dimension, _)| dimension.weight).sum();
        let share = |(dimension, page): (&Dimension, &DimensionNotes)| Share {
            dimension: dimension.id.clone(),
            weight: dimension.weight,
            share: (dimension.weight / rated).round_dp(6),
            mean: page.sum.over(u32::try_from(page.values.len()).unwrap_or(u32::MAX)).shown(),
        };
        let pages = definition.dimensions.iter().zip(&self.pages);
        let shares = pages.filter(|(_, page)| !page.values.is_empty()).map(share).collect();
        let without_score = dimensions().filter(|(_, score)| score.is_none());
        let left_out = without_score.map(|(dimension, _)| dimension.id.clone()).collect();
        let explained =
            |((dimension, score), page): ((&Dimension, &Option<Score>), DimensionNotes)| DimensionExplained {
                id: dimension.id.clone(),
                score: *score,
                values: in_order(page.values),
                left_out: in_order(page.left_out),
            };
        Explanation {
            scorer_version: SCORER_VERSION,
            assessment_version: settings.version,
            scale: settings.scale,
            dimensions: dimensions().zip(self.pages).map(explained).collect(),
            overall: OverallExplained {
                score: outcome.overall,
                covered: (rated / whole).round_dp(6),
                needed: settings.coverage,
                shares,
                left_out,
            },
            category: category(scorer, outcome),
        }
    }

    /// Texts that were answered and have no rating.
    fn note_unrated(&mut self) {
        let definition = self.definition;
        for (place, item) in definition.items.iter().enumerate() {
            if !matches!(item.answer, Answer::Text { .. }) {
                continue;
            }
            for measure in &item.measures {
                let dimension = definition.dimensions.iter().position(|of| of.id == measure.dimension);
                let Some(page) = dimension.map(|dimension| &mut self.pages[dimension]) else { continue };
                let seen = page.values.iter().any(|(at, _)| *at == place)
                    || page.left_out.iter().any(|(at, _)| *at == place);
                if !seen {
                    let left_out = LeftOut { item: Some(item.id.clone()), why: WhyLeftOut::NotRated };
                    page.left_out.push((place, left_out));
                }
            }
        }
    }
}

impl ExplanationBuilder<'_> {
    fn note(&mut self, dimension: usize, place: usize, source: ValueSource, value: Fixed) {
        let page = &mut self.pages[dimension];
        page.sum += value;
        page.values.push((place, Value { source, value: value.shown() }));
    }

    fn leave_out(&mut self, dimension: usize, place: usize, item: Option<&Slug>, why: WhyLeftOut) {
        self.pages[dimension].left_out.push((place, LeftOut { item: item.cloned(), why }));
    }
}

impl<'s> ScoringObserver<'s> for ExplanationBuilder<'s> {
    fn answered(&mut self, dimension: usize, of: &'s ScoredItem<'s>, reply: &'s Reply, value: Fixed) {
        let id = &self.definition.dimensions[dimension].id;
        let reversed = of.item.measures.iter().any(|measure| measure.reversed && measure.dimension == *id);
        let source = ValueSource::Item { item: of.item.id.clone(), reply: reply.clone(), reversed };
        self.note(dimension, of.place, source, value);
    }

    fn unanswered(&mut self, dimension: usize, of: &'s ScoredItem<'s>, why: WhyLeftOut) {
        self.leave_out(dimension, of.place, Some(&of.item.id), why);
    }

    fn rated(&mut self, dimension: usize, item: Option<&'s Slug>, raters: u32, value: Fixed) {
        let source = ValueSource::Ratings { item: item.cloned(), raters };
        self.note(dimension, self.place(item), source, value);
    }

    fn unrated(&mut self, dimension: usize, item: Option<&'s Slug>) {
        self.leave_out(dimension, self.place(item), item, WhyLeftOut::TooLittleEvidence);
    }
}

fn in_order<T>(mut placed: Vec<(usize, T)>) -> Vec<T> {
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, what)| what).collect()
}

fn category(scorer: &Scorer<'_>, outcome: &Outcome) -> CategoryExplained {
    let definition = scorer.definition;
    let id = |place: usize| definition.dimensions[place].id.clone();
    let given = outcome.category.map(|place| definition.categories[place].id.clone());
    let mut explained =
        CategoryExplained { category: given, tried: Vec::new(), tied: Vec::new(), winner: None };
    match scorer.categories.explain(scorer, &outcome.dimensions, outcome.overall) {
        CategoryDecision::ByCondition(tried) => {
            let of = |(category, holds): (&Category, Option<bool>)| Tried {
                category: category.id.clone(),
                when: match &category.rule {
                    CategoryRule::When(condition) => Some(condition.to_string()),
                    CategoryRule::Highest(_) | CategoryRule::Default => None,
                },
                holds,
            };
            explained.tried = definition.categories.iter().zip(tried).map(of).collect();
        }
        CategoryDecision::ByHighest { tied, winner } => {
            explained.tied = tied.into_iter().map(id).collect();
            explained.winner = winner.map(id);
        }
    }
    explained
}
