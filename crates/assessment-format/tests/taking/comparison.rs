//! An edit asks for a version, and says why.

use assessment_format::{
    Content, Version,
    comparison::{Level, VersionDiff, VersionRefused, compare},
    definition::{Answer, CategoryRule, Disclosure, Kind, Likert, Measure, OptionScore, TieBreak, TieRule},
};
use rust_decimal::Decimal;

use super::{definition, slug};

const BASE: &str = r#"---
schema: assessment/1
name: Base
version: "1.0"
type: multi-dimensional
scale: { min: 1, max: 5 }
---
# Base
A base.

## Dimensions
### A
- weight: 40%

A.

| score | what you would see |
|---|---|
| 1 | reacts |
| 5 | shapes |

### B
- weight: 60%

B.

## Result categories
### High
- when: overall >= 4

High.

### Middle
- when: overall >= 3

Middle.

### Low
- default: true

## Interview guidelines
### Opening
Welcome.

### Ask about A
- How?

## Items
Say how far you agree.

1. One.
   - id: one
   - measures: a, b (reversed)
   - answer: agree-5
   - labels: no | yes
2. Two?
   - id: two
   - measures: a
   - [1] First
   - [2] Second
3. Three?
   - id: three
   - measures: b
   - answer: number
   - range: 0..10
4. Not counted?
   - id: four
   - answer: agree-5
5. Why?
   - id: five
   - measures: a
   - answer: text
"#;

fn base() -> Content {
    definition(BASE).into_content()
}

fn revised(change: impl FnOnce(&mut Content)) -> VersionDiff {
    let (old, mut new) = (base(), base());
    change(&mut new);
    compare(&old, &new)
}

/// One change, of the level, at the place, in these words.
#[track_caller]
fn one(level: Level, place: &str, what: &str, change: impl FnOnce(&mut Content)) {
    let edits = revised(change).edits;
    let told: Vec<_> =
        edits.iter().map(|edit| (edit.level, edit.place.as_str(), edit.what.as_str())).collect();
    assert_eq!(told, [(level, place, what)]);
}

#[track_caller]
fn wording(place: &str, what: &str, change: impl FnOnce(&mut Content)) {
    one(Level::Wording, place, what, change);
}

#[track_caller]
fn scoring(place: &str, what: &str, change: impl FnOnce(&mut Content)) {
    one(Level::Scoring, place, what, change);
}

#[test]
fn words_are_wording() {
    wording("settings/name", "the name changed", |new| new.settings.name = "Other".into());
    wording("settings/language", "the language changed", |new| new.settings.language = "de".into());
    wording("settings/result-disclosure", "what a person sees changed", |new| {
        new.settings.disclosure = Disclosure::None;
    });
    wording("settings/time-limit", "the time limit in minutes changed", |new| {
        new.settings.time_limit_minutes = Some(30);
    });
    wording("dimensions/a/name", "the name of dimension `a` changed", |new| {
        new.dimensions[0].name = "Z".into();
    });
    wording("dimensions/a/anchors", "the anchors of dimension `a` changed", |new| {
        new.dimensions[0].anchors[0].text = "waits".into();
    });
    wording("categories/high/description", "the description of category `high` changed", |new| {
        new.categories[0].description = "Up.".into();
    });
    wording("guidelines/topics", "the questions of the interview changed", |new| {
        new.guidelines.topics[0].questions[0].text = "Why?".into();
    });
    wording("introductions/items", "the introduction of the items changed", |new| {
        new.introductions.items = "Say.".into();
    });
    wording("items/one/text", "the text of item `one` changed", |new| new.items[0].text = "Uno.".into());
    wording("items/one/required", "the need to answer of item `one` changed", |new| {
        new.items[0].required = false;
    });
    wording("items/one/answer/words", "the words of the answer of item `one` changed", |new| {
        new.items[0].answer = Answer::Agree(Likert { steps: 5, labels: vec![] });
    });
    wording("items/five/answer/words", "the words of the answer of item `five` changed", |new| {
        new.items[4].answer = Answer::Text { max_length: 9 };
    });
    wording("items/order", "the order of the items changed", |new| new.items.swap(0, 1));
    wording("dimensions/order", "the order of the dimensions changed", |new| new.dimensions.swap(0, 1));
}

