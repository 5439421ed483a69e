//! Conditions: how they are read, what they say, and what is found out about a list of them.

use std::collections::HashMap;

use assessment_format::{
    Condition, Slug,
    condition::{Coverage, Dead, Sample, Subjects, rounded},
    definition::Scale,
};
use proptest::{collection::vec, prelude::*};
use rust_decimal::Decimal;

use crate::generate::condition_text;

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn condition(text: &str) -> Condition {
    Condition::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// What a condition says of scores given as `overall 3.5, eq 2`.
fn evaluate(text: &str, scores: &str) -> Option<bool> {
    let pairs = scores.split(',').filter_map(|pair| pair.trim().split_once(' '));
    let scores: HashMap<&str, Decimal> = pairs.map(|(name, score)| (name, decimal(score))).collect();
    condition(text).evaluate(|subject| scores.get(subject.to_string().as_str()).copied())
}

#[test]
fn and_binds_tighter_than_or_and_not_tighter_than_both() {
    let canonical = |text: &str| condition(text).to_string();
    assert_eq!(canonical("a>=1 or b<2 and not c=3"), "a >= 1 or b < 2 and not c == 3");
    assert_eq!(canonical("((a≥1 OR (b<2))) AND c!=3.50"), "(a >= 1 or b < 2) and c != 3.5");
    assert_eq!(canonical("not(not (a<1 and (b<2 and c<3)))"), "not not (a < 1 and b < 2 and c < 3)");
    assert_eq!(canonical("360 >= -4"), "360 >= -4");
    assert_eq!(evaluate("a < 1 or b < 1 and c < 1", "a 0, b 5, c 5"), Some(true));
}

#[test]
fn scores_are_compared_as_the_result_shows_them() {
    assert_eq!(evaluate("overall >= 4.2", "overall 4.195"), Some(true));
    assert_eq!(evaluate("overall >= 4.2", "overall 4.1949999"), Some(false));
    assert_eq!(evaluate("overall == -1.01", "overall -1.005"), Some(true));
}

#[test]
fn what_hangs_on_a_missing_score_is_not_decided() {
    assert_eq!(evaluate("a >= 1", ""), None);
    assert_eq!(evaluate("not a >= 1", ""), None);
    assert_eq!(evaluate("a >= 1 or b >= 1", "b 2"), Some(true));
    assert_eq!(evaluate("a >= 1 and b >= 1", "b 0"), Some(false));
    assert_eq!(evaluate("a >= 1 and b >= 1", "b 2"), None);
}

#[test]
fn what_is_wrong_with_a_condition_is_shown_where_it_is() {
    let mistakes = [
        "",
        "overall",
        "overall >=",
        "overall >= four",
        "overall => => 3",
        "overall >= 4 eq >= 3",
        "overall >= 4 and",
        "and overall >= 4",
        "(overall >= 4",
        "overall >= 4)",
        "overall >= 3 < 4",
        "3 <= overall",
        "Strategic Thinking >= 4",
        "overall >= 4.00001",
        "overall >= 40%",
        "overall >= 1e3",
        "overall >= 5000",
        "overall & eq",
        "()",
        "not",
        "(overall >= 4 eq < 2)",
        "a_b > 1",
        "overall === 4",
    ];
    let shown = mistakes.map(|text| {
        let error = Condition::parse(text).unwrap_err();
        let before = text.get(..error.place.start).unwrap_or(text).chars().count();
        let carets = text.get(error.place.clone()).map_or(1, |part| part.chars().count());
        format!("{text}\n{}{}\n{error}\n", " ".repeat(before), "^".repeat(carets))
    });
    insta::assert_snapshot!("condition_mistakes", shown.join("\n"));
}

#[test]
fn a_condition_is_bounded() {
    let deep = |n: usize| format!("{}overall > 1{}", "(".repeat(n), ")".repeat(n));
    assert!(Condition::parse(&deep(32)).is_ok());
    assert!(Condition::parse(&deep(33)).unwrap_err().what.contains("32 deep"));
    assert!(Condition::parse(&"not ".repeat(33)).is_err());
    let wide = |n: usize| vec!["abc>1"; n].join(" or ");
    assert!(Condition::parse(&wide(71)).is_ok());
    // Written with spaces it would be longer than a condition may be.
    assert!(Condition::parse(&wide(99)).unwrap_err().what.contains("1,000"));
    assert!(Condition::parse(&"(".repeat(100_000)).is_err());
}

fn coverage_of(conditions: &[&str], dimensions: &[(&str, &str)], scale: (&str, &str)) -> Coverage {
    let conditions: Vec<Condition> = conditions.iter().map(|text| condition(text)).collect();
    let dimensions: Vec<_> = dimensions.iter().map(|(id, weight)| (slug(id), decimal(weight))).collect();
    let scale = Scale { min: decimal(scale.0), max: decimal(scale.1) };
    let subjects = Subjects { scale, dimensions: &dimensions };
    Coverage::of(&conditions.iter().collect::<Vec<_>>(), subjects).unwrap()
}

const TWO: &[(&str, &str)] = &[("a", "0.4"), ("b", "0.6")];

#[test]
fn bands_that_meet_leave_nothing_to_say() {
    let bands = ["overall >= 4", "overall >= 2.5 and overall < 4"];
    let found = coverage_of(&bands, TWO, ("1", "5"));
    assert!(found.overlaps.is_empty() && found.dead.is_empty() && found.gaps.is_empty());
    assert!(found.uncovered.is_some());
}

#[test]
fn a_hole_between_bands_is_found_and_a_band_for_the_default_is_not_one() {
    let narrow = coverage_of(&["overall > 4", "overall < 4"], TWO, ("1", "5"));
    assert_eq!((narrow.gaps[0].from, narrow.gaps[0].to), (decimal("4"), decimal("4")));
    let narrow = coverage_of(&["overall >= 4", "overall <= 3.9"], TWO, ("1", "5"));
    assert_eq!((narrow.gaps[0].from, narrow.gaps[0].to), (decimal("3.91"), decimal("3.99")));
    let wide = coverage_of(&["overall >= 4", "overall < 3"], TWO, ("1", "5"));
    assert!(wide.gaps.is_empty());
}

#[test]
fn a_special_case_before_a_general_one_is_told_from_two_that_cross() {
    let cascade = coverage_of(&["overall >= 4", "overall >= 3"], TWO, ("1", "5"));
    assert!(cascade.overlaps[0].nested);
    let crossing = coverage_of(&["a >= 4", "b >= 4"], TWO, ("1", "5"));
    assert!(!crossing.overlaps[0].nested);
    let disjoint = coverage_of(&["a >= 4", "a < 4 and b >= 4"], TWO, ("1", "5"));
    assert!(disjoint.overlaps.is_empty());
}

#[test]
fn a_category_after_a_wider_one_is_dead() {
    assert_eq!(coverage_of(&["overall >= 3", "overall >= 4"], TWO, ("1", "5")).dead, [Dead::Taken(1)]);
    assert_eq!(coverage_of(&["a >= 3", "a < 3", "b > 2"], TWO, ("1", "5")).dead, [Dead::Taken(2)]);
    assert_eq!(coverage_of(&["a >= 3 and a < 3"], TWO, ("1", "5")).dead, [Dead::Never(0)]);
    assert_eq!(coverage_of(&["a >= 3", "a < 3"], TWO, ("1", "5")).uncovered, None);
}

#[test]
fn the_overall_score_is_the_weighted_mean_to_the_last_hundredth() {
    // With a below 2 the overall score is below 0.4 * 1.995 + 0.6 * 5 = 3.798, shown as 3.80.
    assert_eq!(coverage_of(&["overall >= 3.81 and a < 2"], TWO, ("1", "5")).dead, [Dead::Never(0)]);
    assert!(coverage_of(&["overall >= 3.8 and a < 2"], TWO, ("1", "5")).dead.is_empty());
    // Weights that sum to 0.99 are divided by their sum.
    let thirds = &[("a", "0.33"), ("b", "0.33"), ("c", "0.33")];
    assert!(coverage_of(&["overall == 5"], thirds, ("1", "5")).dead.is_empty());
    // On the ends of the scale everything is there at once.
    assert_eq!(coverage_of(&["overall == 5 and a < 4.98"], TWO, ("1", "5")).dead, [Dead::Never(0)]);
}

#[test]
fn a_grid_of_more_than_ten_thousand_cells_is_not_checked() {
    let ids: Vec<String> = (0..10).map(|n| format!("d{n}")).collect();
    let text: Vec<String> = ids.iter().map(|id| format!("{id} >= 3")).collect();
    let condition = condition(&text.join(" and "));
    let dimensions: Vec<_> = ids.iter().map(|id| (slug(id), decimal("0.1"))).collect();
    let scale = Scale { min: decimal("1"), max: decimal("5") };
    let subjects = Subjects { scale, dimensions: &dimensions };
    assert_eq!(Coverage::of(&[&condition], subjects), Err(3_u128.pow(10)));
}

/// Every person whose exact scores are multiples of a 400th of the scale, so that halves of a hundredth are met.
fn people(scale: Scale, weights: &[(Slug, Decimal)]) -> Vec<Sample> {
    let step = Decimal::new(5, 3);
    let steps = i64::try_from((scale.length() / step).round()).unwrap();
    let score = |n: i64| scale.min + Decimal::from(n) * step;
    let total: Decimal = weights.iter().map(|(_, weight)| *weight).sum();
    let mut people = Vec::new();
    for a in 0..=steps {
        for b in 0..=steps {
            let scores = [score(a), score(b)];
            let overall =
                scores.iter().zip(weights).map(|(score, (_, weight))| score * weight).sum::<Decimal>()
                    / total;
            let dimensions = weights.iter().map(|(id, _)| id.clone()).zip(scores).collect();
            people.push(Sample { overall, dimensions });
        }
    }
    people
}

fn holds(condition: &Condition, sample: &Sample) -> bool {
    condition.evaluate(|subject| sample.score(subject)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_condition_prints_to_what_reads_back_the_same(text in condition_text(&[slug("a"), slug("and-b"), slug("5")])) {
        let parsed = condition(&text);
        let printed = parsed.to_string();
        prop_assert_eq!(condition(&printed), parsed);
        prop_assert_eq!(condition(&printed).to_string(), printed);
    }

    /// The scale is short, so that everybody on it can be asked.
    #[test]
    fn what_is_said_of_conditions_is_what_asking_everybody_says(
        texts in vec(condition_text(&[slug("a"), slug("b")]), 1..5),
        low in -30..30_i64,
        weight in 1..100_i64,
        surplus in -1..=1_i64,
    ) {
        // The conditions speak of scores from -5 to 5: bring them onto a scale of a third of a point.
        let scale = Scale { min: Decimal::new(low, 2), max: Decimal::new(low + 33, 2) };
        let onto_scale = |text: &String| {
            let condition = condition(text);
            let mut text = format!("{condition} ");
            for comparison in condition.comparisons() {
                let old = format!("{} {} {}", comparison.subject, comparison.operator, comparison.value.normalize());
                let part = (comparison.value + Decimal::from(5)).abs() % Decimal::TEN / Decimal::TEN;
                let value = (scale.at(part) + Decimal::new(1, 2)).round_dp(if part.scale().is_multiple_of(3) { 3 } else { 2 });
                let new = format!("{} {} {value}", comparison.subject, comparison.operator);
                // A number ends there: 0 is not the beginning of 0.18.
                for end in [' ', ')'] {
                    text = text.replace(&format!("{old}{end}"), &format!("{new}{end}"));
                }
            }
            Condition::parse(text.trim()).unwrap()
        };
        let conditions: Vec<Condition> = texts.iter().map(onto_scale).collect();
        let weights = [(slug("a"), Decimal::new(weight, 2)), (slug("b"), Decimal::new(100 - weight + surplus, 2))];
        prop_assume!(weights[1].1 > Decimal::ZERO);
        let refs: Vec<&Condition> = conditions.iter().collect();
        let Ok(found) = Coverage::of(&refs, Subjects { scale, dimensions: &weights }) else { return Ok(()) };

        // Whatever is said to be possible is shown by a person who is on the scale.
        let is_person = |sample: &Sample| {
            let total: Decimal = weights.iter().map(|(_, weight)| *weight).sum();
            let weighted = sample.dimensions.iter().zip(&weights).map(|((_, score), (_, weight))| score * weight);
            rounded(weighted.sum::<Decimal>() / total) == rounded(sample.overall)
                && sample.dimensions.iter().all(|(_, score)| scale.contains(*score))
        };
        for overlap in &found.overlaps {
            prop_assert!(is_person(&overlap.sample));
            prop_assert!(holds(refs[overlap.first], &overlap.sample) && holds(refs[overlap.second], &overlap.sample));
            prop_assert!(!refs[..overlap.first].iter().any(|earlier| holds(earlier, &overlap.sample)));
        }
        for sample in found.gaps.iter().map(|gap| &gap.sample).chain(&found.uncovered) {
            prop_assert!(is_person(sample) && !refs.iter().any(|condition| holds(condition, sample)));
        }

        // And nobody is found who contradicts it.
        for person in people(scale, &weights) {
            let fits: Vec<usize> = (0..refs.len()).filter(|n| holds(refs[*n], &person)).collect();
            let Some(first) = fits.first() else {
                prop_assert!(found.uncovered.is_some());
                continue;
            };
            for dead in &found.dead {
                match dead {
                    Dead::Never(n) => prop_assert!(!fits.contains(n), "{dead:?} {person:?}"),
                    Dead::Taken(n) => prop_assert!(first != n, "{dead:?} {person:?}"),
                }
            }
            for second in &fits[1..] {
                let is_dead = found.dead.contains(&Dead::Taken(*second)) || found.dead.contains(&Dead::Never(*second));
                let told = found.overlaps.iter().any(|overlap| (overlap.first, overlap.second) == (*first, *second));
                prop_assert!(is_dead || told, "{first} {second} {person:?} {found:?}");
            }
            for overlap in found.overlaps.iter().filter(|overlap| overlap.nested) {
                prop_assert!(!fits.contains(&overlap.first) || fits.contains(&overlap.second));
            }
        }
    }
}
