//! What a person sees of the own result, and others of many.

use std::sync::LazyLock;

use assessment_format::{
    Definition, Ratings, Score, Scorer,
    definition::Disclosure,
    disclosure::disclosed,
    scoring::Outcome,
    session::Stage,
    summary::{Summary, Tally},
};
use proptest::prelude::*;

use super::{answers, definition};

const SHOWN: &str = r#"---
schema: assessment/1
name: Shown
version: "1.0"
type: multi-dimensional
scale: { min: 1, max: 5 }
---
# Shown
Shown.

## Dimensions
### A
- weight: 50%

A.

### B
- weight: 50%

B.

## Result categories
### High
- when: overall >= 4

You lead.

### Low
- default: true

You follow.

## Items
1. One.
   - id: q1
   - measures: a
   - answer: agree-5
2. Two.
   - id: q2
   - measures: b
   - answer: agree-5
"#;

fn seen(level: Disclosure, stage: Stage) -> serde_json::Value {
    let definition = definition(SHOWN);
    let scorer = Scorer::new(&definition);
    let (outcome, explanation) =
        scorer.explain(&answers(r#"{"q1": {"step": 4}, "q2": {"step": 5}}"#), &Ratings::default());
    let report = scorer.report(outcome);
    serde_json::to_value(disclosed(&report, &explanation, level, stage)).unwrap()
}

#[test]
fn each_level_shows_what_it_says_and_no_more() {
    let full = seen(Disclosure::Full, Stage::Released);
    assert_eq!((&full["disclosure"], &full["overallScore"]), (&"full".into(), &4.5.into()));
    assert_eq!(full["dimensions"][0]["score"], 4);
    assert_eq!(full["explanation"]["dimensions"][0]["values"][0]["item"], "q1");
    assert_eq!(
        seen(Disclosure::Teaser, Stage::Released),
        serde_json::json!({ "disclosure": "teaser", "category": { "name": "High", "description": "You lead." } })
    );
    assert_eq!(seen(Disclosure::None, Stage::Released), serde_json::json!({ "disclosure": "none" }));
}

#[test]
fn before_it_is_released_there_is_nothing_to_see() {
    for stage in Stage::ALL.into_iter().filter(|stage| *stage != Stage::Released) {
        for level in [Disclosure::Full, Disclosure::Teaser, Disclosure::None] {
            assert!(seen(level, stage).is_null(), "{stage}");
        }
    }
}

fn score(hundredths: i64) -> Score {
    Score::new(rust_decimal::Decimal::new(hundredths, 2)).unwrap()
}

fn outcome(hundredths: i64) -> Outcome {
    let (category, score) = (Some(usize::from(hundredths < 400)), Some(score(hundredths)));
    Outcome { dimensions: vec![score, None], overall: score, category }
}

fn tally(definition: &Definition, scores: impl IntoIterator<Item = i64>) -> Tally {
    let mut tally = Tally::new(definition);
    scores.into_iter().for_each(|score| tally.add(&outcome(score)));
    tally
}

#[test]
fn below_five_results_nothing_is_told() {
    let definition = definition(SHOWN);
    assert_eq!(tally(&definition, [300, 400, 450, 500]).summary(), None);
    let five = tally(&definition, [300, 400, 450, 500, 500]).summary().unwrap();
    assert_eq!(five.overall.as_ref().unwrap().mean.to_string(), "4.30");
    assert_eq!(
        five.overall.unwrap().spread,
        None,
        "five scores, their quartiles and deviation are all five scores"
    );
    assert_eq!(five.dimensions[1].scores, None, "nobody has a score there");
    // Four came out high, one low: either would tell the other.
    assert!(five.categories.iter().all(|category| category.results.is_none()));
}

#[test]
fn a_summary_tells_how_many_fare_how() {
    let definition = definition(SHOWN);
    let scores = (0..40).map(|n| 100 + n * 10);
    insta::assert_json_snapshot!(tally(&definition, scores).summary());
}

#[test]
fn one_more_result_does_not_show_as_a_difference() {
    let definition = definition(SHOWN);
    let mut counted = tally(&definition, [100; 10]);
    let shown: Option<Summary> = counted.refreshed(None);
    assert_eq!(shown.as_ref().unwrap().results, 10);
    for _ in 0..4 {
        counted.add(&outcome(500));
        assert_eq!(counted.refreshed(shown.clone()), shown);
    }
    counted.add(&outcome(500));
    assert_eq!(counted.refreshed(shown).unwrap().results, 15);
}

#[test]
fn tallies_of_different_assessments_do_not_mix() {
    let other = definition(&SHOWN.replace("max: 5", "max: 6"));
    assert!(Tally::new(&definition(SHOWN)).merge(&Tally::new(&other)).is_err());
}

proptest! {
    #[test]
    fn results_can_be_counted_in_parts_in_any_order_and_taken_back(
        scores in proptest::collection::vec(100..=500_i64, 0..40),
        cut in 0..40_usize,
    ) {
        static SHOWN_ONCE: LazyLock<Definition> = LazyLock::new(|| definition(SHOWN));
        let definition = &*SHOWN_ONCE;
        let cut = cut.min(scores.len());
        let mut parts = tally(definition, scores[cut..].iter().rev().copied());
        parts.merge(&tally(definition, scores[..cut].iter().copied())).unwrap();
        prop_assert_eq!(&parts, &tally(definition, scores.iter().copied()));
        prop_assert_eq!(parts.summary().is_some(), scores.len() >= 5);
        scores[..cut].iter().for_each(|score| parts.remove(&outcome(*score)));
        prop_assert_eq!(parts, tally(definition, scores[cut..].iter().copied()));
    }
}
