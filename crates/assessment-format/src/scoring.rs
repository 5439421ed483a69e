//! Scoring: from answers and ratings to scores, a category, and the reasons for both.
//!
//! Every answer is mapped to the scale ([`crate::definition::Answer`] says how). A dimension's score is the
//! mean of its values: one for each item that was answered, one for each text that was rated, one for the
//! interview where it was rated, all alike. The overall score is the weighted mean of the dimensions. Both
//! are computed in decimals of thirty places and rounded once, at the end, to two, halves away from zero. The
//! category is decided on what was rounded.
//!
//! What is missing is left out, never guessed: the bottom of the scale is no default. A dimension without a
//! value has no score. Where dimensions have none, the weights of the others count for the whole, provided
//! that these hold at least the assessment's `coverage` of it; below, there is no overall score. A condition
//! that hangs on a missing score ends the search without a category, because nobody can say whether it or a
//! later one is the first to hold; a comparative assessment needs the same coverage as the overall score.
//!
//! A [`Scorer`] is made once for a definition and scores any number of sessions; it borrows everything. The
//! same definition, answers and ratings give the same bytes, ever: [`Report`] and [`Explanation`] write
//! canonical JSON.

mod category;
mod explanation;
mod fixed;
mod report;
mod response_score;
mod score;

use rust_decimal::Decimal;

use self::{
    category::Categories, explanation::ExplanationBuilder, fixed::Fixed, response_score::ResponseScore,
};
pub use self::{
    explanation::{
        CategoryExplained, DimensionExplained, Explanation, LeftOut, OverallExplained, Share, Tried, Value,
        ValueSource, WhyLeftOut,
    },
    report::{Report, Scored},
    score::{NoScore, Score},
};
pub(crate) use self::{fixed::divided, score::number};
use crate::{
    definition::{Definition, Item},
    rating::Ratings,
    session::{Answers, Reply},
    slug::Slug,
};

/// The version of the rules above. It is stored with each result and goes up when a definition, answers and
/// ratings may give another result than before.
pub const SCORER_VERSION: u16 = 1;

/// Scores sessions of one definition.
#[derive(Debug)]
pub struct Scorer<'d> {
    definition: &'d Definition,
    /// The items that count, by id, as answers come.
    items: Vec<ScoredItem<'d>>,
    /// The places of the dimensions, by id.
    places: Vec<(&'d Slug, usize)>,
    /// The weights of the dimensions, in millionths.
    weights: Vec<u32>,
    /// How much of the weight must have a score, in units of 10^-10: the coverage times the sum of the
    /// weights.
    needed: u64,
    categories: Categories<'d>,
}

/// An item that counts for dimensions.
#[derive(Debug)]
struct ScoredItem<'d> {
    item: &'d Item,
    /// Its place in the questionnaire.
    place: usize,
    /// For each dimension it counts for, the dimension's place and what a reply is worth.
    response_scores: Vec<(usize, ResponseScore)>,
}

/// The scores of a session, by the places of dimensions and categories in the definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The score of each dimension; `None` where nothing was said about it.
    pub dimensions: Vec<Option<Score>>,
    /// The overall score; `None` where too little of the weight has a score.
    pub overall: Option<Score>,
    /// The category; `None` where a missing score decides it.
    pub category: Option<usize>,
}

/// A dimension's values added up.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    sum: Fixed,
    values: u32,
}

impl Total {
    fn add(&mut self, value: Fixed) {
        self.sum += value;
        self.values += 1;
    }

    fn mean(self) -> Option<Fixed> {
        (self.values > 0).then(|| self.sum.over(self.values))
    }
}

