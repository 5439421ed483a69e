//! An assessment is taken, rated, scored, explained, shown and summed up.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod comparison;
mod explaining;
mod forms;
mod interview;
mod promises;
mod published;
mod rating;
mod scoring;
mod session;
mod showing;
mod types;

use assessment_format::{
    Answers, Definition, Reply, Slug,
    rating::Ratings,
    scoring::{Outcome, Scorer},
};

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// Reads a definition, which must be sound.
fn definition(markdown: &str) -> Definition {
    let checked = assessment_format::parse(markdown);
    let faults: Vec<String> = checked.diagnostics.iter().map(ToString::to_string).collect();
    checked.definition.unwrap_or_else(|| panic!("{}\n{markdown}", faults.join("\n")))
}

/// Answers as JSON: `{"s1": {"step": 4}, "x1": {"option": 2}}`.
fn answers(json: &str) -> Answers {
    let replies: std::collections::BTreeMap<Slug, Reply> = serde_json::from_str(json).unwrap();
    replies.into_iter().collect()
}

/// Steps of items `{prefix}1`, `{prefix}2`, ..; 0 is no answer.
fn steps(prefix: &str, steps: &[u8]) -> Answers {
    let numbered = (1..).zip(steps).filter(|(_, step)| **step > 0);
    numbered.map(|(n, step)| (slug(&format!("{prefix}{n}")), Reply::Step(*step))).collect()
}

/// The overall score, those of the dimensions, and the category, as texts.
fn scored(definition: &Definition, answers: &Answers) -> (String, Vec<String>, String) {
    shown(definition, &Scorer::new(definition).score(answers, &Ratings::default()))
}

fn shown(definition: &Definition, outcome: &Outcome) -> (String, Vec<String>, String) {
    let score = |score: Option<_>| {
        score.map_or_else(|| "-".to_owned(), |score: assessment_format::Score| score.to_string())
    };
    let category = outcome.category.map_or("-", |place| definition.categories[place].id.as_str());
    (score(outcome.overall), outcome.dimensions.iter().copied().map(score).collect(), category.to_owned())
}
