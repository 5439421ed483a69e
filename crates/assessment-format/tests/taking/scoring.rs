//! Scores worked out by hand, and what is missing.

use assessment_format::{Answers, Rater, Rating, Ratings, Score, Scorer, rating::Target};
use kernel::AccountId;

use super::{answers, definition, scored, shown, slug};

pub(crate) const LEADERSHIP: &str = r#"---
schema: assessment/1
name: Leadership Readiness
version: "1.0"
type: multi-dimensional
scale: { min: 1, max: 5 }
coverage: 0.5
---
# Leadership Readiness
How ready is this person to lead a team of ten?

## Dimensions
### Strategic Thinking
- id: strategic
- weight: 40%

Sees beyond the quarter.

### Emotional Intelligence
- id: eq
- weight: 0.6

Reads people; stays steady.

## Result categories
### Visionary
- when: overall >= 4.2 and strategic >= 4.0

Leads by picture.

### Anchor
- when: eq >= 4

Holds the team.

### Emerging
- default: true

Growing.

## Items
1. I review long-term goals every month.
   - id: s1
   - measures: strategic
   - answer: agree-5
2. Conflict throws me off.
   - id: e1
   - measures: eq (reversed)
   - answer: agree-5
3. Which comes first?
   - id: x1
   - measures: strategic
   - [ ] Write code
   - [x] Agree the goal
4. How many people did you lead?
   - id: n1
   - measures: strategic, eq
   - answer: number
   - range: 0..20
   - required: false
5. What went wrong last time?
   - id: t1
   - measures: eq
   - answer: text
   - required: false
"#;

pub(crate) fn person(n: u128) -> Rater {
    Rater::Person(format!("{n:032x}").parse::<AccountId>().unwrap())
}

fn score(text: &str) -> Score {
    Score::new(text.parse().unwrap()).unwrap()
}

pub(crate) fn rating(
    dimension: &str,
    item: Option<&str>,
    rater: Rater,
    given: Option<&str>,
) -> (Target, Rater, Rating) {
    let target = Target { dimension: slug(dimension), item: item.map(slug) };
    (target, rater, Rating { score: given.map(score), evidence: vec![] })
}

