//! What each form of answer is worth.

use assessment_format::{Answers, Ratings, Reply, Scorer, scoring::WhyLeftOut};

use super::{answers, definition, scored, shown, slug};

const FORMS: &str = r#"---
schema: assessment/1
name: Forms
version: "1.0"
type: multi-dimensional
scale: { min: -10, max: 10 }
coverage: 0.1
---
# Forms
Every form of answer.

## Dimensions
### A
- weight: 50%

A.

### B
- weight: 50%

B.

## Result categories
### Any
- default: true

## Items
1. Points?
   - id: points
   - measures: a
   - [-1] Less
   - [0] None
   - [3] More
2. Toward?
   - id: toward
   - [a 2] To A
   - [b 4] To B
   - [a 1, b 1] To both
3. Some, right or wrong?
   - id: some
   - measures: a
   - answer: multiple-choice
   - [x] Right
   - [x] Right too
   - [ ] Wrong
4. How many?
   - id: exact
   - measures: b (reversed)
   - answer: number
   - range: 0..100
   - decimals: 1
   - correct: 42
   - tolerance: 0.5
"#;

fn forms(replies: &str) -> String {
    scored(&definition(FORMS), &answers(replies)).1.join(" ")
}

#[test]
fn every_form_of_answer_has_its_value() {
    // From -1 to 3: 0 is a quarter of the way from -10 to 10.
    assert_eq!(forms(r#"{"points": {"option": 1}}"#), "-10.00 -");
    assert_eq!(forms(r#"{"points": {"option": 2}}"#), "-5.00 -");
    assert_eq!(forms(r#"{"points": {"option": 3}}"#), "10.00 -");
    // An option that does not name a dimension gives it 0: of 0 to 2 and of 0 to 4.
    assert_eq!(forms(r#"{"toward": {"option": 1}}"#), "10.00 -10.00");
    assert_eq!(forms(r#"{"toward": {"option": 3}}"#), "0.00 -5.00");
    // Right ones are 1, wrong ones -1, of 2; never below 0.
    assert_eq!(forms(r#"{"some": {"options": [1, 2]}}"#), "10.00 -");
    assert_eq!(forms(r#"{"some": {"options": [1, 3]}}"#), "-10.00 -");
    assert_eq!(forms(r#"{"some": {"options": [1, 2, 3]}}"#), "0.00 -");
    assert_eq!(forms(r#"{"some": {"options": [3]}}"#), "-10.00 -");
    // 42 within 0.5, and reversed: right is the lowest.
    assert_eq!(forms(r#"{"exact": {"number": 42.5}}"#), "- -10.00");
    assert_eq!(forms(r#"{"exact": {"number": 41.4}}"#), "- 10.00");
}

#[test]
fn what_is_kept_and_no_answer_is_left_out_and_said() {
    let definition = definition(FORMS);
    let broken: Answers =
        [("points", Reply::Option(9)), ("toward", Reply::Step(1)), ("some", Reply::Options(vec![4]))]
            .into_iter()
            .map(|(item, reply)| (slug(item), reply))
            .collect();
    let (outcome, explanation) = Scorer::new(&definition).explain(&broken, &Ratings::default());
    assert_eq!(shown(&definition, &outcome).1, ["-", "-"]);
    let why: Vec<_> = explanation.dimensions[0].left_out.iter().map(|left_out| left_out.why).collect();
    assert_eq!(why, [WhyLeftOut::DoesNotFit, WhyLeftOut::DoesNotFit, WhyLeftOut::DoesNotFit]);
}
