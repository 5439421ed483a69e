//! Conditions: how they are read, what they say, and what is found out about a list of them.

use std::collections::{BTreeSet, HashMap};

use assessment_format::{
    Condition, Slug,
    condition::{Coverage, Dead, Sample, Subjects, rounded},
    definition::Scale,
};
use proptest::{collection::vec, prelude::*};
use rust_decimal::Decimal;

use crate::generate::{condition_text, condition_text_between};

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
    condition(text).evaluate(scores.get("overall").copied(), |id| scores.get(id.as_str()).copied())
}

#[test]
fn and_binds_tighter_than_or_and_not_tighter_than_both() {
    let canonical = |text: &str| condition(text).to_string();
    assert_eq!(canonical("a>=1 or b<2 and not c=3"), "a >= 1 or b < 2 and not c == 3");
    assert_eq!(canonical("((a≥1 OR (b<2))) AND c!=3.50"), "(a >= 1 or b < 2) and c != 3.5");
    assert_eq!(canonical("not(not (a<1 and (b<2 and c<3)))"), "not not (a < 1 and b < 2 and c < 3)");
    assert_eq!(canonical("360 >= -4"), "360 >= -4");
    assert_eq!(canonical("MIN( a,b )>3 and max(a)<4.50"), "min(a, b) > 3 and max(a) < 4.5");
    assert_eq!(
        canonical("not sum(b,a) ≤ 7 or Count(a , b=>4.0) = 2"),
        "not sum(b, a) <= 7 or count(a, b >= 4) == 2"
    );
    // Without a parenthesis they are ids like others.
    assert_eq!(canonical("min > 1 and count(count, sum > 1) > 0"), "min > 1 and count(count, sum > 1) > 0");
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
fn functions_take_scores_as_shown_and_say_what_they_can_where_one_is_missing() {
    let all = "a 3.995, b 2.004, c 5";
    for (text, scores, expected) in [
        ("min(a, b, c) == 2", all, Some(true)),
        ("max(a, b) >= 4", all, Some(true)),
        ("sum(a, b) == 6", all, Some(true)),
        ("sum(a, b) > 6", all, Some(false)),
        ("count(a, b, c >= 4) == 2", all, Some(true)),
        ("count(a, b, c >= 4) != 2", all, Some(false)),
        ("min(a, b) >= 3", "a 2", Some(false)),
        ("min(a, b) < 3", "a 2", Some(true)),
        ("min(a, b) >= 3", "a 4", None),
        ("min(a, b) == 3", "a 2", Some(false)),
        ("max(a, b) >= 3", "a 4", Some(true)),
        ("max(a, b) > 4", "a 4", None),
        ("max(a, b) <= 3", "a 4", Some(false)),
        ("sum(a, b) > 1", "a 4", None),
        ("count(a, b, c >= 4) >= 1", "a 4", Some(true)),
        ("count(a, b, c >= 4) >= 3", "a 3", Some(false)),
        ("count(a, b, c >= 4) <= 2", "a 4, b 4", None),
        ("count(a, b, c >= 4) == 0", "a 4", Some(false)),
    ] {
        assert_eq!(evaluate(text, scores), expected, "{text} of {scores}");
    }
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
        "overall >= 50000",
        "overall & eq",
        "()",
        "not",
        "(overall >= 4 eq < 2)",
        "a_b > 1",
        "overall === 4",
        "mim(a, b) >= 3",
        "average(a, b) >= 3",
        "overall(a) >= 3",
        "min() >= 3",
        "min(a, b >= 3",
        "min(a, b >= 3) >= 2",
        "min(a b) >= 3",
        "min(a, and >) >= 3",
        "min(a, b",
        "min(a,",
        "min(a_b, c) >= 3",
        "max(a, overall) >= 3",
        "sum(a, b, a) > 3",
        "sum(a, b)",
        "sum(3, 4) + a > 3",
        "count(a, b) >= 1",
        "count(a, b >=) >= 1",
        "count(a >= 4, b >= 4) >= 1",
        "count(a, b >= 4 >= 1",
        "count(a, b >= 4",
        "count(a, b >= 4) >= 1.5",
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
    let found = Coverage::of(&conditions.iter().collect::<Vec<_>>(), subjects);
    assert_eq!(found.unchecked, None, "{conditions:?}");
    found
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
    // Below 2 is below 1.995, and so is the mean of two such, while 1.995 itself is shown as 2.00; so below 0 as well.
    assert_eq!(coverage_of(&["overall >= 2 and a < 2 and b < 2"], TWO, ("1", "5")).dead, [Dead::Never(0)]);
    assert_eq!(
        coverage_of(&["overall <= -2 and a > -2 and b > -2"], TWO, ("-5", "5")).dead,
        [Dead::Never(0)]
    );
    // Weights that sum to 0.99 are divided by their sum.
    let thirds = &[("a", "0.33"), ("b", "0.33"), ("c", "0.33")];
    assert!(coverage_of(&["overall == 5"], thirds, ("1", "5")).dead.is_empty());
    // On the ends of the scale everything is there at once.
    assert_eq!(coverage_of(&["overall == 5 and a < 4.98"], TWO, ("1", "5")).dead, [Dead::Never(0)]);
}

#[test]
fn sums_are_compared_with_each_other_and_with_the_overall_score() {
    let even = &[("a", "0.5"), ("b", "0.5")];
    let dead = |condition: &str| coverage_of(&[condition], even, ("1", "5")).dead == [Dead::Never(0)];
    // 8.01 of shown scores may be 8 of exact ones, which is shown as 4.00, but not less.
    assert!(dead("sum(a, b) >= 8.01 and overall < 4"));
    assert!(!dead("sum(a, b) >= 8.01 and overall <= 4"));
    assert!(dead("sum(a, b) >= 8.02 and overall <= 4"));
    assert!(dead("sum(a, b) > 9 and min(a, b) < 4"));
    assert!(dead("sum(a, b) == 5.005"));
    // What two points each add up to leaves holes.
    assert!(dead("(a == 1 or a == 2) and (b == 1 or b == 2) and sum(a, b) == 3.5"));
    assert!(!dead("(a == 1 or a == 2) and (b == 1 or b == 2) and sum(a, b) == 3"));
    assert!(dead("(a == 1 or a == 5) and (b == 1 or b == 5) and overall == 2"));
    let three = &[("a", "0.2"), ("b", "0.3"), ("c", "0.5")];
    let dead = |condition: &str| coverage_of(&[condition], three, ("1", "5")).dead == [Dead::Never(0)];
    assert!(dead("sum(a, b) > 8 and sum(b, c) < 4.02 and a < 5"));
    assert!(!dead("sum(a, b) > 8 and sum(b, c) < 4.02 and a <= 5"));
    // Each two of them are possible, and no person has all three.
    assert!(dead("sum(a, b) == 6 and sum(b, c) == 6 and sum(a, c) == 6.01"));
    assert!(!dead("sum(a, b) == 6 and sum(b, c) == 6 and sum(a, c) == 6.02"));
}

#[test]
fn twelve_dimensions_with_eight_thresholds_each_are_compared() {
    let ids: Vec<String> = (0..12).map(|n| format!("d{n}")).collect();
    let weights: Vec<(&str, String)> =
        ids.iter().map(|id| (id.as_str(), "0.08".to_owned())).chain([("rest", "0.04".to_owned())]).collect();
    let weights: Vec<(&str, &str)> = weights.iter().map(|(id, weight)| (*id, weight.as_str())).collect();
    let all = |part: &dyn Fn(usize) -> String, word: &str| (0..12).map(part).collect::<Vec<_>>().join(word);
    let mut conditions: Vec<String> =
        (0..8).map(|n| all(&|d| format!("d{d} >= {}", 4.5 - f64::from(n) / 2.0), " and ")).collect();
    let listed = ids.join(", ");
    conditions.push(format!("min({listed}) >= 2.5"));
    conditions.push(format!("count({listed} >= 4) >= 7"));
    conditions.push(format!("count({listed} < 4) >= 6"));
    let conditions: Vec<&str> = conditions.iter().map(String::as_str).collect();
    let found = coverage_of(&conditions, &weights, ("1", "5"));
    // A score of 1 is the least there is, so that the last of the eight takes everybody.
    assert_eq!(found.dead, [Dead::Taken(8), Dead::Taken(9), Dead::Taken(10)]);
    assert_eq!(found.uncovered, None);
    let counts = coverage_of(&[conditions[9], conditions[10]], &weights, ("1", "5"));
    assert!(counts.overlaps.is_empty() && counts.dead.is_empty() && counts.uncovered.is_none());
    let fewer = conditions[10].replace("< 4", "< 3.99");
    let counts = coverage_of(&[conditions[9], &fewer], &weights, ("1", "5"));
    let left = counts.uncovered.unwrap();
    assert!(![conditions[9], &fewer].iter().any(|text| holds(&condition(text), &left)), "{left:?}");
    // One cell of 9^12 that the first leaves.
    let hole = all(&|d| format!("(d{d} < 3 or d{d} >= 3.1)"), " or ");
    let found = coverage_of(&[&hole], &weights, ("1", "5"));
    assert_eq!(found.uncovered.map(|sample| sample.dimension(&slug("d11"))), Some(Some(decimal("3"))));
    assert_eq!(found.gaps.len(), 12);
    let closed = coverage_of(&[&hole, &all(&|d| format!("d{d} == 3.05"), " and ")], &weights, ("1", "5"));
    assert!(closed.overlaps.is_empty() && closed.dead.is_empty() && closed.uncovered.is_some());
}

#[test]
fn conditions_that_take_too_long_are_not_compared_and_those_before_them_are() {
    let ids: Vec<String> = (0..90).map(|n| format!("d{n}")).collect();
    let dimensions: Vec<_> = ids.iter().map(|id| (slug(id), Decimal::new(11, 3))).collect();
    let scale = Scale { min: decimal("1"), max: decimal("5") };
    let of = |texts: &[String]| {
        let conditions: Vec<Condition> = texts.iter().map(|text| condition(text)).collect();
        Coverage::of(&conditions.iter().collect::<Vec<_>>(), Subjects { scale, dimensions: &dimensions })
    };
    // Asked for in this order, each of the first dimensions has to be remembered until the last are known.
    let pairs = |from: usize| {
        (0..40).map(|n| format!("d{n} >= 3 and d{} >= 3", from + n)).collect::<Vec<_>>().join(" or ")
    };
    let first = (0..80).map(|n| format!("d{n} > 4")).collect::<Vec<_>>().join(" and ");
    let found = of(&[first, "d0 > 4 and d0 < 4".to_owned(), pairs(40)]);
    assert_eq!((found.unchecked, &found.dead[..], found.uncovered), (Some(2), &[Dead::Never(1)][..], None));
    // In its own order the same condition is easy.
    assert_eq!(of(&[pairs(40)]).unchecked, None);
    let sums: Vec<String> = (0..20).map(|n| format!("sum(d{n}, d{}) > 4", n + 1)).collect();
    assert_eq!(of(&sums).unchecked, Some(16));
}

/// Every person whose exact scores are multiples of half a hundredth, so that halves of a hundredth are met.
fn people(scale: Scale, weights: &[(Slug, Decimal)]) -> Vec<Sample> {
    let step = Decimal::new(5, 3);
    let steps = usize::try_from((scale.length() / step).round()).unwrap() + 1;
    let total: Decimal = weights.iter().map(|(_, weight)| *weight).sum();
    let person = |number: usize| {
        let place = |at: usize| number / steps.pow(u32::try_from(at).unwrap()) % steps;
        let score = |at: usize| scale.min + Decimal::from(place(at)) * step;
        let dimensions: Vec<_> = (0..).zip(weights).map(|(at, (id, _))| (id.clone(), score(at))).collect();
        let weighted = weights.iter().zip(&dimensions).map(|((_, weight), (_, score))| score * weight);
        Sample { overall: weighted.sum::<Decimal>() / total, dimensions }
    };
    (0..steps.pow(u32::try_from(weights.len()).unwrap())).map(person).collect()
}

fn holds(condition: &Condition, sample: &Sample) -> bool {
    condition.evaluate(Some(sample.overall), |id| sample.dimension(id)).unwrap()
}

/// The scores that only a default takes, along each of two dimensions, from what others take to what others take.
fn holes(scale: Scale, conditions: &[&Condition]) -> BTreeSet<(String, Decimal, Decimal)> {
    let shown = |n: i64| scale.min + Decimal::new(n, 2);
    let steps = i64::try_from((scale.length() * Decimal::ONE_HUNDRED).round()).unwrap();
    let mut found = BTreeSet::new();
    for (along, across) in [("a", "b"), ("b", "a")] {
        for fixed in 0..=steps {
            let score = |n: i64, id: &Slug| Some(shown(if id.as_str() == across { fixed } else { n }));
            let taken = |n: i64| conditions.iter().any(|of| of.evaluate(None, |id| score(n, id)).unwrap());
            let open: Vec<i64> = (0..=steps).filter(|n| !taken(*n)).collect();
            for run in open.chunk_by(|one, next| one + 1 == *next) {
                let (from, to) = (run[0], run[run.len() - 1]);
                if from > 0 && to < steps && (to - from) * 20 < steps {
                    found.insert((along.to_owned(), shown(from), shown(to)));
                }
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_holes_that_are_told_are_those_that_asking_everybody_finds(
        texts in vec(condition_text_between(&[slug("a"), slug("b")], 100, 145), 1..4),
    ) {
        // Along the overall score and a sum nothing else stays equal.
        let single = |text: &String| condition(&text.replace("overall", "a").replace("sum", "max"));
        let conditions: Vec<Condition> = texts.iter().map(single).collect();
        let scale = Scale { min: decimal("1"), max: decimal("1.45") };
        let refs: Vec<&Condition> = conditions.iter().collect();
        let weights = [(slug("a"), decimal("0.4")), (slug("b"), decimal("0.6"))];
        let told = Coverage::of(&refs, Subjects { scale, dimensions: &weights }).gaps.into_iter();
        let told: BTreeSet<_> = told.map(|gap| (gap.subject.to_string(), gap.from, gap.to)).collect();
        prop_assert_eq!(told, holes(scale, &refs));
    }

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
        (low, high, texts) in (-12..12_i64, 1..11_i64).prop_flat_map(|(low, length)| {
            let text = condition_text_between(&[slug("a"), slug("b"), slug("c")], low, low + length);
            (Just(low), Just(low + length), vec(text, 1..5))
        }),
        (a, b) in (1..50_i64, 1..50_i64),
        surplus in -1..=1_i64,
    ) {
        let scale = Scale { min: Decimal::new(low, 2), max: Decimal::new(high, 2) };
        let conditions: Vec<Condition> = texts.iter().map(|text| condition(text)).collect();
        let weights =
            [("a", a), ("b", b), ("c", 100 - a - b + surplus)].map(|(id, weight)| (slug(id), Decimal::new(weight, 2)));
        prop_assume!(weights[2].1 > Decimal::ZERO);
        let refs: Vec<&Condition> = conditions.iter().collect();
        let found = Coverage::of(&refs, Subjects { scale, dimensions: &weights });
        prop_assert_eq!(found.unchecked, None);

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
