//! Ratings: what people, or a model, conclude from an interview or a text, with what was said as evidence.
//!
//! A rating gives one dimension a score on the scale, or none: too little was said. It stands on quotes, and
//! **a quote is verbatim**: byte for byte a part of what the person said. Neither case nor Unicode form is
//! normalised before the comparison: whatever is more lenient lets a paraphrase pass for a quote. Blanks alone
//! may differ, because pages and mail programs wrap lines and change spaces where text is copied; what is kept
//! is then what was said, with its own blanks.
//!
//! How ratings count: of several by people the mean, whatever a model said; only where no person rated, the
//! mean of the models'. A rater without a score says nothing about the mean; where no rater has one there is
//! no score. The mean is one value of the dimension, beside those of its items.

use std::collections::{BTreeMap, BTreeSet};

use kernel::AccountId;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    definition::{Answer, Definition},
    interview::{Speaker, Transcript},
    scoring::Score,
    session::{Answers, Reply},
    slug::Slug,
};

/// What is rated: a dimension by the interview, or a text by one of the dimensions it counts for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The dimension.
    pub dimension: Slug,
    /// The item that was answered with a text; `None` for the interview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Slug>,
}

/// Who rates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rater {
    /// A person.
    Person(AccountId),
    /// A language model, by name and version.
    Model(String),
}

/// What someone said, word for word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Where it was said.
    #[serde(flatten)]
    pub source: Source,
    /// The words: 1 to 2,000 characters.
    pub text: String,
}

/// Where something was said: `{"turn": 4}` or `{"item": "t1"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// In the interview: the turn's number, from 1.
    Turn(u32),
    /// In the text that answers an item.
    Item(Slug),
}

/// What a rater concludes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// The score; `None` where too little was said.
    pub score: Option<Score>,
    /// What it stands on: 1 to 20 quotes; may be empty without a score.
    pub evidence: Vec<Quote>,
}

/// What a rating is about.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// The assessment.
    pub definition: &'a Definition,
    /// What was answered.
    pub answers: &'a Answers,
    /// What was said.
    pub transcript: &'a Transcript,
}

/// Why a rating was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RatingRefused {
    /// There is nothing of the kind to rate.
    #[error("there is nothing to rate: {0}")]
    Target(&'static str),
    /// The score is not on the scale.
    #[error("the score {score} is not on the scale from {min} to {max}")]
    OffScale {
        /// The score.
        score: Score,
        /// The lowest.
        min: Decimal,
        /// The highest.
        max: Decimal,
    },
    /// A score without evidence, or with too much.
    #[error("a score stands on 1 to {} quotes; where too little was said, give none", Rating::MAX_QUOTES)]
    Evidence,
    /// A quote that was not said.
    #[error("quote {} {why}", .quote + 1)]
    Quote {
        /// Its place in the evidence, from 0.
        quote: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The name of the model is blank or too long.
    #[error("a model is named with 1 to 100 characters")]
    Model,
}

impl Rating {
    /// The most quotes.
    pub const MAX_QUOTES: usize = 20;
    /// The most characters of a quote.
    pub const MAX_QUOTE_LENGTH: usize = 2_000;

    /// The rating with every quote as it was said.
    fn checked(mut self, target: &Target, material: Material<'_>) -> Result<Self, RatingRefused> {
        target.check(material)?;
        let scale = material.definition.settings.scale;
        if let Some(score) = self.score
            && !scale.contains(score.decimal())
        {
            return Err(RatingRefused::OffScale {
                score,
                min: scale.min.normalize(),
                max: scale.max.normalize(),
            });
        }
        let least = usize::from(self.score.is_some());
        if !(least..=Self::MAX_QUOTES).contains(&self.evidence.len()) {
            return Err(RatingRefused::Evidence);
        }
        for (quote, evidence) in self.evidence.iter_mut().enumerate() {
            let said = evidence.said(target, material);
            evidence.text = said.map_err(|why| RatingRefused::Quote { quote, why })?.to_owned();
        }
        Ok(self)
    }
}

impl Quote {
    /// What was said, of which this is a quote.
    fn said<'m>(&self, target: &Target, material: Material<'m>) -> Result<&'m str, &'static str> {
        const LENGTH: &str = "must have 1 to 2000 characters, not all blank";
        let is_too_long = |text: &str| text.chars().count() > Rating::MAX_QUOTE_LENGTH;
        if self.text.trim().is_empty() || is_too_long(&self.text) {
            return Err(LENGTH);
        }
        let said = match (&self.source, &target.item) {
            (Source::Turn(number), None) => match material.transcript.turn(*number) {
                None => return Err("names a turn that does not exist"),
                Some(turn) if turn.by != Speaker::Person => {
                    return Err("is of the interviewer: evidence is what the person said");
                }
                Some(turn) => &turn.text,
            },
            (Source::Item(item), Some(rated)) if item == rated => match material.answers.reply(item) {
                Some(Reply::Text(text)) => text,
                _ => return Err("names an item that was not answered with a text"),
            },
            _ => return Err("is from elsewhere: quote what is rated"),
        };
        match quoted(said, &self.text) {
            Some(said) if is_too_long(said) => Err(LENGTH),
            Some(said) => Ok(said),
            None => Err("is not, word for word, in what was said there"),
        }
    }
}