/// s1: 4. x1: right, 5. n1: 10 of 0 to 20, the middle of 1 to 5, 3. strategic = (4 + 5 + 3) / 3 = 4.
/// e1: 2 of 5 reversed, 4. eq = (4 + 3) / 2 = 3.5. overall = 0.4 * 4 + 0.6 * 3.5 = 3.7.
#[test]
fn items_are_mapped_to_the_scale_and_their_means_are_weighted() {
    let answers =
        answers(r#"{"s1": {"step": 4}, "e1": {"step": 2}, "x1": {"option": 2}, "n1": {"number": 10}}"#);
    let (overall, dimensions, category) = scored(&definition(LEADERSHIP), &answers);
    assert_eq!(
        (overall.as_str(), dimensions.join(" ").as_str(), category.as_str()),
        ("3.70", "4.00 3.50", "emerging")
    );
}

/// Rounding each dimension first would give 0.4 * 3.67 + 0.6 * 4 = 3.868, 3.87; so does 0.4 * 3.666.. + 2.4 =
/// 3.8666.. With e1 at 1 and n1 at 13: strategic (3 + 5 + 3.6) / 3 = 3.8666.., eq (5 + 3.6) / 2 = 4.3,
/// overall 4.12666..
#[test]
fn nothing_is_rounded_before_the_end() {
    let answers =
        answers(r#"{"s1": {"step": 3}, "e1": {"step": 1}, "x1": {"option": 2}, "n1": {"number": 13}}"#);
    let (overall, dimensions, category) = scored(&definition(LEADERSHIP), &answers);
    assert_eq!(
        (overall.as_str(), dimensions.join(" ").as_str(), category.as_str()),
        ("4.13", "3.87 4.30", "anchor")
    );
}

/// On a scale from 0 to 0.03 step 3 of 7 is a third, 0.01; with step 1 of 4, which is 0, the mean is the half
/// 0.005. As a decimal the third falls short of it by a little, which must not decide.
#[test]
fn a_half_that_thirds_add_up_to_is_rounded_up() {
    let text = r#"---
schema: assessment/1
name: Thirds
version: "1.0"
type: single-outcome
scale: { min: 0, max: 0.03 }
---
# Thirds
Thirds.

## Dimensions
### All
- weight: 100%

All.

## Result categories
### Any
- default: true

## Items
1. One?
   - id: q1
   - measures: all
   - answer: agree-4
2. Two?
   - id: q2
   - measures: all
   - answer: agree-7
"#;
    assert_eq!(scored(&definition(text), &answers(r#"{"q1": {"step": 1}, "q2": {"step": 3}}"#)).0, "0.01");
    assert_eq!(scored(&definition(text), &answers(r#"{"q1": {"step": 1}, "q2": {"step": 2}}"#)).0, "0.00");
}

#[test]
fn a_dimension_nobody_spoke_of_has_no_score_and_nothing_is_assumed_for_it() {
    let definition = definition(LEADERSHIP);
    // strategic alone has 0.4 of the weight; 0.5 and more are needed.
    let strategic = answers(r#"{"s1": {"step": 5}, "x1": {"option": 2}}"#);
    assert_eq!(scored(&definition, &strategic), ("-".into(), vec!["5.00".into(), "-".into()], "-".into()));
    // eq alone has 0.6: its weight counts for the whole.
    let eq = answers(r#"{"e1": {"step": 1}}"#);
    let (overall, dimensions, category) = scored(&definition, &eq);
    assert_eq!((overall.as_str(), dimensions.join(" ").as_str()), ("5.00", "- 5.00"));
    // `overall >= 4.2 and strategic >= 4.0` hangs on strategic: whether `anchor` is the first to hold nobody can say.
    assert_eq!(category, "-");
    let low = answers(r#"{"e1": {"step": 3}}"#);
    assert_eq!(scored(&definition, &low).2, "emerging");
}

#[test]
fn nothing_answered_is_no_result() {
    let (overall, dimensions, category) = scored(&definition(LEADERSHIP), &Answers::default());
    assert_eq!((overall.as_str(), dimensions.join(" ").as_str(), category.as_str()), ("-", "- -", "-"));
}

/// Two people rate the interview 3 and 4, a model 1: 3.5, whatever the model said. A person finds too little
/// in the text, and so does not count. eq = (4 of e1 + 3.5) / 2 = 3.75.
#[test]
fn ratings_of_people_count_as_one_value_and_a_model_only_where_they_are_silent() {
    let definition = definition(LEADERSHIP);
    let answers = answers(r#"{"e1": {"step": 2}, "t1": {"text": "I spoke too late."}}"#);
    let of_people: Ratings = [
        rating("eq", None, person(1), Some("3")),
        rating("eq", None, person(2), Some("4")),
        rating("eq", None, Rater::Model("m".into()), Some("1")),
        rating("eq", Some("t1"), person(1), None),
    ]
    .into_iter()
    .collect();
    let scorer = Scorer::new(&definition);
    assert_eq!(shown(&definition, &scorer.score(&answers, &of_people)).1[1], "3.75");
    let of_a_model: Ratings = [rating("eq", None, Rater::Model("m".into()), Some("1"))].into_iter().collect();
    assert_eq!(shown(&definition, &scorer.score(&answers, &of_a_model)).1[1], "2.50");
    let silent: Ratings =
        [rating("eq", None, person(1), None), rating("eq", None, Rater::Model("m".into()), Some("1"))]
            .into_iter()
            .collect();
    assert_eq!(shown(&definition, &scorer.score(&answers, &silent)).1[1], "4.00");
}

#[test]
fn a_rating_of_a_text_that_was_taken_back_does_not_count() {
    let definition = definition(LEADERSHIP);
    let ratings: Ratings = [rating("eq", Some("t1"), person(1), Some("1"))].into_iter().collect();
    let score =
        |json| shown(&definition, &Scorer::new(&definition).score(&answers(json), &ratings)).1[1].clone();
    assert_eq!(score(r#"{"e1": {"step": 1}, "t1": {"text": "I spoke too late."}}"#), "3.00");
    assert_eq!(score(r#"{"e1": {"step": 1}}"#), "5.00");
}