/// Told of every value as it is added, and of what is left out.
trait ScoringObserver<'s> {
    fn answered(&mut self, _dimension: usize, _item: &'s ScoredItem<'s>, _reply: &'s Reply, _value: Fixed) {}
    fn unanswered(&mut self, _dimension: usize, _item: &'s ScoredItem<'s>, _why: WhyLeftOut) {}
    fn rated(&mut self, _dimension: usize, _item: Option<&'s Slug>, _raters: u32, _value: Fixed) {}
    fn unrated(&mut self, _dimension: usize, _item: Option<&'s Slug>) {}
}

/// Sees nothing, costs nothing.
struct NoObserver;

impl ScoringObserver<'_> for NoObserver {}

impl<'d> Scorer<'d> {
    /// Compiles the definition: every fixed reply is mapped to the scale once, here.
    pub fn new(definition: &'d Definition) -> Self {
        let mut places: Vec<_> =
            (0..).zip(&definition.dimensions).map(|(place, of)| (&of.id, place)).collect();
        places.sort_unstable();
        let place = |id: &Slug| places.binary_search_by_key(&id, |(id, _)| *id).ok().map(|n| places[n].1);
        let scored_item = |(at, item): (usize, &'d Item)| {
            let scale = definition.settings.scale;
            let score = |measure| ResponseScore::of(&item.answer, measure, scale);
            let response_scores =
                item.measures.iter().filter_map(|measure| Some((place(&measure.dimension)?, score(measure))));
            ScoredItem { item, place: at, response_scores: response_scores.collect() }
        };
        let mut items: Vec<_> = definition.items.iter().enumerate().map(scored_item).collect();
        items.retain(|scored_item| !scored_item.response_scores.is_empty());
        items.sort_unstable_by_key(|scored_item| &scored_item.item.id);
        // Weights have at most six places, the coverage at most four.
        let whole = |number: Decimal| u32::try_from(number.normalize().mantissa()).unwrap_or_default();
        let millionths = |weight: Decimal| whole((weight * Decimal::from(1_000_000)).trunc());
        let weights: Vec<u32> =
            definition.dimensions.iter().map(|dimension| millionths(dimension.weight)).collect();
        let needed = u64::from(whole((definition.settings.coverage * Decimal::from(10_000)).trunc()))
            * weights.iter().copied().map(u64::from).sum::<u64>();
        Self { definition, categories: Categories::new(definition), items, places, weights, needed }
    }

    /// The definition it scores.
    pub const fn definition(&self) -> &'d Definition {
        self.definition
    }

    /// Scores a session.
    pub fn score(&self, answers: &Answers, ratings: &Ratings) -> Outcome {
        self.conclude(&self.gather(answers, ratings, &mut NoObserver))
    }

    /// Scores a session and says why.
    pub fn explain(&self, answers: &Answers, ratings: &Ratings) -> (Outcome, Explanation) {
        let mut builder = ExplanationBuilder::new(self.definition);
        let totals = self.gather(answers, ratings, &mut builder);
        let outcome = self.conclude(&totals);
        let explanation = builder.finish(self, &outcome);
        (outcome, explanation)
    }

    /// The outcome as it is stored and served.
    pub fn report(&self, outcome: Outcome) -> Report<'d> {
        Report::new(self.definition, outcome)
    }

    fn place(&self, dimension: &Slug) -> Option<usize> {
        self.places.binary_search_by_key(&dimension, |(id, _)| *id).ok().map(|n| self.places[n].1)
    }

    /// Adds up the values of each dimension. Answers and items both come by id, so that one pass matches
    /// them.
    fn gather<'s>(
        &'s self,
        answers: &'s Answers,
        ratings: &'s Ratings,
        observer: &mut impl ScoringObserver<'s>,
    ) -> Vec<Total> {
        let mut totals = vec![Total::default(); self.definition.dimensions.len()];
        let mut replies = answers.replies().peekable();
        for scored_item in &self.items {
            let id = &scored_item.item.id;
            while replies.next_if(|(of, _)| *of < id).is_some() {}
            let reply = replies.next_if(|(of, _)| *of == id).map(|(_, reply)| reply);
            for (dimension, score) in &scored_item.response_scores {
                let Some(reply) = reply else {
                    observer.unanswered(*dimension, scored_item, WhyLeftOut::NotAnswered);
                    continue;
                };
                match (score, score.value(reply)) {
                    (_, Some(value)) => {
                        totals[*dimension].add(value);
                        observer.answered(*dimension, scored_item, reply, value);
                    }
                    // Its ratings follow.
                    (ResponseScore::Rated, None) => (),
                    (ResponseScore::Nothing, None) => {
                        observer.unanswered(*dimension, scored_item, WhyLeftOut::AllWorthTheSame);
                    }
                    (_, None) => observer.unanswered(*dimension, scored_item, WhyLeftOut::DoesNotFit),
                }
            }
        }
        for (target, scores) in ratings.counted() {
            let Some(dimension) = self.place(&target.dimension) else { continue };
            let item = target.item.as_ref();
            if item.is_some_and(|item| answers.reply(item).is_none()) {
                continue;
            }
            let mut rated = Total::default();
            scores.flatten().for_each(|score| rated.add(Fixed::of_hundredths(score.hundredths())));
            match rated.mean() {
                Some(mean) => {
                    totals[dimension].add(mean);
                    observer.rated(dimension, item, rated.values, mean);
                }
                None => observer.unrated(dimension, item),
            }
        }
        totals
    }

    fn conclude(&self, totals: &[Total]) -> Outcome {
        let (mut sum, mut rated) = (Fixed::default(), 0);
        let mut dimensions = Vec::with_capacity(totals.len());
        for (total, weight) in totals.iter().zip(&self.weights) {
            let mean = total.mean();
            if let Some(mean) = mean {
                sum += mean.weighted(*weight);
                rated += weight;
            }
            // A mean of values on the scale is on the scale: it can always be a score.
            dimensions.push(mean.and_then(|mean| mean.rounded().ok()));
        }
        let covered = self.is_enough(rated);
        let overall = if covered { sum.over(rated).rounded().ok() } else { None };
        let category = self.categories.choose(self, &dimensions, overall);
        Outcome { dimensions, overall, category }
    }

    /// Whether so much weight, in millionths, speaks for the whole.
    fn is_enough(&self, rated: u32) -> bool {
        rated > 0 && u64::from(rated) * 10_000 >= self.needed
    }
}