/// The part of a text that a quote repeats: as it is, or with other blanks between the same words.
fn quoted<'t>(text: &'t str, quote: &str) -> Option<&'t str> {
    if let Some(start) = text.find(quote) {
        return Some(&text[start..start + quote.len()]);
    }
    let mut words = quote.split_whitespace();
    let first = words.next()?;
    let follow = |rest: &'t str, word: &str| {
        let after = rest.trim_start();
        after.strip_prefix(word).filter(|_| after.len() < rest.len())
    };
    text.char_indices().map(|(start, _)| &text[start..]).find_map(|text| {
        let rest = words.clone().try_fold(text.strip_prefix(first)?, follow)?;
        Some(&text[..text.len() - rest.len()])
    })
}

impl Target {
    /// What has to be rated before there is a result: for each dimension the person spoke of, the interview;
    /// for each text that was answered, every dimension it counts for.
    pub fn needed(material: Material<'_>) -> BTreeSet<Self> {
        let spoken = material.transcript.dimensions().into_iter();
        let interview = spoken.map(|dimension| Self { dimension: dimension.clone(), item: None });
        let texts = material.definition.items.iter().filter(|item| {
            matches!(item.answer, Answer::Text { .. }) && material.answers.reply(&item.id).is_some()
        });
        let texts = texts.flat_map(|item| {
            let target =
                |dimension: &Slug| Self { dimension: dimension.clone(), item: Some(item.id.clone()) };
            item.measures.iter().map(move |measure| target(&measure.dimension))
        });
        interview
            .filter(|target| material.definition.dimension(&target.dimension).is_some())
            .chain(texts)
            .collect()
    }

    fn check(&self, material: Material<'_>) -> Result<(), RatingRefused> {
        if material.definition.dimension(&self.dimension).is_none() {
            return Err(RatingRefused::Target("the assessment has no such dimension"));
        }
        let Some(id) = &self.item else {
            let spoke = material.transcript.turns().iter().any(|turn| turn.by == Speaker::Person);
            return if spoke {
                Ok(())
            } else {
                Err(RatingRefused::Target("the person said nothing in an interview"))
            };
        };
        let item = material.definition.items.iter().find(|item| item.id == *id);
        let text = item.filter(|item| matches!(item.answer, Answer::Text { .. }));
        let measures = |measure: &crate::definition::Measure| measure.dimension == self.dimension;
        match text {
            None => {
                Err(RatingRefused::Target("the assessment has no such item that is answered with a text"))
            }
            Some(item) if !item.measures.iter().any(measures) => {
                Err(RatingRefused::Target("the item does not count for this dimension"))
            }
            Some(_) if material.answers.reply(id).is_none() => {
                Err(RatingRefused::Target("the item was not answered"))
            }
            Some(_) => Ok(()),
        }
    }
}

/// The ratings of a session: the latest of each rater for each target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ratings(BTreeMap<Target, BTreeMap<Rater, Rating>>);

kernel::named! {
    /// Whose ratings complete a session.
    pub enum Required {
        /// A person's.
        Person = "person",
        /// Anyone's, a model's included.
        Anyone = "anyone",
    }
}

impl Ratings {
    /// Takes a rating, in place of an earlier one by the same rater of the same target; gives it as it is kept.
    pub fn rate(
        &mut self,
        target: Target,
        rater: Rater,
        rating: Rating,
        material: Material<'_>,
    ) -> Result<&Rating, RatingRefused> {
        if let Rater::Model(name) = &rater
            && (name.trim().is_empty() || name.chars().count() > 100)
        {
            return Err(RatingRefused::Model);
        }
        let rating = rating.checked(&target, material)?;
        Ok(self.0.entry(target).or_default().entry(rater).insert_entry(rating).into_mut())
    }

    /// The ratings, by target, then by rater.
    pub fn iter(&self) -> impl Iterator<Item = (&Target, &Rater, &Rating)> {
        self.0.iter().flat_map(|(target, by)| by.iter().map(move |(rater, rating)| (target, rater, rating)))
    }

    /// Which of the needed ratings are missing.
    pub fn missing<'t>(&self, needed: &'t BTreeSet<Target>, of: Required) -> Vec<&'t Target> {
        let counts = |rater: &Rater| of == Required::Anyone || matches!(rater, Rater::Person(_));
        let rated = |target: &&Target| !self.0.get(*target).is_some_and(|by| by.keys().any(counts));
        needed.iter().filter(rated).collect()
    }

    /// For each target the scores that count: people's, or, where no person rated, the models'.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (&Target, impl Iterator<Item = Option<Score>>)> {
        self.0.iter().map(|(target, by)| {
            let person = |rater: &Rater| matches!(rater, Rater::Person(_));
            let people = by.keys().any(person);
            let counted = by.iter().filter(move |(rater, _)| !people || person(rater));
            (target, counted.map(|(_, rating)| rating.score))
        })
    }
}

/// Puts together what storage kept.
impl FromIterator<(Target, Rater, Rating)> for Ratings {
    fn from_iter<I: IntoIterator<Item = (Target, Rater, Rating)>>(kept: I) -> Self {
        let mut ratings = Self::default();
        for (target, rater, rating) in kept {
            ratings.0.entry(target).or_default().insert(rater, rating);
        }
        ratings
    }
}

kernel::refusals! {
    RatingRefused {
        own {
            Self::OffScale { .. } | Self::Evidence | Self::Quote { .. } | Self::Model => Invalid, "assessment.rating_invalid",
                "The score is off the scale, or the evidence is missing or not word for word what was said. Raters mend it.";
            Self::Target(_) => Conflict, "assessment.nothing_to_rate",
                "The session has nothing of the kind to rate. Clients read what needs rating again.";
        }
        at {
            Self::OffScale { .. } => "/score";
            Self::Evidence => "/evidence";
            Self::Quote { quote, .. } => format!("/evidence/{quote}");
            Self::Model => "/rater";
        }
    }
}
