//! A result says why, and is the same bytes every time.

use std::sync::LazyLock;

use assessment_format::{Answers, Definition, Ratings, Reply, Score, Scorer, scoring::Explanation};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;

use super::{
    answers, definition,
    scoring::{LEADERSHIP, person, rating},
    slug,
};

fn explained(definition: &Definition, answers: &Answers, ratings: &Ratings) -> Value {
    let (_, explanation) = Scorer::new(definition).explain(answers, ratings);
    serde_json::from_slice(&explanation.to_canonical_json()).unwrap()
}

#[test]
fn the_result_explains_itself() {
    let definition = definition(LEADERSHIP);
    let answers = answers(
        r#"{"s1": {"step": 4}, "e1": {"step": 2}, "x1": {"option": 2}, "t1": {"text": "I spoke too late."}}"#,
    );
    let ratings: Ratings = [rating("eq", None, person(1), Some("3.5"))].into_iter().collect();
    insta::assert_json_snapshot!(explained(&definition, &answers, &ratings));
}

#[test]
fn a_result_is_written_the_same_way_every_time() {
    let definition = definition(LEADERSHIP);
    let answers =
        answers(r#"{"s1": {"step": 5}, "e1": {"step": 1}, "x1": {"option": 2}, "n1": {"number": 20}}"#);
    let bytes = |definition: &Definition| {
        let scorer = Scorer::new(definition);
        scorer.report(scorer.score(&answers, &Ratings::default())).to_canonical_json()
    };
    let stored: Value = serde_json::from_slice(&definition.to_canonical_json()).unwrap();
    let snapshot: Definition = serde_json::from_value(stored).unwrap();
    assert_eq!(bytes(&definition), bytes(&snapshot));
    let text = String::from_utf8(bytes(&definition)).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"assessmentVersion":"1.0","#,
            r#""dimensionScores":{"Emotional Intelligence":5,"Strategic Thinking":5},"#,
            r#""matchedCategory":"Visionary","#,
            r#""matchedCategoryData":{"description":"Leads by picture.","id":"visionary","name":"Visionary","#,
            r#""when":"overall >= 4.2 and strategic >= 4"},"overallScore":5,"scorerVersion":1}"#
        )
    );
}

/// Checks an explanation by its own numbers: the mean of the values is the score, the shares make the overall
/// score.
fn holds(explanation: &Explanation) {
    let near = |a: Decimal, b: Score| (a - b.decimal()).abs() <= Decimal::new(5001, 6);
    for dimension in &explanation.dimensions {
        let values: Vec<_> = dimension.values.iter().map(|value| value.value).collect();
        assert_eq!(dimension.score.is_some(), !values.is_empty());
        if let Some(score) = dimension.score {
            let mean = values.iter().sum::<Decimal>() / Decimal::from(values.len());
            assert!(near(mean, score), "{mean} {score}");
        }
    }
    if let Some(score) = explanation.overall.score {
        let sum = explanation.overall.shares.iter().map(|share| share.share * share.mean).sum();
        assert!(near(sum, score), "{sum} {score}");
        assert!(explanation.overall.covered >= explanation.overall.needed);
    }
}

proptest! {
    #[test]
    fn scores_stay_on_the_scale_and_their_explanation_adds_up(
        steps in proptest::option::of(1..=5_u8),
        reversed in proptest::option::of(1..=5_u8),
        option in proptest::option::of(1..=2_u8),
        number in proptest::option::of(0..=20_u8),
        rated in proptest::collection::vec(proptest::option::of(100..=500_i64), 0..4),
    ) {
        static ONCE: LazyLock<Definition> = LazyLock::new(|| definition(LEADERSHIP));
        let definition = &*ONCE;
        let replies = [
            ("s1", steps.map(Reply::Step)),
            ("e1", reversed.map(Reply::Step)),
            ("x1", option.map(Reply::Option)),
            ("n1", number.map(|n| Reply::Number(n.into()))),
        ];
        let answers: Answers = replies.into_iter().filter_map(|(id, reply)| Some((slug(id), reply?))).collect();
        let ratings: Ratings = (0..).zip(&rated).map(|(n, given)| {
            let given = given.map(|hundredths| Decimal::new(hundredths, 2).to_string());
            rating("eq", None, person(n), given.as_deref())
        }).collect();
        let scorer = Scorer::new(definition);
        let (outcome, explanation) = scorer.explain(&answers, &ratings);
        prop_assert_eq!(&outcome, &scorer.score(&answers, &ratings));
        let scale = definition.settings.scale;
        let mut scores = outcome.dimensions.iter().chain([&outcome.overall]).flatten();
        prop_assert!(scores.all(|score| scale.contains(score.decimal())));
        holds(&explanation);
    }
}