#[test]
fn what_decides_numbers_is_scoring() {
    scoring("settings/scale", "the scale changed", |new| new.settings.scale.max = 6.into());
    scoring("settings/coverage", "the coverage needed changed", |new| {
        new.settings.coverage = Decimal::new(8, 1);
    });
    scoring("dimensions/a/weight", "the weight of dimension `a` changed", |new| {
        new.dimensions[0].weight = Decimal::new(41, 2);
    });
    scoring("dimensions/a/anchors", "the anchors of dimension `a` changed", |new| {
        new.dimensions[0].anchors[0].score = 2.into();
    });
    scoring("categories/high/rule", "the rule of category `high` changed", |new| {
        new.categories[0].rule = CategoryRule::When("overall > 4".parse().unwrap());
    });
    scoring("categories/order", "the order of the categories changed", |new| new.categories.swap(0, 1));
    scoring("items/one/measures", "what is measured of item `one` changed", |new| {
        new.items[0].measures[1].reversed = false;
    });
    scoring("items/one/answer/worth", "what answers are worth of item `one` changed", |new| {
        new.items[0].answer = Answer::Agree(Likert { steps: 7, labels: vec!["no".into(), "yes".into()] });
    });
    scoring("items/two/answer/worth", "what answers are worth of item `two` changed", |new| {
        let Answer::SingleChoice { options } = &mut new.items[1].answer else { unreachable!() };
        options[0].worth = OptionScore::Points(0.into());
    });
    scoring("items/three/answer/worth", "what answers are worth of item `three` changed", |new| {
        let Answer::Number { max, .. } = &mut new.items[2].answer else { unreachable!() };
        *max = 11.into();
    });
    scoring("items/four/measures", "what is measured of item `four` changed", |new| {
        new.items[3].measures.push(Measure { dimension: slug("a"), reversed: false });
    });
    scoring("items/three", "item `three` is gone", |new| drop(new.items.remove(2)));
    scoring("categories/middle", "category `middle` is gone", |new| drop(new.categories.remove(1)));
}

#[test]
fn what_does_not_count_is_wording_whatever_becomes_of_it() {
    wording("items/four", "item `four` is gone", |new| drop(new.items.remove(3)));
    wording("items/four/answer/worth", "what answers are worth of item `four` changed", |new| {
        new.items[3].answer = Answer::Agree(Likert { steps: 7, labels: vec![] });
    });
    wording("items/four/answer/form", "the form of the answer of item `four` changed", |new| {
        new.items[3].answer = Answer::SingleChoice { options: vec![] };
    });
}

#[test]
fn in_a_comparative_assessment_the_dimensions_have_an_order_that_counts() {
    let comparative = |content: &mut Content| {
        content.settings.kind = Kind::Comparative;
        content.settings.tie = Some(TieRule { margin: 0.into(), winner: TieBreak::Order });
    };
    let (mut old, mut new) = (base(), base());
    comparative(&mut old);
    comparative(&mut new);
    new.dimensions.swap(0, 1);
    new.categories.swap(0, 1);
    let levels: Vec<_> = compare(&old, &new).edits.into_iter().map(|edit| (edit.place, edit.level)).collect();
    let expected = [("dimensions/order", Level::Scoring), ("categories/order", Level::Wording)];
    assert_eq!(levels, expected.map(|(place, level)| (place.to_owned(), level)));
    let kinds = compare(&base(), &old);
    assert!(kinds.edits.iter().all(|edit| edit.level == Level::Scoring));
}

#[test]
fn an_edit_is_told_with_what_stood_there_and_what_does() {
    let diff = revised(|new| {
        new.dimensions[0].weight = Decimal::new(5, 1);
        new.settings.name = "Other".into();
        new.items.remove(3);
    });
    insta::assert_json_snapshot!(diff);
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

#[test]
fn wording_asks_for_the_next_minor_and_scoring_for_the_next_major() {
    let words = revised(|new| new.settings.name = "Other".into());
    let numbers = revised(|new| new.settings.scale.max = 6.into());
    assert_eq!(words.least(version("1.4")), Ok(version("1.5")));
    assert_eq!(numbers.least(version("1.4")), Ok(version("2.0")));
    assert_eq!(words.check(version("1.4"), version("1.5")), Ok(()));
    assert_eq!(words.check(version("1.4"), version("2.0")), Ok(()), "higher is never wrong");
    assert_eq!(
        numbers.check(version("1.4"), version("1.5")).unwrap_err().to_string(),
        "version 1.5 is too low: after 1.4 a change of scoring asks for 2.0 or higher"
    );
    assert!(matches!(words.check(version("1.4"), version("1.4")), Err(VersionRefused::TooLow { .. })));
    assert_eq!(words.least(version("1.9999")), Ok(version("2.0")));
    assert_eq!(numbers.least(version("9999.0")), Err(VersionRefused::Exhausted(version("9999.0"))));
}

#[test]
fn nothing_changed_is_nothing_to_publish() {
    let same = revised(|new| new.settings.version = version("3.0"));
    assert_eq!((same.level(), same.edits.len()), (None, 0));
    assert_eq!(same.check(version("1.0"), version("1.1")), Err(VersionRefused::Unchanged(version("1.0"))));
    // The same weight, written otherwise.
    let scaled = revised(|new| new.dimensions[0].weight = Decimal::new(400, 3));
    assert_eq!(scaled.level(), None);
}
